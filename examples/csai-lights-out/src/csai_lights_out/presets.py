"""Where the settings are with which Lights Out is learned."""

from __future__ import annotations

from importlib import resources

FOLDER = resources.files("csai_lights_out") / "preset_files"
