"""Hindsight experience replay for csai, and two worlds in which it is needed."""

__version__ = "0.1.0"
