"""Whose memory it is: what is handed out no later step changes, and what is handed in stays the caller's."""

from __future__ import annotations

import copy
import itertools
from typing import Any

import numpy as np

from csai_core.testing.compare import arrays_in, difference, snapshot
from csai_core.testing.environment.actions import ActionSource
from csai_core.testing.environment.making import Maker
from csai_core.testing.environment.rollout import Moment, When, compare_plays, play, start, take
from csai_core.testing.suite import fail

_COPY = "Return a copy: self.board.copy()."


def check_what_is_handed_out(make: Maker, seed: int) -> None:
    """No later step changes an observation or an info, and whoever changes one changes no world."""
    with make.made() as env:
        kept = [(moment, moment.copied()) for moment in play(env, 30, seed)]
    for one, two in itertools.pairwise([moment for moment, _ in kept]):
        if one.info is two.info:
            fail(
                f"The infos of {one.when} and {two.when} are the same dict, so that each step changes the "
                "one before. Make a new dict for each."
            )
        _check_memory(one, two)
    for moment, then in kept:
        for name in ("observation", "info"):
            if found := difference(getattr(then, name), getattr(moment, name), name):
                fail(f"The {name} of {moment.when} was changed by a later step: {found}. {_COPY}")
    _check_writable(kept[-1][0])


def check_actions(make: Maker, seed: int) -> None:
    """A step does not change its action."""
    with make.made() as env:
        for moment in _acting(env, seed, _leave):
            if moment.action and (found := difference(moment.action[0], moment.action[1], "action")):
                fail(
                    f"At {moment.when}, step changed the action that it was given, which is the caller's: "
                    f"{found}. Work on a copy: action = np.array(action)."
                )


def check_what_callers_do(make: Maker, seed: int) -> None:
    """Whoever writes into the action of a step that is over changes no world."""
    make.skip_if_nondeterministic()
    with make.made() as env, make.made() as other:
        kept = [moment.copied() for moment in _acting(env, seed, _leave)]
        overwritten = [moment.copied() for moment in _acting(other, seed, _zero)]
    compare_plays(
        kept,
        overwritten,
        "What a caller does to an action after its step changes what follows (the other)",
        "Keep a copy of it, not the caller's array: self.last_action = np.array(action).",
    )


def _acting(env: Any, seed: int, afterwards: Any) -> Any:
    """A play, with what happens to each action's arrays after its step; `action` is before and after."""
    source = ActionSource(env.action_space, seed)
    moment = start(env, f"reset(seed={seed})", seed)
    yield moment
    for step in range(1, 40):
        if moment.is_over:
            moment = start(env, f"the reset before step {step} after reset(seed={seed})")
            yield moment
        action = source.draw(moment.info)
        before = copy.deepcopy(action)
        is_masked = source.allowed(moment.info) is not None
        moment = take(env, action, When(f"reset(seed={seed})", step), is_masked=is_masked)
        yield moment._replace(action=(before, snapshot(action)))
        afterwards(action)


def _leave(action: Any) -> None:
    """Do nothing to it."""


def _zero(value: Any) -> None:
    for _, array in arrays_in(value, ""):
        if array.flags.writeable and array.dtype != object:
            array[...] = 0


def _check_memory(one: Moment, two: Moment) -> None:
    for name in ("observation", "info"):
        for path, first in arrays_in(getattr(one, name), name):
            for other_path, second in arrays_in(getattr(two, name), name):
                if first.size and np.shares_memory(first, second):
                    fail(f"{path} of {one.when} and {other_path} of {two.when} are the same memory. {_COPY}")


def _check_writable(moment: Moment) -> None:
    for path, array in arrays_in(moment.observation, "observation"):
        if not array.flags.writeable:
            fail(
                f"{path} of {moment.when} is read-only, on which wrappers and networks that work in place "
                f"fail. {_COPY}"
            )
