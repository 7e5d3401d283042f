"""Networks, by their old path."""

from csai_neural import Net

__all__ = ["Net"]
