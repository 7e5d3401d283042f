"""What a specimen is, how one is judged, and where all of them are."""

from __future__ import annotations

import contextlib
import importlib
import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from csai_core.plugins.interpreter import interpreter_put_back
from csai_core.testing import Outcome, Suite

_NOT_A_KIND = ("__init__", "__main__", "conftest", "specimens", "test_planted")


@dataclass(frozen=True, slots=True)
class Specimen:
    """Something of a kind with one fault, or with none."""

    kind: str
    """Of plugins' offers, by its file or folder."""
    suite: type[Suite]
    reason: str | None
    """What the message about it must say, as a regular expression; None if there is nothing wrong."""

    @property
    def name(self) -> str:
        """What it is called in tests and tables."""
        return f"{self.kind}-{self.suite.__name__}"

    def complaint(self) -> Outcome | None:
        """The first check that fails; what the specimen writes or changes for others is put back."""
        with (
            TemporaryDirectory() as folder,
            contextlib.chdir(folder),
            interpreter_put_back(lambda name: None),
        ):
            return next((outcome for outcome in self.suite().run() if outcome.status == "failed"), None)

    def misjudgment(self) -> str:
        """What is wrong with what the suite says of it; empty if it is right."""
        outcome = self.complaint()
        if self.reason is None:
            return f"is sound, and was blamed by {outcome.check!r}: {outcome.message}" if outcome else ""
        if outcome is None:
            return f"was not found: {inspect.getdoc(self.suite)}"
        is_true = re.search(self.reason, outcome.message, re.IGNORECASE | re.DOTALL)
        return "" if is_true else f"was blamed by {outcome.check!r} for another reason: {outcome.message}"


_SPECIMENS: list[Specimen] = []


def planted(reason: str) -> Callable[[type[Suite]], type[Suite]]:
    """Count a suite as one that makes something with a fault; the message must hold `reason`."""
    return lambda suite: _added(suite, reason)


def sound(suite: type[Suite]) -> type[Suite]:
    """Count a suite as one that makes something without a fault."""
    return _added(suite, None)


def specimens() -> list[Specimen]:
    """All of them; a kind whose package is not installed has none."""
    here = Path(__file__).parent
    files = [*here.glob("*.py"), *(each for each in here.glob("*/*.py") if each.parent.name != "modules")]
    for file in sorted(files):
        if file.stem not in _NOT_A_KIND:
            name = ".".join(("planted", *file.relative_to(here).with_suffix("").parts))
            try:
                importlib.import_module(name)
            except ModuleNotFoundError as error:
                if (error.name or "").partition(".")[0] not in (
                    "torch",
                    "csai_neural",
                    "csai_train",
                    "csai_envs",
                ):
                    raise
    return list(_SPECIMENS)


def _added(suite: type[Suite], reason: str | None) -> type[Suite]:
    if not inspect.getdoc(suite):
        raise ValueError(f"{suite.__name__} does not say what it is.")
    _SPECIMENS.append(Specimen(suite.__module__.split(".")[1], suite, reason))
    return suite
