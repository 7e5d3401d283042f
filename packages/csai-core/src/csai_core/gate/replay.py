"""The line of Python that brings an environment to the step in which it failed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gymnasium
import numpy as np

from csai_core.plugins import installed

MOST_ACTIONS = 50
"""After more steps the line would be too long to read."""


def line_of(env: gymnasium.Env[Any, Any], seed: int | None, generator: Any, actions: Sequence[Any]) -> str:
    """A line that repeats an episode; empty where it is too long, or nothing leads to its start.

    Args:
        env: the environment.
        seed: what the episode was started with; None if with none.
        generator: the state of its generator before that, where there was no seed.
        actions: those of the episode so far.
    """
    if len(actions) > MOST_ACTIONS or (seed is None and generator is None):
        return ""
    steps = [_made(env)]
    if seed is None:
        steps += ["env.reset()", f"env.unwrapped.np_random.bit_generator.state = {generator}", "env.reset()"]
    else:
        steps.append(f"env.reset(seed={seed})")
    listed = [_as_python(action) for action in actions]
    if len(listed) == 1:
        steps.append(f"env.step({listed[0]})")
    elif listed:
        steps.append(f"[env.step(action) for action in [{', '.join(listed)}]]")
    return "; ".join(filter(None, steps))


def _made(env: gymnasium.Env[Any, Any]) -> str:
    """How to make the environment; empty where only who made it knows."""
    spec = env.spec
    if spec is None or spec.additional_wrappers or not isinstance(spec.entry_point, str):
        return ""
    module = spec.entry_point.partition(":")[0]
    is_known = module.startswith("gymnasium.") or spec.id in installed().environments()
    name = spec.id if is_known else f"{module}:{spec.id}"
    options = "".join(f", {option}={value!r}" for option, value in spec.kwargs.items())
    return f"import csai_core; env = csai_core.make({name!r}{options})"


def _as_python(action: Any) -> str:
    """An action as an expression; arrays as calls of numpy."""
    if isinstance(action, np.ndarray):
        return f"numpy.array({action.tolist()}, {str(action.dtype)!r})"
    if isinstance(action, np.generic):
        return repr(action.item())
    if isinstance(action, dict):
        return "{" + ", ".join(f"{name!r}: {_as_python(each)}" for name, each in action.items()) + "}"
    if isinstance(action, tuple):
        return "(" + "".join(f"{_as_python(each)}, " for each in action) + ")"
    return repr(action)
