"""Checks of what an algorithm tells of its decisions, where it tells anything."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from gymnasium import spaces as gym_spaces

from csai_core import trees
from csai_core.algorithm import Algorithm, Outlook, Spread, Step
from csai_core.errors import ConfigError
from csai_core.testing.algorithm.acting import batch
from csai_core.testing.algorithm.base import AlgorithmChecks
from csai_core.testing.algorithm.chances import drawn_otherwise
from csai_core.testing.algorithm.session import Session
from csai_core.testing.compare import difference, leaves, snapshot
from csai_core.testing.process.effects import generators_left_alone
from csai_core.testing.suite import fail, skip

_COUNT = 7
_DRAWS = 400
_MOMENTS, _TURN = 90, 6
"""In so many steps what pays and what costs change places every few."""
_SURE = 1e-4
"""Of two numbers that are nearer, either may be the larger one."""


class ExplainingChecks(AlgorithmChecks):
    """What `explain` gives."""

    def test_explaining_changes_nothing(self) -> None:
        """`explain` leaves no trace in the algorithm, and tells the same of the same observations."""
        self._require_explain()
        for spaces in self.few:
            session = self.warmed_up(spaces)
            before = session.state()
            observation = batch(session, _COUNT)
            first, second = (told_of(session, observation) for _ in range(2))
            if found := difference(tuple(first), tuple(second), "the outlook"):
                fail(
                    f"With {session.env}, explain told otherwise of the same observations: {found}. Draw "
                    "nothing there."
                )
            if found := difference(before, session.state(), "state_dict()"):
                fail(f"With {session.env}, explain changed the algorithm: {found}. Change nothing there.")

    def test_it_explains_each_row_alone(self) -> None:
        """What `explain` tells of one observation does not depend on the others of the batch."""
        self._require_explain()
        for spaces in self.known.taken:
            session = self.warmed_up(spaces)
            observation = batch(session, _COUNT)
            together = told_of(session, observation)
            for row in range(_COUNT):
                alone = told_of(session, trees.take(observation, np.arange(row, row + 1)))
                if found := _apart(together, row, alone):
                    fail(
                        f"With {session.env}, explain told otherwise of an observation in a batch than of "
                        f"the same one alone: {found}. Each row is an observation of its own: let nothing "
                        "that is computed over the batch decide (its mean, batch norm in training mode)."
                    )

    def test_it_explains_what_it_does(self) -> None:
        """The highest value, or the likeliest choice, that `explain` tells is what `act` takes."""
        self._require_explain()
        for spaces in self.known.taken:
            session = self.warmed_up(spaces)
            observation, _ = session.all_rooms()
            for seen in (observation, trees.take(observation, np.arange(1)), batch(session, _COUNT)):
                told = told_of(session, seen)
                check_agreement(session, told, session.act(seen, explore=False).action)
        for spaces in self.few:
            self._check_many_moments(self.session(spaces))

    def _check_many_moments(self, session: Session) -> None:
        """That it explains what it does, while what pays now soon costs, and so what is best changes."""
        if not isinstance(session.env.action_space, gym_spaces.Discrete):
            return
        observation, _ = session.all_rooms()
        for _ in changing_moments(session):
            told = told_of(session, observation)
            check_agreement(session, told, session.act(observation, explore=False).action)

    def test_it_draws_by_the_chances_that_it_tells(self) -> None:
        """Where there is a policy of chance, `sample` draws as often, and as far, as `explain` tells."""
        self._require_explain()
        for spaces in self.known.taken:
            session = self.session(spaces)
            rooms, _ = session.all_rooms()
            seen = trees.take(rooms, np.zeros(_DRAWS, np.int64))
            chances = told_of(session, trees.take(rooms, np.zeros(1, np.int64))).chances
            if chances is None:
                continue
            try:
                drawn = session.algorithm.sample(seen, np.random.default_rng(5)).action
            except ConfigError:
                continue
            if found := drawn_otherwise(session.env.action_space, chances, drawn):
                fail(
                    f"With {session.env}, of {_DRAWS} actions that sample drew for one observation, {found}. "
                    "Tell the chances that it draws by, and means and deviations of a Box in the units of "
                    "the environment, from low to high."
                )

    def test_it_explains_by_the_mask(self) -> None:
        """What the mask forbids has no chance, and is not what is told to be best."""
        self._require_explain()
        by_hand = {each.hand: each for each in reversed(self.known.taken)}
        for spaces in by_hand.values():
            session = self.session(spaces)
            space = session.env.action_space
            if not isinstance(space, gym_spaces.Discrete):
                continue
            for allowed in range(int(space.n)):
                mask = np.zeros((_COUNT, int(space.n)), np.int8)
                mask[:, allowed] = 1
                chances = told_of(session, batch(session, _COUNT), mask).chances
                if chances is not None and not np.allclose(np.asarray(chances), mask, atol=1e-3):
                    fail(
                        f"With {session.env}, the mask allowed only action {int(space.start) + allowed}, but "
                        f"explain told the chances {np.asarray(chances)[0].tolist()}. Forbidden actions "
                        "have the chance 0."
                    )

    def test_what_it_told_stays(self) -> None:
        """Nothing that comes later changes what `explain` gave, and it draws from no global generator."""
        self._require_explain()
        for spaces in self.few:
            session = self.warmed_up(spaces)
            with generators_left_alone("explain"):
                told = told_of(session, batch(session, _COUNT))
            before = snapshot(tuple(told))
            session.go(self.wait(spaces) + 3)
            told_of(session, batch(session, _COUNT, seed=12))
            if found := difference(before, tuple(told), "the outlook"):
                fail(
                    f"With {session.env}, what explain had told changed when it learned on or was asked "
                    f"again: {found}. Give copies of arrays."
                )

    def _require_explain(self) -> None:
        algorithm = self.session(self.known.taken[0]).algorithm
        if type(algorithm).explain is Algorithm.explain:
            skip("it tells nothing of its decisions (it has no explain)")


def changing_moments(session: Session) -> Iterator[int]:
    """Moments of a training in which what pays now soon costs, and so what is best changes, by number."""
    for number in range(_MOMENTS):
        sign = 1.0 if number // _TURN % 2 else -1.0
        session.go(1, alter=functools.partial(_times, sign))
        yield number


def _times(factor: float, step: Step) -> Step:
    """A Step whose rewards are multiplied."""
    return step._replace(reward=factor * step.reward)


def told_of(session: Session, observation: Any, mask: Any = None, **memory: Any) -> Outlook:
    """What it tells of observations, which must be an `Outlook` of the right form."""
    before = snapshot(observation)
    with session.calling("explain"):
        told: Any = session.algorithm.explain(observation, mask, **memory)
    if found := difference(before, observation, "the observation"):
        fail(f"With {session.env}, explain changed the observation: {found}. Work on a copy.")
    if not isinstance(told, Outlook):
        fail(f"explain gave a {type(told).__name__}; it must give csai_core.algorithm.Outlook(…).")
    if mask is None:  # with one, the values of what is forbidden may be any
        _check_form(session, told, trees.length(observation))
    return told


def _check_form(session: Session, told: Outlook, count: int) -> None:
    space = session.env.action_space
    if told.action_values is not None:
        size = int(space.n) if isinstance(space, gym_spaces.Discrete) else 0
        _check_array(session, told.action_values, (count, size), "action_values")
    if told.state_value is not None:
        _check_array(session, told.state_value, (count,), "state_value")
    if told.chances is not None:
        _check_chances(session, space, told.chances, count, "chances")


def _check_array(session: Session, array: Any, shape: tuple[int, ...], name: str) -> None:
    if not isinstance(array, np.ndarray) or array.shape != shape:
        kind = f"{type(array).__name__} of shape {np.shape(array)}"
        fail(f"With {session.env}, explain gave as {name} a {kind}; it must be a numpy array of {shape}.")
    if not np.isfinite(array).all():
        fail(f"With {session.env}, explain gave as {name} a number that is NaN or infinite.")


def _check_chances(
    session: Session, space: gym_spaces.Space[Any], chances: Any, count: int, name: str
) -> None:
    for kind, check in _CHECKS:
        if isinstance(space, kind):
            check(session, space, chances, count, name)


def _check_dict(session: Session, space: Any, chances: Any, count: int, name: str) -> None:
    if not isinstance(chances, dict) or chances.keys() != space.spaces.keys():
        fail(f"With {session.env}, explain must give as {name} a dict with {sorted(space.spaces)}.")
    for key, each in space.spaces.items():
        _check_chances(session, each, chances[key], count, f"{name}[{key!r}]")


def _check_discrete(session: Session, space: Any, chances: Any, count: int, name: str) -> None:
    _check_distribution(session, chances, (count, int(space.n)), name)


def _check_multi_discrete(session: Session, space: Any, chances: Any, count: int, name: str) -> None:
    sizes = space.nvec.ravel()
    if not isinstance(chances, tuple) or len(chances) != len(sizes):
        fail(f"With {session.env}, explain must give as {name} a tuple of {len(sizes)} arrays.")
    for size, each in zip(sizes, chances, strict=True):
        _check_distribution(session, each, (count, int(size)), name)


def _check_multi_binary(session: Session, space: Any, chances: Any, count: int, name: str) -> None:
    _check_array(session, chances, (count, *space.shape), name)
    if chances.min() < 0 or chances.max() > 1:
        fail(f"With {session.env}, explain gave as {name} a chance below 0 or above 1.")


def _check_box(session: Session, space: Any, chances: Any, count: int, name: str) -> None:
    if not isinstance(chances, Spread):
        fail(f"With {session.env}, explain must give as {name} a Spread(mean, deviation).")
    for key, each in zip(Spread._fields, chances, strict=True):
        _check_array(session, each, (count, *space.shape), f"{name}.{key}")
    if chances.deviation.min() < 0:
        fail(f"With {session.env}, explain gave a standard deviation below 0.")


_CHECKS: tuple[tuple[type, Callable[[Session, Any, Any, int, str], None]], ...] = (
    (gym_spaces.Dict, _check_dict),
    (gym_spaces.Discrete, _check_discrete),
    (gym_spaces.MultiDiscrete, _check_multi_discrete),
    (gym_spaces.MultiBinary, _check_multi_binary),
    (gym_spaces.Box, _check_box),
)


def _check_distribution(session: Session, chances: Any, shape: tuple[int, ...], name: str) -> None:
    _check_array(session, chances, shape, name)
    if chances.min() < 0 or not np.allclose(chances.sum(axis=1), 1, atol=1e-3):
        row = [round(float(each), 4) for each in chances[0]]
        fail(f"With {session.env}, explain gave as {name} {row}; chances are not below 0 and add up to 1.")


def check_agreement(session: Session, told: Outlook, action: Any) -> None:
    """Refuse values or chances whose highest is clearly not what is done."""
    space = session.env.action_space
    if not isinstance(space, gym_spaces.Discrete):
        return
    rows = np.arange(len(action))
    for name in ("action_values", "chances"):
        numbers = getattr(told, name)
        if numbers is None or (name == "chances" and told.action_values is not None):
            continue
        worse = numbers.max(axis=1) - numbers[rows, np.asarray(action) - int(space.start)]
        if (worse > _SURE * max(1.0, float(np.abs(numbers).max()))).any():
            row = int(worse.argmax())
            fail(
                f"With {session.env}, act(explore=False) takes action {np.asarray(action)[row]}, but "
                f"explain told the {name.replace('_', ' ')} {_rounded(numbers[row])}, of which another is "
                "the highest. Tell what the decision was made by."
            )


def _apart(together: Outlook, row: int, alone: Outlook) -> str:
    """How a row of an outlook differs from the outlook of that row alone, but for rounding."""
    pairs = zip(leaves(together._asdict(), "Outlook"), leaves(alone._asdict(), "Outlook"), strict=True)
    for (where, several), (_, single) in pairs:
        if several is not None and not np.allclose(several[row], single[0], rtol=1e-3, atol=1e-4):
            return f"{where} is {np.asarray(several[row]).tolist()} and {np.asarray(single[0]).tolist()}"
    return ""


def _rounded(numbers: Any) -> list[float]:
    return [round(float(each), 4) for each in numbers]
