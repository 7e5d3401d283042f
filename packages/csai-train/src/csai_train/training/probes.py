"""Probes: five tiny environments with known answers, each of which needs one part more of an algorithm.

The first one in which an algorithm fails says which part is broken: of its own, or of the network that it
was given.

Reference: Jones 2021, "Debugging RL, without the agonizing pain", probe environments.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import gymnasium
import numpy as np

from csai_core import trees
from csai_core.algorithm import Algorithm
from csai_core.errors import SpaceError
from csai_core.plugins import installed
from csai_core.testing.algorithm.rooms import HANDS, SIGHTS, Rooms
from csai_core.testing.algorithm.worlds import Outcome, World
from csai_train.algorithms.registry import configure, full_name_of
from csai_train.training.train import train

GAMMA = 0.5
"""Far from 1, so that a discount that is left out shows."""
_ATTEMPTS = ((2_000, 0), (8_000, 0), (24_000, 1))
"""Steps and seed: what fails is tried again, for longer, before it counts as broken."""
_NEAR = 0.2
_SURE = 0.6


@dataclass(frozen=True)
class Probe:
    """A tiny environment, and what is known of it."""

    name: str
    world: World
    broken: str
    """What is broken where an algorithm fails here, and not in the ones before."""
    values: Mapping[int, float] = field(default_factory=dict)
    """Of rooms, where these are asked for."""


@dataclass(frozen=True)
class ProbeResult:
    """What came of a probe."""

    probe: str
    passed: bool | None
    """None where it could not be asked."""
    seen: str
    broken: str = ""
    """What is broken, where it has failed."""


class _Answer(NamedTuple):
    """What a trained algorithm says to a probe."""

    passed: bool | None
    """None where it says nothing."""
    numbers: tuple[float, ...]
    """Of each room that is asked about: its value, or how often what pays is done there, from 0 to 1."""
    words: str


def _paying(no: float, yes: float) -> tuple[Outcome, Outcome]:
    return Outcome(no, ends="terminated"), Outcome(yes, ends="terminated")


PROBES = (
    Probe(
        "constant reward",
        World({0: _paying(1, 1)}, starts=(0,)),
        "Values are not learned at all: their loss, its sign, the optimizer, or layers that are frozen.",
        values={0: 1.0},
    ),
    Probe(
        "readable reward",
        World({0: _paying(-1, -1), 1: _paying(1, 1)}, starts=(0, 1)),
        "The observation does not reach the values: an encoding, or the network's first layers.",
        values={0: -1.0, 1: 1.0},
    ),
    Probe(
        "delayed reward",
        World({0: (Outcome(0.0, 1), Outcome(0.0, 1)), 1: _paying(1, 1)}, starts=(0,)),
        "What is to come is not counted right: bootstrapping, returns, or the discount.",
        values={0: GAMMA, 1: 1.0},
    ),
    Probe(
        "two actions",
        World({0: _paying(-1, 1)}, starts=(0,), answers={0: True}),
        "What is done does not follow what pays: the policy's gradient, its sign, or how actions are chosen.",
    ),
    Probe(
        "both",
        World({0: _paying(1, -1), 1: _paying(-1, 1)}, starts=(0, 1), answers={0: False, 1: True}),
        "What is done does not depend on what is seen: the policy's own layers, or advantages that are mixed "
        "up between steps.",
    ),
)
"""In this order: each needs what the ones before it need."""


def probe(algorithm: str, network: Any = None) -> Iterator[ProbeResult]:
    """Try an algorithm in five tiny environments, in seconds; it ends with the first that fails.

    Args:
        algorithm: its name.
        network: what takes in the observations, as in `train`; each try has a copy of its own.

    Raises:
        UnknownNameError: if there is no such algorithm.
        SpaceError: if it takes none of the spaces that probes have.
    """
    algorithm = full_name_of(algorithm)
    spaces = _spaces_for(algorithm)
    for each in PROBES:
        result = _try(each, algorithm, network, spaces)
        yield result
        if result.passed is False:
            return


def _try(asked: Probe, algorithm: str, network: Any, spaces: tuple[str, str]) -> ProbeResult:
    ask = _values if asked.values else _choices
    for steps, seed in _ATTEMPTS:
        answer = ask(asked, _trained(asked, algorithm, network, spaces, steps, seed), spaces)
        if answer.passed is not False:
            return ProbeResult(asked.name, answer.passed, answer.words)
    return ProbeResult(asked.name, False, answer.words, _diagnosis(asked, answer.numbers))


def _trained(
    asked: Probe, algorithm: str, network: Any, spaces: tuple[str, str], steps: int, seed: int
) -> Algorithm:
    config = configure(algorithm, None)
    settings = {"gamma": GAMMA} if hasattr(config, "gamma") else {}
    envs: list[gymnasium.Env[Any, Any]] = [Rooms(asked.world, *spaces) for _ in range(config.num_envs)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        training = train(
            algorithm,
            envs,
            total_steps=steps,
            seed=seed,
            config=settings,
            preset=None,
            network=copy.deepcopy(network),
            health=False,
        )
    return training.algorithm


def _spaces_for(algorithm: str) -> tuple[str, str]:
    """The simplest way to see and to choose that an algorithm takes."""
    entry = installed().find("algorithms", algorithm)
    for sight in ("a vector", *SIGHTS):
        for hand in HANDS:
            if entry.takes(SIGHTS[sight].space, HANDS[hand].space):
                return sight, hand
    raise SpaceError(f"The algorithm {algorithm!r} takes no spaces that the probes can be seen and acted in.")


def _seen_in(asked: Probe, spaces: tuple[str, str]) -> Any:
    """The observations of all rooms of a probe, as a batch."""
    sight = SIGHTS[spaces[0]]
    return trees.stack(sight.space, [sight.show(room) for room in sorted(asked.world.outcomes)])


def _values(asked: Probe, trained: Algorithm, spaces: tuple[str, str]) -> _Answer:
    outlook = trained.explain(_seen_in(asked, spaces))
    found = outlook.state_value
    if found is None and outlook.action_values is not None:
        found = np.asarray(outlook.action_values).max(axis=1)
    if found is None:
        return _Answer(None, (), "it tells no values (Algorithm.explain)")
    values = dict(zip(sorted(asked.world.outcomes), np.asarray(found, float).tolist(), strict=True))
    pairs = [(values[room], right) for room, right in asked.values.items()]
    told = ", ".join(f"{value:.2f} where {right:g} is right" for value, right in pairs)
    is_right = all(abs(value - right) <= _NEAR for value, right in pairs)
    return _Answer(is_right, tuple(value for value, _ in pairs), f"values of {told}")


def _choices(asked: Probe, trained: Algorithm, spaces: tuple[str, str]) -> _Answer:
    observation = _seen_in(asked, spaces)
    chances = trained.explain(observation).chances
    if isinstance(chances, np.ndarray) and chances.ndim == 2 and chances.shape[1] == 2:
        shares = [float(chances[room, int(answer)]) for room, answer in asked.world.answers.items()]
    else:
        actions = trees.unstack(trained.act(observation, explore=False).action, len(asked.world.outcomes))
        says = HANDS[spaces[1]].yes
        shares = [
            float((says(actions[room]) > 0.5) == answer) for room, answer in asked.world.answers.items()
        ]
    told = ", ".join(f"{share:.0%}" for share in shares)
    is_right = all(share > _SURE for share in shares)
    return _Answer(is_right, tuple(shares), f"what pays is done {told} of the time")


def _diagnosis(asked: Probe, numbers: Sequence[float]) -> str:
    """What is broken; in more exact words where the numbers tell."""
    first = numbers[0]
    if asked.name == "delayed reward":
        if abs(first) < _NEAR:
            return "Nothing of what is to come is counted: there is no bootstrapping from the next state."
        if abs(first - 1) < _NEAR:
            return "The discount is left out: what is to come counts in full."
    if asked.name == "two actions" and first < 1 - _SURE:
        return "The policy moves away from what pays: a sign is wrong."
    return asked.broken
