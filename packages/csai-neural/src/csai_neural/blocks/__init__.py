"""The blocks that networks are made of, one idea a file."""
