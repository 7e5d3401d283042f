"""The commands that csai-train adds to `csai`."""
