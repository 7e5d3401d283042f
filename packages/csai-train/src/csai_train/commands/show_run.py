"""`csai show-run`, and `csai show` for a folder: what a run was trained on, how, and how far it has come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.text import Text

from csai_core.commands.output import console, json_option, print_json, print_rows
from csai_core.commands.typed import TypedCommand
from csai_core.terminal import printable
from csai_train.commands.headline import computing_in_words
from csai_train.commands.run_arguments import import_option
from csai_train.commands.run_names import run_argument

if TYPE_CHECKING:
    from csai_train.runs.directory import RunDirectory


@click.command("show-run", cls=TypedCommand)
@run_argument("", is_read=True)
@json_option
@import_option
def show_run_command(run: Path, as_json: bool) -> None:
    """Explain RUN: a run's folder, its name, or what it was trained on; without it, the newest run.

    As JSON it is an object with path, kind and state, with what stands in config.json, and with the last
    evaluation, if there is one.
    """
    from csai_train.runs.listing import open_any
    from csai_train.runs.run import Run

    opened = open_any(run)
    if as_json:
        print_json(_described(opened))
        return
    screen = console(markup=False)
    screen.print(Text.assemble((printable(opened.path), "bold cyan"), "  run"), soft_wrap=True)
    facts = [(Text(printable(name), "cyan"), str(value)) for name, value in _facts(opened).items()]
    print_rows(screen, ("", "value"), facts, wraps="value", has_headings=False)
    network = opened.network() if isinstance(opened, Run) else opened.config["network"]
    if network is not None:
        screen.print("\nThe network that it was given:\n")
        words = network.summary() if isinstance(opened, Run) else network
        screen.print(printable(words, keep="\n"), soft_wrap=True)


def _described(run: RunDirectory) -> dict[str, Any]:
    from csai_train.runs.evaluation_file import read_evaluation
    from csai_train.runs.status import status_of

    status, evaluation = status_of(run), read_evaluation(run)
    return {
        **run.config,
        "path": run.path,
        "kind": run.kind,
        "state": status.state,
        "steps": status.steps,
        "evaluation": None if evaluation is None else asdict(evaluation),
    }


def _facts(run: RunDirectory) -> dict[str, Any]:
    """What there is to say, in the order in which one asks."""
    from csai_train.algorithms.networks import REPLACED
    from csai_train.runs.evaluation_file import read_evaluation
    from csai_train.runs.status import status_of

    status, evaluation = status_of(run), read_evaluation(run)
    facts = {
        "method": run.method,
        "on": run.subject,
        "state": f"{status.state}, {status.steps:,} of {run.total_steps:,} steps",
        "plays": "" if evaluation is None else f"{evaluation.value:.2f}, mean of {evaluation.games}",
        "seed": run.seed,
        "preset": run.config.get("preset") or "",
        "computing": computing_in_words(run.computing),
        "started from": _start_in_words(run.config.get("started_from")),
        "forked from": _fork_in_words(run),
        "note": run.computing.get("note", ""),
    }
    unused = REPLACED if run.config.get("network") else ()
    settings = {f"  {name}": value for name, value in run.config["config"].items() if name not in unused}
    return {name: value for name, value in facts.items() if value != ""} | {"config": ""} | settings


def _start_in_words(start: Mapping[str, Any] | None) -> str:
    if start is None:
        return ""
    return (
        f"{start['run']}, {start['algorithm']} in {start['environment']} after {start['steps']:,} steps "
        f"(SHA-256 {start['sha256']['tensors.safetensors'][:12]}…)"
    )


def _fork_in_words(run: RunDirectory) -> str:
    from csai_train.runs.fork import Fork
    from csai_train.runs.run import Run

    fork = Fork.of(run) if isinstance(run, Run) else None
    return "" if fork is None else f"{fork.run}, after {fork.steps:,} steps: {fork.difference()}"
