"""Modules whose import does what it should not; see `planted.commands`."""
