"""What lessons and loops of one's own need."""
