"""The base of all blocks, by its old path."""

from csai_neural import Block

__all__ = ["Block"]
