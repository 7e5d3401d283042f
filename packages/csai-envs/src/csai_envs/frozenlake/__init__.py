"""FrozenLake: cross the ice to the goal and keep out of the holes."""
