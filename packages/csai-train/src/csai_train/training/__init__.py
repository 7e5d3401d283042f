"""Training: the loop, how it is started, watched and interrupted."""
