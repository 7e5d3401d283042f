"""Snake: eat, grow, and do not bite yourself."""
