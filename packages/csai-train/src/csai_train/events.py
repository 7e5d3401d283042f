"""What happens in a training, whatever is trained, and who is notified of it.

A `Session` is a training under way; it tells its `Callback`s of episodes, evaluations and epochs. Everything
here is plain values: loops, runs and datasets build on it, and it knows none of them.
"""

from __future__ import annotations

import math
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from csai_core import notebooks
from csai_core.errors import CsaiError, ExitError, LostDirectoryError, said
from csai_core.plugins.culprit import blame
from csai_train.errors import CallbackError, TrainingWarning
from csai_train.marks import MARKS, Marks

if TYPE_CHECKING:
    from csai_train.datasets.learning.training import DatasetTraining
    from csai_train.health.finding import Finding
    from csai_train.training.loop import Training


@dataclass(frozen=True, slots=True)
class Episode:
    """One finished episode of a training."""

    steps: int
    """Steps taken in the whole training when it ended."""
    total_reward: float
    """The sum of its rewards, undiscounted."""
    length: int
    """Its number of steps."""
    score: float | None = None
    """The game's own score (`info["score"]`), where it keeps one."""


@dataclass(frozen=True)
class Evaluation:
    """What came of some episodes; the arrays have one element an episode."""

    returns: NDArray[np.float64]
    """Sum of rewards, undiscounted."""
    lengths: NDArray[np.int64]
    """Number of steps."""
    scores: NDArray[np.float64] | None = None
    """The game's own score (`info["score"]`), where it keeps one."""
    num_cut: int = 0
    """How many of them had no end, and count as far as they were played."""

    @property
    def mean_return(self) -> float:
        """The mean of `returns`."""
        return float(self.returns.mean())

    @property
    def std_return(self) -> float:
        """The standard deviation of `returns`."""
        return float(self.returns.std())

    @property
    def interval_return(self) -> tuple[float, float]:
        """The 95% confidence interval of the mean return; both ends are NaN for a single episode."""
        return interval_of_mean(self.mean_return, self.std_return, len(self.returns))

    @property
    def mean_length(self) -> float:
        """The mean of `lengths`."""
        return float(self.lengths.mean())

    @property
    def mean_score(self) -> float | None:
        """The mean of `scores`."""
        return None if self.scores is None else float(self.scores.mean())

    def _repr_html_(self) -> str:
        low, high = self.interval_return
        score = self.mean_score
        count = len(self.returns)
        facts: dict[str, object] = {
            "return": f"{self.mean_return:.4g} ± {self.std_return:.3g} (standard deviation)",
            "95% interval": "" if count < 2 else f"{low:.4g} to {high:.4g}",
            "score": "" if score is None else f"{score:.4g}",
            "steps": f"{self.mean_length:.4g}",
            "without an end": self.num_cut or "",
        }
        return notebooks.card(f"Evaluation of {count} game{'s' if count > 1 else ''}", facts)


@dataclass(frozen=True)
class Epoch:
    """What one epoch of learning, and the test after it, have measured."""

    epoch: int
    """Counted from 1."""
    loss: float
    """Mean over the training examples, while learning."""
    accuracy: float
    """Share of right answers, from 0 to 1, while learning."""
    test_loss: float
    test_accuracy: float
    learning_rate: float
    """At the end of the epoch."""
    seconds: float
    """How long learning and testing took."""


def mean_score(episodes: Sequence[Episode]) -> float | None:
    """The mean of the games' own scores, of those that keep one; None where none does."""
    scores = [episode.score for episode in episodes if episode.score is not None]
    return sum(scores) / len(scores) if scores else None


class Callback:
    """Told of what happens in a training; a subclass overrides what it wants to hear of.

    What is not overridden is never called, so listening to episodes costs a step nothing. When a method
    raises, the training stops cleanly, between two steps, with everything saved.

    Between `start` and `stop` come, for each step: `update` if something was learned, `episode` for each
    episode that ended, `mark` if another two-hundredth of the training is done, then `step`. What is done now
    and then is done at marks, since listening to steps costs each of them something.
    """

    def start(self, training: Training) -> None:
        """The training starts, or goes on after it was stopped."""

    def step(self, training: Training) -> None:
        """Every environment has taken a step, or a batch was learned; `training.steps` counts them all."""

    def mark(self, training: Training) -> None:
        """Another two-hundredth of the training is done, or all of it; see `Marks`."""

    def update(self, training: Training, metrics: Mapping[str, float]) -> None:
        """The algorithm has learned from the step, and measured this."""

    def episode(self, training: Training, episode: Episode) -> None:
        """An episode has ended."""

    def evaluation(self, training: Training, evaluation: Evaluation) -> None:
        """The agent was judged on games of their own, outside of the training."""

    def epoch(self, training: DatasetTraining, epoch: Epoch) -> None:
        """A training on a dataset has seen every example once more, and the network was tested."""

    def warning(self, training: Training, message: str) -> None:
        """Something went wrong that the training gets over."""

    def vitals(self, training: Training, vitals: Mapping[str, float]) -> None:
        """What was looked at since the last check to judge how healthy the training is; see `Vitals`."""

    def finding(self, training: Training, finding: Finding) -> None:
        """A rule of health has found something, or found it again (once); see `csai_train.health`."""

    def recovered(self, training: Training, finding: Finding) -> None:
        """What was found is not seen any more (`finding.gone_since`)."""

    def returned(self, training: Training, finding: Finding) -> None:
        """What was found twice and had gone is seen once more."""

    def stop(self, training: Training) -> None:
        """The training has come to its end, was asked to stop, or failed (`training.failure`)."""


class Session:
    """A training as its callbacks know it.

    Args:
        total_steps: when it is complete.
        callbacks: who is notified of what happens.

    Attributes:
        steps: how many steps have been taken.
        metrics: what was measured last, by name.
        stop_requested: whether to stop after this step; anybody may set it.
        is_running: whether the callbacks have been started and not yet stopped.
        failure: what ended the training early, if anything did.
        findings: what rules of health have found, in the order in which they did; `gone_since` says of each
            whether it is still seen.
    """

    def __init__(self, total_steps: int, callbacks: Sequence[Callback] = ()) -> None:
        self.total_steps = total_steps
        self.callbacks = list(callbacks)
        self.steps = 0
        self.metrics: dict[str, float] = {}
        self.findings: list[Finding] = []
        self.stop_requested = False
        self.failure: BaseException | None = None
        self._broken: CsaiError | None = None
        self.is_running = False
        self._early_warnings: list[str] = []
        self._listeners: dict[str, list[Callable[..., None]]] = {}
        self._marks = Marks(1)

    @property
    def is_complete(self) -> bool:
        """Whether all steps have been taken."""
        return self.steps >= self.total_steps

    @property
    def num_unlearned(self) -> int:
        """How many of its last steps were not learned from, as more of them are waited for."""
        return 0

    @property
    def can_be_saved(self) -> bool:
        """Whether it is between two steps, in a state that it can go on from."""
        return self.failure is None or isinstance(self.failure, CallbackError)

    def save_with(self, save: Callable[[], None]) -> None:
        """Have `save` called when the state is here: at once, but where several processes train together."""
        save()

    # --- what those who listen ask

    def recent_return(self) -> float | None:
        """How well it goes, where that is known all along; the state with the highest is the best."""
        return None

    def episodes_since_mark(self) -> dict[str, Any]:
        """A summary of the episodes since the last mark; empty where none has ended, or there are none."""
        return {}

    def metrics_row(self) -> dict[str, str]:
        """How far it has come, as columns of `metrics.csv`."""
        return {}

    def status_line(self, steps_per_second: float) -> str:
        """How it goes, in a few words."""
        return f"{steps_per_second:,.0f} steps/s"

    def describe(self) -> dict[str, str]:
        """How it computes, in words by name, such as the backend and the device."""
        return {}

    def state_dict(self) -> dict[str, Any]:
        """Everything needed to go on exactly from here."""
        raise NotImplementedError

    def at_work(self) -> Sequence[object]:
        """Whose fault it may be where this fails: what others have written."""
        return ()

    # --- telling

    def emit(self, what: str, *details: Any) -> None:
        """Call the method `what` of every callback that overrides it.

        One that raises keeps the others from nothing; the training ends when the step has been reported.
        """
        for listener in self._listeners.get(what, ()):
            try:
                listener(self, *details)
            except LostDirectoryError as error:
                self._broken = self._broken or error
            except (Exception, SystemExit) as error:
                self._broken = self._broken or _callback_error(listener, error)

    def end_step(self) -> None:
        """Tell of a step that is complete, and of the mark that it has reached, if it has."""
        if self._marks.has_passed(self.progress()[0]) or self.is_complete:
            self.emit("mark")
            self.finish_mark()
        self.emit("step")

    def progress(self) -> tuple[int, int]:
        """How far it has come, and how far it goes, in what its marks are counted by."""
        return self.steps, self.total_steps

    def finish_mark(self) -> None:
        """Begin with what comes until the next mark."""

    def warn(self, message: str) -> None:
        """Tell of something that went wrong and that the training gets over.

        What is said before the training starts, its callbacks hear when it does.
        """
        warnings.warn(message, TrainingWarning, stacklevel=2)
        if self.is_running:
            self.emit("warning", message)
        else:
            self._early_warnings.append(message)

    def raise_if_broken(self) -> None:
        """End the training if a callback has failed.

        Raises:
            CallbackError: naming the first that did.
            LostDirectoryError: if it failed because the run's folder is no longer where it was.
        """
        if self._broken is not None:
            raise self._broken

    @contextmanager
    def running(self) -> Iterator[None]:
        """Start the callbacks in their order, and stop them in reverse, whatever happens."""
        self.failure = self._broken = None
        names = [name for name in vars(Callback) if not name.startswith("_")]
        self._listeners = {
            name: [getattr(each, name) for each in self.callbacks if _overrides(each, name)] for name in names
        }
        self._listeners["stop"].reverse()
        done, total = self.progress()
        self._marks = Marks(total // MARKS, done)
        try:
            self.emit("start")
            self.is_running = True
            while self._early_warnings:
                self.emit("warning", self._early_warnings.pop(0))
            self.raise_if_broken()
            yield
        except BaseException as error:
            self.failure = error
            if not isinstance(error, (CallbackError, LostDirectoryError, KeyboardInterrupt)):
                blame(error, *self.at_work())  # those know who it was
            if isinstance(error, SystemExit):
                self.failure = ExitError.of(error)
                raise self.failure from error
            raise
        finally:
            self._stop_callbacks()

    def _stop_callbacks(self) -> None:
        self._broken = None
        self.emit("stop")
        self.is_running = False
        if self.failure is None:
            self.raise_if_broken()


def _overrides(callback: Callback, name: str) -> bool:
    return getattr(type(callback), name, None) is not getattr(Callback, name)


def _callback_error(listener: Callable[..., None], error: BaseException) -> CallbackError:
    last = traceback.extract_tb(error.__traceback__)[-1]
    name = getattr(listener, "__qualname__", listener)
    failure = CallbackError(
        f"The callback {name} failed: {said(error)} ({last.filename}, line {last.lineno}). "
        "The training has stopped."
    )
    failure.__cause__ = error
    blame(failure, getattr(listener, "__self__", None))
    return failure


def interval_of_mean(mean: float, std: float, count: int) -> tuple[float, float]:
    """The 95% confidence interval of a mean of so many values; both ends are NaN for a single one.

    Args:
        mean: of the values.
        std: their standard deviation, the root of the mean square of what each differs by from `mean`.
        count: how many they are.
    """
    if count < 2:
        return math.nan, math.nan
    half = _t_quantile(count - 1) * std / (count - 1) ** 0.5
    return mean - half, mean + half


def _t_quantile(degrees_of_freedom: int) -> float:
    """The 97.5% quantile of Student's t distribution, to about a thousandth.

    Reference: the expansion in Abramowitz and Stegun 1972, 26.7.5, which needs more than two degrees of
    freedom; the values for one and two are exact.
    """
    if degrees_of_freedom <= 2:
        return (12.7062, 4.3027)[degrees_of_freedom - 1]
    z, n = 1.959964, degrees_of_freedom
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + sum(term / float(n**power) for power, term in enumerate(terms, start=1))
