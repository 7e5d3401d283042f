"""What every training has, whatever is trained: progress that others listen to, and an end."""

from __future__ import annotations

import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from csai_train.callbacks.callback import Callback
from csai_train.errors import CallbackError, TrainingWarning


class Session:
    """A training as its callbacks know it.

    Args:
        total_steps: when it is complete.
        callbacks: who is told of what happens.

    Attributes:
        steps: how many steps have been taken.
        metrics: what was measured last, by name.
        stop_requested: whether to stop after this step; anybody may set it.
        failure: what ended the training early, if anything did.
    """

    def __init__(self, total_steps: int, callbacks: Sequence[Callback] = ()) -> None:
        self.total_steps = total_steps
        self.callbacks = list(callbacks)
        self.steps = 0
        self.metrics: dict[str, float] = {}
        self.stop_requested = False
        self.failure: BaseException | None = None
        self._broken: CallbackError | None = None
        self._is_watched = False
        self._unheard: list[str] = []
        self._listeners: dict[str, list[Callable[..., None]]] = {}

    @property
    def is_complete(self) -> bool:
        """Whether all steps have been taken."""
        return self.steps >= self.total_steps

    # --- what those who listen ask

    def recent_return(self) -> float | None:
        """How well it goes, where that is known all along; the state with the highest is the best."""
        return None

    def metrics_row(self) -> dict[str, str]:
        """How far it has come, as columns of `metrics.csv`."""
        return {}

    def status_line(self, steps_per_second: float) -> str:
        """How it goes, in a few words."""
        return f"{steps_per_second:,.0f} steps/s"

    def state_dict(self) -> dict[str, Any]:
        """Everything needed to go on exactly from here."""
        raise NotImplementedError

    # --- telling

    def emit(self, what: str, *news: Any) -> None:
        """Call the method `what` of every callback that overrides it.

        One that raises keeps the others from nothing; the training ends when the step has been told of.
        """
        for listener in self._listeners.get(what, ()):
            try:
                listener(self, *news)
            except Exception as error:
                self._broken = self._broken or _callback_error(listener, error)

    def warn(self, message: str) -> None:
        """Tell of something that went wrong and that the training gets over.

        What is said before the training starts, its callbacks hear when it does.
        """
        warnings.warn(message, TrainingWarning, stacklevel=2)
        if self._is_watched:
            self.emit("warning", message)
        else:
            self._unheard.append(message)

    def raise_if_broken(self) -> None:
        """End the training if a callback has failed.

        Raises:
            CallbackError: naming the first that did.
        """
        if self._broken is not None:
            raise self._broken

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Start the callbacks in their order, and stop them in reverse, whatever happens."""
        self.failure = self._broken = None
        names = [name for name in vars(Callback) if not name.startswith("_")]
        self._listeners = {
            name: [getattr(each, name) for each in self.callbacks if _overrides(each, name)] for name in names
        }
        self._listeners["stop"].reverse()
        try:
            self.emit("start")
            self._is_watched = True
            while self._unheard:
                self.emit("warning", self._unheard.pop(0))
            self.raise_if_broken()
            yield
        except BaseException as error:
            self.failure = error
            raise
        finally:
            self._stop_callbacks()

    def _stop_callbacks(self) -> None:
        self._broken = None
        self.emit("stop")
        self._is_watched = False
        if self.failure is None:
            self.raise_if_broken()


def _overrides(callback: Callback, name: str) -> bool:
    return getattr(type(callback), name, None) is not getattr(Callback, name)


def _callback_error(listener: Callable[..., None], error: Exception) -> CallbackError:
    last = traceback.extract_tb(error.__traceback__)[-1]
    name = getattr(listener, "__qualname__", listener)
    failure = CallbackError(
        f"The callback {name} failed: {type(error).__name__}: {error} ({last.filename}, line {last.lineno}). "
        "The training has stopped."
    )
    failure.__cause__ = error
    return failure
