"""Checks of what an algorithm makes of the rows of a Step: those that are resets, and every other."""

from __future__ import annotations

import functools
import sys
from typing import Any

import numpy as np

from csai_core import trees
from csai_core.algorithm import Step
from csai_core.errors import ConformanceError
from csai_core.testing.algorithm.base import MIXED, AlgorithmChecks, Spaces
from csai_core.testing.algorithm.measures import checked
from csai_core.testing.algorithm.rooms import Rooms
from csai_core.testing.algorithm.session import Session, taught_apart, told_apart
from csai_core.testing.algorithm.worlds import CORRIDOR, REPEAT, World
from csai_core.testing.suite import fail

_LARGE = 100_000
_RESETS = 40
_ENDLESS_PLAN = sys.maxsize
"""In so many steps, some hundred more are none."""


class RowChecks(AlgorithmChecks):
    """What `learn` makes of each environment's part."""

    def test_reset_rows_teach_nothing(self) -> None:
        """What stands in a row in which an environment was only reset (`is_reset`) makes no difference."""
        for spaces in self.few:
            found = self._taught_by_reset_rows(spaces, CORRIDOR)
            if not found:
                continue
            told = (
                f"With {Rooms(CORRIDOR, *spaces)}, rows marked in Step.is_reset were learned from: two "
                f"trainings that differ only in what stands in these rows differ in {found}"
            )
            if self._is_taught_by_several_only(spaces):
                fail(
                    f"{told}; with num_envs=1 they do not. {MIXED} Or are reset rows left out only where all "
                    "are resets?"
                )
            if not self._taught_by_reset_rows(spaces, REPEAT):
                fail(
                    f"{told}; where episodes end, and none is cut short (Step.truncated), they do not. What "
                    "is expected after a cut is read from step.next_observation, not from the row that "
                    "follows, and no return, advantage or queue of steps reaches over it."
                )
            fail(
                f"{told}. There an environment was only reset, whatever was observed and done: leave such "
                "rows out of all that is learned, measured and counted, such as running means of "
                "observations."
            )

    def _is_taught_by_several_only(self, spaces: Spaces) -> bool:
        """Whether reset rows teach nothing where there is one environment."""
        if self.session_with({"num_envs": 1}, spaces) is None:
            return False
        with self.configured({"num_envs": 1}):
            return not self._taught_by_reset_rows(spaces, CORRIDOR)

    def _taught_by_reset_rows(self, spaces: Spaces, world: World) -> str:
        """How two differ that were shown different things in rows that are resets."""
        count = 2 * self.wait(spaces) + 20
        sessions = [self.session(spaces, world, resets_take_a_step=True) for _ in range(2)]
        for session, reward, room in zip(sessions, (300.0, -300.0), (0, -1), strict=True):
            for _ in range(count):
                (measured,) = session.go(1, alter=functools.partial(_garbled, session, reward, room))
                _check_reset_measures(session, measured)
            session.measured.clear()  # of what stands in such rows; from here on the same stands there
            session.go(self.wait(spaces) + 3)
        return taught_apart(*sessions)

    def test_resets_are_no_steps_of_a_plan(self) -> None:
        """Where all environments were only reset, no plan that is made by `total_steps` goes on."""
        spaces = self.few[0]
        usual = self.wait(spaces)
        first = self.known.waits[spaces] or usual
        num_resets = first * max(1, _RESETS // first)  # whoever counts rows until it learns begins alike
        plan = 4 * num_resets * self.num_envs
        if self._taught_by_resets(spaces, num_resets, _ENDLESS_PLAN):
            return
        if found := self._taught_by_resets(spaces, num_resets, plan):
            fail(
                f"With {self.session(spaces).env} and total_steps={plan}, {num_resets} steps in which all "
                f"environments were only reset (Step.is_reset) changed what was learned afterwards: {found}; "
                "where total_steps is endless, they do not. Rows that are resets are no steps: count "
                "Step.num_taken in a plan."
            )

    def _taught_by_resets(self, spaces: Spaces, num_resets: int, total_steps: int) -> str:
        """How one learns otherwise that was shown steps in which all was reset before."""
        shown, other = (self.session(spaces, total_steps=total_steps) for _ in range(2))
        for _ in range(num_resets):
            _check_reset_measures(shown, shown.learn(_all_reset(shown.lanes.step(shown.decide()))))
            other.lanes.step(other.decide())
        for each in (shown, other):
            each.actions.clear()
            each.measured.clear()
            each.go(self.wait(spaces) + 10)
        return taught_apart(shown, other)

    def test_it_learns_no_sooner_than_it_says(self) -> None:
        """What `first_update` promises holds: nothing is measured before that step."""
        for spaces in self.few:
            session = self.session(spaces)
            promised = session.algorithm.first_update()
            self.wait(spaces)
            wait = self.known.waits[spaces]
            if promised is not None and wait is not None and wait * session.num_envs < promised.steps:
                fail(
                    f"With {session.env}, first_update() promised the first update after {promised.steps} "
                    f"steps, and it came after {wait * session.num_envs}. A training that is shorter is "
                    "refused, so never promise more than is needed; give None if that cannot be told before."
                )

    def test_it_counts_what_waits(self) -> None:
        """`num_unlearned` is a number of steps that it was shown."""
        for spaces in self.few:
            session = self.session(spaces)
            for number in range(1, self.wait(spaces) + 5):
                session.go(1)
                waiting: Any = session.algorithm.num_unlearned()
                if (
                    not isinstance(waiting, (int, np.integer))
                    or not 0 <= waiting <= number * session.num_envs
                ):
                    fail(
                        f"With {session.env}, after {number * session.num_envs} steps num_unlearned() is "
                        f"{waiting!r}; it is how many of these have not been learned from."
                    )

    def test_it_works_in_any_number_of_environments(self) -> None:
        """It acts and learns in one environment as in three, as the option num_envs says."""
        spaces, count = self.few[0], self.wait(self.few[0]) + 3
        for number in (1, 3):
            session = self.session_with({"num_envs": number}, spaces)
            if session is None:
                continue
            try:
                session.go(count)
                session.greedy()
            except ConformanceError as error:
                fail(f"With num_envs={number} in its config, it cannot be trained: {error}")

    def test_it_learns_from_every_environment(self) -> None:
        """What each of several environments brings counts, as what the first one brings does."""
        for spaces in self.few[:1]:
            count = 2 * self.wait(spaces) + 20
            plain, first, *others = sessions = [self.several(spaces) for _ in range(4)]
            if plain.num_envs < 2:
                return
            rows = (None, 0, 1, -1)
            for session, row in zip(sessions, rows, strict=True):
                session.go(count, alter=functools.partial(_rewarded, row))
            if told_apart(plain, first) and not all(told_apart(plain, each) for each in others):
                fail(
                    f"With {plain.env}, other rewards in the first of {plain.num_envs} environments changed "
                    "what was learned, and in another they changed nothing: learn from every row of a Step."
                )

    def test_it_learns_from_fractions_of_rewards(self) -> None:
        """What lies between whole numbers counts."""
        for spaces in self.few[:1]:
            count = 2 * self.wait(spaces) + 20
            sessions = [self.session(spaces) for _ in range(3)]
            for session, reward in zip(sessions, (0.3, 0.8, 3.0), strict=True):
                session.go(count, alter=functools.partial(_paid, reward))
            low, high, most = sessions
            if told_apart(low, most) and not told_apart(low, high):
                fail(
                    f"With {low.env}, rewards of 0.8 taught nothing else than rewards of 0.3, and those of 3 "
                    "did: what lies between whole numbers is cut off, as by int(reward) or an array of whole "
                    "numbers. Keep rewards as they are: float(reward)."
                )

    def test_large_rewards_are_rewards(self) -> None:
        """From rewards of a hundred thousand it learns in finite numbers, too."""
        for spaces in self.few[:1]:
            session = self.session(spaces)
            for _ in range(self.wait(spaces) + 10):
                (measured,) = session.go(1, alter=_rich)
                try:
                    checked(session, measured, 1)
                except ConformanceError as error:
                    fail(
                        f"Where rewards are multiplied by {_LARGE:,}: {error} Keep rewards in float32 or "
                        "float64: float16 ends at 65504."
                    )


def _paid(reward: float, step: Step) -> Step:
    """A step in which every even row pays a reward, and the others its negative."""
    sign = np.where(np.arange(len(step.reward)) % 2, -1.0, 1.0)
    return step._replace(reward=(reward * sign).astype(step.reward.dtype))


def _rich(step: Step) -> Step:
    """A Step that pays much."""
    return step._replace(reward=_LARGE * step.reward)


def _all_reset(step: Step) -> Step:
    """A Step in which all environments were only reset."""
    nowhere = np.zeros(len(step.reward), np.bool_)
    return step._replace(
        reward=np.zeros_like(step.reward), terminated=nowhere, truncated=nowhere.copy(), is_reset=~nowhere
    )


def _check_reset_measures(session: Session, measured: Any) -> None:
    try:
        checked(session, measured, 1)
    except ConformanceError as error:
        fail(
            f"Where environments reset in steps of their own (Step.is_reset), {error} A step may have no row "
            "from which anything is learned; measure nothing then."
        )


def _garbled(session: Session, reward: float, room: int, step: Step) -> Step:
    """A Step with something else in the rows that are no steps: a reward, and the sight of a room."""
    if step.is_reset is None:
        return step
    rows = np.flatnonzero(step.is_reset)
    rooms, _ = session.all_rooms()
    seen = trees.take(rooms, np.full(len(rows), room))
    for each in (step.observation, step.next_observation):
        trees.replace(each, rows, seen)
    return step._replace(reward=np.where(step.is_reset, reward, step.reward))


def _rewarded(row: int | None, step: Step) -> Step:
    """A Step with another reward in a row."""
    reward = step.reward.copy()
    if row is not None:
        reward[row] = 2.0 - 3.0 * reward[row]
    return step._replace(reward=reward)
