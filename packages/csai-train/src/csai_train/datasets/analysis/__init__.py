"""What went wrong, and how it might go better: mistakes, learning rates, plots."""
