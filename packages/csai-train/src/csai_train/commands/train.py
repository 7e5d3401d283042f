"""`csai train`: train an agent, say how much it learned, and leave a run behind."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.markup import escape

from csai_core.commands.environment_options import env_option
from csai_core.commands.local_modules import allow_local_modules
from csai_core.environments import find_spec
from csai_core.errors import CsaiError, UnknownNameError
from csai_core.plugins import installed
from csai_train import presets
from csai_train.callbacks.progress import ProgressBar
from csai_train.commands.config_options import options_for
from csai_train.commands.opening_runs import import_option, open_run, plain_warnings
from csai_train.errors import CallbackError, NonFiniteError
from csai_train.training.signals import interrupt_on_signals

if TYPE_CHECKING:
    from csai_train.runs.run import Run
    from csai_train.training.loop import Training

INTERRUPTED = 130
"""The exit status of a program that was stopped by Ctrl-C."""
_STEPS_WITHOUT_PRESET = 100_000
_NEWEST = "newest"
_NOTHING_WRITTEN = "\nStopped before the training began; nothing was written."


class TrainCommand(click.Command):
    """A command whose options include those of the algorithm that is asked for."""

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """Parse the command line; Ctrl-C ends that as it ends everything after it."""
        try:
            return super().make_context(*args, **kwargs)
        except KeyboardInterrupt:
            click.echo(_NOTHING_WRITTEN)
            sys.exit(INTERRUPTED)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Find out the algorithm first, then parse with its options too."""
        algorithm = _named_algorithm(args)
        if algorithm is not None:
            config_class = installed().find("algorithms", algorithm).load_config()
            ctx.meta["options"] = options_for(config_class)
            ctx.meta["algorithm"] = algorithm
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            if owners := _algorithms_with(error.option_name):
                which = f"{algorithm} has none" if algorithm else "no algorithm was named"
                raise click.UsageError(
                    f"{error.option_name} is an option of {', '.join(owners)}, but {which}.", ctx
                ) from error
            raise

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """The command's own options, then the algorithm's."""
        return [*super().get_params(ctx), *ctx.meta.get("options", [])]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Show the algorithm's options under a heading of their own."""
        own = [record for param in super().get_params(ctx) if (record := param.get_help_record(ctx))]
        with formatter.section("Options"):
            formatter.write_dl([record for record in own if record[0] != "[ENVIRONMENT]"])
        if "options" in ctx.meta:
            with formatter.section(f"Options of {ctx.meta['algorithm']}"):
                formatter.write_dl([p.get_help_record(ctx) for p in ctx.meta["options"]])
        else:
            names = ", ".join(sorted(installed().entries("algorithms")))
            with formatter.section("Options of an algorithm"):
                formatter.write_text(f"csai train --algorithm NAME --help, where NAME is one of: {names}.")


@click.command("train", cls=TrainCommand)
@click.argument("environment", required=False)
@click.option("--algorithm", metavar="NAME", help="What learns; the preset chooses when nothing is said.")
@click.option("--preset", metavar="NAME", help="Settings by their name, such as 'long' for CSAI/Snake-v0.")
@click.option(
    "--total-steps", type=click.IntRange(min=1), metavar="N", help="How long, over all environments."
)
@click.option(
    "--seed", type=click.IntRange(min=0), metavar="N", help="Same seed, same result; drawn if not given."
)
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
        return self.run_dir is not None and (self.run_dir / "config.json").exists()


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
            console.print(_NOTHING_WRITTEN)
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
    from csai_train.runs.directory import default_path
    from csai_train.training.train import train

    if environment is None:
        raise click.UsageError("Say where to train, such as: csai train CSAI/Snake-v0")
    allow_local_modules(environment)
    find_spec(environment)
    preset = _preset(environment, given.pop("preset"), ctx.meta.get("algorithm"))
    algorithm = preset.algorithm
    options = given.pop("env_options") | _view(given.pop("attributes"))
    spec = specify(environment, {**preset.environment, **options})
    run_dir = given.pop("run_dir") or default_path(environment, algorithm)
    total_steps = given.pop("total_steps") or preset.total_steps
    seed, callbacks, checkpoint_every = (given.pop(n) for n in ("seed", "callbacks", "checkpoint_every"))
    given.pop("algorithm")
    console.print(
        f"Training [bold]{algorithm}[/bold] in [bold]{environment}[/bold]; the run is kept in {run_dir}",
        soft_wrap=True,
    )
    if preset.result:
        console.print(f"[dim]Its preset has reached: {escape(preset.result)}[/dim]", soft_wrap=True)
    progress.run_dir = None if run_dir.exists() else run_dir
    return train(
        algorithm,
        spec,
        total_steps=total_steps,
        seed=seed,
        config={**preset.config, **{name: value for name, value in given.items() if value is not None}},
        run_dir=run_dir,
        callbacks=[ProgressBar(console), *callbacks],
        checkpoint_every=checkpoint_every,
        threads=threads,
    )


def _preset(environment: str, name: str | None, algorithm: str | None) -> presets.Preset:
    """The preset that is asked for by its name or by its algorithm; an empty one where there is none."""
    if name is None:
        algorithm = algorithm or _suitable_algorithm(environment)
        found = presets.find(environment, algorithm)
        return found or presets.Preset(algorithm, algorithm, _STEPS_WITHOUT_PRESET)
    found = presets.find(environment, name)
    if found is None:
        raise UnknownNameError.of(f"preset of {environment}", name, presets.names(environment))
    if algorithm not in (None, found.algorithm):
        raise click.UsageError(
            f"The preset {name!r} of {environment} is one for {found.algorithm}, not for {algorithm}."
        )
    return found


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

    total_steps, algorithm = given.pop("total_steps"), given.pop("algorithm")
    ctx = click.get_current_context()
    flags = {str(each.name): each.opts[0] for each in ctx.command.get_params(ctx)}
    refused = [flags[name] for name, value in given.items() if value not in (None, (), {})]
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
    console.print(f"Continuing [bold]{run.path}[/bold] after {taken:,} steps.", soft_wrap=True)
    return resume(run, total_steps=total_steps, callbacks=[ProgressBar(console)], threads=threads)


def _named_algorithm(args: list[str]) -> str | None:
    """The algorithm that the words of a command line ask for, by name or by the environment's preset."""
    algorithm = _value_of("--algorithm", args)
    if algorithm is not None:
        return algorithm or None  # what is missing is click's to say
    name = _value_of("--preset", args)
    for word in args:
        preset = None if word.startswith("-") else presets.find(word, name)
        if preset is not None:
            return preset.algorithm
    return None


def _value_of(flag: str, args: list[str]) -> str | None:
    """What is given after a flag; empty where that is missing, None where there is no such flag."""
    for word, following in zip(args, [*args[1:], ""], strict=False):
        if word == flag:
            return following
        if word.startswith(f"{flag}="):
            return word.partition("=")[2]
    return None


def _algorithms_with(flag: str) -> list[str]:
    """The algorithms that have an option."""
    found = []
    for name, entry in sorted(installed().entries("algorithms").items()):
        config_class = entry.load_config()
        options = [] if config_class is None else options_for(config_class)
        if any(flag in (*option.opts, *option.secondary_opts) for option in options):
            found.append(name)
    return found


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
