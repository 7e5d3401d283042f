"""What all trackers are told: settings, curves, evaluations, films, and what the rules of health find."""

from __future__ import annotations

import importlib
from abc import abstractmethod
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from csai_core.errors import MissingExtraError, said
from csai_train import Callback, Evaluation, Run
from csai_train.events import Session
from csai_train.health import Finding


class Tracker(Callback):
    """Hands on what happens; a tracker that fails is told of once, and costs the training nothing.

    Args:
        run: the run that is told of. Its films come from the callback `video`.

    Raises:
        MissingExtraError: if the tracker's package is not installed.
    """

    package: ClassVar[str]
    """What is imported."""

    def __init__(self, run: Run) -> None:
        try:
            self.module: Any = importlib.import_module(self.package)
        except ImportError as error:
            raise MissingExtraError(
                f"The callback {self.package!r} needs that package: "
                f"pip install 'csai-trackers[{self.package}]'"
            ) from error
        self.run = run
        self._sent: set[Path] = set()
        self._has_failed = False

    @abstractmethod
    def open(self, settings: Mapping[str, Any]) -> None:
        """Begin, with all that was decided before the first step."""

    @abstractmethod
    def log(self, numbers: Mapping[str, float], steps: int) -> None:
        """Hand on what was measured."""

    @abstractmethod
    def film(self, path: Path, steps: int) -> None:
        """Hand on a film of a game."""

    @abstractmethod
    def note(self, text: str, steps: int) -> None:
        """Hand on what a rule of health says."""

    @abstractmethod
    def close(self) -> None:
        """End."""

    def start(self, training: Session) -> None:
        """Begin."""
        config = self.run.config
        about = {name: config[name] for name in ("algorithm", "seed", "total_steps", "preset", "computing")}
        settings = {"environment": self.run.environment_id, **about, **config["config"]}
        self._try(training, partial(self.open, settings))

    def mark(self, training: Session) -> None:
        """Hand on the means of the episodes since the last mark, what was measured, and new films."""
        episodes = training.episodes_since_mark()
        means = {f"episode/{name}": episodes.get(f"mean_{name}") for name in ("return", "length", "score")}
        numbers = {name: mean for name, mean in means.items() if mean is not None}
        numbers |= {f"update/{name}": value for name, value in training.metrics.items()}
        if numbers:
            self._try(training, partial(self.log, numbers, training.steps))
        self._send_films(training)

    def evaluation(self, training: Session, evaluation: Evaluation) -> None:
        """Hand on how well it plays."""
        numbers = {"evaluation/mean_return": evaluation.mean_return}
        self._try(training, partial(self.log, numbers, training.steps))

    def finding(self, training: Session, finding: Finding) -> None:
        """Hand on what a rule of health has found."""
        text = (
            f"{finding.level}: {finding.title}. {finding.seen} {finding.means} Try first: {finding.try_first}"
        )
        self._try(training, partial(self.note, text, training.steps))

    def recovered(self, training: Session, finding: Finding) -> None:
        """Hand on that it is gone."""
        self._try(training, partial(self.note, f"recovered: {finding.title}", training.steps))

    def stop(self, training: Session) -> None:
        """Hand on the last films, and end."""
        self._send_films(training)
        self._try(training, self.close)

    def _send_films(self, training: Session) -> None:
        for path in sorted((self.run.path / "video").glob("step-*.gif")):
            if path not in self._sent:
                self._sent.add(path)
                self._try(training, partial(self.film, path, int(path.stem.removeprefix("step-"))))

    def _try(self, training: Session, action: Callable[[], Any]) -> None:
        if self._has_failed:
            return
        try:
            action()
        except Exception as error:  # whatever a tracker raises
            self._has_failed = True
            training.warn(f"{self.package} is told nothing more of this training: {said(error)}")
