"""Stars for csai: a dataset, a block, a network, a callback and a wrapper."""

__version__ = "0.1.0"
