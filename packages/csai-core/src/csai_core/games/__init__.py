"""What a fast game needs: keyed randomness, games in batches, buffers that callers may keep, a canvas."""
