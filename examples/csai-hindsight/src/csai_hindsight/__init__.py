"""Hindsight experience replay for csai, and a world of bits in which it is needed."""

__version__ = "0.1.0"
