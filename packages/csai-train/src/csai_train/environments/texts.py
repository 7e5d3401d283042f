"""Texts among what is observed, as a MiniGrid's mission is: no array holds them, so they are left out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import gymnasium
from gymnasium import Space, spaces
from gymnasium.envs.registration import EnvSpec, WrapperSpec
from gymnasium.wrappers import FilterObservation

from csai_train.environments.make import Environment

Keys = list[Any]
"""Names of parts of a Dict, or numbers of parts of a Tuple."""


def parts_without_texts(space: Space[Any]) -> Keys | None:
    """Which parts of an observation hold no text; None where all or none do, or there are no parts."""
    if isinstance(space, spaces.Dict):
        parts: dict[Any, Space[Any]] = dict(space.spaces)
    elif isinstance(space, spaces.Tuple):
        parts = dict(enumerate(space.spaces))
    else:
        return None
    kept = [key for key, part in parts.items() if not _has_text(part)]
    return kept if 0 < len(kept) < len(parts) else None


def without_texts(space: Space[Any]) -> Space[Any]:
    """An observation space without the parts that have texts in them; itself where that leaves nothing."""
    kept = parts_without_texts(space)
    if kept is None:
        return space
    if isinstance(space, spaces.Dict):
        return spaces.Dict([(key, space[key]) for key in kept])
    return spaces.Tuple([space[key] for key in kept])  # type: ignore[index]


def keep_parts(environment: Environment, kept: Keys) -> Environment:
    """The environment, or each of a list, observed only in some parts; a specification says so for runs.

    Args:
        environment: anything but an id and a vector environment, which are opened and made already.
        kept: the parts.
    """
    if isinstance(environment, EnvSpec):
        wrapper = WrapperSpec(
            "FilterObservation", "gymnasium.wrappers:FilterObservation", {"filter_keys": kept}
        )
        return replace(environment, additional_wrappers=(*environment.additional_wrappers, wrapper))
    if isinstance(environment, list):
        return [FilterObservation(each, kept) for each in environment]
    return FilterObservation(environment, kept) if isinstance(environment, gymnasium.Env) else environment


def _has_text(space: Space[Any]) -> bool:
    if isinstance(space, spaces.Dict):
        return any(map(_has_text, space.spaces.values()))
    if isinstance(space, spaces.Tuple):
        return any(map(_has_text, space.spaces))
    # A space of the environment's own, as MiniGrid's is, says what it is by what is in it.
    is_gymnasiums = type(space).__module__.startswith("gymnasium.")
    return isinstance(space, spaces.Text) or (not is_gymnasiums and isinstance(space.sample(), str))
