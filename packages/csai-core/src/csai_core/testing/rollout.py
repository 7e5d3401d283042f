"""Random play of an environment, written down for the checks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import gymnasium

from csai_core.errors import CsaiError
from csai_core.testing.suite import ConformanceError


class Moment(NamedTuple):
    """What one call of `reset` or `step` gave."""

    when: str
    """Which call it was, in words."""
    observation: Any
    reward: Any = 0.0
    terminated: Any = False
    truncated: Any = False
    info: Any = None
    action: Any = None


def play(env: gymnasium.Env[Any, Any], num_steps: int, seed: int) -> Iterator[Moment]:
    """Reset with the seed and take random steps, drawn by it too; after an episode that ends comes the next.

    Raises:
        ConformanceError: if `reset` or `step` raises, or gives another number of items; with the
            seed, the step and the action.
    """
    env.action_space.seed(seed)
    moment = start(env, f"reset(seed={seed})", seed=seed)
    yield moment
    for step in range(1, num_steps + 1):
        if moment.terminated or moment.truncated:
            moment = start(env, f"the reset before step {step} after reset(seed={seed})")
            yield moment
        action = draw_action(env, moment.info)
        moment = take(env, action, f"step {step} after reset(seed={seed}), action {action!r}")
        yield moment


def start(env: gymnasium.Env[Any, Any], when: str, seed: int | None = None) -> Moment:
    """Call `reset` and write down what it gave."""
    result = _guard(lambda: env.reset(seed=seed), when)
    if not (isinstance(result, tuple) and len(result) == 2):
        raise ConformanceError(f"At {when}, reset returned {result!r}; return (observation, info).")
    return Moment(when, result[0], info=result[1])


def take(env: gymnasium.Env[Any, Any], action: Any, when: str) -> Moment:
    """Call `step` and write down what it gave."""
    result = _guard(lambda: env.step(action), when)
    if not (isinstance(result, tuple) and len(result) == 5):
        raise ConformanceError(
            f"At {when}, step returned {result!r}; "
            "return five items: (observation, reward, terminated, truncated, info)."
        )
    return Moment(when, *result, action)


def draw_action(env: gymnasium.Env[Any, Any], info: Any) -> Any:
    """A random action, among the allowed ones where `info["action_mask"]` tells them."""
    mask = info.get("action_mask") if isinstance(info, dict) else None
    return env.action_space.sample(mask)


def _guard(call: Callable[[], Any], when: str) -> Any:
    try:
        return call()
    except CsaiError as error:
        raise ConformanceError(f"At {when}: {error}") from error
    except Exception as error:
        raise ConformanceError(f"At {when}, it raised {type(error).__name__}: {error}") from error
