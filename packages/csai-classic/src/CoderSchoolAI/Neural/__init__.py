"""Networks made of blocks."""
