"""Checks of what an algorithm remembers of an episode, where it remembers anything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from csai_core import trees
from csai_core.algorithm import Algorithm
from csai_core.errors import ConfigError
from csai_core.testing.algorithm.acting import batch, other_action
from csai_core.testing.algorithm.base import AlgorithmChecks
from csai_core.testing.algorithm.explaining import changing_moments, check_agreement, told_of
from csai_core.testing.algorithm.session import Session
from csai_core.testing.compare import difference, leaves, snapshot
from csai_core.testing.suite import fail, skip

_COUNT = 12
"""Episodes side by side."""
_STEPS = 3
"""How long ago they began."""
_TRIES = 100
"""What is remembered may be of what was tried, which is seldom."""


class RememberingChecks(AlgorithmChecks):
    """What `initial_memory` gives, and what becomes of it."""

    def test_it_starts_every_episode_alike(self) -> None:
        """`initial_memory` gives the same row for each episode, whatever was played before."""
        for session in self._remembering():
            first = snapshot(session.algorithm.initial_memory(_COUNT))
            for path, value in leaves(first, f"initial_memory({_COUNT})"):
                if not isinstance(value, np.ndarray) or value.shape[:1] != (_COUNT,):
                    fail(
                        f"With {session.env}, {path} is a {type(value).__name__} in the shape "
                        f"{np.shape(value)}; it must be a numpy array with leading axis {_COUNT}, in dicts "
                        "and tuples: a row for each episode."
                    )
            _played(session)
            if found := difference(first, session.algorithm.initial_memory(_COUNT), "what it gave"):
                fail(
                    f"With {session.env}, initial_memory gave something else after episodes were played: "
                    f"{found}. Give new arrays each time, and write into none that was given."
                )
            alone = session.algorithm.initial_memory(1)
            for row in range(_COUNT):
                if found := _apart(first, row, alone):
                    fail(
                        f"With {session.env}, row {row} of initial_memory({_COUNT}) is not the row of "
                        f"initial_memory(1): {found}. Every episode starts with the same."
                    )

    def test_it_remembers_in_its_memory_alone(self) -> None:
        """The same observations and memory are answered alike, whatever is played in between."""
        for session in self._remembering():
            seen, memory = batch(session, _COUNT, seed=_STEPS), _played(session)
            before = snapshot(memory)
            first = tuple(session.act(seen, explore=False, memory=memory))
            kept = snapshot(first)
            if found := difference(before, memory, "memory"):
                fail(
                    f"With {session.env}, act changed the memory that it was given, in place: {found}. Give "
                    "a new one in Decision.memory: whoever gave this one may still need it."
                )
            _tried(session)
            _played(session, 1)
            if found := difference(kept, first, "the Decision"):
                fail(
                    f"With {session.env}, act changed what an earlier call had given: {found}. Give new "
                    "arrays each time."
                )
            second = tuple(session.act(seen, explore=False, memory=memory))
            if found := difference(kept, second, "the Decision"):
                fail(
                    f"With {session.env}, the same observations and memory were answered otherwise after "
                    f"other episodes were played: {found}. What is remembered of an episode stands in its "
                    "memory, and nothing of it in the algorithm or its network."
                )

    def test_no_memory_is_the_start_of_an_episode(self) -> None:
        """Without a memory `act` decides, and remembers, what it does with that of an episode's start."""
        for session in self._remembering():
            seen = batch(session, _COUNT)
            without = session.act(seen, explore=False)
            given = session.act(seen, explore=False, memory=session.algorithm.initial_memory(_COUNT))
            if found := difference(tuple(without), tuple(given), "the Decision"):
                fail(
                    f"With {session.env}, act without a memory is not act(memory=initial_memory({_COUNT})): "
                    f"{found}. None is the start of an episode."
                )

    def test_it_remembers_each_episode_alone(self) -> None:
        """What one row decides and remembers does not depend on what the others remember."""
        for session in self._remembering():
            seen, memory = batch(session, _COUNT, seed=_STEPS), _played(session)
            together = session.act(seen, explore=False, memory=memory)
            for row in range(_COUNT):
                rows = np.arange(row, row + 1)
                alone = session.act(trees.take(seen, rows), explore=False, memory=trees.take(memory, rows))
                found = other_action(together.action, row, alone.action, 0)
                if found := found or _apart(together.memory, row, alone.memory):
                    fail(
                        f"With {session.env}, act(explore=False) decided or remembered otherwise for an "
                        f"episode beside others than for the same one alone: {found}. Each row goes by its "
                        "own observation and its own row of the memory."
                    )

    def test_what_it_sees_leaves_something_in_its_memory(self) -> None:
        """After some steps the memory is another than at the start of an episode."""
        for session in self._remembering():
            start = session.algorithm.initial_memory(session.num_envs)
            if not any(difference(start, _tried(session), "memory") for _ in range(_TRIES)):
                fail(
                    f"With {session.env}, Decision.memory is after {_STEPS} steps always still what "
                    "initial_memory gives. Give on what is remembered, or leave initial_memory out."
                )

    def test_whoever_asks_gives_its_memory(self) -> None:
        """`sample` and `explain` take the memory too; what is explained is what is done with it."""
        for session in self._remembering():
            seen, memory = batch(session, _COUNT, seed=_STEPS), _played(session)
            if _has_chances(session, seen):
                sample: Any = session.algorithm.sample
                with session.calling("sample(…, memory=…)"):
                    drawn = sample(seen, np.random.default_rng(5), memory=memory)
                session.require_memory(drawn, _COUNT, "sample")
            if type(session.algorithm).explain is not Algorithm.explain:
                self._check_explained(session)

    def _check_explained(self, session: Session) -> None:
        """That it explains what it does, at one moment after the other."""
        for number in changing_moments(session):
            seen, memory = batch(session, _COUNT, seed=number), _played(session)
            told = told_of(session, seen, memory=memory)
            check_agreement(session, told, session.act(seen, explore=False, memory=memory).action)

    def _remembering(self) -> Iterator[Session]:
        """Those that have learned a little and remember something."""
        if self.session(self.known.taken[0]).algorithm.initial_memory(1) is None:
            skip("it goes by what it sees alone (it has no initial_memory)")
        for spaces in self.few:
            yield self.warmed_up(spaces)


def _has_chances(session: Session, seen: Any) -> bool:
    """Whether there is a policy to sample from."""
    try:
        session.algorithm.sample(seen, np.random.default_rng(5))
    except ConfigError:
        return False
    return True


def _played(session: Session, first: int = 0) -> Any:
    """What is remembered of several episodes, each of other rooms."""
    memory = session.algorithm.initial_memory(_COUNT)
    for number in range(first, first + _STEPS):
        seen = batch(session, _COUNT, seed=number)
        memory = session.act(seen, explore=False, memory=memory).memory
    return memory


def _tried(session: Session) -> Any:
    """The same of episodes in which it tried things, in as many environments as it is run in."""
    memory = session.algorithm.initial_memory(session.num_envs)
    for number in range(_STEPS):
        seen = batch(session, session.num_envs, seed=number + 1)
        memory = session.act(seen, explore=True, memory=memory).memory
    return memory


def _apart(several: Any, row: int, single: Any) -> str:
    """How a row of one memory differs from the only one of another, but for rounding."""
    pairs = zip(leaves(several, "memory"), leaves(single, "memory"), strict=True)
    for (where, one), (_, other) in pairs:
        if not np.allclose(one[row], other[0], rtol=1e-3, atol=1e-4):
            return f"{where} is {one[row].tolist()} and {other[0].tolist()}"
    return ""
