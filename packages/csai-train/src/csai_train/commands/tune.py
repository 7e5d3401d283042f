"""`csai tune`: search for settings that learn better, and leave a preset behind."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from csai_core.commands import INTERRUPTED, output
from csai_core.commands.environment_options import env_option, wrap_option
from csai_core.commands.output import json_option, print_json, print_rows
from csai_core.commands.typed import ENVIRONMENT, NETWORK, entry_of
from csai_core.commands.values import COUNT, SEED
from csai_core.terminal import as_markup, as_typed
from csai_train.commands.algorithm_command import AlgorithmCommand
from csai_train.commands.new_run import Plan, planned
from csai_train.commands.run_arguments import import_option, plain_warnings
from csai_train.commands.search_option import search_option
from csai_train.commands.several_seeds import Seeds
from csai_train.commands.training_options import run_dir_option, threads_option, workers_option

if TYPE_CHECKING:
    from csai_train.tuning.result import Trial, Tuning
    from csai_train.tuning.search import TrialProgress

_MOST_ROWS = 10


@click.command("tune", cls=AlgorithmCommand)
@click.argument("environment", type=ENVIRONMENT, required=False)
@click.option(
    "--algorithm",
    type=entry_of("algorithms"),
    metavar="NAME",
    help="What learns, such as ppo or dqn; the preset chooses when nothing is said.",
)
@click.option("--preset", metavar="NAME", help="The settings to begin with, by their name or in a file.")
@click.option("--trials", type=COUNT, metavar="N", default=30, help="How many settings to try. [default: 30]")
@click.option(
    "--seeds",
    type=Seeds(),
    metavar="0-2",
    default="0-2",
    help="With which seeds each of them is trained. [default: 0-2]",
)
@click.option(
    "--jobs",
    type=COUNT,
    metavar="N",
    default=1,
    help="How many trials are trained at a time; the same command elsewhere adds more. [default: 1]",
)
@click.option(
    "--storage",
    metavar="WHERE",
    help="Where trials are kept: journal:FILE, sqlite:FILE or postgresql://USER@HOST/NAME, which workers on "
    "several computers can share. [default: a journal in the folder of the runs]",
)
@click.option("--study", metavar="NAME", help="The search's name there. [default: ENVIRONMENT-ALGORITHM]")
@search_option
@click.option(
    "--prune/--no-prune", default=True, help="End trials early that go worse than half of the others."
)
@click.option(
    "--seed",
    type=SEED,
    metavar="N",
    default=0,
    help="Of the search: with one worker and one job, the same one tries the same. [default: 0]",
)
@click.option("--total-steps", type=COUNT, metavar="N", help="How long each training is.")
@click.option(
    "--episodes", type=COUNT, metavar="N", default=30, help="Games to judge each agent by. [default: 30]"
)
@click.option(
    "--net",
    "network",
    type=NETWORK,
    metavar="NET",
    help="What takes in the observations: a file of a network, module:name, or a registered network.",
)
@click.option("--device", metavar="NAME", help="Where the network is computed: cpu, cuda or mps.")
@click.option("--backend", metavar="NAME", help="Who computes it: numpy or torch.")
@click.option("--attributes", metavar="A[,B]", help="What the agent observes of a Shell environment.")
@env_option
@wrap_option
@run_dir_option
@threads_option
@workers_option
@json_option
@import_option
@click.pass_context
def tune_command(
    ctx: click.Context,
    /,
    environment: str | None,
    trials: int,
    seeds: Sequence[int],
    jobs: int,
    storage: str | None,
    study: str | None,
    search: Any,
    prune: bool,
    seed: int,
    episodes: int,
    threads: int,
    as_json: bool,
    **given: Any,
) -> None:
    """Search for settings with which an algorithm learns better in ENVIRONMENT; needs csai-train[tune].

    What is searched and where, the algorithm's settings say themselves: csai tune --algorithm ppo --help
    shows it. A setting that is given stays as it is. The first trial tries the settings as they are. The
    same command goes on with a search that was stopped or killed; and run at the same time, here or on
    another computer with the same --storage, it adds a worker.

    What is found is a preset: csai train ENVIRONMENT --preset FILE takes it.

    As JSON it is an object with environment, algorithm, study, searched, trials (number, state, settings,
    value, values, reason), best (a number), importances and preset (a path).
    """
    from csai_train.tuning.tune import tune

    console = output.console(stderr=as_json)
    place = given.pop("run_dir")
    unused = {"start_from": None, "start_checkpoint": None, "callbacks": ()}
    plan = planned(ctx, environment, threads, {**given, **unused, "run_dir": place or Path("runs")})
    run_dir = place or _usual_place(plan)
    console.print(
        f"{plan.headline('in')}: {trials} trials, {len(seeds)} seed{'s' if len(seeds) > 1 else ''} each"
        + as_markup(f"; all is kept in {run_dir}"),
        soft_wrap=True,
    )
    view = _Lines(console)
    try:
        with plain_warnings(console):
            found = tune(
                plan.algorithm,
                plan.spec,
                run_dir=run_dir,
                trials=trials,
                seeds=seeds,
                jobs=jobs,
                storage=storage,
                study=study,
                search=search,
                prune=prune,
                seed=seed,
                episodes=episodes,
                watch=view.show,
                **{**plan.settings, "callbacks": ()},
            )
    except KeyboardInterrupt:
        console.print(
            f"\nStopped; all is saved. Go on with the same command and --run-dir {as_typed(run_dir)}",
            soft_wrap=True,
        )
        sys.exit(INTERRUPTED)
    if as_json:
        print_json({**asdict(found), "best": found.best.number if found.best else None})
    else:
        _report(console, plan, found)


def _usual_place(plan: Plan) -> Path:
    """The same folder for the same search, so that the same command goes on with it."""
    from csai_train.runs.directory import RUNS, file_name

    return RUNS / f"tune-{file_name(plan.environment, plan.algorithm)}"


class _Lines:
    """Tells in a line of each trial that ends.

    Args:
        console: where.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._best: float | None = None

    def show(self, progress: TrialProgress) -> None:
        """Tell what has become of a trial."""
        text = f"trial {progress.number}: {progress.state}"
        if progress.value is not None:
            text += f", {progress.value:.2f}"
            if self._best is None or progress.value > self._best:
                self._best = progress.value
                text += ", the best so far"
        elif progress.reason:
            text += f", {progress.reason}"
        if progress.state == "begun":
            text += f" with {_listed(progress.settings)}"
        self._console.print(as_markup(text), highlight=False, soft_wrap=True)


def _report(console: Console, plan: Plan, found: Tuning) -> None:
    """The best trials, which settings matter, and what is next."""
    complete = sorted(
        (each for each in found.trials if each.value is not None),
        key=lambda each: (-_value(each), each.number),
    )
    pruned = sum(each.state == "pruned" for each in found.trials)
    names = list(found.searched)
    rows = [
        (str(each.number), f"{_value(each):.2f}", *(_shown(each.settings.get(name)) for name in names))
        for each in complete[:_MOST_ROWS]
    ]
    matters = [f"{found.importances[name]:.0%}" if name in found.importances else "" for name in names]
    if any(matters):
        rows.append(("", "matters", *matters))
    title = f"{found.environment}: {len(found.trials)} trials, {pruned} of them ended early"
    print_rows(console, ("trial", "value", *names), rows, title=title)
    if found.preset is not None:
        console.print(f"{'Preset of the best:':<22} {as_markup(found.preset)}", soft_wrap=True)
        command = f"csai train {as_typed(plan.environment)} --preset {as_typed(found.preset)}"
        console.print(f"{'Train with it:':<22} [bold]{as_markup(command)}[/bold]", soft_wrap=True)


def _value(trial: Trial) -> float:
    return float("-inf") if trial.value is None else trial.value


def _listed(settings: Any) -> str:
    return ", ".join(f"{name} {_shown(value)}" for name, value in settings.items())


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
