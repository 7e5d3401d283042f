"""Runs: directories in which everything about one training is kept."""
