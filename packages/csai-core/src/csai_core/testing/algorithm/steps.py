"""Checks of what an algorithm makes of a Step: it learns from that alone, and leaves it to its giver."""

from __future__ import annotations

import dataclasses
import functools
import itertools
from typing import Any

import numpy as np

from csai_core import trees
from csai_core.algorithm import Step
from csai_core.errors import ConformanceError
from csai_core.testing.algorithm.base import AlgorithmChecks, Spaces
from csai_core.testing.algorithm.measures import checked
from csai_core.testing.algorithm.session import Session, taught_apart, told_apart
from csai_core.testing.algorithm.worlds import CORRIDOR, NUM_ROOMS, REPEAT
from csai_core.testing.compare import difference, leaves, snapshot
from csai_core.testing.suite import fail

_UPDATES = 10
_TRIES = (3, 4, 5, 6, 7)
"""Seeds of trainings that are compared, each longer than the one before."""


class StepChecks(AlgorithmChecks):
    """What `learn` does with what it is given."""

    def test_it_measures_finite_numbers_by_name(self) -> None:
        """What `learn` returns of its updates are finite numbers by name, of the tenth update too."""
        for spaces in self.few:
            session = self.session(spaces)
            updates = 0
            for _ in range(max(1, self.max_steps // session.num_envs)):
                (measured,) = session.go(1)
                updates += bool(checked(session, measured, updates + 1))
                if updates == _UPDATES:
                    break
        for spaces in (each for each in self.known.taken if each not in self.few):
            session = self.session(spaces)
            for _ in range(self.wait_alike(spaces) + 3):
                checked(session, session.go(1)[0], 1)

    def test_it_leaves_the_step_alone(self) -> None:
        """`learn` changes nothing in the arrays of a Step, whatever is observed and done."""
        for spaces in self.known.taken:
            session = self.session(spaces)
            for _ in range(self.wait_alike(spaces) + 3):
                step = session.lanes.step(session.decide())
                before = snapshot(step._asdict())
                session.learn(step)
                if found := difference(before, step._asdict(), "step"):
                    fail(
                        f"With {session.env}, learn changed the Step that it was given, in place: {found}. "
                        "Others read it too; work on a copy."
                    )

    def test_it_tells_observations_apart(self) -> None:
        """Where all looks otherwise, something else is done or learned; or it heeds nothing that it sees."""
        blind: list[Session] = []
        heeds_some = False
        for spaces in {each.sight: each for each in reversed(self.known.taken)}.values():
            if self._sees(spaces):
                heeds_some = True
            elif self._learns_from_rewards(spaces):
                blind.append(self.session(spaces))
        if blind and heeds_some:
            rooms, _ = blind[0].all_rooms()
            fail(
                f"With {blind[0].env}, two trainings whose rooms look otherwise came out the same: "
                f"observations such as {_row(rooms, 0)} and {_row(rooms, 1)} are one to it, and others "
                "are not. Keep what is observed as it is: no dtype that takes the fractions away, and no "
                "part left out."
            )

    def test_it_tells_every_two_observations_apart(self) -> None:
        """Where digits are observed, no two rooms are one to it, as where it counts places wrongly."""
        for spaces in [each for each in self.known.taken if each.sight == "digits"][:1]:
            if not self._sees(spaces):
                return  # another check says so, or it heeds nothing that it sees
            left = list(itertools.combinations(range(NUM_ROOMS), 2))
            for times, seed in enumerate(_TRIES, start=1):
                plain, *merged = (
                    self.session(spaces, dataclasses.replace(REPEAT, looks=looks), seed=seed)
                    for looks in ({}, *({other: one} for one, other in left))
                )
                for each in (plain, *merged):
                    each.go(times * self.wait_alike(spaces) + 3)
                left = [
                    pair for pair, each in zip(left, merged, strict=True) if not taught_apart(plain, each)
                ]
                if not left:
                    return
            one, other = (plain.env.sight_of(room).tolist() for room in left[0])
            fail(
                f"With {plain.env}, a training came out the same where one room that looks like {one} and "
                f"one that looks like {other} both looked like {one}: they are one to it. Where digits make "
                "up a number, each counts what the sizes of those before it, or of those after it, "
                "multiplied give: np.ravel_multi_index does that."
            )

    def _sees(self, spaces: Spaces) -> bool:
        """Whether it heeds how rooms look; one that seems not to is tried longer, with other seeds."""
        for times, seed in enumerate(_TRIES, start=1):
            sessions = [self.session(spaces, world, seed=seed) for world in (CORRIDOR, _RENAMED)]
            for each in sessions:
                each.go(times * self.wait_alike(spaces) + 3)
            if told_apart(*sessions):
                return True
        return False

    def _learns_from_rewards(self, spaces: Spaces) -> bool:
        """Whether another training of the same length, in which other rewards came, ends otherwise."""
        session, other = (self.session(spaces) for _ in range(2))
        session.go(self.wait_alike(spaces) + 3)
        other.go(self.wait_alike(spaces) + 3, alter=_opposed)
        return bool(told_apart(session, other))

    def test_it_keeps_no_array_of_the_step(self) -> None:
        """What `learn` remembers of a Step is a copy: its arrays are overwritten afterwards."""
        vectors = [each for each in self.known.taken if each.sight == "a vector" and each not in self.few]
        for spaces in (*self.few, *vectors[:1]):
            sessions = [self.session(spaces) for _ in range(2)]
            count = self.wait_alike(spaces) + 20
            sessions[0].go(count)
            try:
                sessions[1].go(count, after=functools.partial(_overwrite, sessions[1]))
                found = told_apart(*sessions)
            except ConformanceError as error:
                found = str(error)
            if found:
                fail(
                    f"With {sessions[0].env}, overwriting the arrays of a Step after learn changed what was "
                    f"learned: {found}. Whoever gave them may use them again (memory is often reused): copy "
                    "what is kept, as array.copy() does and np.asarray and torch.from_numpy do not; keep no "
                    "reference."
                )


_RENAMED = dataclasses.replace(CORRIDOR, looks={0: 1, 1: 2, 2: 3, 3: 0})
"""The corridor, whose rooms look otherwise."""


def other_actions(session: Session) -> Any:
    """Actions that it did not decide."""
    space = session.env.action_space
    space.seed(11)
    return trees.stack(space, [space.sample() for _ in range(session.num_envs)])


def _overwrite(session: Session, step: Step) -> None:
    """Fill all arrays that it was given with other values, as whoever uses them again does."""
    rooms, _ = session.all_rooms()
    rows = np.arange(session.num_envs)
    first = trees.take(rooms, np.zeros(session.num_envs, np.int64))
    for each in (step.observation, step.next_observation, session.shown):
        trees.replace(each, rows, first)
    trees.replace(step.action, rows, other_actions(session))
    for _, array in leaves(step.memo, "") if step.memo is not None else ():
        if isinstance(array, np.ndarray) and array.flags.writeable:
            array[...] = array == 0
    step.reward[:] = 1e3
    step.terminated[:] = ~step.terminated
    step.truncated[:] = ~step.truncated


def _opposed(step: Step) -> Step:
    """A Step in which everything pays otherwise."""
    return step._replace(reward=2.0 - 3.0 * step.reward)


def _row(batch: Any, row: int) -> str:
    """One of a batch of observations, in a few letters."""
    text = repr(trees.take(batch, row))
    return text if len(text) < 80 else f"{text[:80]}…"
