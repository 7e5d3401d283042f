"""Checks of an algorithm over a whole training: to its end, beyond it, and after a cut."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from csai_core.errors import ConformanceError
from csai_core.testing.algorithm.base import STAYS, AlgorithmChecks
from csai_core.testing.algorithm.measures import checked
from csai_core.testing.algorithm.reachable import below_zero, held_by
from csai_core.testing.algorithm.session import Session
from csai_core.testing.compare import leaves
from csai_core.testing.suite import fail

_MORE_OBJECTS, _MORE_BYTES = 0.1, 3
"""From which on what is held grows with the steps."""
_IN_A_ROW = 3
_BEYOND = 6
"""So many times as long as planned it is trained, to see whether a plan goes on."""
_ROUNDS = (40, 70, 90, 70, 90, 70, 90, 70, 90)
_STEADY = 200
"""Bytes by which a state may change that does not grow."""


class LastingChecks(AlgorithmChecks):
    """What it does in the long run."""

    def test_it_goes_on_to_the_end_and_beyond(self) -> None:
        """It acts and learns up to total_steps, a little further, and with a total of one step."""
        for spaces in self.few[:1]:
            for total in (1, 40):
                session = self.session(spaces, total_steps=total)
                try:
                    for _ in range(total // session.num_envs + 3):
                        checked(session, session.go(1)[0], 1)
                        session.greedy()
                except ConformanceError as error:
                    fail(
                        f"Made with total_steps={total}, it does not get to the end of that training and a "
                        "little beyond it, as the last step of several environments goes; let what is "
                        f"planned by total_steps stay where it is then. {error}"
                    )

    def test_no_plan_goes_below_zero(self) -> None:
        """Far beyond `total_steps`, no rate is below 0, and what it learned does not run away."""
        spaces = self.few[0]
        count = min(self.wait(spaces) + 10, max(40, self.max_steps // (4 * self.num_envs)))
        sessions = [
            self.session(spaces, total_steps=total)
            for total in (count * self.num_envs, 40 * count * self.num_envs)
        ]
        with contextlib.suppress(ConformanceError), np.errstate(all="ignore"):
            for each in sessions:
                each.go(_BEYOND * count)
        rates, usual = (below_zero(each.algorithm) for each in sessions)
        told = f"Made with total_steps={count * self.num_envs} and trained for {_BEYOND} times as many, "
        for name in rates.keys() - usual.keys():
            fail(f"{told}its {name} is {rates[name]:g}, below 0. {STAYS}")
        largest, usually = (_largest(each) for each in sessions)
        if usually < math.inf and not largest < 1e3 * max(1.0, usually):
            fail(
                f"{told}what it has learned runs away: a number of its state is {largest:.3g}, and "
                f"{usually:.3g} where total_steps is larger; is its learning rate below 0? {STAYS}"
            )

    def test_it_goes_on_after_episodes_were_cut(self) -> None:
        """After `cut_episodes`, as a resume may call it, it goes on with new episodes."""
        for spaces in self.few:
            session = self.warmed_up(spaces)
            try:
                with session.calling("cut_episodes"):
                    session.algorithm.cut_episodes()
                session.go(self.wait(spaces) + 3)
            except ConformanceError as error:
                fail(
                    f"It cannot go on after cut_episodes(), as a resume may call it: {error} Inherit from "
                    "csai_core.algorithm.Algorithm, and let go of unfinished episodes there."
                )

    def test_its_memory_does_not_grow(self) -> None:
        """What it holds on to does not grow with the steps, but for what stands in `state_dict`."""
        for spaces in self.few[:1]:
            session = self.warmed_up(spaces)
            if growth := _growth(session):
                fail(
                    f"With {session.env}, it needs more memory with every step ({growth}), and state_dict() "
                    "does not grow: something is kept that is never used again (a leak), such as a list of "
                    "all steps or losses. Keep a collections.deque(maxlen=…), and of losses float(loss)."
                )


def _largest(session: Session) -> float:
    """The largest number in a state but for generators and counters; infinity where one is not finite."""
    largest = 0.0
    try:
        state = session.state()
    except ConformanceError:
        return math.inf
    for _, value in leaves(state, ""):
        array = np.asarray(value)
        if array.dtype.kind == "f" and array.size:
            with np.errstate(all="ignore"):
                found = float(np.abs(array).max())
            largest = max(largest, found if math.isfinite(found) else math.inf)
    return largest


def _growth(session: Session) -> str:
    """By how much more it holds with each step, where its state does not grow; empty if by nothing."""
    growth: list[tuple[float, float]] = []
    before, state = held_by(session.algorithm), session.algorithm.state_dict()
    size_before, number_before = _size(state), sum(1 for _ in leaves(state, ""))
    for count in _ROUNDS:
        for _ in range(count):
            session.algorithm.learn(session.lanes.step(session.decide()))
        now, state = held_by(session.algorithm), session.algorithm.state_dict()
        size, number = _size(state), sum(1 for _ in leaves(state, ""))
        more = (now.objects - before.objects) / count, (now.bytes - before.bytes) / count
        is_steady = abs(size - size_before) < _STEADY
        has_more_objects = more[0] > _MORE_OBJECTS and number == number_before
        if has_more_objects or (is_steady and more[1] > _MORE_BYTES):
            growth.append(more)
        elif is_steady:
            return ""
        else:
            growth = []
        if len(growth) == _IN_A_ROW:
            return f"{min(growth)[0]:.1f} objects and {min(growth)[1]:.0f} bytes of arrays"
        before, size_before, number_before = now, size, number
    return ""


def _size(state: Any) -> int:
    """How many numbers, texts and bytes a state holds."""
    if isinstance(state, Mapping):
        return sum(1 + _size(each) for each in state.values())
    if hasattr(state, "nbytes"):
        return int(state.nbytes)
    if isinstance(state, (list, tuple, set, frozenset)) or hasattr(state, "maxlen"):
        return sum(1 + _size(each) for each in state)
    return len(state) if isinstance(state, (str, bytes)) else 8
