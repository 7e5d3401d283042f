"""Checks that `learn` learns from a Step alone: of what `act` saw and kept, it knows the memo only."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from csai_core import trees
from csai_core.algorithm import Decision, Step
from csai_core.errors import ConformanceError, CsaiError
from csai_core.testing.algorithm.base import AlgorithmChecks, Spaces
from csai_core.testing.algorithm.rooms import Rooms
from csai_core.testing.algorithm.saved import with_generators_of
from csai_core.testing.algorithm.session import Session, told_apart
from csai_core.testing.algorithm.steps import other_actions
from csai_core.testing.algorithm.worlds import CORRIDOR
from csai_core.testing.compare import difference
from csai_core.testing.suite import fail


class AloneChecks(AlgorithmChecks):
    """What passes from `act` to `learn`."""

    def test_it_learns_from_the_step_alone(self) -> None:
        """Whatever else `act` was asked in between, `learn` learns the same from a `Step`."""
        for spaces in self.few:
            sessions = [self.session(spaces) for _ in range(2)]
            count = self.wait(spaces) + 5
            sessions[0].go(count)
            try:
                sessions[1].go(count, between=functools.partial(_look_elsewhere, sessions[1]))
                found = told_apart(*sessions)
            except ConformanceError as error:
                found = str(error)
            if found:
                fail(
                    f"With {sessions[0].env}, learning changed when act(explore=False) was called between "
                    f"act and learn: {found}. Take everything from the Step; what only act knows belongs "
                    "into the memo of its Decision."
                )
            self._require_that_seeing_teaches_nothing(spaces, count)

    def _require_that_seeing_teaches_nothing(self, spaces: Spaces, count: int) -> None:
        """That one which explored in other rooms learns the same from a Step as the one that took it."""
        found = self._seen_elsewhere(spaces, count, has_same_generators=False)
        found = found and self._seen_elsewhere(spaces, count, has_same_generators=True)
        if found and self._is_restored(spaces):
            fail(
                f"With {Rooms(CORRIDOR, *spaces)}, what act(explore=True) had seen before decided what was "
                f"learned from a Step: {found}. Learn from the Step alone: take step.observation, and let "
                "running means and the like count what stands in it, in learn, not what act is shown."
            )

    def _seen_elsewhere(self, spaces: Spaces, count: int, *, has_same_generators: bool) -> str:
        """How two differ that explored in different rooms, and learned from the same steps."""
        one, other = (self.session(spaces) for _ in range(2))
        for _ in range(count):
            rooms, _ = one.all_rooms()
            envs: Any = one.lanes.envs
            elsewhere = [(each.room + 1) % trees.length(rooms) for each in envs]
            step = one.lanes.step(one.decide())
            other.act(trees.take(rooms, np.array(elsewhere)), explore=True)
            if has_same_generators:
                mended = with_generators_of(other.state(), one.state())
                other.algorithm.load_state_dict(mended)
            one.learn(step)
            try:
                other.learn(step)
            except ConformanceError as error:
                return str(error)
        return difference(one.measured, other.measured, "what it measured") or difference(
            one.thinks(), other.thinks(), "what it thinks of the rooms"
        )

    def test_it_passes_nothing_from_act_to_learn_but_the_memo(self) -> None:
        """One that was restored after `act` learns the same from the Step as the one that acted."""
        for spaces in self.few:
            for is_own in (True, False):
                session = self.warmed_up(spaces)
                decision = session.decide()
                other = self.session(spaces, seed=4, state=session.state())
                step = session.lanes.step(decision if is_own else Decision(other_actions(session)))
                found = _learned_apart(session, other, step)
                if found and not self._is_restored(spaces):
                    return  # another check says so
                if found:
                    fail(
                        f"With {session.env}, act leaves something behind for learn that stands neither in "
                        "the memo nor in state_dict(): one that was restored in between, and did not act "
                        f"itself, learned otherwise. {found} Take everything from the Step alone; what only "
                        "act knows belongs into the memo of its Decision."
                    )

    def test_it_learns_from_others_or_says_that_it_cannot(self) -> None:
        """A `Step` that somebody else decided is learned from, or refused by a `CsaiError`."""
        for spaces in self.few:
            session = self.session(spaces)
            space = session.env.action_space
            space.seed(7)
            try:
                for _ in range(self.wait(spaces)):
                    actions = trees.stack(space, [space.sample() for _ in range(session.num_envs)])
                    session.algorithm.learn(session.lanes.step(Decision(actions)))
            except CsaiError:
                continue
            except Exception as error:
                fail(
                    f"With {session.env}, a step that somebody else decided (memo=None) ended in "
                    f"{type(error).__name__}: {error}. Learn from it, or refuse it with a ConfigError."
                )

    def _is_restored(self, spaces: Spaces) -> bool:
        """Whether one that was saved and loaded, and then acted too, learns what the other learns."""
        session = self.warmed_up(spaces)
        try:
            other = self.session(spaces, seed=4, state=session.state())
            other.lanes = session.lanes
            if difference(session.state(), other.state(), ""):
                return False
            decision, _ = session.decide(), other.decide()
            return not _learned_apart(session, other, session.lanes.step(decision))
        except ConformanceError:
            return False


def _look_elsewhere(session: Session) -> None:
    """Ask what it thinks best of every room, and of as many others as it learns from."""
    session.greedy()
    rooms, _ = session.all_rooms()
    rows = np.arange(session.num_envs) % trees.length(rooms)
    for turn in range(2):
        session.act(trees.take(rooms, np.roll(rows, turn)), explore=False)


def _learned_apart(one: Session, other: Session, step: Step) -> str:
    """How two differ that learned from one step; empty if they do not, or both refuse it."""
    refused = 0
    for each in (one, other):
        try:
            each.algorithm.learn(step)
        except CsaiError:
            refused += 1
        except Exception as error:
            # What fails for the one that acted, too, is no matter of what passed between: others say so.
            return "" if each is one else f"learn raised {type(error).__name__}: {error}."
    if refused:
        return "" if refused == 2 else "Only one of them refused the step."
    found = difference(one.state(), other.state(), "state_dict()")
    return f"{found}." if found else ""
