"""The cross-entropy method for csai."""

__version__ = "0.1.0"
