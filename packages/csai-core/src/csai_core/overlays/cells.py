"""Cells of a board, and moves between them."""

from __future__ import annotations

Cell = tuple[int, int]
"""(row, column)."""
Move = tuple[int, int]
"""(down, right), in cells."""
