"""Where examples come from: known datasets, and files of your own."""
