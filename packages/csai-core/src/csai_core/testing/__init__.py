"""Conformance suites for what plugins offer, and tiny environments to test with."""
