"""Environments, their attributes and agents."""
