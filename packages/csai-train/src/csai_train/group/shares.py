"""What one of several processes trains with: its share of what is a total, and a seed of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from csai_core.errors import ConfigError
from csai_train.group.group import Group

SPLIT = ("num_envs", "batch_size", "buffer_capacity")
"""Settings that are totals over all processes."""


def own_share(config: Any, group: Group) -> Any:
    """An algorithm's settings in one of several processes: of what is a total, its share.

    Raises:
        ConfigError: if there is not enough of something for all.
    """
    if not group.is_shared:
        return config
    totals = {name: total for name in SPLIT if (total := getattr(config, name, None)) is not None}
    for name, total in totals.items():
        if total < group.size:
            raise ConfigError(
                f"{name} is {total}, which is a total over all {group.size} processes, and each needs one at "
                f"least. Give a larger {name}, or fewer processes."
            )
    try:
        return replace(config, **{name: group.share(total) for name, total in totals.items()})
    except ConfigError as error:
        names = ", ".join(totals)
        raise ConfigError(
            f"Each of {group.size} processes has its share of {names}, where {error}"
        ) from error


def own_seed(seed: int, group: Group) -> int:
    """What decides everything random in one of several processes; in the first, the training's own seed."""
    return seed if group.is_main else int(np.random.SeedSequence([seed, group.rank]).generate_state(1)[0])
