"""Checks that the seed decides everything random, and nothing else does."""

from __future__ import annotations

from typing import Any

import numpy as np

from csai_core import trees
from csai_core.errors import ConformanceError
from csai_core.testing.algorithm.base import AlgorithmChecks, Spaces
from csai_core.testing.algorithm.rooms import HANDS
from csai_core.testing.algorithm.session import Session
from csai_core.testing.compare import difference
from csai_core.testing.suite import fail

_LONGEST_TURN = 12
_ROWS, _CALLS = 8, 60
_TOGETHER, _ENOUGH = 2.5, 20.0
"""From how many times the variance on, rows explore together, where so much varies at all."""
_MANY_CALLS, _FEW_TOGETHER, _VARIED, _ALIKE = 300, 12, 0.6, 0.9
"""So many calls; in how many several rows must explore, with how even shares (sum of squares); too alike."""


class RepeatingChecks(AlgorithmChecks):
    """What the same seed, and another one, bring."""

    def test_the_same_seed_learns_the_same(self) -> None:
        """Two trainings with one seed end with the same state; what the caller does does not matter."""
        for spaces in self.few:
            one = self.warmed_up(spaces)
            np.random.random()  # noqa: NPY002 - the global generator stands elsewhere now
            two = self.warmed_up(spaces)
            if found := difference(one.actions, two.actions, "what it did") or difference(
                one.state(), two.state(), "state_dict()"
            ):
                fail(
                    f"Two trainings with the same seed, with {one.env}, differ: {found}. Draw everything "
                    "random from generators made from the seed."
                )

    def test_other_seeds_explore_otherwise(self) -> None:
        """Where it explores by chance, the seed decides how."""
        for spaces in self.few:
            tries = [self._tries(spaces, seed) for seed in (0, 1, 2)]
            if _is_by_chance(tries[0]) and not any(difference(tries[0], each, "") for each in tries[1:]):
                fail(
                    "With the seeds 0, 1 and 2 it explores in the same way, seeing and acting by "
                    f"{spaces.sight} and {spaces.hand}: its seed is ignored. Make its generators from `seed`."
                )

    def test_every_row_explores_by_itself(self) -> None:
        """Environments that observe the same do not always try the same, nor explore all at once."""
        for spaces in self.few:
            count = self.wait(spaces) + 3
            rows = min(_ROWS, max(2, self.max_steps // count))
            several = {"num_envs": rows}
            session = self.session_with(several, spaces, total_steps=4 * rows * count)
            if session is None or not _can_be_trained(session):
                session = self.session(spaces, total_steps=4 * self.num_envs * count)
            if session.num_envs < 2:
                continue
            for _ in range(4):
                _require_draws_of_their_own(session)
                session.go(count // 2)

    def test_rows_that_explore_try_their_own(self) -> None:
        """Environments that leave what is best in the same step do not all try the same instead."""
        for spaces in self.known.taken:
            if spaces.hand != "a choice of five":
                continue
            session = self.session_with({"num_envs": _ROWS}, spaces) or self.session(spaces)
            if session.num_envs > 1:
                _require_trials_of_their_own(session)

    def _tries(self, spaces: Spaces, seed: int) -> list[Any]:
        """What it does in one and the same room, again and again."""
        session = self.session(spaces, seed=seed)
        observation = trees.take(session.all_rooms()[0], np.zeros(session.num_envs, np.int64))
        return [session.act(trees.copy(observation), explore=True).action for _ in range(48)]


def _can_be_trained(session: Session) -> bool:
    """Whether it takes a step in so many environments; if not, another check says so."""
    try:
        session.go(1)
    except ConformanceError:
        return False
    return True


def _require_draws_of_their_own(session: Session) -> None:
    """Refuse rows that explore together, though all of them observe the same."""
    rooms, _ = session.all_rooms()
    same = trees.take(rooms, np.zeros(session.num_envs, np.int64))
    tried = [session.act(trees.copy(same), explore=True).action for _ in range(_CALLS)]
    if not _is_by_chance(tried):
        return
    says_yes = HANDS[session.env.hand].yes
    shares = np.array([[says_yes(each) for each in trees.unstack(t, session.num_envs)] for t in tried])
    if (shares == shares[:, :1]).all():
        fail(
            f"With {session.env}, where all {session.num_envs} environments observe the same, "
            f"act(explore=True) tried the same in all of them, in each of {_CALLS} calls. Draw for each row: "
            "size=len(observation)."
        )
    changes = np.diff(shares, axis=0)
    alone, together = changes.var(), changes.mean(axis=1).var() * session.num_envs
    if alone * _CALLS * session.num_envs > _ENOUGH and together > _TOGETHER * alone:
        fail(
            f"With {session.env}, where all {session.num_envs} environments observe the same, "
            "act(explore=True) tries something in many of them at the same time, and then in none: their "
            f"mean varies {together / alone:.1f} times as much as if each drew for itself. Draw for each row "
            "whether it explores, and what it tries: random(len(observation)) < epsilon."
        )


def _require_trials_of_their_own(session: Session) -> None:
    """Refuse rows of which all that explore in a step try the same, though that is another in each step."""
    rooms, _ = session.all_rooms()
    same = trees.take(rooms, np.zeros(session.num_envs, np.int64))
    best = np.asarray(session.act(trees.copy(same), explore=False).action)
    tried = [np.asarray(session.act(trees.copy(same), explore=True).action) for _ in range(_MANY_CALLS)]
    together = [left for action in tried if len(left := action[action != best]) > 1]
    if len(together) < _FEW_TOGETHER:
        return
    shares = np.unique(np.concatenate(together), return_counts=True)[1] / sum(map(len, together))
    agree = float(np.mean([len(np.unique(each)) == 1 for each in together]))
    if (shares**2).sum() < _VARIED and agree > _ALIKE:
        fail(
            f"With {session.env}, where all {session.num_envs} environments observe the same, several left "
            f"what seems best in {len(together)} of {_MANY_CALLS} calls of act(explore=True), and in "
            f"{agree:.0%} of these they all tried the same instead, another one each time. Draw for each row "
            "what it tries: random.integers(num_actions, size=number of rows)."
        )


def _is_by_chance(actions: list[Any]) -> bool:
    """Whether actions differ, and do not repeat themselves in turn."""
    flat = [
        np.concatenate([np.ravel(np.asarray(leaf)).astype(np.float64) for leaf in _leaves(action)])
        for action in actions
    ]
    return all(
        any(not np.array_equal(one, other) for one, other in zip(flat, flat[turn:], strict=False))
        for turn in range(1, _LONGEST_TURN + 1)
    )


def _leaves(action: Any) -> list[Any]:
    found: list[Any] = []
    trees.apply(found.append, action)
    return found
