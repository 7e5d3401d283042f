"""The presets that csai-train brings: settings known to work, one TOML file an environment.

`csai_core.presets` finds them and everybody else's; `csai_core.presets.file` says what a file holds.
"""

from __future__ import annotations

from importlib import resources

FOLDER = resources.files(__name__)
