"""Trainings that a rule of health is asked about: healthy and strange ones, with much or little known."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from csai_train.health.checkup import Checkup, Mark, RandomPlay, Subject

_SIGNED = ("reward_lowest", "reward_highest", "value", "start_value")
_UNSIGNED = ("observation_spread", "observation_largest", "value_largest", "indecision", "weights_moved")
_MEASURED = ("loss", "kl", "entropy", "clip_fraction", "explained_variance", "epsilon", "value")


def checkups() -> Iterator[Checkup]:
    """Trainings of every kind: with much and little known, healthy and not, begun and done."""
    for total_steps in (1_999, 20_001):  # odd, as half of them is then no whole number
        for subject in _subjects(total_steps):
            for marks in _histories():
                for play in (None, RandomPlay(20.0, None, 10), RandomPlay(-5.0, 1.0, 100, 2.0)):
                    yield Checkup(subject, marks, play)
    yield Checkup(next(_subjects(1000)), [Mark(10)], None, "NonFiniteError: the loss is nan")


def rich() -> Iterator[Checkup]:
    """Trainings that are not healthy, and of which all is known that is ever measured."""
    *_, subject = _subjects(2_000)
    for marks in _histories():
        if marks and marks[0].metrics:
            yield Checkup(subject, marks, RandomPlay(20.0, None, 10))


_STANDS = 300.0
"""Steps to which an episode of standing is limited."""


class _Task(NamedTuple):
    """What a healthy training is about, and how it goes; called with a number of checks, it tells of them."""

    subject: Subject
    play: RandomPlay
    episodes: Callable[[float], dict[str, float]]
    """Their returns and lengths, by how much is learned, from 0 to 1."""
    rewards: tuple[float, float]
    """The lowest and the highest."""

    def __call__(self, count: int) -> Checkup:
        """A training of fifty checks, after so many of them."""
        return Checkup(self.subject, [self._mark(i) for i in range(1, count + 1)], self.play)

    def _mark(self, i: int) -> Mark:
        learned = 1 - 2 ** (-i / 6)
        known = {"count": 40, "mean_score": None, "num_cut": 0, "num_moments": 37}
        episodes = self.episodes(learned)
        worth = 0.9 * episodes["mean_return"]
        metrics = {
            "loss": 0.3 * 2 ** (-i / 8) + 0.01,
            "policy_loss": -0.01,
            "value_loss": 0.3 * 2 ** (-i / 8) + 0.01,
            "entropy": 1.09 - 0.9 * learned,
            "kl": 0.008,
            "clip_fraction": 0.1,
            "explained_variance": 0.95 * learned,
        }
        lowest, highest = self.rewards
        vitals = {
            "reward_lowest": lowest,
            "reward_highest": highest,
            "reward_share": 0.1 if lowest < highest else 1.0,
            "observation_largest": 1.0,
            "observation_spread": 0.4,
            "observation_constant": 0.0,
            "observation_parts": 10.0,
            "observation_seen": 64.0 * i,
            "starts_alike": 0.0,
            "value": worth,
            "value_largest": max(0.99, abs(worth)),
            "start_value": worth,
            "answers_differ": 0.6,
            "indecision": 1 - 0.85 * learned,
            "weights_moved": 0.02,
            "seconds_a_step": 1e-4,
        }
        return Mark(400 * i, {**known, **episodes}, metrics, vitals)


def _catching(learned: float) -> dict[str, float]:
    """A ball is caught or not, after ten steps."""
    caught = -0.7 + 1.65 * learned
    spread = (1 - caught * caught) ** 0.5
    return _summed_up(caught, spread, (-1.0, 1.0), 10.0, (10.0, 10.0))


def _balancing(learned: float) -> dict[str, float]:
    """Each step that the pole stands pays 1, so that episodes grow with what is learned."""
    steps = 22 + 470 * learned
    bounds = 0.4 * steps, min(500.0, 1.8 * steps)
    return _summed_up(steps, 0.3 * steps, bounds, steps, bounds)


def _seeking(learned: float) -> dict[str, float]:
    """Each step to the goal costs 1, so that episodes shrink."""
    steps = 160 - 145 * learned
    bounds = 0.6 * steps, min(200.0, 1.5 * steps)
    return _summed_up(-steps, 0.2 * steps, (-bounds[1], -bounds[0]), steps, bounds)


def _standing(learned: float) -> dict[str, float]:
    """Each step that it stands pays 1, and soon all stand for as long as they may."""
    steps = 30 + 360 * learned
    if steps >= _STANDS:
        whole = (_STANDS, _STANDS)
        return {**_summed_up(_STANDS, 0.0, whole, _STANDS, whole), "num_cut": 40}
    bounds = 0.5 * steps, _STANDS
    return _summed_up(steps, 0.3 * steps, bounds, steps, bounds)


def _summed_up(
    mean: float, spread: float, returns: tuple[float, float], length: float, lengths: tuple[float, float]
) -> dict[str, float]:
    return {
        "mean_return": mean,
        "std_return": spread,
        "lowest_return": returns[0],
        "highest_return": returns[1],
        "mean_length": length,
        "shortest": lengths[0],
        "longest": lengths[1],
    }


def _subject(environment: str, num_actions: int, max_episode_steps: int, goal: float | None) -> Subject:
    settings = {"learning_rate": 1e-3, "gamma": 0.95, "entropy_coef": 0.01}
    return Subject(
        "mine",
        environment,
        20_000,
        8,
        settings,
        num_actions=num_actions,
        max_episode_steps=max_episode_steps,
        goal=goal,
    )


healthy = _Task(_subject("Catch-v0", 3, 200, 0.9), RandomPlay(-0.7, None, 100, 0.7), _catching, (-1.0, 1.0))
"""A training that learns to catch a ball."""
HEALTHY = (
    healthy,
    _Task(_subject("CartPole-v1", 2, 500, 475.0), RandomPlay(22.0, None, 100, 11.0), _balancing, (1.0, 1.0)),
    _Task(_subject("Stand-v0", 2, 300, 290.0), RandomPlay(30.0, None, 100, 12.0), _standing, (1.0, 1.0)),
    _Task(_subject("Maze-v0", 4, 200, None), RandomPlay(-160.0, None, 100, 40.0), _seeking, (-1.0, -1.0)),
)
"""Trainings that go as they should: whose episodes stay as long, grow, even to their limit, and shrink."""


class Noting(dict[str, float]):
    """What was measured; it notes what somebody asks for."""

    def __init__(self, asked: set[str], values: Mapping[str, float]) -> None:
        super().__init__(values)
        self._asked = asked

    def get(self, name: str, default: Any = None) -> Any:
        """As in a dict."""
        self._note(name)
        return super().get(name, default)

    def __getitem__(self, name: str) -> float:
        self._note(name)
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        self._note(name)
        return super().__contains__(name)

    def _note(self, name: object) -> None:
        if super().__contains__(name):
            self._asked.add(str(name))


def without(name: str, values: Mapping[str, float]) -> dict[str, float]:
    """What was measured, but for one thing."""
    return {each: value for each, value in values.items() if each != name}


def changed(checkup: Checkup, change: Callable[[Mapping[str, float]], dict[str, float]]) -> Checkup:
    """The same training, of which otherwise much is known."""
    marks = [
        replace(mark, metrics=change(mark.metrics), vitals=change(mark.vitals)) for mark in checkup.marks
    ]
    return replace(checkup, marks=marks, memo={})


def _subjects(total_steps: int) -> Iterator[Subject]:
    plain = {"algorithm": "mine", "environment": "Mine-v0", "total_steps": total_steps}
    yield Subject(**plain)  # type: ignore[arg-type]
    settings = {"learning_rate": 1e-3, "gamma": 0.99, "entropy_coef": 0.01, "epsilon_end": 0.05}
    yield Subject(**plain, num_envs=4, config=settings, num_actions=2, max_episode_steps=500, goal=475.0)  # type: ignore[arg-type]


def _histories() -> Iterator[list[Mark]]:
    yield []
    yield [Mark(100 * i) for i in range(1, 21)]
    for value in (0.0, 0.5, 1e6, -3.0):
        metrics = dict.fromkeys(_MEASURED, value)
        vitals = dict.fromkeys(_SIGNED, value) | dict.fromkeys(_UNSIGNED, abs(value))
        episodes = {"count": 10, "mean_return": value, "mean_length": 9.0}
        yield [Mark(100 * i, episodes, metrics, vitals) for i in range(1, 21)]
    for length, worth in itertools.product((1.5, 1 / 1.5), repeat=2):
        yield [_swinging(i, length**i, worth**i) for i in range(1, 21)]


def _swinging(i: int, length: float, worth: float) -> Mark:
    """A mark of a training in which lengths, and all that is measured, grow or shrink a thousandfold."""
    steps = max(1.0, 3 * length if length > 1 else 3000 * length)
    value = 0.01 * worth if worth > 1 else 100 * worth
    episodes = {
        "count": 40,
        "mean_return": value,
        "std_return": 0.1 * value,
        "lowest_return": 0.8 * value,
        "highest_return": 1.2 * value,
        "mean_length": steps,
        "shortest": steps,
        "longest": steps,
        "mean_score": None,
        "num_cut": 0,
        "num_moments": 37,
    }
    metrics = dict.fromkeys(_MEASURED, value)
    return Mark(100 * i, episodes, metrics, dict.fromkeys((*_SIGNED, *_UNSIGNED), value))
