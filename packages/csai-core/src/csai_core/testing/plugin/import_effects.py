"""What importing a module does besides defining things, found out in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Collection
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from csai_core.plugins.discovery import OURS
from csai_core.testing.suite import fail

_PROGRAM = (
    "import sys; sys.path[:] = {path!r}; from csai_core.testing.plugin.import_probe import main; main()"
)
_MOST_SECONDS = 60
"""Who waits longer for an import believes that it hangs."""


@dataclass(frozen=True)
class ImportEffects:
    """What importing a module did."""

    error: str = ""
    """Why it failed."""
    seconds: float = 0.0
    was_read: bool = False
    """Whether it asked on stdin."""
    printed: str = ""
    heavy: list[str] = field(default_factory=list)
    """Large packages that it imported."""
    drawn: list[str] = field(default_factory=list)
    """Whose global generators it drew from or seeded."""
    changed: list[str] = field(default_factory=list)
    """What all parts of a program share and it changed, in words."""
    patched: list[str] = field(default_factory=list)
    """Functions and classes of others that it replaced, by their full names."""
    threads: int = 0
    """How many it started."""
    files: list[str] = field(default_factory=list)
    """What it wrote in the current folder."""
    others: list[str] = field(default_factory=list)
    """The modules that it imported, but for its own package's."""


def check_import(module: str, *, own: Collection[str] = (), is_light: bool = True) -> ImportEffects:
    """Refuse a module whose import does anything but define things.

    Args:
        module: which.
        own: further packages that belong to it, and are to blame with it.
        is_light: whether it must import nothing large.

    Raises:
        ConformanceError: naming the first such effect.
    """
    found = import_effects(module, own=own)
    refuse_effects(module, found, is_light=is_light)
    return found


def check_imports(modules: Collection[str], *, own: Collection[str] = ()) -> None:
    """Refuse modules whose import does anything but define things; they may import what is large.

    Raises:
        ConformanceError: naming the first such effect.
    """
    for module, found in all_import_effects(modules, own=own).items():
        refuse_effects(module, found, is_light=False)


def refuse_effects(module: str, found: ImportEffects, *, is_light: bool) -> None:
    """Refuse what importing a module did besides defining things.

    Raises:
        ConformanceError: naming the first such effect.
    """
    for is_so, what in (
        (found.was_read, "reads what is typed; ask when it is called"),
        (found.error, f"fails in a new process: {found.error}"),
        (found.seconds > _MOST_SECONDS, f"takes {found.seconds:.0f} seconds; do such work when it is called"),
        (
            found.heavy if is_light else "",
            f"imports {' and '.join(found.heavy)}, which takes seconds; import it inside of functions, so "
            "that only those who need it wait",
        ),
        (found.printed, f"prints {found.printed[:60]!r}; print when something is called"),
        (found.files, f"writes {', '.join(found.files)} where one happens to be; write when called"),
        (
            found.drawn,
            f"draws from the global generator of {' and '.join(found.drawn)}, or seeds it; make a generator "
            "of its own, from a seed",
        ),
        (found.patched, f"replaces {_listed(found.patched)}, for every program; derive or wrap it instead"),
        (found.changed, f"changes {_listed(found.changed)}, for every program that imports it"),
        (found.threads, "starts a thread; start it when something is called"),
    ):
        if is_so:
            fail(f"Importing {module} {what}.")


def import_effects(module: str, *, own: Collection[str] = ()) -> ImportEffects:
    """What importing a module does; what those do that it imports from elsewhere is not its doing.

    So it is imported twice: once to learn what it imports, and once after all that is there.

    Args:
        module: which.
        own: further packages that belong to it.
    """
    packages = sorted({module.partition(".")[0], *own})
    first = _imported(module, packages, [])
    if first.error or not first.others:
        return first
    second = _imported(module, packages, first.others)
    return replace(second, seconds=first.seconds, heavy=first.heavy, others=first.others)


def all_import_effects(modules: Collection[str], *, own: Collection[str] = ()) -> dict[str, ImportEffects]:
    """What importing each of some modules does; see `import_effects`.

    Each is imported in a process of its own, twice, which is a copy (fork) of one that has imported already
    what takes long: at first torch and csai's own, then all that any of them imports from elsewhere.
    """
    if not hasattr(os, "fork") or len(modules) < 2:
        return {module: import_effects(module, own=own) for module in modules}
    packages = sorted({*(module.partition(".")[0] for module in modules), *own})
    long = [name for name in sys.modules if name == "torch" or _is_ours(name)]
    firsts = _imported_each(modules, packages, long)
    others = list(dict.fromkeys(name for each in firsts.values() for name in each.others))
    seconds = _imported_each(modules, packages, [*long, *others])
    return {
        module: first if first.error else replace(seconds[module], seconds=first.seconds, others=first.others)
        for module, first in firsts.items()
    }


def _is_ours(module: str) -> bool:
    return module.partition(".")[0] in OURS and ".testing" not in module


def _imported_each(modules: Collection[str], own: list[str], before: list[str]) -> dict[str, ImportEffects]:
    """Import modules, each in a copy of one process that has imported others, in an empty folder."""
    with tempfile.TemporaryDirectory() as folder:
        task, reports = Path(folder) / "task.json", Path(folder) / "reports"
        reports.mkdir()
        names = sorted(modules)
        task.write_text(json.dumps({"modules": names, "own": own, "before": before}), encoding="utf-8")
        ran = _run(folder, task, reports)
        return {name: _read(reports / str(i), ran.returncode) for i, name in enumerate(names)}


def _run(folder: str | Path, task: Path, report: Path) -> subprocess.CompletedProcess[str]:
    """Let a process in a folder do a task, and write its report."""
    return subprocess.run(
        [sys.executable, "-c", _PROGRAM.format(path=sys.path), str(task), str(report)],
        cwd=folder,
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
    )


def _read(folder: Path, status: int) -> ImportEffects:
    """What a copy has written down, and printed without Python's knowing."""
    report, ended = folder / "report.json", folder / "status"
    if not report.exists():
        told = ended.read_text(encoding="utf-8") if ended.exists() else str(status)
        return ImportEffects(error=f"the process ended before it was done, with status {told}")
    effects = _effects(report)
    printed = (folder / "printed").read_text(encoding="utf-8", errors="replace").strip()
    return replace(effects, printed=effects.printed or printed)


def _effects(report: Path) -> ImportEffects:
    found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    known = {each.name for each in fields(ImportEffects)}
    return ImportEffects(**{name: value for name, value in found.items() if name in known})


def _imported(module: str, own: list[str], before: list[str]) -> ImportEffects:
    """Import a module in a new process, in an empty folder, after some others."""
    with tempfile.TemporaryDirectory() as folder:
        task, report, empty = (Path(folder) / name for name in ("task.json", "report.json", "empty"))
        empty.mkdir()
        task.write_text(json.dumps({"module": module, "own": own, "before": before}), encoding="utf-8")
        ran = _run(empty, task, report)
        if not report.exists():
            return ImportEffects(error=f"the process ended before it was done, with status {ran.returncode}")
        effects = _effects(report)
    return replace(effects, printed=effects.printed or ran.stdout.strip())  # what no Python code has printed


def _listed(names: list[str], at_most: int = 3) -> str:
    rest = len(names) - at_most
    return ", ".join(names[:at_most]) + (f" and {rest} more" if rest > 0 else "")
