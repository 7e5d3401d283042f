"""The games, as releases up to 0.0.9 name them."""
