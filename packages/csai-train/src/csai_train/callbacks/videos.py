"""Records a game of the agent now and then, so that its progress can be looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from csai_core.decoding import in_words
from csai_train.callbacks.registry import require_agent
from csai_train.errors import RunError
from csai_train.evaluation.filming import mp4_writer
from csai_train.evaluation.video import record_game
from csai_train.events import Callback
from csai_train.marks import Interval
from csai_train.runs.run import Run

if TYPE_CHECKING:
    from csai_train.training.loop import Training


class Videos(Callback):
    """Saves a film of a game to `video/` in a run, five times a training; always the same game.

    Args:
        run: whose environment to play in, and where to save.
        per_training: how many times.

    Raises:
        ConfigError: if no agent is trained in the run.
    """

    suffix: ClassVar[str] = ".gif"

    def __init__(self, run: Run, per_training: int = 5) -> None:
        require_agent(run, "video")
        self._run = run
        self._per_training = per_training
        self._interval = Interval(1)

    def start(self, training: Training) -> None:
        """Plan when to record."""
        self._interval = Interval(training.total_steps // self._per_training, training.steps)

    def step(self, training: Training) -> None:
        """Record when it is time to; an environment without pictures is warned of."""
        if not self._interval.has_passed(training.steps):
            return
        path = self._run.path / "video" / f"step-{training.steps:012d}{self.suffix}"
        try:
            record_game(training.agent(), self._run.environment, path, seed=self._run.seed)
        except (RunError, OSError) as error:  # such as a full disk, which costs films and not the training
            training.warn(f"{path.name} could not be recorded: {in_words(error)}")


class Mp4Videos(Videos):
    """The same as MP4.

    Raises:
        MissingExtraError: if the extra `csai-train[mp4]` is not installed.
    """

    suffix: ClassVar[str] = ".mp4"

    def __init__(self, run: Run, per_training: int = 5) -> None:
        super().__init__(run, per_training)
        mp4_writer()
