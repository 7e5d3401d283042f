"""What commands that train share: where the run is kept, how it is computed, and how its agent is judged."""

from __future__ import annotations

from pathlib import Path

import click

from csai_core.commands.values import COUNT

run_dir_option = click.option(
    "--run-dir", type=click.Path(path_type=Path), metavar="FOLDER", help="Where to keep the run."
)
"""Adds `--run-dir`; None where nothing is said."""


threads_option = click.option(
    "--threads",
    type=COUNT,
    metavar="N",
    default=1,
    help="Threads for the arithmetic; 1 is the fastest for small networks. [default: 1]",
)


workers_option = click.option(
    "--workers",
    type=COUNT,
    metavar="N",
    help="Processes that step the environments (--num-envs), where a step is slow; the result is the same.",
)
"""Adds `--workers`; None where nothing is said."""


judged_option = click.option(
    "--episodes",
    type=COUNT,
    metavar="N",
    default=100,
    help="Games to judge the agent by at the end. [default: 100]",
)
"""Adds `--episodes`: what `report_training` plays."""
