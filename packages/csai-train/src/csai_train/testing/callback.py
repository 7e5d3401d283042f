"""What every callback should do: listen, leave the training alone, and go on where a run goes on."""

from __future__ import annotations

import contextlib
import copy
import functools
import inspect
import io
import os
import tempfile
import threading
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import shorten
from typing import Any, ClassVar

import numpy as np

from csai_core.plugins import installed
from csai_core.testing import Suite, fail, skip
from csai_core.testing.compare import difference
from csai_train.datasets import train_on_dataset
from csai_train.errors import CallbackError
from csai_train.events import Callback
from csai_train.runs.directory import RunDirectory
from csai_train.testing.watched import EVENTS, StopAt, Tells, Watched
from csai_train.training.loop import Training
from csai_train.training.train import resume, train

_STEPS = 300
_EVERY_RUNS = ("config.json", "events.jsonl", "metrics.csv", "checkpoints", "best.json", "lock")
_CONFIG = {"num_envs": 1, "hidden_sizes": [8], "episodes_per_update": 4}


class CallbackSuite(Suite):
    """Checks one callback; a subclass names the entry, or writes `make`.

    class TestBestGame(CallbackSuite):
        entry_name = "best_game"

    It listens to short trainings, of REINFORCE in CartPole and of a network on points. One that does not
    listen to trainings of a kind refuses them with a `CsaiError` when it is made.
    """

    environment: ClassVar[str] = "CartPole-v1"
    """The id of the environment that is trained in; its episodes end after about twenty steps."""

    def make(self, run: RunDirectory) -> Any:
        """Make the callback for a run."""
        if not self.entry_name:
            return super().make()
        return installed().find("callbacks", self.entry_name).load()(run)

    def test_it_can_be_made(self) -> None:
        """It is made with a run of one kind at least, and is a Callback."""
        for watched in (self._agents.watched, self._datasets):
            if watched.lacks_extra:
                skip(watched.refusal)
            _require(watched, "made")
            if watched.callback is not None and not isinstance(watched.callback, Callback):
                fail(
                    f"What was made is a {type(watched.callback).__name__}; derive its class from "
                    "csai_train.Callback."
                )
        if self._agents.watched.callback is None and self._datasets.callback is None:
            fail(f"It listens to no training. {self._agents.watched.refusal} {self._datasets.refusal}")

    def test_it_listens_to_what_there_is(self) -> None:
        """Its methods have the names and arguments of events."""
        callback = self._agents.watched.callback or self._datasets.callback
        if not isinstance(callback, Callback):
            skip("it cannot be made")
        heard = [name for name in EVENTS if getattr(type(callback), name) is not getattr(Callback, name)]
        for name in _own_methods(callback):
            if meant := next((event for event in EVENTS if _is_meant(name, event)), None):
                fail(f"Nobody calls its method {name}; is it {meant}? What is called is {', '.join(EVENTS)}.")
        if not heard:
            fail(f"It listens to nothing: override one of {', '.join(EVENTS)}.")
        for name in heard:
            arguments = list(inspect.signature(getattr(Callback, name)).parameters)[1:]
            try:
                inspect.signature(getattr(callback, name)).bind(*arguments)
            except TypeError as error:
                fail(f"Its method {name} is called with ({', '.join(arguments)}), and cannot be: {error}.")

    def test_it_raises_nothing(self) -> None:
        """It hears of everything that can happen, and raises nothing."""
        _require(self._agents.watched, "raised")

    def test_it_prints_nothing(self) -> None:
        """What it has to say, it writes to its run, or warns of through the training."""
        _require(self._agents.watched, "printed")

    def test_it_leaves_the_global_generators_alone(self) -> None:
        """What it draws, it draws from a generator of its own."""
        _require(self._agents.watched, "generators")

    def test_it_leaves_the_program_alone(self) -> None:
        """The folder, Ctrl-C, logging, torch's settings, its class and the time are everybody's."""
        for kind in ("shared", "class", "sleeps"):
            _require(self._agents.watched, kind)
        if self._agents.threads:
            fail(
                f"After the training, a thread of its own runs still: {self._agents.threads[0]}. End it in "
                "stop, "
                "which comes also where a training fails."
            )

    def test_it_leaves_the_training_alone(self) -> None:
        """Measurements, listeners, modes and state are as they were, and so is what is learned."""
        for kind in ("metrics", "callbacks", "modes", "changed"):
            _require(self._agents.watched, kind)
        if self._agents.watched.callback is None:
            skip(f"it listens to no agent's training: {self._agents.watched.refusal}")
        with _folder() as folder:
            plain = _train(self.environment, folder / "plain", [StopAt(self._agents.steps)])
        if found := difference(plain.state_dict(), self._agents.state, "its state"):
            fail(
                f"With it, a training ends otherwise than without it: {shorten(found, 300)}. A callback "
                "listens, and changes nothing."
            )

    def test_it_gets_over_trainings_in_which_nothing_happens(self) -> None:
        """One may be stopped before an episode ends or anything is learned, and one may fail."""
        for words, stop in (
            ("was stopped after 3 steps, before an episode ended", StopAt(3)),
            ("failed after 3 steps", StopAt(3, fails=True)),
        ):
            with _folder() as folder:
                watched, _ = self._trained(folder / "run", [stop])
            if message := watched.problems.get("raised"):
                fail(f"In a training that {words}: {message}. What it counts may be 0, and its lists empty.")

    def test_it_closes_its_files(self) -> None:
        """After `stop`, no file of the run is open."""
        if self._agents.open_files:
            fail(f"After the training, {self._agents.open_files[0]} is open still; close it in stop.")

    def test_it_writes_to_its_run(self) -> None:
        """What it writes lies in `run.path`."""
        if self._agents.written_elsewhere:
            fail(
                f"It writes {self._agents.written_elsewhere[0]} where the program happens to be; write into "
                "the run's folder, run.path."
            )

    def test_it_goes_on_where_a_run_goes_on(self) -> None:
        """Of a run that was stopped and resumed, its files say what they say of one that was not."""
        with _folder() as folder:
            again, resumed = folder / "again", folder / "resumed"
            self._trained(again, [Tells()])
            self._trained(resumed, [Tells(), StopAt(_STEPS // 2)])
            watched = Watched(self.make, resumed)
            with _quiet():
                resume(resumed, callbacks=[watched])
            for kind in ("made", "raised"):
                if message := watched.problems.get(kind):
                    fail(f"When its run was resumed: {message}")
            _compare_files(self._agents.files, _own_files(again), _own_files(resumed))

    def test_it_listens_to_datasets_or_refuses_them(self) -> None:
        """In a training on a dataset it works, or says when it is made that it does not."""
        for kind in ("raised", "changed", "modes", "printed", "generators"):
            if message := self._datasets.problems.get(kind):
                fail(
                    f"In a training on a dataset: {message} If it is for agents alone, raise a ConfigError "
                    "in "
                    'its __init__ where run.kind is not "agent".'
                )

    # --- inner workings

    @functools.cached_property
    def _agents(self) -> _Traces:
        """What it leaves behind of the training of an agent, in which everything happened."""
        with _folder() as folder:
            here = folder / "here"
            here.mkdir()
            before = set(threading.enumerate())
            with contextlib.chdir(here):
                watched, training = self._trained(folder / "run", [Tells()])
            return _Traces(
                watched,
                training.steps,
                copy.deepcopy(training.state_dict()),
                _own_files(folder / "run"),
                _open_files(folder, watched.callback),
                sorted(path.name for path in here.iterdir()),
                _left_running(before),
            )

    @functools.cached_property
    def _datasets(self) -> Watched:
        """It, after a training on a dataset."""
        with _folder() as folder, _quiet():
            watched = Watched(self.make, folder / "run")
            train_on_dataset("linear", _Points(), 2, seed=1, run_dir=folder / "run", callbacks=[watched])
        return watched

    def _trained(self, path: Path, others: Sequence[Callback]) -> tuple[Watched, Any]:
        """It, after the training of an agent; of one that was told to fail, there is no training."""
        watched, training = Watched(self.make, path), None
        with contextlib.suppress(CallbackError):
            training = _train(self.environment, path, [watched, *others])
        return watched, training


@dataclass(frozen=True)
class _Traces:
    """What a callback leaves behind."""

    watched: Watched
    steps: int
    state: Any
    """Of the training, at its end."""
    files: dict[str, bytes]
    """In its run, by path."""
    open_files: list[str]
    written_elsewhere: list[str]
    """Where the program happened to be."""
    threads: list[str]
    """That it has left running."""


class _Points:
    """Two clouds of points."""

    num_classes = 2

    def __init__(self) -> None:
        random = np.random.default_rng(1)
        labels = random.integers(2, size=40)
        points = (random.normal(0, 0.5, (40, 2)) + 2 * labels[:, None]).astype(np.float32)
        self.trainset = points[:30], labels[:30]
        self.testset = points[30:], labels[30:]


def _train(environment: str, path: Path, callbacks: Sequence[Callback]) -> Training:
    with _quiet():
        return train(
            "reinforce",
            environment,
            total_steps=_STEPS,
            seed=3,
            config=_CONFIG,
            preset=None,
            backend="torch",
            device="cpu",
            run_dir=path,
            callbacks=callbacks,
        )


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Let nothing of it appear in the middle of a report, and no warning fail where warnings are errors."""
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def _require(watched: Watched, kind: str) -> None:
    if message := watched.problems.get(kind):
        fail(message)


def _own_methods(callback: Any) -> list[str]:
    """The public methods that its classes below Callback have, and that are no events."""
    found = []
    for each in type(callback).__mro__:
        if each is Callback:
            break
        found += [name for name, value in vars(each).items() if name[0] != "_" and inspect.isfunction(value)]
    return [name for name in found if name not in EVENTS]


def _is_meant(name: str, event: str) -> bool:
    """Whether a method's name is an event's, mistyped or as other libraries have it."""
    if name.startswith("on_"):
        return event in name
    if event in name or abs(len(name) - len(event)) > 1:
        return False
    if sorted(name) == sorted(event):
        return True
    shorter, longer = sorted((name, event), key=len)
    drops = [longer[:i] + longer[i + 1 :] for i in range(len(longer))]
    changes = sum(a != b for a, b in zip(name, event, strict=False))
    return shorter in drops if len(name) != len(event) else changes == 1


def _left_running(before: set[threading.Thread]) -> list[str]:
    """The names of new threads, once those that are just ending have had time to."""
    new = set(threading.enumerate()) - before
    for thread in new:
        thread.join(0.5)
    return sorted(thread.name for thread in new if thread.is_alive())


def _open_files(folder: Path, callback: Any) -> list[str]:
    """Files in a folder that are open, by the system, and among a callback's variables."""
    found = (
        [name for name, value in vars(callback).items() if isinstance(value, io.IOBase) and not value.closed]
        if callback is not None
        else []
    )
    with contextlib.suppress(OSError):
        for number in os.listdir("/proc/self/fd"):
            with contextlib.suppress(OSError):
                target = Path(os.readlink(f"/proc/self/fd/{number}"))
                if target.is_relative_to(folder.resolve()) and target.is_file():
                    found.append(target.name)
    return found


def _own_files(run: Path) -> dict[str, bytes]:
    """What lies in a run besides what every run has, by path."""
    paths = (path for path in sorted(run.rglob("*")) if path.is_file())
    found = {str(path.relative_to(run)): path.read_bytes() for path in paths}
    return {name: content for name, content in found.items() if Path(name).parts[0] not in _EVERY_RUNS}


def _compare_files(first: dict[str, bytes], second: dict[str, bytes], resumed: dict[str, bytes]) -> None:
    """Refuse a file that lacks what it has where the run was not stopped; `second` is `first` once more."""
    for name, content in first.items():
        if content != second.get(name):
            continue  # not decided by the training alone, but by the clock, say
        if lost := Counter(content.splitlines()) - Counter(resumed.get(name, b"").splitlines()):
            line = next(iter(lost)).decode(errors="replace")
            fail(
                f"{name} of a run that was stopped and resumed lacks what it has where the run was not: "
                f"{line!r}. Open files to append to them, and read in __init__ from run.path what was known "
                "before."
            )
