"""Checks of the files of a callback: in its run, closed, and gone on with where the run goes on."""

from __future__ import annotations

from collections import Counter

from csai_core.testing import fail
from csai_train.testing.callback.base import STEPS, CallbackChecks, new_folder, quiet
from csai_train.testing.callback.remains import own_files
from csai_train.testing.callback.watched import StopAt, Tells, Watched
from csai_train.training.train import resume


class FileChecks(CallbackChecks):
    """What it writes."""

    def test_it_closes_its_files(self) -> None:
        """After `stop`, no file of the run is open."""
        if self._of_agent.open_files:
            fail(f"After the training, {self._of_agent.open_files[0]} is open still; close it in stop.")

    def test_it_writes_to_its_run(self) -> None:
        """What it writes lies in `run.path`."""
        if self._of_agent.written_elsewhere:
            fail(
                f"It writes {self._of_agent.written_elsewhere[0]} where the program happens to be; write "
                "into the run's folder, run.path."
            )

    def test_it_goes_on_where_a_run_goes_on(self) -> None:
        """Of a run that was stopped and resumed, its files say what they say of one that was not."""
        with new_folder() as folder:
            again, resumed = folder / "again", folder / "resumed"
            self._trained(again, [Tells()])
            self._trained(resumed, [Tells(), StopAt(STEPS // 2)])
            watched = Watched(self.make, resumed)
            with quiet():
                resume(resumed, callbacks=[watched])
            for kind in ("made", "raised"):
                if message := watched.problems.get(kind):
                    fail(f"When its run was resumed: {message}")
            _compare_files(self._of_agent.files, own_files(again), own_files(resumed))


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
