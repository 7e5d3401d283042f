"""Checks of what the end of an episode means: nothing follows it, and it is that environment's alone."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csai_core import trees
from csai_core.algorithm import Step
from csai_core.testing.algorithm.base import AlgorithmChecks, Spaces
from csai_core.testing.algorithm.rooms import HANDS, Rooms
from csai_core.testing.algorithm.session import Session, taught_apart
from csai_core.testing.algorithm.worlds import FORBIDDEN, PAIRS, REPEAT, SOON_FORBIDDEN, World
from csai_core.testing.suite import fail

_UNSEEN = 3
"""A room that `PAIRS` does not have."""


class EndingChecks(AlgorithmChecks):
    """What it makes of ends."""

    def test_what_has_ended_was_not_cut_short(self) -> None:
        """Where an episode ended in the very step in which it would have been cut short, it has ended."""
        for spaces in self.few[:1]:
            sessions = [self.session(spaces, REPEAT) for _ in range(2)]
            sessions[0].go(2 * self.wait(spaces) + 20)
            sessions[1].go(2 * self.wait(spaces) + 20, alter=_cut_as_well)
            if found := taught_apart(*sessions):
                fail(
                    f"With {sessions[0].env}, something else was learned where Step.truncated was true "
                    f"besides Step.terminated: {found}. Both may be, where a game ends in the last step that "
                    "its limit allows; then it has ended, and nothing is bootstrapped: ask "
                    "Step.terminated alone."
                )

    def test_masks_after_the_end_count_for_nothing(self) -> None:
        """What would be allowed after the end makes no difference."""
        for spaces in self.few[:2]:
            if not self.takes_masks(spaces):
                continue
            if found := self._taught_by_masks_after_ends(spaces, SOON_FORBIDDEN):
                fail(
                    f"With {Rooms(SOON_FORBIDDEN, *spaces)}, what Step.next_action_mask says where "
                    f"Step.terminated is true changed what was learned: {found}. It is about the next "
                    "observation alone, of which nothing is expected there; the action that was taken was "
                    "chosen by Step.action_mask."
                )
            found = self._taught_by_masks_after_ends(spaces, FORBIDDEN, resets_take_a_step=True)
            if found and not self._taught_by_masks_after_ends(spaces, FORBIDDEN):
                fail(
                    f"With {Rooms(FORBIDDEN, *spaces)}, where some of several environments were only "
                    "reset (Step.is_reset), what Step.next_action_mask says where Step.terminated is true "
                    f"changed what was learned: {found}. Each row goes by its own mask: leave rows that are "
                    "resets out of all parts of a Step alike, so that row i is the same environment in each."
                )

    def _taught_by_masks_after_ends(self, spaces: Spaces, world: World, **wishes: Any) -> str:
        """How two differ, of which one was shown other masks after ends."""
        sessions = [self.several(spaces, world, **wishes) for _ in range(2)]
        only_no = np.array(HANDS[spaces.hand].only_no, np.int8)
        sessions[0].go(2 * self.wait(spaces) + 20)
        sessions[1].go(2 * self.wait(spaces) + 20, alter=functools.partial(_turned_after, only_no))
        return taught_apart(*sessions)

    def test_an_end_is_its_own_environments(self) -> None:
        """Where the last of several environments ends makes no difference to what the others learn."""
        for spaces in self.few[:1]:
            count = 2 * self.wait(spaces) + 20
            sessions = [self.several(spaces, PAIRS) for _ in range(3)]
            if sessions[0].num_envs < 2:
                return
            for session, ends in zip(sessions, (_never, _with_others, _before_others), strict=True):
                session.go(2 * count, alter=functools.partial(_idle, session, ends))
            none, together, before = sessions
            if taught_apart(none, together):
                continue  # there is something to learn from such an end
            if found := taught_apart(together, before):
                fail(
                    f"With {none.env}, it was decisive for what others learned whether an episode ended in "
                    f"the last of {none.num_envs} environments while theirs were under way, or with theirs, "
                    f"though nothing is paid there: {found}. Clear the traces, queues and sums of the row "
                    "that has ended, and of no other."
                )


def _cut_as_well(step: Step) -> Step:
    """A Step in which whatever has ended was cut short, too."""
    return step._replace(truncated=step.truncated | step.terminated)


def _turned_after(only_no: NDArray[np.int8], step: Step) -> Step:
    """A Step in which, after ends, all is allowed where it was not, and nothing but a no where it was."""
    if step.next_action_mask is None:
        return step
    turned = np.where(step.next_action_mask.all(axis=1, keepdims=True), only_no, np.int8(1))
    return step._replace(next_action_mask=np.where(step.terminated[:, None], turned, step.next_action_mask))


def _never(step: Step) -> bool:
    return False


def _with_others(step: Step) -> bool:
    return bool(step.terminated[0])


def _before_others(step: Step) -> bool:
    return not step.terminated[0]


def _idle(session: Session, ends: Callable[[Step], bool], step: Step) -> Step:
    """A Step in whose last environment nothing happens, but that its episode may end."""
    last = np.array([session.num_envs - 1])
    seen = trees.stack(session.env.observation_space, [session.env.sight_of(_UNSEEN)])
    for each in (step.observation, step.next_observation):
        trees.replace(each, last, seen)
    is_last = np.arange(session.num_envs) == last
    return step._replace(
        reward=np.where(is_last, 0.0, step.reward),
        terminated=np.where(is_last, ends(step), step.terminated),
    )
