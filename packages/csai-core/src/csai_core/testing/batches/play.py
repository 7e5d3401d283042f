"""Play of a vector environment, written down for the checks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from gymnasium.vector import AutoresetMode, SyncVectorEnv, VectorEnv
from gymnasium.vector.utils import concatenate, create_empty_array

from csai_core.errors import ConformanceError, said
from csai_core.gate.masks import ActionMasks
from csai_core.testing.compare import difference, snapshot
from csai_core.testing.environment.actions import ActionSource
from csai_core.testing.suite import fail


class Output(NamedTuple):
    """What a vector environment gave."""

    when: str
    observation: Any
    reward: Any
    terminated: Any
    truncated: Any
    infos: Any
    rule: str = ""
    """What holds of such a reset, in a sentence."""

    def copied(self) -> Output:
        """The same, which no later step changes."""
        return Output(self.when, *map(snapshot, self[1:]))

    @property
    def are_over(self) -> Any:
        """Which episodes end here."""
        return np.asarray(self.terminated) | np.asarray(self.truncated)


Resets = Callable[[int, Output], "dict[str, Any] | None"]
"""What `reset` is to be called with before a step, given what came before it; None to go on."""


Source = Callable[[Any, int], ActionSource]
"""Makes what a game's actions come from, of their space and a number."""


def drive(
    envs: VectorEnv[Any, Any, Any],
    num_steps: int,
    seed: int,
    resets: Resets | None = None,
    source: Source = ActionSource,
) -> Iterator[Output]:
    """Reset by a seed and step with random actions that the masks allow; over games are reset if need be."""
    yield from go_on(envs, reset(envs, {"seed": seed}), num_steps, seed, resets, source)


def go_on(
    envs: VectorEnv[Any, Any, Any],
    last: Output,
    num_steps: int,
    seed: int,
    resets: Resets | None = None,
    source: Source = ActionSource,
) -> Iterator[Output]:
    """The given output, and steps from there; see `drive`."""
    space = envs.single_action_space
    count, masks = len(np.atleast_1d(last.are_over)), ActionMasks(space)
    sources = [source(space, seed + i) for i in range(count)]
    rows = masks.batch(last.infos, count)
    yield last
    for step in range(1, num_steps + 1):
        for options in _resets_before(envs, step, last, resets):
            last = reset(envs, options, f"the reset before step {step}")
            rows = _masks_now(masks, last, rows, count)
            yield last
        actions = [each.draw_allowed(None if rows is None else rows[i]) for i, each in enumerate(sources)]
        batch: Any = concatenate(space, actions, create_empty_array(space, count))  # type: ignore[arg-type]
        before = snapshot(batch)
        last = Output(f"step {step}", *_called(envs, lambda: envs.step(batch), f"step {step}", 5))  # noqa: B023
        if found := difference(before, batch, "actions"):
            fail(
                f"At step {step}, step changed the actions that it was given, which are the caller's: "
                f"{found}. Work on a copy: actions = np.array(actions)."
            )
        rows = _masks_now(masks, last, rows, count)
        yield last


def reset(envs: VectorEnv[Any, Any, Any], call: dict[str, Any], when: str = "") -> Output:
    """Call `reset`, and say which games it reset, as a step does."""
    told = ", ".join(f"{name}={value!r}" for name, value in call.items())
    when = f"{when}, reset({told})" if when else f"reset({told})"
    observation, infos = _called(envs, lambda: envs.reset(**_own(call)), when, 2)
    nothing = np.zeros(envs.num_envs, np.bool_)
    return Output(when, observation, nothing * 0.0, nothing, nothing, infos, _rule_of(call))


def _rule_of(call: dict[str, Any]) -> str:
    """What holds of a reset, by what it is called with."""
    options = call.get("options") or {}
    if "reset_mask" in options:
        return (
            'reset(options={"reset_mask": …}) starts the marked games and leaves the others as they are; one '
            "without a seed goes on with its own random numbers."
        )
    if options:
        return "Options of reset mean in the batched version what they mean in the single environment."
    if isinstance(call.get("seed"), list):
        return "A list of seeds holds one for each game."
    if call.get("seed") is None:
        return "A reset without a seed goes on with the random numbers of each game."
    return "With seed s, game i starts as the single environment does with seed s + i."


def _resets_before(envs: Any, step: int, last: Output, resets: Resets | None) -> Iterator[dict[str, Any]]:
    over = last.are_over
    if envs.metadata.get("autoreset_mode") == AutoresetMode.DISABLED and over.any():
        yield {"options": {"reset_mask": over.copy()}}
    more = resets and resets(step, last)
    if more:
        yield more


def _masks_now(masks: ActionMasks, last: Output, before: Any, count: int) -> Any:
    """The masks of all games: of those that were not reset, what they were."""
    rows, told = masks.batch(last.infos, count), last.infos.get("_action_mask")
    return rows if rows is None or before is None or told is None else np.where(told[:, None], rows, before)


def _called(envs: VectorEnv[Any, Any, Any], call: Callable[[], Any], when: str, count: int) -> Any:
    """What `reset` or `step` gave: so many items, the last of which is a dict."""
    where = f"In a vector of {envs.num_envs} environments, at {when}"
    try:
        result = call()
    except ConformanceError:
        raise
    except Exception as error:
        cue = _OF_ARRAYS if isinstance(envs, SyncVectorEnv) else ""
        fail(f"{where}, it raised {said(error)}. {cue}".rstrip())
    if not isinstance(result, tuple) or len(result) != count:
        fail(f"{where}, it returned {result!r}; return {count} items, as Gymnasium's vector environments do.")
    if not isinstance(result[-1], Mapping):
        fail(
            f"{where}, its infos are {result[-1]!r}; return one dict, with an array of a row for each "
            "environment under each name, and under the name after an underscore the mask that says whose it "
            "is."
        )
    return result


_OF_ARRAYS = (
    "Gymnasium puts the observations and infos of several into arrays: give each info the same type and "
    "shape every time."
)


def _own(call: dict[str, Any]) -> dict[str, Any]:
    """What a reset is called with, as a copy, as some take their options out of it."""
    return {name: dict(value) if isinstance(value, dict) else value for name, value in call.items()}
