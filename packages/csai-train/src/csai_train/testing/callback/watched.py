"""A callback under watch: what it does to a training besides listening, by the method that does it."""

from __future__ import annotations

import contextlib
import copy
import functools
import logging
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import torch
from torch import nn

from csai_core.errors import CsaiError, MissingExtraError
from csai_core.testing import ConformanceError
from csai_core.testing.compare import difference, snapshot
from csai_core.testing.process.effects import (
    class_variables,
    generators_left_alone,
    nothing_printed,
    said_of_shared,
)
from csai_train.events import Callback, Evaluation
from csai_train.health.finding import Finding
from csai_train.runs.directory import RunDirectory
from csai_train.runs.listing import open_any
from csai_train.testing.callback.growth import CALLS_BETWEEN, Growth, bytes_held
from csai_train.testing.callback.remains import every_runs_files, spoiled

EVENTS = tuple(name for name in vars(Callback) if not name.startswith("_"))
"""What callbacks are told, by the names of their methods."""
_CALLS_BETWEEN = 40
"""Of so many calls of a method, one is looked at for whether it changes the training, the first one too."""

_MOST_WARNINGS = 20
"""In a training of a few hundred steps."""


class Watched(Callback):
    """Makes a callback when its training starts, hands it every event, and notes what is wrong with it.

    Args:
        make: makes it for a run.
        path: of the run.
    """

    def __init__(self, make: Callable[[RunDirectory], Any], path: Path) -> None:
        self._make = make
        self._path = path
        self._counts: Counter[str] = Counter()
        self._num_sleeps = self._num_warnings = 0
        self._acting = ""
        self.callback: Any = None
        self.refusal = ""
        """Why it does not listen to such a training, in its own words."""
        self.lacks_extra = False
        """Whether that is because something is not installed."""
        self.growth = Growth()
        """Of what it holds, with its calls of `step`."""
        self.problems: dict[str, str] = {}
        """What is wrong, by kind; the first of each."""

    def hear(self, event: str, training: Any, *details: Any) -> None:
        """Hand it an event, and look at what it does."""
        if event == "start":
            self._be_made()
        if event == "warning" and self._acting:
            self._count_warning(training)
        method = getattr(self.callback, event, None)
        if (
            method is None
            or self.refusal
            or getattr(type(self.callback), event, None) is getattr(Callback, event)
        ):
            return
        self._counts[event] += 1
        is_compared = self._counts[event] % _CALLS_BETWEEN == 1
        before = copy.deepcopy(training.state_dict()) if is_compared else None
        modes, listening, shared = _modes(training), list(training.callbacks), _shared()
        plan, before_class = _plan(training), class_variables(self.callback)
        told = snapshot(details[0]) if details and isinstance(details[0], Mapping) else None
        what = f"Its method {event}"
        files = every_runs_files(self._path)
        is_asked = is_compared and event not in ("start", "stop")
        with self._weighed(event), self._asked_to_stop(what, training, is_asked=is_asked):
            self._attempt(what, functools.partial(method, training, *details))
        if name := spoiled(self._path, files):
            self._note(
                "files",
                f"{what} changed or removed {name}, which is the run's own, and which views, resuming and "
                "replaying need as it was. Write into a file of your own in run.path.",
            )
        if told is not None and told != details[0]:
            self._note(
                "metrics", f"{what} changed the metrics that it was told, which are others' too; copy them."
            )
        if training.callbacks != listening:
            self._note(
                "callbacks", f"{what} changed training.callbacks; whoever starts a training says who listens."
            )
        self._look_at_class(what, before_class)
        self._look_at_plan(what, training, plan)
        if changed := _put_back(shared):
            self._note("shared", f"{what} changed {changed[0]}, for the whole program; leave that as it is.")
        if changed := [name for name, is_on in _modes(training).items() if modes.get(name) != is_on]:
            self._note(
                "modes",
                f"{what} left {changed[0]} in another mode than it was in (train() or eval()); put it back, "
                "or ask training.agent(), which leaves modes alone.",
            )
        if before is not None and (found := difference(before, training.state_dict(), "its state")):
            self._note(
                "changed", f"{what} changed the training: {found}. A callback listens, and leaves it alone."
            )

    def _count_warning(self, training: Any) -> None:
        self._num_warnings += 1
        if self._num_warnings > _MOST_WARNINGS:
            self._note(
                "warns",
                f"{self._acting} has warned {self._num_warnings} times in a training of {training.steps} "
                "steps, so that nobody reads warnings any more; say it once, or in a file of your own.",
            )

    @contextlib.contextmanager
    def _weighed(self, event: str) -> Iterator[None]:
        """Note how much it holds before and after some of its steps."""
        if event != "step" or self._counts[event] % CALLS_BETWEEN != 1:
            yield
            return
        before = bytes_held(self.callback)
        yield
        self.growth.note(before, bytes_held(self.callback))

    @contextlib.contextmanager
    def _asked_to_stop(self, what: str, training: Any, *, is_asked: bool) -> Iterator[None]:
        """Have the training asked to stop meanwhile, and note who takes that back."""
        if not is_asked or training.stop_requested:
            yield
            return
        training.stop_requested = asked = _Asked()
        try:
            yield
        finally:
            if not training.stop_requested:
                self._note(
                    "stop",
                    f"{what} sets training.stop_requested to {training.stop_requested}, so that neither "
                    "Ctrl-C nor anybody else can end the training; set it to True alone.",
                )
            if training.stop_requested is asked:
                training.stop_requested = False

    def _look_at_class(self, what: str, before: Mapping[str, Any]) -> None:
        """Note a change of what all callbacks of its class share."""
        for name, value in class_variables(self.callback).items():
            if name in before and difference(before[name], value, ""):
                self._note("class", f"{what} changed {said_of_shared(name)}")

    def _look_at_plan(self, what: str, training: Any, plan: Mapping[str, Any]) -> None:
        """Note a change of what the training was asked to do, and put it back."""
        for name, value in _plan(training).items():
            if value != plan[name]:
                self._note(
                    "changed",
                    f"{what} changed training.{name} from {plan[name]} to {value}. A callback listens; to "
                    "end a training it sets training.stop_requested.",
                )
                setattr(training, name, plan[name])

    def _be_made(self) -> None:
        try:
            self.callback = self._make(open_any(self._path))
        except CsaiError as error:
            self.refusal = str(error)
            self.lacks_extra = isinstance(error, MissingExtraError)
        except Exception as error:
            self.refusal = f"{type(error).__name__}: {error}"
            self._note(
                "made", f"Made with a run, it raised {self.refusal}; let its __init__ take the run alone."
            )

    def _attempt(self, what: str, action: Callable[[], Any]) -> None:
        """Note what it raises, prints, draws, and whether it sleeps."""
        self._num_sleeps = 0
        self._acting = what
        try:
            with generators_left_alone(what), nothing_printed(what), self._counting_sleeps():
                action()
        except ConformanceError as error:
            self._note("printed" if "printed" in str(error) else "generators", str(error))
        except Exception as error:
            self._note("raised", f"{what} raised {type(error).__name__}: {error}")
        finally:
            self._acting = ""
        if self._num_sleeps:
            self._note(
                "sleeps", f"{what} sleeps (time.sleep), and the whole training waits for it. Leave that out."
            )

    @contextlib.contextmanager
    def _counting_sleeps(self) -> Iterator[None]:
        sleep = time.sleep

        def counted(seconds: float) -> None:
            self._num_sleeps += threading.current_thread() is threading.main_thread()
            sleep(min(seconds, 0.01))

        with mock.patch.object(time, "sleep", counted):
            yield

    def _note(self, kind: str, message: str) -> None:
        self.problems.setdefault(kind, message)


def _heard_by(event: str) -> Callable[..., None]:
    def hear(self: Watched, training: Any, *details: Any) -> None:
        self.hear(event, training, *details)

    return hear


for _event in EVENTS:
    setattr(Watched, _event, _heard_by(_event))


class _Asked:
    """Stands for True in training.stop_requested, and is told apart from what others set."""


class StopAt(Callback):
    """Asks a training to stop after some steps, or fails then.

    Args:
        steps: when.
        fails: whether it raises instead.
    """

    def __init__(self, steps: int, *, fails: bool = False) -> None:
        self._steps = steps
        self._fails = fails

    def step(self, training: Any) -> None:
        """Stop or fail when it is time to."""
        if training.steps >= self._steps:
            if self._fails:
                raise RuntimeError("This training was told to fail.")
            training.stop_requested = True


class Tells(Callback):
    """Tells everybody else, once, of what does not happen in a short training."""

    has_told = False

    def mark(self, training: Any) -> None:
        """Tell of an evaluation, of a warning and of a finding that comes and goes."""
        if not self.has_told:
            self.has_told = True
            training.emit("evaluation", Evaluation(np.array([1.0, 2.0]), np.array([3, 4])))
            training.warn("This is a warning, to see who hears it.")
            finding = Finding(
                "too_calm",
                training.steps,
                "note",
                seen="Nothing was found in 1 look.",
                means="This is a finding, to see who hears it.",
                try_first="--learning-rate 0.001",
                share_done=0.5,
            )
            training.emit("finding", finding)
            training.emit("recovered", replace(finding, gone_since=training.steps))
            training.emit("returned", finding)


def _shared() -> dict[str, Any]:
    """What the whole program shares, by name."""
    root = logging.getLogger()
    return {
        "the folder that the program is in": os.getcwd(),
        "what Ctrl-C does": signal.getsignal(signal.SIGINT),
        "the handlers of logging": list(root.handlers),
        "the level of logging": root.level,
        "torch's default dtype": torch.get_default_dtype(),
        "whether torch computes gradients": torch.is_grad_enabled(),
        "torch's number of threads": torch.get_num_threads(),
    }


def _put_back(before: Mapping[str, Any]) -> list[str]:
    """Put back what the whole program shares, and say what of it was changed."""
    changed = [name for name, value in _shared().items() if value != before[name]]
    if changed:
        root = logging.getLogger()
        folder, handler, handlers, level, dtype, has_gradients, threads = before.values()
        os.chdir(folder)
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, handler)
        root.handlers[:] = handlers
        root.setLevel(level)
        torch.set_default_dtype(dtype)
        torch.set_grad_enabled(has_gradients)
        torch.set_num_threads(threads)
    return changed


def _plan(training: Any) -> dict[str, Any]:
    """What a training was asked to do, as far as it says."""
    return {name: getattr(training, name) for name in ("total_steps", "seed") if hasattr(training, name)}


def _modes(training: Any) -> dict[str, bool]:
    """For each network of a training, by its place, whether it is in training mode."""
    found: dict[str, bool] = {}
    owners = {"the network": training, "algorithm": getattr(training, "algorithm", None)}
    for place, owner in owners.items():
        for name, value in vars(owner).items() if hasattr(owner, "__dict__") else ():
            if isinstance(value, nn.Module):
                for inner, module in value.named_modules():
                    found[f"{place}.{name}{'.' * bool(inner)}{inner}"] = module.training
    net = getattr(training, "net", None)  # of one on a dataset, which keeps it elsewhere
    for inner, module in net.named_modules() if isinstance(net, nn.Module) else ():
        found[f"training.net{'.' * bool(inner)}{inner}"] = module.training
    return found
