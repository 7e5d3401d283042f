"""SimpleGrid: walk from one corner to the other."""
