"""`csai train`: train an agent, say how much it learned, and leave a run behind."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from csai_core.commands.environment_options import check_env_options, env_option
from csai_core.commands.local_modules import allow_local_modules
from csai_core.environments import find_spec
from csai_core.errors import CsaiError
from csai_core.signals import interrupt_on_signals
from csai_train.callbacks.progress import ProgressBar
from csai_train.commands.algorithm_command import INTERRUPTED, NOTHING_WRITTEN, AlgorithmCommand
from csai_train.commands.headline import Headline
from csai_train.commands.run_arguments import (
    RUN,
    checkpoint_choice,
    import_option,
    open_run,
    plain_warnings,
)
from csai_train.errors import CallbackError, NonFiniteError

if TYPE_CHECKING:
    from csai_train.presets import Preset
    from csai_train.runs.run import Run
    from csai_train.training.loop import Training
    from csai_train.training.start import Start

_STEPS_WITHOUT_PRESET = 100_000
_NEWEST = "newest"
_PASSED_ON = ("seed", "checkpoint_every", "network", "device", "backend", "start_from")
"""Options that are arguments of `train` by the same names."""


@click.command("train", cls=AlgorithmCommand)
@click.argument("environment", required=False)
@click.option("--algorithm", metavar="NAME", help="What learns; the preset chooses when nothing is said.")
@click.option("--preset", metavar="NAME", help="Settings by their name, such as 'long' for CSAI/Snake-v0.")
@click.option(
    "--total-steps", type=click.IntRange(min=1), metavar="N", help="How long, over all environments."
)
@click.option(
    "--seed", type=click.IntRange(min=0), metavar="N", help="Same seed, same result; drawn if not given."
)
@click.option(
    "--net",
    "network",
    metavar="NET",
    help="What takes in the observations: a file of a network, module:name, or a registered network.",
)
@click.option("--device", metavar="NAME", help="Where the network is computed: cpu, cuda or mps.")
@click.option("--backend", metavar="NAME", help="Who computes it: numpy or torch.")
@click.option("--attributes", metavar="A[,B]", help="What the agent observes of a Shell environment.")
@env_option
@click.option("--run-dir", type=click.Path(path_type=Path), metavar="FOLDER", help="Where to keep the run.")
@click.option(
    "--resume",
    is_flag=False,
    flag_value=_NEWEST,
    metavar="[RUN]",
    help="Continue RUN, or the newest run of ENVIRONMENT. --total-steps extends it.",
)
@click.option(
    "--start-from",
    type=RUN,
    metavar="RUN",
    help="Begin a new run with what RUN has learned; what is not said otherwise is as it was there.",
)
@click.option(
    "--start-checkpoint",
    metavar="WHICH",
    help="As which checkpoint of that run has it: newest, best or a number of steps. [default: newest]",
)
@click.option(
    "--callback",
    "callbacks",
    metavar="NAME",
    multiple=True,
    help="Listen to the training, as 'evaluation' does; csai list callbacks names all.",
)
@click.option(
    "--checkpoint-every",
    type=click.IntRange(min=1),
    metavar="N",
    help="Keep a checkpoint every N steps; without it the newest two and the best are kept.",
)
@click.option(
    "--threads",
    type=click.IntRange(min=1),
    metavar="N",
    default=1,
    help="Threads for the arithmetic; 1 is the fastest for small networks. [default: 1]",
)
@click.option(
    "--episodes",
    type=click.IntRange(min=1),
    metavar="N",
    default=100,
    help="Games to judge the agent by at the end. [default: 100]",
)
@import_option
@click.pass_context
def train_command(
    ctx: click.Context,
    /,
    environment: str | None,
    resume: str | None,
    threads: int,
    episodes: int,
    **given: Any,
) -> None:
    """Train an agent in ENVIRONMENT, such as CSAI/Snake-v0 or CartPole-v1.

    It leaves a run in a folder below runs/. Ctrl-C saves and stops, and --resume goes on from there.

    From 8 environments on (--num-envs), games that have a batched class, as CSAI's do, are played by it: the
    training is the same, only faster. Evaluations and csai watch play single ones.
    """
    console = Console(highlight=False)
    with _saying_how_to_go_on(console) as progress, interrupt_on_signals(), plain_warnings(console):
        if resume is not None:
            training = _resume(console, progress, environment, resume, threads, given)
        else:
            training = _train(ctx, console, progress, environment, threads, given)
        if not training.is_complete or training.stop_requested:
            raise KeyboardInterrupt

        from csai_train.commands.report import report_training

        report_training(console, progress.opened(), training, episodes)


class _Progress:
    """How far the command has come, for whoever must say how to go on."""

    def __init__(self) -> None:
        self.run_dir: Path | None = None

    def opened(self) -> Run:
        """The run, once it exists."""
        if self.run_dir is None:
            raise click.ClickException("There is no run yet.")
        return open_run(self.run_dir)

    @property
    def has_run(self) -> bool:
        """Whether there is something to go on with."""
        return self.run_dir is not None and _is_run(self.run_dir)


def _is_run(folder: Path) -> bool:
    return os.path.exists(folder / "config.json")  # whatever the path is, unlike Path.exists


@contextmanager
def _saying_how_to_go_on(console: Console) -> Iterator[_Progress]:
    """Whatever ends the command early, say what is saved and how to go on."""
    progress = _Progress()
    try:
        yield progress
    except KeyboardInterrupt:
        if progress.has_run:
            from csai_train.commands.report import report_interruption

            report_interruption(console, progress.opened())
        else:
            console.print(NOTHING_WRITTEN)
        sys.exit(INTERRUPTED)
    except Exception as error:
        is_refusal = isinstance(error, (CsaiError, click.ClickException)) and not isinstance(
            error, (CallbackError, NonFiniteError)
        )
        if progress.has_run and not is_refusal:
            from csai_train.commands.report import report_failure

            report_failure(console, progress.opened())
        raise


def _train(
    ctx: click.Context,
    console: Console,
    progress: _Progress,
    environment: str | None,
    threads: int,
    given: dict[str, Any],
) -> Training:
    from csai_train.environments.make import specify
    from csai_train.runs.directory import reserved_path
    from csai_train.training.train import find_preset, train

    start = _start(given)
    if environment is None and start is not None:
        environment = start.run.environment_id
    if environment is None:
        raise click.UsageError("Say where to train, such as: csai train CSAI/Snake-v0")
    for name in (environment, given["network"] or ""):
        allow_local_modules(name)
    wish = given.pop("preset") or "auto"
    preset = find_preset(environment, ctx.meta.get("algorithm"), wish, start)
    algorithm = ctx.meta.get("algorithm") or _suitable_algorithm(environment)
    check_env_options(environment, given["env_options"])
    options = given.pop("env_options") | _view(given.pop("attributes"))
    spec = specify(environment, {**(preset.environment if preset else {}), **options})
    run_dir = given.pop("run_dir") or ctx.with_resource(reserved_path(environment, algorithm))
    total_steps = given.pop("total_steps") or (None if preset else _STEPS_WITHOUT_PRESET)
    callbacks = given.pop("callbacks")
    given.pop("algorithm")
    given = {name: value for name, value in given.items() if value is not None}
    plain = {name: given.pop(name) for name in _PASSED_ON if name in given}
    headline = Headline(
        console,
        f"Training [bold]{algorithm}[/bold] in [bold]{environment}[/bold]",
        f"; the run is kept in {run_dir}",
        _remark(preset, start),
        has_note="network" not in plain,  # of a network that was given, the training warns
    )
    progress.run_dir = None if _is_run(run_dir) else run_dir
    return train(
        algorithm,
        spec,
        total_steps=total_steps,
        config=given,
        preset=wish,
        run_dir=run_dir,
        callbacks=[headline, ProgressBar(console), *callbacks],
        threads=threads,
        **plain,
    )


def _start(given: dict[str, Any]) -> Start | None:
    """What --start-from names, which then stands in `given` as `train` takes it."""
    from csai_train.training.start import Start

    run, which = given.pop("start_from"), given.pop("start_checkpoint")
    if run is None and which is not None:
        raise click.UsageError("--start-checkpoint says which checkpoint of --start-from RUN; give that too.")
    start = None if run is None else Start.open(open_run(run), checkpoint_choice(which or "newest"))
    given["start_from"] = start
    return start


def _remark(preset: Preset | None, start: Start | None) -> str:
    if start is not None:
        return f"It starts from what {start.run.path} had learned after {start.steps:,} steps."
    return f"Its preset has reached: {preset.result}" if preset else ""


def _resume(
    console: Console,
    progress: _Progress,
    environment: str | None,
    which: str,
    threads: int,
    given: dict[str, Any],
) -> Training:
    from csai_train.runs.listing import newest_run
    from csai_train.training.train import resume

    total_steps, algorithm, device = (given.pop(name) for name in ("total_steps", "algorithm", "device"))
    ctx = click.get_current_context()
    flags = {str(each.name): each.opts[0] for each in ctx.command.get_params(ctx)}
    refused = [flags[name] for name, value in given.items() if value not in (None, (), {}, "auto")]
    if refused:
        raise click.UsageError(
            f"{refused[0]} cannot be given with --resume: a run goes on as it was started."
        )
    if environment is not None and ":" in environment:
        allow_local_modules(environment)
        environment = find_spec(environment).id  # as a run knows it
    if environment is None and which == _NEWEST:
        raise click.UsageError("Say what to continue: csai train --resume RUN, or csai train ID --resume")
    run = newest_run(environment, algorithm) if which == _NEWEST and environment else open_run(Path(which))
    if environment not in (None, run.environment_id):
        raise click.UsageError(f"{run.path} is a run of {run.environment_id}, not of {environment}.")
    progress.run_dir = run.path
    taken = run.steps_taken()
    if taken >= (total_steps or run.total_steps):
        raise CsaiError(
            f"{run.path} is complete: it has taken its {taken:,} steps. To train for longer, say how long "
            f"altogether: csai train --resume {run.path} --total-steps {2 * taken}"
        )
    headline = Headline(console, f"Continuing [bold]{run.path}[/bold] after {taken:,} steps", ".")
    return resume(
        run,
        total_steps=total_steps,
        device=device,
        callbacks=[headline, ProgressBar(console)],
        threads=threads,
    )


def _suitable_algorithm(environment: str) -> str:
    """The algorithm to try where there is neither a preset nor a wish."""
    from csai_train.algorithms.q_table import has_discrete_values
    from csai_train.environments.make import make_single, specify

    env = make_single(specify(environment))
    env.close()
    return "q_learning" if has_discrete_values(env.observation_space) else "deep_q_learning"


def _view(attributes: str | None) -> dict[str, Any]:
    """What --attributes says, as a keyword argument."""
    if attributes is None:
        return {}
    names = attributes.split(",")
    return {"attributes": names[0] if len(names) == 1 else tuple(names)}
