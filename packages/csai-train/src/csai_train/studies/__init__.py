"""Studies: the same training with several seeds, in processes of their own."""
