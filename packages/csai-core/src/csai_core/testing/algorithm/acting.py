"""Checks of how an algorithm decides: within the space, by the mask, row by row, and without a trace."""

from __future__ import annotations

import contextlib
import itertools
from typing import Any

import numpy as np
from gymnasium import spaces as gym_spaces
from numpy.typing import NDArray

from csai_core import trees
from csai_core.errors import ConfigError, ConformanceError, CsaiError
from csai_core.gate.masks import ActionMasks, choices_of
from csai_core.testing.algorithm.base import AlgorithmChecks
from csai_core.testing.algorithm.session import Session
from csai_core.testing.compare import difference, leaves, snapshot
from csai_core.testing.suite import fail

_DRAWS, _MOST = 60, 0.6
"""How often it explores a Box, and which share of its bounds whoever explores it reaches."""
_SEVERAL = 10
"""Fewer numbers may lie anywhere by chance."""


class ActingChecks(AlgorithmChecks):
    """What `act` and `sample` give."""

    def test_it_leaves_observations_alone(self) -> None:
        """`act` changes nothing in the arrays that it is given."""
        for spaces in self.known.taken:
            session = self.session(spaces)
            for explore in (True, False):
                observation = batch(session, session.num_envs)
                before = snapshot(observation)
                session.act(observation, explore=explore)
                self._check_that_masks_stay(session, observation, explore)
                if found := difference(before, observation, "the observation"):
                    fail(
                        f"With {session.env}, act(explore={explore}) changed the observation that it was "
                        f"given, in place: {found}. Work on a copy."
                    )

    def _check_that_masks_stay(self, session: Session, observation: Any, explore: bool) -> None:
        space = session.env.action_space
        if not isinstance(space, gym_spaces.Discrete):
            return
        for num_allowed in (1, int(space.n)):
            mask = np.zeros((session.num_envs, int(space.n)), np.int8)
            mask[:, :num_allowed] = 1
            before = mask.copy()
            session.act(trees.copy(observation), explore=explore, action_mask=mask)
            if found := difference(before, mask, "the mask"):
                fail(
                    f"With {session.env}, act(explore={explore}) changed the action mask that it was given, "
                    f"in place: {found}. Work on a copy."
                )

    def test_it_acts_within_the_action_space(self) -> None:
        """`act` gives one action of the space for each observation, exploring or not."""
        for spaces in self.known.taken:
            session = self.session(spaces)
            for _ in range(20):
                self._check_actions(session, session.num_envs, explore=True)
            for count in (5, 1):
                self._check_actions(session, count, explore=False)
            with contextlib.suppress(ConfigError):
                sampled = session.algorithm.sample(batch(session, 5), np.random.default_rng(5))
                check_actions(session, sampled.action, 5, "sample")
            for _ in range(10):
                session.learn(session.lanes.step(session.decide()))
                self._check_actions(session, session.num_envs, explore=True)

    def _check_actions(self, session: Session, count: int, *, explore: bool) -> None:
        action = session.act(batch(session, count), explore=explore).action
        check_actions(session, action, count, f"act(explore={explore})")

    def test_every_number_of_an_action_has_bounds_of_its_own(self) -> None:
        """Where it explores a Box, no number is kept within the bounds of another one."""
        for spaces in self.known.taken:
            session = self.session(spaces)
            space = session.env.action_space
            if not isinstance(space, gym_spaces.Box) or (space.low == space.low.flat[0]).all():
                continue
            drawn = [
                session.act(batch(session, session.num_envs), explore=True).action for _ in range(_DRAWS)
            ]
            tried = np.concatenate(drawn).reshape(-1, space.low.size)
            low, high = space.low.ravel(), space.high.ravel()
            is_wide = np.ptp(tried, axis=0) > _MOST * (high - low)
            for one, other in itertools.permutations(range(space.low.size), 2):
                if low[one] <= low[other] and high[other] <= high[one]:
                    continue
                is_kept = ((tried[:, other] >= low[one]) & (tried[:, other] <= high[one])).all()
                if is_wide[one] and is_kept and len(np.unique(tried[:, other])) > _SEVERAL:
                    fail(
                        f"With {session.env}, number {other} of an action, which goes from {low[other]:g} to "
                        f"{high[other]:g}, never left {low[one]:g} to {high[one]:g} in {_DRAWS} calls of "
                        f"act(explore=True), which are the bounds of number {one}. Scale each number to "
                        "bounds of its own: space.low and space.high are arrays."
                    )

    def test_its_decisions_are_its_callers(self) -> None:
        """The arrays of a decision are not changed by later calls."""
        for spaces in self.few:
            session = self.session(spaces)
            for explore in (True, False):
                first = session.act(batch(session, session.num_envs), explore=explore)
                before = snapshot(tuple(first))
                for _ in range(10):
                    session.act(batch(session, session.num_envs), explore=explore)
                if found := difference(before, tuple(first), "the decision"):
                    fail(
                        f"With {session.env}, act(explore={explore}) changed what an earlier call of act had "
                        f"given: {found}. Give a new array each time, not the same array again."
                    )

    def test_its_memo_has_a_row_for_each_environment(self) -> None:
        """What `act` wants to be told again are arrays with leading axis num_envs."""
        for spaces in self.few:
            session = self.session(spaces)
            memo = session.decide().memo
            for path, value in leaves(memo, "memo") if memo is not None else ():
                shape = np.shape(value)
                if not shape or shape[0] != session.num_envs:
                    fail(
                        f"With {session.num_envs} environments, {path} of a Decision has the shape {shape}; "
                        f"everything in a memo is an array with leading axis num_envs, a row for each "
                        f"environment: ({session.num_envs}, …). Keep what is no row's own in the algorithm."
                    )

    def test_it_keeps_to_the_action_mask(self) -> None:
        """`act` and `sample` take only actions that the mask allows, whatever they are worth."""
        by_hand = {each.hand: each for each in reversed(self.known.taken)}
        for spaces in by_hand.values():
            session = self.session(spaces)
            space = session.env.action_space
            if not isinstance(space, gym_spaces.Discrete):
                self._check_masks_of_parts(session)
                continue
            for _ in range(2):
                for allowed in range(int(space.n)):
                    self._check_mask(session, allowed)
                session.go(20, alter=lambda step: step._replace(reward=step.reward - 5.0))

    def _check_mask(self, session: Session, allowed: int) -> None:
        space: Any = session.env.action_space
        for explore, count in ((True, session.num_envs), (False, 20)):
            mask = np.zeros((count, int(space.n)), np.int8)
            mask[:, allowed] = 1
            for _ in range(10 if explore else 1):
                decision = session.act(batch(session, count), explore=explore, action_mask=mask.copy())
                _check_allowed(session, decision.action, allowed, f"act(explore={explore})")
        try:
            drawn = session.algorithm.sample(batch(session, 20), np.random.default_rng(5), mask.copy())
        except ConfigError:
            return
        _check_allowed(session, drawn.action, allowed, "sample")

    def _check_masks_of_parts(self, session: Session) -> None:
        """Masks of several parts have a number for each choice of each, side by side."""
        space = session.env.action_space
        masks, chance = ActionMasks(space), np.random.default_rng(5)
        if not masks.num_choices or isinstance(space, gym_spaces.Dict):
            return
        for explore, count in ((True, session.num_envs), (False, 20)) * 4:
            rows = chance.integers(0, 2, (count, masks.num_choices)).astype(np.int8)
            rows = masks.with_choices(rows, np.ones(count, np.bool_))
            seen = batch(session, count)
            try:
                action = session.act(seen, explore=explore, action_mask=rows.copy()).action
            except ConformanceError as error:
                if isinstance(error.__cause__, CsaiError):
                    return  # it takes no masks of such actions, and says so
                raise
            check_actions(session, action, count, f"act(explore={explore}) with a mask")
            for row, each in zip(rows, trees.unstack(action, count), strict=True):
                if not row[choices_of(space, each)].all():
                    fail(
                        f"With {session.env}, act(explore={explore}) was given the mask {row.tolist()}, with "
                        "a number for each choice of each part, side by side, and gave "
                        f"{np.asarray(each).tolist()}, which it forbids. Give forbidden choices the "
                        "probability 0, or the value -inf, or "
                        "refuse masks of such actions with a ConfigError."
                    )

    def test_it_does_not_explore_when_it_shall_not(self) -> None:
        """`act(explore=False)` does the same for the same observation, however often it is asked."""
        for spaces in self.few:
            session = self.warmed_up(spaces)
            for _ in range(8):
                observation = _repeated(session, 50)
                action = session.act(observation, explore=False).action
                for index in range(1, 50):
                    if found := other_action(action, 0, action, index):
                        fail(
                            f"With {session.env}, act(explore=False) gave different actions for one and the "
                            f"same observation: {found}. Without exploring it does what seems best: draw "
                            "nothing, break ties in one way, and switch dropout and noise off."
                        )

    def test_it_decides_for_each_row_alone(self) -> None:
        """What is best for one environment does not depend on what is observed in the others."""
        for spaces in self.known.taken:
            session = self.session(spaces)
            session.go(5)
            observation, mask = session.all_rooms()
            together = session.act(observation, explore=False, action_mask=mask).action
            count = trees.length(observation)
            turned = session.act(_rows(observation, np.arange(count)[::-1]), explore=False).action
            for i in range(count):
                alone = session.act(_rows(observation, np.arange(i, i + 1)), explore=False).action
                for other, place, words in (
                    (alone, 0, "alone, in a batch of one"),
                    (turned, count - 1 - i, "in a batch in another order"),
                ):
                    if found := other_action(together, i, other, place):
                        fail(
                            f"With {session.env}, act(explore=False) decided otherwise for an observation in "
                            f"a batch than for the same one {words}: {found}. Each row is an environment of "
                            "its own: let nothing that is computed over the batch decide (batch norm in "
                            "training mode, means of the batch)."
                        )

    def test_acting_changes_nothing(self) -> None:
        """`act(explore=False)` leaves no trace in the algorithm."""
        for spaces in self.few:
            session = self.warmed_up(spaces)
            before = session.state()
            for _ in range(3):
                session.greedy()
            if found := difference(before, session.state(), "state_dict()"):
                fail(
                    f"With {session.env}, act(explore=False) changed the algorithm: {found}. Who watches or "
                    "judges an agent must not change it: count, draw and update nothing there."
                )

    def test_sampling_changes_nothing(self) -> None:
        """`sample`, where there is such a policy, is decided by its generator alone, and leaves no trace."""
        for spaces in self.known.taken:
            session = self.session(spaces)
            observation = batch(session, 20)
            before = session.state()
            try:
                one, other = (
                    session.algorithm.sample(observation, np.random.default_rng(5)).action for _ in range(2)
                )
            except ConfigError:
                continue
            if found := difference(one, other, "the actions"):
                fail(f"Two samples of one policy with equal generators differ: {found}. Draw from `random`.")
            if found := difference(before, session.state(), "state_dict()"):
                fail(f"sample() changed the algorithm: {found}. What it needs it draws from `random`.")


def batch(session: Session, count: int, seed: int = 11) -> Any:
    """Observations of rooms, one after the other."""
    observation, _ = session.all_rooms()
    return trees.take(observation, np.arange(seed, seed + count) % trees.length(observation))


def check_actions(session: Session, action: Any, count: int, what: str) -> None:
    """Refuse what are not so many actions of the space."""
    space = session.env.action_space
    try:
        single = trees.unstack(action, count)
        is_batch = _length(action) == count
    except (TypeError, KeyError, IndexError, ValueError):
        single, is_batch = [], False
    in_numpy = is_batch and not any(_is_tensor(each) for _, each in leaves(action, ""))
    if in_numpy and all(_is_action(space, each) for each in single):
        return
    words = f"{count} observations" if count > 1 else "1 observation (a batch of one)"
    kinds = ", ".join(
        f"{type(each).__name__} of {getattr(each, 'dtype', '?')} in the shape {np.shape(each)}"
        for _, each in leaves(action, "")
    )
    fail(
        f"With {session.env}, for {words}, {what} gave {_short(action)} ({kinds}); it must give {count} "
        f"actions of {space}, in numpy arrays of its type with leading axis {count}. If it does not take "
        "such spaces, refuse them with a ConfigError when it is made."
    )


def _is_action(space: gym_spaces.Space[Any], action: Any) -> bool:
    """Whether an action lies in a space; numbers in a Box may be of another floating-point type."""
    if isinstance(space, gym_spaces.Dict):
        return action.keys() == space.spaces.keys() and all(
            _is_action(each, action[name]) for name, each in space.spaces.items()
        )
    if isinstance(space, gym_spaces.Box) and np.asarray(action).dtype.kind in "fiu":
        return space.contains(np.asarray(action).astype(space.dtype))
    return space.contains(action)


def _length(action: Any) -> int:
    if isinstance(action, list):
        return len(action)
    lengths = {len(each) for _, each in leaves(action, "") if np.shape(each)}
    return lengths.pop() if len(lengths) == 1 else -1


def _rows(observation: Any, rows: NDArray[np.intp]) -> Any:
    """Some of a batch, in arrays that lie in memory by columns."""
    return trees.apply(lambda array: np.asfortranarray(array[rows]), observation)


def _is_tensor(value: Any) -> bool:
    return hasattr(value, "detach")


def _short(action: Any) -> str:
    text = repr(action)
    return text if len(text) < 200 else f"{text[:200]}…"


def _check_allowed(session: Session, action: Any, allowed: int, what: str) -> None:
    space: Any = session.env.action_space
    if not np.all(np.asarray(action) == space.start + allowed):
        fail(
            f"With {session.env}, the mask allowed only action {space.start + allowed}, but {what} gave "
            f"{np.asarray(action).tolist()}. Give forbidden actions the probability 0, or the value -inf."
        )


def _repeated(session: Session, count: int) -> Any:
    observation, _ = session.all_rooms()
    return trees.take(observation, np.zeros(count, np.int64))


def other_action(one: Any, index: int, other: Any, place: int) -> str:
    """How two actions differ, as a phrase; numbers may be rounded as sums in another order are."""
    first = trees.take(trees.apply(np.asarray, one), index)
    second = trees.take(trees.apply(np.asarray, other), place)
    for (path, a), (_, b) in zip(leaves(first, "the action"), leaves(second, "the action"), strict=True):
        if not np.allclose(a, b, rtol=1e-3, atol=1e-3 if np.asarray(a).dtype.kind == "f" else 0):
            return f"{path} is {a} here and {b} there"
    return ""
