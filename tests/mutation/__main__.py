"""Changes the code in small ways and runs its tests: a change that no test notices must have a reason.

    nox -s mutation

mutmut makes the mutants, in a copy of the project whose packages share one folder of sources; the programs
that tests start run them too. What survives must stand in survivors.toml with its reason, and at least 90 %
must be killed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
KILLED_AT_LEAST = 0.9
SURVIVED = ("survived", "no tests", "suspicious")
START = """\
import os

if os.environ.get("MUTANT_UNDER_TEST") == "stats":
    del os.environ["MUTANT_UNDER_TEST"]
"""
"""How a program begins: only mutmut's own counts what it calls, for others do not find mutmut's settings."""

Mutant = tuple[str, str]
"""The function that was changed, and the line as it was changed."""


def stage(folder: Path) -> None:
    """Copy the project to where mutmut finds all sources in one folder."""
    for source in ROOT.glob("packages/*/src/*"):
        shutil.copytree(source, folder / "src" / source.name)
    for name in ("tests", "docs", "examples"):
        shutil.copytree(ROOT / name, folder / name)
    for name in ("README.md", "constraints.txt"):
        shutil.copy(ROOT / name, folder)
    (folder / "src" / "sitecustomize.py").write_text(START, "utf-8")
    config = (ROOT / "pyproject.toml").read_text("utf-8") + (HERE / "mutmut.toml").read_text("utf-8")
    (folder / "pyproject.toml").write_text(config, "utf-8")


def ask(folder: Path, *arguments: str) -> str:
    """What mutmut answers."""
    command = [sys.executable, "-m", "mutmut", *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


def outcomes(folder: Path) -> dict[str, str]:
    """What became of each mutant, by mutmut's name for it."""
    lines = ask(folder, "results", "--all", "true").splitlines()
    return dict(line.strip().rsplit(": ", 1) for line in lines if ": " in line)


def described(folder: Path, name: str) -> Mutant:
    """A mutant in a way that other changes to its file leave as it is."""
    function = name.rpartition("__mutmut_")[0].replace("xǁ", "").replace("ǁ", ".").replace(".x_", ".")
    added = [line[1:].strip() for line in ask(folder, "show", name).splitlines() if line.startswith("+")]
    return function, " ".join(added[1:])


def argued() -> Iterator[Mutant]:
    """The survivors that have a reason."""
    for group in tomllib.loads((HERE / "survivors.toml").read_text("utf-8"))["group"]:
        for function, lines in group["mutants"].items():
            yield from ((function, line) for line in lines)


def main() -> int:
    """Run all mutants, and say which survive; 1 if too many do, or one without a reason."""
    parser = argparse.ArgumentParser(description="Run the mutants.")
    parser.add_argument("folder", type=Path, help="where the copy is made; one that is there is gone on with")
    folder = parser.parse_args().folder
    if not folder.exists():
        stage(folder)
    mutants = folder.absolute() / "mutants" / "src"
    mutants.mkdir(parents=True, exist_ok=True)  # Python forgets a folder that is not there when it starts
    environment = os.environ | {"PYTHONPATH": str(mutants)}
    subprocess.run([sys.executable, "-m", "mutmut", "run"], cwd=folder, env=environment, check=True)
    found = outcomes(folder)
    survivors = {described(folder, name) for name, outcome in found.items() if outcome in SURVIVED}
    known = set(argued())
    for function, line in sorted(survivors - known):
        print(f"survived without a reason: {function}\n    {line}")
    for function, line in sorted(known - survivors):
        print(f"has a reason, and did not survive: {function}\n    {line}")
    share = 1 - sum(outcome in SURVIVED for outcome in found.values()) / len(found)
    unargued = len(survivors - known)
    print(f"{len(found)} mutants, {100 * share:.1f} % killed, {unargued} survived without a reason.")
    return int(share < KILLED_AT_LEAST or unargued > 0)


if __name__ == "__main__":
    sys.exit(main())
