"""Random play of an environment, written down for the checks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, NamedTuple
from unittest import SkipTest

import gymnasium

from csai_core.errors import ConformanceError, CsaiError
from csai_core.gate import words
from csai_core.testing.compare import difference, snapshot
from csai_core.testing.environment.actions import ActionSource
from csai_core.testing.environment.making import Maker
from csai_core.testing.suite import fail


class When(NamedTuple):
    """Which call of `reset` or `step` it was; put into words where somebody reads it."""

    call: str
    """The call of `reset`, or the one that all steps count from."""
    step: int = 0
    """How many steps after it; 0 for itself."""
    action: Any = None

    def __str__(self) -> str:
        if not self.step:
            return self.call
        did = "" if self.action is None else f", action {self.action!r}"
        return f"step {self.step} after {self.call}{did}"


class Moment(NamedTuple):
    """What one call of `reset` or `step` gave."""

    when: When
    observation: Any
    reward: Any = 0.0
    terminated: Any = False
    truncated: Any = False
    info: Any = None
    action: Any = None
    """What was done; None for a reset."""

    @property
    def is_over(self) -> bool:
        """Whether the episode ends here."""
        return bool(self.terminated or self.truncated)

    def copied(self) -> Moment:
        """The same, which no later step changes."""
        return self._replace(observation=snapshot(self.observation), info=snapshot(self.info))


Play = Iterator[Moment]
ITEMS = ("observation", "reward", "terminated", "truncated", "info")


def play(
    env: gymnasium.Env[Any, Any],
    num_steps: int,
    seed: int,
    options: Any = None,
    source: ActionSource | None = None,
) -> Play:
    """Reset with the seed and take random steps, drawn by it too; after an episode that ends comes the next.

    Args:
        env: is played.
        num_steps: how many steps are taken.
        seed: of the reset and the actions.
        options: of the first reset.
        source: of the actions, in place of random ones.

    Raises:
        ConformanceError: if `reset` or `step` raises, or gives another number of items; with the
            seed, the step and the action.
    """
    yield from go_on(env, start(env, f"reset(seed={seed})", seed, options), num_steps, seed, source)


def go_on(
    env: gymnasium.Env[Any, Any],
    first: Moment,
    num_steps: int,
    seed: int,
    source: ActionSource | None = None,
) -> Play:
    """The given moment, and random steps from there; see `play`."""
    source = source or ActionSource(env.action_space, seed)
    moment, began = first, str(first.when)
    yield moment
    for step in range(1, num_steps + 1):
        if moment.is_over:
            moment = start(env, f"the reset before step {step} after {began}")
            yield moment
        row = source.allowed(moment.info)
        action = source.draw_allowed(row)
        moment = take(env, action, When(began, step, action), is_masked=row is not None)
        yield moment


def live(make: Maker, seed: int) -> list[gymnasium.Env[Any, Any]]:
    """Whole lives, also with pictures where it draws; the environments, closed."""
    lived = []
    with make.made() as env:
        for _ in play(env, 40, seed):
            pass
        start(env, "reset()")
        lived.append(env)
    modes: list[str] = []
    with suppress(SkipTest):
        modes = make.drawable_modes("rgb_array", "ansi")
    for mode in modes:
        with make.made(render_mode=mode) as env:
            for _ in play(env, 3, seed):
                env.render()
            lived.append(env)
    return lived


def start(env: gymnasium.Env[Any, Any], when: str, seed: int | None = None, options: Any = None) -> Moment:
    """Call `reset` and write down what it gave."""
    call = {} if options is None else {"options": options}
    result = _guard(lambda: env.reset(seed=seed, **call), When(when))
    if not (isinstance(result, tuple) and len(result) == 2):
        raise ConformanceError(f"At {when}, reset returned {result!r}; return (observation, info).")
    return Moment(When(when), result[0], info=result[1])


def take(env: gymnasium.Env[Any, Any], action: Any, when: When, *, is_masked: bool = False) -> Moment:
    """Call `step` and write down what it gave."""
    result = _guard(lambda: env.step(action), when, _OF_MASKS if is_masked else "")
    if not (isinstance(result, tuple) and len(result) == 5):
        raise ConformanceError(f"At {when}, step returned {result!r}; return {words.STEP_ITEMS[13:]}")
    return Moment(when, *result, action)


def compare_plays(one: list[Moment], two: list[Moment], what: str, cure: Callable[[], str] | str) -> None:
    """Refuse two plays that are not the same.

    Args:
        one: the moments of the one.
        two: those of the other.
        what: is not so where they differ, as the beginning of a sentence.
        cure: what to change, or looks for it once they do differ.

    Raises:
        ConformanceError: naming the first moment that differs.
    """
    for first, second in zip(one, two, strict=False):
        if found := moments_differ(first, second):
            change = cure if isinstance(cure, str) else cure()
            fail(f"{what}: at {first.when}, {found}. {change}")


def moments_differ(one: Moment, two: Moment) -> str:
    """Where two moments differ, as a phrase; empty if they do not."""
    pairs = zip(ITEMS, one[1:6], two[1:6], strict=True)
    return next(
        (found for name, a, b in pairs if (found := difference(_timeless(a), _timeless(b), name))), ""
    )


_OF_MASKS = (
    ". The action mask of the moment before allows that action: a mask tells what is allowed in the state "
    "that it comes with, after the step, and not in the one before it"
)


def _timeless(value: Any) -> Any:
    """An info without what Gymnasium's statistics put there, which is how long an episode took."""
    if isinstance(value, dict) and "episode" in value:
        return {name: each for name, each in value.items() if name != "episode"}
    return value


def _guard(call: Callable[[], Any], when: When, cue: str = "") -> Any:
    try:
        return call()
    except CsaiError as error:
        raise ConformanceError(f"At {when}: {error}{cue}") from error
    except Exception as error:
        raise ConformanceError(f"At {when}, it raised {words.describe(error)}{cue}") from error
