"""Search, by its old path."""

from csai_core.search import HeapQueue, h_distance

__all__ = ["HeapQueue", "h_distance"]
