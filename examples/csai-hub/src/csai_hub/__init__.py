"""A hub for csai: runs in one file, pushed to places and pulled from them."""

__version__ = "0.1.0"
