"""The stages of a training: where its settings were changed on the way, as in a fork."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from csai_core.schema import Check, a_list_of, an_object_with, is_count, is_object, optional

ARE_STAGES: Check = a_list_of(
    an_object_with(
        {
            "until": is_count,
            "config": is_object,
            "total_steps": is_count,
            "total_episodes": optional(is_count),
        }
    )
)
"""What a run's config may hold as its earlier stages."""


class Stage(NamedTuple):
    """A part of a training in which no setting changes."""

    until: int | None
    """After how many steps of the whole training it ends; None for the last."""
    config: Mapping[str, Any]
    """The algorithm's settings."""
    total_steps: int
    """How long the training was planned to be: what decays over it is planned by that."""
    total_episodes: int | None = None
    """After how many episodes it was to end, if that was sooner."""


def read_stages(config: Mapping[str, Any]) -> tuple[Stage, ...]:
    """All stages of a run, from what its `config.json` holds; the last is what that says of the run."""
    return tuple(
        Stage(each.get("until"), each["config"], each["total_steps"], each.get("total_episodes"))
        for each in [*(config.get("stages") or []), {**config, "until": None}]
    )


def stage_at(stages: tuple[Stage, ...], steps: int) -> Stage:
    """The stage in which the step comes that is taken after so many."""
    return next(stage for stage in stages if stage.until is None or steps < stage.until)
