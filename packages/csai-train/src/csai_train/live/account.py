"""What a feed has told so far of a training: what every view of it draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from csai_train.health.finding import title_of
from csai_train.runs.events_file import Event
from csai_train.runs.feed_holes import Hole, wide_gaps
from csai_train.runs.running_means import Episodes, Floats

_REMARKS_KEPT = 50


class Remark(NamedTuple):
    """Something that a person should read: a warning, or what a rule of health has found."""

    steps: int
    level: str
    """"note", "warning" or "stop"."""
    text: str
    advice: str
    """What to try first; empty where nobody says."""


class _Group(NamedTuple):
    """The episodes of one `episodes` event."""

    steps: int
    num_episodes: int
    mean_return: float | None
    mean_score: float | None


@dataclass
class Account:
    """How a training goes, as far as its feed was read.

    A training that goes on from an earlier step undoes what came after it; see `docs/runs.md`.
    """

    total_steps: int = 0
    steps: int = 0
    episodes: int = 0
    """How many have ended."""
    state: str = "waiting"
    """"waiting" before the first event; "training"; then the reason of the `stop`: "complete" and so on."""
    error: str = ""
    """Why it failed."""
    metrics: dict[str, float] = field(default_factory=dict)
    """What the algorithm measured last."""
    remarks: list[Remark] = field(default_factory=list)
    time: float | None = None
    """Of the newest event, in seconds since 1970."""
    started: tuple[float, int] | None = None
    """When the training started, or went on the last time, and after how many steps."""
    epoch: Mapping[str, Any] = field(default_factory=dict)
    """What the newest epoch on a dataset has brought; empty before there was one."""
    _epochs: list[Event] = field(default_factory=list)
    _accuracies: list[tuple[int, float]] = field(default_factory=list)
    _marks: list[int] = field(default_factory=list)
    """Since the training started, or went on the last time."""
    _holes: set[Hole] = field(default_factory=set)
    """Among these marks."""
    _groups: list[_Group] = field(default_factory=list)
    _curves: dict[str, tuple[Floats, Floats]] = field(default_factory=dict)
    """By their names, those that were asked for since the last event."""

    @property
    def is_over(self) -> bool:
        """Whether the training has ended, however it came about."""
        return self.state not in ("waiting", "training")

    @property
    def steps_per_second(self) -> float | None:
        """How fast it has been since it started; None where nobody knows."""
        if self.started is None or self.time is None or self.time <= self.started[0]:
            return None
        return (self.steps - self.started[1]) / (self.time - self.started[0])

    def include(self, events: Sequence[Event]) -> None:
        """Take note of further events."""
        if not events:
            return
        for event in events:
            if event["event"] == "start":
                self._start(event)
            self.steps = event["steps"]
            self.time = event.get("time", self.time)
            tell = getattr(self, f"_on_{event['event']}", None)
            if tell is not None:
                tell(event)
        self._curves.clear()
        self._note_holes()

    def curve(self, name: str) -> tuple[Floats, Floats]:
        """Steps, and the mean of the last episodes then.

        Unlike the curve that is drawn afterwards, it does not wait until all games have ended that began with
        the training: of games side by side, the first means are those of the shortest.

        Args:
            name: "return" or "score"; of a training on a dataset "accuracy", that of the examples since the
                last point. Empty arrays where there is none.
        """
        if name not in self._curves:
            self._curves[name] = self._curve(name)
        return self._curves[name]

    def _curve(self, name: str) -> tuple[Floats, Floats]:
        if name == "accuracy":
            points = np.array(self._accuracies, float).reshape(-1, 2)
            return points[:, 0], points[:, 1]
        values = [getattr(group, f"mean_{name}") for group in self._groups]
        if not values or None in values:
            return np.zeros(0), np.zeros(0)
        steps, counts = np.array(self._steps(), float), np.array(self._counts(), float)
        none = np.zeros(0)
        return Episodes(steps, np.array(values, float), counts, 1, (none, none)).mean()

    def latest(self, name: str) -> float | None:
        """The newest mean of the last episodes; of all there are, where those are few."""
        _, means = self.curve(name)
        if len(means):
            return float(means[-1])
        values = [getattr(group, f"mean_{name}") for group in self._groups]
        if not values or None in values:
            return None
        return float(np.average(values, weights=self._counts()))

    def means(self) -> list[str]:
        """The newest means of score and return in words, as far as there are any."""
        found = [(name, self.latest(name)) for name in ("score", "return")]
        return [f"{name} {value:.3g}" for name, value in found if value is not None]

    def _steps(self) -> list[int]:
        return [group.steps for group in self._groups]

    def _counts(self) -> list[int]:
        return [group.num_episodes for group in self._groups]

    def _start(self, event: Event) -> None:
        """Forget what never happened."""
        steps = event["steps"]
        self._groups = [group for group in self._groups if group.steps <= steps]
        self.remarks = [remark for remark in self.remarks if remark.steps <= steps]
        self._accuracies = [point for point in self._accuracies if point[0] <= steps]
        self._epochs = [epoch for epoch in self._epochs if epoch["steps"] <= steps]
        self.epoch = self._epochs[-1] if self._epochs else {}
        self._note_holes()
        self._marks, self._holes = [], set()
        self.episodes = sum(self._counts())
        self.total_steps = event.get("total_steps") or self.total_steps
        self.state, self.error = "training", ""
        self.started = (event["time"], steps) if "time" in event else None

    def _on_episodes(self, event: Event) -> None:
        numbers = (event.get("mean_return"), event.get("mean_score"))
        self._groups.append(_Group(event["steps"], event["count"], *numbers))
        self.episodes += event["count"]

    def _on_episode(self, event: Event) -> None:
        """Of an older version, an episode by itself."""
        numbers = (event.get("total_reward"), event.get("score"))
        self._groups.append(_Group(event["steps"], 1, *numbers))
        self.episodes += 1

    def _on_update(self, event: Event) -> None:
        found = {name: value for name, value in event["metrics"].items() if value is not None}
        self.metrics.update(found)
        self._marks.append(event["steps"])
        if "accuracy" in found:
            self._accuracies.append((event["steps"], found["accuracy"]))

    def _on_epoch(self, event: Event) -> None:
        self._epochs.append(event)
        self.epoch = event

    def _on_warning(self, event: Event) -> None:
        self._remark(Remark(event["steps"], "warning", event["message"], ""))

    def _on_health(self, event: Event) -> None:
        seen, means = event.get("seen", ""), event.get("means", "")
        text = f"{seen} {means}".strip()
        self._remark(Remark(event["steps"], event.get("level", "note"), text, event.get("try_first", "")))

    def _on_recovered(self, event: Event) -> None:
        text = f"{title_of(event['rule']).capitalize()}: not seen any more."
        self._remark(Remark(event["steps"], "note", text, ""))

    def _note_holes(self) -> None:
        holes = wide_gaps(self._marks)
        for hole in holes:
            if hole not in self._holes:
                text = f"The feed has a hole, {hole}: lines are missing."
                self._remark(Remark(hole.until, "warning", text, ""))
        self._holes = set(holes)

    def _remark(self, remark: Remark) -> None:
        self.remarks = [*self.remarks, remark][-_REMARKS_KEPT:]

    def _on_stop(self, event: Event) -> None:
        self.state, self.error = event["reason"], event.get("error") or ""
