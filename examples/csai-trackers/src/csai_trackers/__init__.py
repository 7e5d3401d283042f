"""Trackers for csai: three callbacks that hand on what happens in a training."""

__version__ = "0.1.0"
