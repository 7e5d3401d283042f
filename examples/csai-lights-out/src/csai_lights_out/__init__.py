"""Lights Out for csai: rules, an environment, pictures, and an agent that solves it."""

__version__ = "0.1.0"
