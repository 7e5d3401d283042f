"""Checks of the files of a callback: in its run, closed, and gone on with where the run goes on."""

from __future__ import annotations

import contextlib
from collections import Counter
from pathlib import Path

from csai_core.testing import fail
from csai_train.errors import CallbackError
from csai_train.testing.callback.base import STEPS, CallbackChecks, new_folder, quiet, require
from csai_train.testing.callback.remains import own_files
from csai_train.testing.callback.watched import StopAt, Tells, Watched
from csai_train.training.train import resume

_FIRST_STOP, _SECOND_STOP = STEPS // 3 + 3, STEPS * 2 // 3 + 11
"""Primes: whoever counts marks to do something at every tenth is in the middle then."""
_TABLES = (".csv", ".tsv")
"""Ends of the names of files whose first line names the columns."""


class FileChecks(CallbackChecks):
    """What it writes."""

    def test_it_closes_its_files(self) -> None:
        """After `stop`, no file of the run is open."""
        if self._of_agent.open_files:
            fail(f"After the training, {self._of_agent.open_files[0]} is open still; close it in stop.")
        for words, (_, left_open) in self._cut_short.items():
            if left_open:
                fail(
                    f"After a training that {words}, {left_open[0]} is open still; close it in stop, which "
                    "comes however a training ends."
                )

    def test_it_writes_to_its_run(self) -> None:
        """What it writes lies in `run.path`."""
        if self._of_agent.written_elsewhere:
            fail(
                f"It writes {self._of_agent.written_elsewhere[0]} where the program happens to be; write "
                "into the run's folder, run.path."
            )

    def test_it_leaves_the_files_of_the_run_alone(self) -> None:
        """What every run has, such as config.json and events.jsonl, is written by the training alone."""
        require(self._of_agent.watched, "files")

    def test_it_goes_on_where_a_run_goes_on(self) -> None:
        """Of a run that was stopped, that failed and was resumed, its files say what they say of another."""
        with new_folder() as folder:
            again = folder / "again"
            self._trained(again, [Tells()])
            steady = _steady(self._of_agent.files, own_files(again))
            found = self._lost(steady, folder / "resumed", fails=True)
            of_stopped = found and self._lost(steady, folder / "stopped", fails=False)
        if of_stopped:
            name, line, now = of_stopped
            fail(
                f"{name} of a run that was stopped and resumed lacks what it has where the run was not: "
                f"{line!r}; it ends with {now!r}. Open files to append to them, read in __init__ from "
                "run.path what was known before, and count nothing twice."
            )
        if found:
            fail(
                f"{found[0]} of a run that failed and was resumed lacks what it has where the run did not "
                f"fail: {found[1]!r}. stop comes also where a training fails, with training.failure; write "
                "there all the same."
            )

    def _lost(self, steady: dict[str, bytes], path: Path, *, fails: bool) -> tuple[str, str, str] | None:
        """A file of a run that went on twice, a line that it lacks, and its last one."""
        self._trained(path, [Tells(), StopAt(_FIRST_STOP)])
        for other in (StopAt(_SECOND_STOP, fails=fails), None):
            watched = Watched(self.make, path)
            with quiet(), contextlib.suppress(CallbackError):
                resume(path, callbacks=[watched, other] if other else [watched])
            for kind in ("made", "raised"):
                if message := watched.problems.get(kind):
                    fail(f"When its run was resumed: {message}")
        resumed = own_files(path)
        for name, content in steady.items():
            lines = resumed.get(name, b"").splitlines()
            if lost := Counter(content.splitlines()) - Counter(lines):
                line, now = next(iter(lost)), lines[-1] if lines else b""
                return name, line.decode(errors="replace"), now.decode(errors="replace")
            header, *rows = content.splitlines() or [b""]
            if Path(name).suffix in _TABLES and header not in rows and lines.count(header) > 1:
                fail(
                    f"{name} of a run that was resumed has its first line again among the others, "
                    f"{header.decode(errors='replace')!r}; write it only where the file is "
                    "new: not path.exists()."
                )
        return None


def _steady(first: dict[str, bytes], second: dict[str, bytes]) -> dict[str, bytes]:
    """The files that the training alone decides, and not the clock, say: those that agree."""
    return {name: content for name, content in first.items() if content == second.get(name)}
