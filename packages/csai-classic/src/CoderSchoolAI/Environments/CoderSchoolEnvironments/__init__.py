"""The original's games, in the classic loop."""
