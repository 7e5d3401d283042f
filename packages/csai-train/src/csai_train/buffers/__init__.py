"""Buffers: where experience waits until it is learned from."""
