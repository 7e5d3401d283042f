"""The checkpoints of one run: which are kept, which is the newest good one, which the best."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, TypedDict

from csai_core import storage
from csai_core.decoding import parse_json, read_bytes
from csai_core.errors import CodecError
from csai_core.schema import Schema, check, is_number, is_whole
from csai_core.spaces import decode_space, told_apart
from csai_train.errors import CheckpointError, TrainingWarning
from csai_train.runs import checkpoint


class Best(TypedDict):
    """Which checkpoint is the best, how good it is, and who says so."""

    steps: int
    value: float
    judged_by: str


JUDGES = ("training", "evaluation", "test set")
"""What a checkpoint is judged by; a later one outdoes an earlier one."""
_BEST = "best.json"
_LARGEST_BEST = 10_000
"""Bytes."""
_SCHEMA_OF_BEST: Schema = {
    "steps": is_whole,
    "value": is_number,
    "judged_by": lambda value: value in JUDGES,
}
_NAME = re.compile("step-[0-9]{12,15}")


class CheckpointFolder:
    """Checkpoints named after the steps taken: `checkpoints/step-000000120000` and so on.

    `best.json` names the best one; it is never removed.

    Args:
        run: the run's directory.
        belongs_to: what stands in every manifest and must agree when one is read: the algorithm, the
            environment and its spaces, or the network and the dataset.
        kept: the steps of those that are never removed.
    """

    def __init__(self, run: Path, belongs_to: Mapping[str, Any], kept: Collection[int] = ()) -> None:
        self.path = run / "checkpoints"
        self._best = run / _BEST
        self._belongs_to = dict(belongs_to)
        self._kept = {*kept}

    def saved(self) -> list[Path]:
        """The checkpoints, newest first, damaged ones too."""
        return saved_in(self.path.parent)

    def save(
        self, state: Mapping[str, Any], steps: int, *, keep: int | None, best: Best | None = None
    ) -> Path:
        """Write a checkpoint; then, and only then, remove what it replaces.

        Args:
            state: what to save.
            steps: how many steps it comes after.
            keep: how many of the newest to keep besides the best; None keeps all.
            best: which was the best until then; the checkpoint remembers it.

        Raises:
            CheckpointError: if it cannot be written; the others are as they were.
        """
        path = self.path / name_of(steps)
        checkpoint.save(path, state, {"steps": steps, "best": best, **self._belongs_to})
        saved, kept_best = self.saved(), self.best()
        from_a_future_that_was_undone = [old for old in saved if step_of(old) > steps]
        older = [old for old in saved if step_of(old) <= steps]
        always = self._kept | ({kept_best["steps"]} if kept_best else set())
        kept = older[:keep] + [old for old in older if step_of(old) in always]
        for old in from_a_future_that_was_undone + [old for old in older if old not in kept]:
            storage.remove(old)
        return path

    def name_best(self, best: Best | None) -> None:
        """Remember which checkpoint is the best.

        Raises:
            CheckpointError: if that cannot be written.
        """
        try:
            storage.write(self._best, json.dumps(best) + "\n")
        except OSError as error:
            raise CheckpointError(f"{self._best} could not be written: {error}.") from error

    def best(self) -> Best | None:
        """Which checkpoint is the best; None where none has been named.

        The value is a mean return or, judged by a test set, an accuracy.
        """
        try:
            return _as_best(parse_json(read_bytes(self._best, at_most=_LARGEST_BEST, follow_links=False)))
        except (OSError, ValueError):
            return None

    def best_at(self, steps: int) -> Best | None:
        """Which was the best when the checkpoint after so many steps was made, as that remembers it."""
        try:
            return _as_best(checkpoint.read_manifest(self.path / name_of(steps)).get("best"))
        except (CheckpointError, ValueError):
            return None

    def load(self, which: str | int = "newest", *, whole: bool = False) -> dict[str, Any]:
        """The state in a checkpoint.

        Args:
            which: "newest": the newest that is not damaged, with a warning of those that are; "best"; or
                the number of steps it came after.
            whole: whether that of other processes is wanted too, as "processes".

        Raises:
            CheckpointError: if it does not exist, is damaged, or belongs to something else.
        """
        if which == "newest":
            return self._load_newest(whole)
        best = self.best() if which == "best" else None
        if which == "best" and best is None:
            raise CheckpointError(f"{self.path.parent} has no best checkpoint.")
        path = self.path / name_of(best["steps"] if best else int(which))
        if not path.is_dir():
            raise CheckpointError(f"{path} does not exist; there are: {self._names()}.")
        try:
            return self._load(path, whole)
        except CheckpointError as error:
            good = next((other for other in self.saved() if _is_good(other)), None)
            hint = f" The newest good checkpoint is {good}." if good else ""
            raise CheckpointError(f"{error}{hint}") from error

    def good(self) -> list[Path]:
        """The newest that is not damaged, and the best where that is another.

        Raises:
            CheckpointError: if there is none.
        """
        newest = next((path for path in self.saved() if _is_good(path)), None)
        if newest is None:
            raise CheckpointError(f"{self.path.parent} holds no usable checkpoint.")
        best = self.best()
        named = self.path / name_of(best["steps"]) if best else newest
        return [newest, named] if named != newest and _is_good(named) else [newest]

    def _load_newest(self, whole: bool) -> dict[str, Any]:
        problems: list[str] = []
        for path in self.saved():
            try:
                state = self._load(path, whole)
            except CheckpointError as error:
                problems.append(str(error))
                continue
            if problems:
                message = " ".join([*problems, f"The newest good checkpoint is {path}; it is used instead."])
                warnings.warn(message, TrainingWarning, stacklevel=4)
            return state
        raise CheckpointError(" ".join([f"{self.path.parent} holds no usable checkpoint.", *problems]))

    def _load(self, path: Path, whole: bool) -> dict[str, Any]:
        manifest = checkpoint.read_manifest(path)
        if manifest.get("steps") != step_of(path):
            raise CheckpointError(
                f"{path} does not belong here: it comes after {manifest.get('steps')} steps."
            )
        for name, here in self._belongs_to.items():
            if (there := manifest.get(name)) != here:
                what = name.replace("_", " ")
                was, is_now = _in_words(there, here)
                raise CheckpointError(
                    f"{path} does not belong here: its {what} was {was}, here it is {is_now}."
                )
        state = checkpoint.load(path)
        if whole and (others := checkpoint.load_processes(path)):
            state[checkpoint.PROCESSES] = others
        steps = state.get("steps", step_of(path))
        if not is_whole(steps) or steps != step_of(path):
            raise CheckpointError(f"{path} holds another state than its name says: its steps are {steps!r}.")
        return state

    def _names(self) -> str:
        return ", ".join(path.name for path in self.saved()) or "none"


def _as_best(value: Any) -> Best:
    check(value, _SCHEMA_OF_BEST)
    return {"steps": value["steps"], "value": value["value"], "judged_by": value["judged_by"]}


def saved_in(run: Path) -> list[Path]:
    """The checkpoints in a run's directory, newest first by their steps, damaged ones too."""
    paths = [path for path in (run / "checkpoints").glob("step-*") if _NAME.fullmatch(path.name)]
    return sorted((path for path in paths if path.is_dir()), key=step_of, reverse=True)


def step_of(path: Path) -> int:
    """How many steps a checkpoint comes after."""
    return int(path.name.removeprefix("step-"))


def name_of(steps: int) -> str:
    """What the checkpoint after so many steps is called."""
    return f"step-{steps:012d}"


def _in_words(there: Any, here: Any) -> tuple[str, str]:
    """What a manifest and a run say differently, spaces in words that differ."""
    try:
        return told_apart(decode_space(there), decode_space(here))
    except CodecError:
        return str(there), str(here)


def _is_good(path: Path) -> bool:
    try:
        checkpoint.load(path)
    except CheckpointError:
        return False
    return True
