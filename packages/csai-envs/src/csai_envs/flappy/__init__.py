"""Flappy: flap at the right moment to fly through the gaps."""
