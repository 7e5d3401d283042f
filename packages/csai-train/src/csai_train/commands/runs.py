"""`csai runs`: what has been trained, and what became of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.text import Text

from csai_core.commands.output import Cell, console, json_option, print_json, print_rows
from csai_core.commands.typed import TypedCommand
from csai_core.terminal import as_markup

if TYPE_CHECKING:
    from csai_train.errors import RunError
    from csai_train.runs.directory import RunDirectory
    from csai_train.runs.status import RunStatus

_MOST_PROBLEMS = 10
_STYLES = {"training": "cyan", "complete": "green", "failed": "red", "killed": "yellow", "stopped": "yellow"}


@click.command("runs", cls=TypedCommand)
@click.argument("folder", type=click.Path(path_type=Path), default=Path("runs"))
@json_option
def runs_command(folder: Path, as_json: bool) -> None:
    """List the runs in FOLDER, newest first.

    The score is what the last evaluation of the newest agent has found; without one, the mean of the last
    100 episodes of the training. It is the game's own score where it keeps one, and otherwise the return. On
    a dataset it is the accuracy on the test set.

    Where rules of health have found something in a training that is still seen, the last column says how
    much; csai doctor RUN explains it.

    As JSON it is a list of objects with path, kind, method, subject, state, steps, total_steps, created,
    score, mean_of and health: the names of the rules whose findings are still seen.
    """
    from csai_train.runs.listing import find_runs

    problems: list[RunError] = []
    runs = [_describe(run) for run in find_runs(folder, problems)]
    if as_json:
        print_json(runs)
        return
    screen = console()
    if runs:
        has_health = any(run["health"] for run in runs)
        plain = ("run", "algorithm", "on", "score", "mean of", "steps", "when", "state")
        headings = (*plain, "health") if has_health else plain
        print_rows(screen, headings, [_row(run, has_health) for run in runs])
    elif not problems:
        screen.print(f"There are no runs in {as_markup(folder)}. Make one with: csai train snake")
    if problems:
        _tell(screen, problems)


def _describe(run: RunDirectory) -> dict[str, Any]:
    from csai_train.health.finding import still_seen
    from csai_train.health.history import after_games, findings_in, gravest_first
    from csai_train.runs.status import status_of

    status = status_of(run)
    score, mean_of = _score(run, status)
    seen = still_seen(after_games(findings_in(run.path), run))
    return {
        "path": run.path,
        "kind": run.kind,
        "method": run.method,
        "subject": run.subject,
        "state": status.state,
        "steps": status.steps,
        "total_steps": run.total_steps,
        "created": run.created,
        "score": score,
        "mean_of": mean_of,
        "health": list(dict.fromkeys(each.rule for each in gravest_first(seen))),
    }


def _score(run: RunDirectory, status: RunStatus) -> tuple[float | None, str]:
    """The mean that says most about the agent, and of what it is one."""
    from csai_train.runs.evaluation_file import read_evaluation

    if status.test_accuracy is not None:
        return status.test_accuracy, "test set"
    if (evaluation := read_evaluation(run)) is not None:
        return evaluation.value, evaluation.games
    value = status.mean_return if status.mean_score is None else status.mean_score
    return value, "" if value is None else "training"


def _row(run: dict[str, Any], has_health: bool) -> Sequence[Cell]:
    score, is_share = run["score"], run["mean_of"] == "test set"
    return (
        run["path"].name,
        run["method"],
        run["subject"],
        "" if score is None else f"{score:.2%}" if is_share else f"{score:.2f}",
        run["mean_of"],
        f"{run['steps']:,}",
        time.strftime("%d %b %H:%M", time.localtime(run["created"])),
        Text(run["state"], _STYLES.get(run["state"], "dim")),
        *([Text(f"{len(run['health'])} !" if run["health"] else "", "yellow")] if has_health else []),
    )


def _tell(screen: Console, problems: Sequence[RunError]) -> None:
    """Say what was passed over, and why."""
    count = "One folder is" if len(problems) == 1 else f"{len(problems)} folders are"
    screen.print(f"\n[yellow]{count} no run that can be read, and passed over:[/yellow]")
    for problem in problems[:_MOST_PROBLEMS]:
        screen.print(f"  {as_markup(problem)}", soft_wrap=True)
