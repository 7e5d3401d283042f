"""Training networks on examples."""
