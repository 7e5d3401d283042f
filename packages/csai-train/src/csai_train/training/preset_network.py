"""Which network a preset trains."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from csai_core import presets
from csai_core.plugins import installed
from csai_train.algorithms.networks import REPLACED


def network_of(preset: presets.Preset | None, config: Any = None) -> str | None:
    """What a preset has trained, as `load_network` takes it; None where it leaves that to the algorithm.

    Args:
        preset: which.
        config: settings that were given beside it; layers among them, as in a whole config, take its place.

    Raises:
        UnknownNameError: if no network is registered under its name, with the nearest.
    """
    if preset is None or not preset.network:
        return None
    has_layers = bool({*REPLACED} & {*config}) if isinstance(config, Mapping) else config is not None
    return None if has_layers else installed().find("networks", preset.network).full_name
