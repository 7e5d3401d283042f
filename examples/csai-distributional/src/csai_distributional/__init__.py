"""Distributional Q-learning for csai, and layers that explore by their own noise."""

__version__ = "0.1.0"
