"""The card of a run that is given away: what it is, how well it plays, and what to type, as Markdown."""

from __future__ import annotations

from csai_core.plugins.discovery import OURS
from csai_core.terminal import as_typed, printable
from csai_train.runs.evaluation_file import EvaluationSummary, read_evaluation, read_random_play
from csai_train.runs.run import Run

_UNKNOWN_LICENSE = "none is said: ask whom you have it from before you pass it on"
_SAFE = """\
Nothing in here is code, and nothing is hidden: `manifest.json` lists every file with its size and SHA-256.
The files are JSON, TOML, CSV, PNG and safetensors (arrays of numbers). `csai` reads them and executes none;
it refuses an archive that holds anything else, or is not as its manifest says. That tells what was damaged,
not who made it.
"""


def archive_card(run: Run, file: str, license_name: str | None) -> str:
    """What README.md says of a run in an archive.

    Args:
        run: which.
        file: what the archive is called.
        license_name: under which license it is given; None where nobody said.
    """
    typed = as_typed(file)
    facts = {
        "plays": _score(read_evaluation(run)),
        "at random": _score(read_random_play(run)),
        "trained": f"{run.steps_taken():,} of {run.total_steps:,} steps, seed {run.seed}",
        "made with": _listed(run.config.get("versions") or {}),
        "needs": _listed(_plugins(run)) or "csai alone",
        "license": license_name or _UNKNOWN_LICENSE,
    }
    rows = "".join(f"| {name} | {_cell(value)} |\n" for name, value in facts.items() if value)
    commands = {
        f"csai watch {typed}": "watch it play",
        f"csai evaluate {typed}": "measure it",
        f"csai verify {typed}": "repeat its training, and compare",
        f"csai train --start-from {typed}": "go on with what it has learned",
    }
    lines = "".join(f"{command:<50} # {what}\n" for command, what in commands.items())
    title = printable(f"{run.algorithm_name} in {run.environment_id}")
    return f"# {title}\n\n| | |\n|---|---|\n{rows}\n```\n{lines}```\n\n{_SAFE}"


def _score(found: EvaluationSummary | None) -> str:
    if found is None:
        return ""
    spread = "" if found.std_return is None else f", whose returns deviate by {found.std_return:.3g}"
    return f"{found.value:.4g}, the mean of {found.games}{spread}"


def _plugins(run: Run) -> dict[str, str]:
    """The distributions of others that were there, with their versions."""
    origins = [origin for name, origin in (run.config.get("plugins") or {}).items() if name not in OURS]
    module = run.config["environment"].get("module")
    origins += [f"{module} (a module that is installed, which registers the environment)"] if module else []
    return {distribution: version for distribution, _, version in (each.partition(" ") for each in origins)}


def _listed(versions: dict[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in versions.items())


def _cell(text: str) -> str:
    """A text in a cell of a table, of a file that may be a stranger's."""
    return printable(text).replace("|", "\\|")
