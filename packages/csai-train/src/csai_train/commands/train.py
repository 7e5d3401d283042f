"""`csai train`: train an agent, say how much it learned, and leave a run behind."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from csai_core.commands import INTERRUPTED, output
from csai_core.commands.environment_options import check_env_options, env_option
from csai_core.commands.local_modules import allow_local_modules
from csai_core.commands.typed import ENVIRONMENT, entry_of
from csai_core.commands.values import COUNT, SEED
from csai_core.errors import CsaiError
from csai_core.plugins import installed
from csai_core.signals import interrupt_on_signals
from csai_core.terminal import as_markup
from csai_train.callbacks.progress import ProgressBar
from csai_train.commands.algorithm_command import AS_STARTED, NOTHING_WRITTEN, AlgorithmCommand, preset_named
from csai_train.commands.headline import Headline
from csai_train.commands.run_arguments import (
    checkpoint_choice,
    import_option,
    imported,
    note_import,
    open_run,
    plain_warnings,
)
from csai_train.commands.run_names import RunName, find_run, newest_run
from csai_train.events import Callback, Session

if TYPE_CHECKING:
    from gymnasium.envs.registration import EnvSpec

    from csai_train.presets import Preset
    from csai_train.runs.run import Run
    from csai_train.training.loop import Training
    from csai_train.training.start import Start

_STEPS_WITHOUT_PRESET = 100_000
_TRIED_FIRST = ("q_learning", "deep_q_learning", "ppo")
_NEWEST = "newest"
_PASSED_ON = ("seed", "checkpoint_every", "network", "device", "backend", "workers", "start_from")
"""Options that are arguments of `train` by the same names."""


@click.command("train", cls=AlgorithmCommand)
@click.argument("environment", type=ENVIRONMENT, required=False)
@click.option(
    "--algorithm",
    type=entry_of("algorithms"),
    metavar="NAME",
    help="What learns, such as ppo or dqn; the preset chooses when nothing is said.",
)
@click.option("--preset", metavar="NAME", help="Settings by their name, such as 'long' for CSAI/Snake-v0.")
@click.option("--total-steps", type=COUNT, metavar="N", help="How long, over all environments.")
@click.option("--seed", type=SEED, metavar="N", help="Same seed, same result; drawn if not given.")
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
    type=RunName(),
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
    type=entry_of("callbacks"),
    metavar="NAME",
    multiple=True,
    help="Listen to the training, as 'evaluation' does; csai list callbacks names all.",
)
@click.option(
    "--checkpoint-every",
    type=COUNT,
    metavar="N",
    help="Keep a checkpoint every N steps; without it the newest two and the best are kept.",
)
@click.option(
    "--threads",
    type=COUNT,
    metavar="N",
    default=1,
    help="Threads for the arithmetic; 1 is the fastest for small networks. [default: 1]",
)
@click.option(
    "--workers",
    type=COUNT,
    metavar="N",
    help="Processes that step the environments (--num-envs), where a step is slow; the result is the same.",
)
@click.option(
    "--episodes",
    type=COUNT,
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
    """Train an agent in ENVIRONMENT, such as snake or CartPole-v1.

    It leaves a run in a folder below runs/. Ctrl-C saves and stops, and --resume goes on from there.

    From 8 environments on (--num-envs), games that have a batched class, as CSAI's do, are played by it: the
    training is the same, only faster. Evaluations and csai watch play single ones.
    """
    console = output.console()
    with _saying_how_to_go_on(console) as progress, interrupt_on_signals(), plain_warnings(console):
        if resume is not None:
            training = _resume(console, progress, environment, resume, threads, given)
        else:
            training = _train(ctx, console, progress, environment, threads, given)
        if not training.is_complete or training.stop_requested:
            raise KeyboardInterrupt

    from csai_train.commands.report import report_training

    report_training(console, progress.opened(), training, episodes, imported())


class _Progress(Callback):
    """How far the command has come, for whoever must say how to go on."""

    def __init__(self) -> None:
        self.run_dir: Path | None = None
        self.has_begun = False

    def start(self, training: Session) -> None:
        """The first step is about to be taken."""
        self.has_begun = True

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

            report_interruption(console, progress.opened(), imported())
        else:
            console.print(NOTHING_WRITTEN)
        sys.exit(INTERRUPTED)
    except Exception:
        if progress.has_run and progress.has_begun:
            from csai_train.commands.report import report_failure

            report_failure(console, progress.opened(), imported())
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
        raise click.UsageError("Say where to train, such as: csai train snake")
    if module := environment.rpartition(":")[0]:
        note_import(module)
    allow_local_modules(given["network"] or "")
    wish = preset_named(environment.rpartition(":")[2], given.pop("preset")) or "auto"
    preset = find_preset(environment, ctx.meta.get("algorithm"), wish, start)
    check_env_options(environment, given["env_options"])
    options = given.pop("env_options") | _view(given.pop("attributes"))
    spec = specify(environment, {**(preset.environment if preset else {}), **options})
    algorithm = ctx.meta.get("algorithm") or _suitable_algorithm(spec)
    run_dir = given.pop("run_dir") or ctx.with_resource(reserved_path(environment, algorithm))
    total_steps = given.pop("total_steps")
    callbacks = given.pop("callbacks")
    given.pop("algorithm")
    given = {name: value for name, value in given.items() if value is not None}
    plain = {name: given.pop(name) for name in _PASSED_ON if name in given}
    headline = Headline(
        console,
        f"Training [bold]{as_markup(algorithm)}[/bold] in [bold]{as_markup(environment)}[/bold]",
        f"; the run is kept in {run_dir}",
        _remark(start, preset if preset and preset.is_kept(total_steps, options, given) else None, plain),
        has_note="network" not in plain,  # of a network that was given, the training warns
    )
    progress.run_dir = None if _is_run(run_dir) else run_dir
    return train(
        algorithm,
        spec,
        total_steps=total_steps or (None if preset else _STEPS_WITHOUT_PRESET),
        config=given,
        preset=wish,
        run_dir=run_dir,
        callbacks=[progress, headline, ProgressBar(console), *callbacks],
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


def _remark(start: Start | None, preset: Preset | None, plain: Mapping[str, Any]) -> str:
    """What is known of such a training: where it starts from, or what the preset it keeps to has reached."""
    if start is not None:
        return f"It starts from what {start.run.path} had learned after {start.steps:,} steps."
    return f"Its preset has reached: {preset.result}" if preset and "network" not in plain else ""


def _resume(
    console: Console,
    progress: _Progress,
    environment: str | None,
    which: str,
    threads: int,
    given: dict[str, Any],
) -> Training:
    from csai_train.training.train import resume

    free = ("total_steps", "algorithm", "device", "workers")
    total_steps, algorithm, device, workers = (given.pop(name) for name in free)
    ctx = click.get_current_context()
    flags = {str(each.name): each.opts[0] for each in ctx.command.get_params(ctx)}
    refused = [flags[name] for name, value in given.items() if value not in (None, (), {}, "auto")]
    if refused:
        raise click.UsageError(f"{refused[0]} {AS_STARTED}.")
    run = _run_to_resume(environment, algorithm, which)
    progress.run_dir = run.path
    taken = run.steps_taken()
    _check_length(run, taken, total_steps)
    headline = Headline(console, f"Continuing [bold]{as_markup(run.path)}[/bold] after {taken:,} steps", ".")
    return resume(
        run,
        total_steps=None if total_steps == run.total_steps else total_steps,
        device=device,
        callbacks=[progress, headline, ProgressBar(console)],
        threads=threads,
        workers=workers,
    )


def _run_to_resume(environment: str | None, algorithm: str | None, which: str) -> Run:
    """The run that --resume names, or the newest of an environment, or the newest of all."""
    from csai_train.runs import listing

    bare = None if environment is None else environment.rpartition(":")[2]
    if which != _NEWEST:
        run = open_run(find_run(which))
    else:
        run = listing.newest_run(bare, algorithm) if bare else open_run(newest_run())
    if bare not in (None, run.environment_id):
        raise click.UsageError(f"{run.path} is a run of {run.environment_id}, not of {bare}.")
    if environment != bare:
        note_import(str(environment).rpartition(":")[0])
    return run


def _check_length(run: Run, taken: int, total_steps: int | None) -> None:
    """Refuse to go on to an end that is over, and say which would not be."""
    if total_steps is not None and total_steps < max(taken, run.total_steps):
        planned = f", of the {run.total_steps:,} that are planned" if taken < run.total_steps else ""
        raise CsaiError(
            f"{run.path} has taken {taken:,} steps{planned}. --total-steps says after how many altogether it "
            f"ends, and can only extend it: {total_steps:,} would be less."
            + (f" To go on as planned: csai train --resume {run.path}" if planned else "")
        )
    if taken >= (total_steps or run.total_steps):
        raise CsaiError(
            f"{run.path} is complete: it has taken its {taken:,} steps. To train for longer, say how long "
            f"altogether: csai train --resume {run.path} --total-steps {2 * taken}"
        )


def _suitable_algorithm(spec: EnvSpec) -> str:
    """The algorithm to try where there is neither a preset nor a wish: the first that takes its spaces.

    Raises:
        CsaiError: if there is none.
    """
    from csai_train.environments.make import make_single

    env = make_single(spec)
    env.close()
    entries = installed().entries("algorithms")
    for name in dict.fromkeys((*_TRIED_FIRST, *sorted(entries))):
        if name in entries and entries[name].takes(env.observation_space, env.action_space):
            return name
    raise CsaiError(
        f"No installed algorithm takes the spaces of {spec.id}: observations in {env.observation_space}, "
        f"actions in {env.action_space}. csai show NAME says what an algorithm takes."
    )


def _view(attributes: str | None) -> dict[str, Any]:
    """What --attributes says, as a keyword argument."""
    if attributes is None:
        return {}
    names = attributes.split(",")
    return {"attributes": names[0] if len(names) == 1 else tuple(names)}
