"""Looks after the health of a training: takes its vitals now and then, and asks the rules at its checks."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, is_dataclass, replace
from typing import TYPE_CHECKING, Any

from gymnasium import spaces

from csai_core.errors import said
from csai_train.events import Callback
from csai_train.health.checks import as_one, is_due
from csai_train.health.checkup import Checkup, Mark, RandomPlay, Subject
from csai_train.health.history import known_until, random_play_of
from csai_train.health.judge import IN_A_ROW, Judge
from csai_train.health.vitals import Vitals
from csai_train.runs.directory import RunDirectory

if TYPE_CHECKING:
    from csai_train.training.loop import Training

_GLANCES = 400
"""Steps that are looked at in a training."""
_GOLDEN = 0.618034
"""Parts of 1 that never fall into step with anything, as episodes of one length would with parts alike."""


class Health(Callback):
    """Tells what rules of health find in a training of an agent, and what is gone; see `csai_train.health`.

    Args:
        run: where what was found before the training was resumed is read; None where nothing is kept.
        algorithm: what the algorithm is called; None takes the name of its class.
    """

    def __init__(self, run: RunDirectory | None = None, algorithm: str | None = None) -> None:
        self._run = run
        self._algorithm = algorithm
        self._checks: list[Mark] = []
        self._since: list[Mark] = []
        self._next = self._glances = 0
        self._clock: tuple[int, float] = (0, 0.0)

    def start(self, training: Training) -> None:
        """Read what is known already, and look at what there is to look at."""
        self._subject = _subject_of(training, self._run, self._algorithm)
        self._vitals = Vitals(training.algorithm, training.envs.single_observation_space)
        self._checks, self._since = [], []
        if self._run is not None:
            self._checks, self._since, findings = known_until(self._run.path, training.steps)
            training.findings[:] = findings
        self._judge = Judge(told=training.findings, warn=training.warn)
        self._random_play: RandomPlay | None = None
        for left_out in range(min(IN_A_ROW - 1, len(self._checks)))[::-1]:
            self._judge.recall(self._checkup(training, self._checks[: len(self._checks) - left_out]))
        self._next, self._glances = training.steps, 0
        self._clock = training.steps, time.process_time()

    def step(self, training: Training) -> None:
        """Look at a step now and then."""
        if training.steps < self._next:
            return
        self._glances += 1
        apart = _planned(training) / _GLANCES * (0.5 + self._glances * _GOLDEN % 1)
        self._next = training.steps + max(1, round(apart))
        if training.last_step is not None:
            self._vitals.glance(training.last_step)

    def mark(self, training: Training) -> None:
        """Take note of it; ask every rule if a check is due."""
        self._since.append(Mark(training.steps, training.episodes_since_mark(), dict(training.metrics)))
        if not (is_due(self._since) or training.is_complete):
            return
        seen = training.observation, training.action_mask, training.memory
        vitals = self._vitals.at_check(*seen) | self._pace(training)
        training.emit("vitals", vitals)
        self._checks.append(as_one(self._since, vitals))
        self._since = []
        self._tell(training)

    def _pace(self, training: Training) -> dict[str, float]:
        """How much processor time a step takes, since the last check."""
        before, self._clock = self._clock, (training.steps, time.process_time())
        steps, seconds = (now - then for now, then in zip(self._clock, before, strict=True))
        return {"seconds_a_step": seconds / steps} if steps > 0 else {}

    def stop(self, training: Training) -> None:
        """Where the training has failed, ask once more: the rules may know why."""
        if isinstance(training.failure, Exception):
            self._tell(training, error=said(training.failure))

    def _tell(self, training: Training, error: str = "") -> None:
        news = self._judge.look(self._checkup(training, self._checks, error))
        training.findings[:] = self._judge.findings
        for each in news:
            training.emit(each.kind, each.finding)

    def _checkup(self, training: Training, checks: Sequence[Mark], error: str = "") -> Checkup:
        if self._random_play is None and self._run is not None:
            self._random_play = random_play_of(self._run)
        subject = replace(self._subject, total_steps=_planned(training))
        return Checkup(subject, checks, self._random_play, error)


def _planned(training: Training) -> int:
    """How many steps the training will have; where it ends by episodes, as far as they tell until now."""
    done, total = training.progress()
    return max(1, round(training.steps * total / done)) if done else 1


def _subject_of(training: Training, run: RunDirectory | None, algorithm: str | None) -> Subject:
    envs, action_space = training.envs, training.envs.single_action_space
    spec = training.environment
    return Subject(
        algorithm=algorithm or (run.method if run is not None else type(training.algorithm).__name__),
        environment=spec.id if spec is not None else "",
        total_steps=training.total_steps,
        num_envs=envs.num_envs,
        config=_settings(training.algorithm),
        num_actions=int(action_space.n) if isinstance(action_space, spaces.Discrete) else None,
        max_episode_steps=spec.max_episode_steps if spec is not None else None,
        goal=spec.reward_threshold if spec is not None else None,
    )


def _settings(algorithm: Any) -> Mapping[str, Any]:
    config = getattr(algorithm, "config", None)
    return asdict(config) if is_dataclass(config) and not isinstance(config, type) else {}
