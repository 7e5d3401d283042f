"""CartPole: keep a pole upright by pushing the cart it stands on."""
