"""Maze: find the way out of a new maze each time."""
