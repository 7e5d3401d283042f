"""How well agents play, and films of it."""
