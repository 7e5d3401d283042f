"""`csai show-run`, and `csai show` for a folder: what a run was trained on, how, and how far it has come."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from csai_core.terminal import printable
from csai_train.commands.headline import computing_in_words
from csai_train.commands.run_arguments import RUN, import_option, in_runs

if TYPE_CHECKING:
    from csai_train.runs.directory import RunDirectory


@click.command("show-run")
@click.argument("run", type=RUN)
@import_option
def show_run_command(run: Path) -> None:
    """Explain RUN, a folder that csai train or csai train-dataset left."""
    from csai_train.runs.listing import open_any
    from csai_train.runs.run import Run

    opened = open_any(in_runs(run))
    console = Console(highlight=False, markup=False)
    console.print(Text.assemble((printable(opened.path), "bold cyan"), "  run"), soft_wrap=True)
    table = Table(box=None, pad_edge=False, show_header=False)
    for name, value in _facts(opened).items():
        table.add_row(Text(printable(name), "cyan"), printable(value))
    console.print(table)
    network = opened.network() if isinstance(opened, Run) else opened.config["network"]
    if network is not None:
        console.print("\nThe network that it was given:\n")
        words = network.summary() if isinstance(opened, Run) else network
        console.print(printable(words, keep="\n"), soft_wrap=True)


def _facts(run: RunDirectory) -> dict[str, Any]:
    """What there is to say, in the order in which one asks."""
    from csai_train.runs.status import status_of

    status = status_of(run)
    facts = {
        "method": run.method,
        "on": run.subject,
        "state": f"{status.state}, {status.steps:,} of {run.total_steps:,} steps",
        "seed": run.seed,
        "computing": computing_in_words(run.config.get("computing", {})),
        "started from": _start_in_words(run.config.get("started_from")),
        "note": run.config.get("computing", {}).get("note", ""),
    }
    settings = {f"  {name}": value for name, value in run.config["config"].items()}
    return {name: value for name, value in facts.items() if value != ""} | {"config": ""} | settings


def _start_in_words(start: Mapping[str, Any] | None) -> str:
    if start is None:
        return ""
    return (
        f"{start['run']}, {start['algorithm']} in {start['environment']} after {start['steps']:,} steps "
        f"(SHA-256 {start['sha256']['tensors.safetensors'][:12]}…)"
    )
