"""`csai train`: train an agent, say how much it learned, and leave a run behind."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from csai_core.environments import find_spec
from csai_core.plugins import installed
from csai_train import presets
from csai_train.callbacks.progress import ProgressBar
from csai_train.commands.config_options import options_for

INTERRUPTED = 130
"""The exit status of a program that was stopped by Ctrl-C."""
_STEPS_WITHOUT_PRESET = 100_000


class TrainCommand(click.Command):
    """A command whose options include those of the algorithm that is asked for."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Find out the algorithm first, then parse with its options too."""
        algorithm = _named_algorithm(args)
        if algorithm is not None:
            config_class = installed().find("algorithms", algorithm).load_config()
            ctx.meta["options"] = options_for(config_class)
            ctx.meta["algorithm"] = algorithm
        return super().parse_args(ctx, args)

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """The command's own options, then the algorithm's."""
        return [*super().get_params(ctx), *ctx.meta.get("options", [])]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Show the algorithm's options under a heading of their own."""
        own = [record for param in super().get_params(ctx) if (record := param.get_help_record(ctx))]
        with formatter.section("Options"):
            formatter.write_dl(own)
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
@click.option("--total-steps", type=click.IntRange(min=1), help="How long, over all environments.")
@click.option("--seed", type=click.IntRange(min=0), help="Same seed, same result; drawn if not given.")
@click.option("--attributes", metavar="A[,B]", help="What the agent observes of a Shell environment.")
@click.option(
    "--env", "env_options", metavar="KEY=VALUE", multiple=True, help="An option of the environment."
)
@click.option("--run-dir", type=click.Path(path_type=Path), help="Where to keep the run.")
@click.option("--resume", type=click.Path(path_type=Path), metavar="RUN", help="Continue a run instead.")
@click.option(
    "--threads", type=click.IntRange(min=1), default=1, show_default=True, help="Threads for torch."
)
@click.option(
    "--episodes", type=click.IntRange(min=1), default=100, show_default=True, help="Games to judge by."
)
@click.pass_context
def train_command(
    ctx: click.Context,
    /,
    environment: str | None,
    algorithm: str | None,
    total_steps: int | None,
    seed: int | None,
    attributes: str | None,
    env_options: tuple[str, ...],
    run_dir: Path | None,
    resume: Path | None,
    threads: int,
    episodes: int,
    **config: Any,
) -> None:
    """Train an agent in ENVIRONMENT, such as CSAI/Snake-v0 or CartPole-v1.

    It leaves a run in a folder below runs/. Ctrl-C saves and stops.
    """
    from csai_train.commands.report import report_interruption, report_training
    from csai_train.runs.run import Run, default_path
    from csai_train.starting import resume as continue_run
    from csai_train.starting import train

    console = Console(highlight=False)
    callbacks = [ProgressBar(console)]
    if resume is not None:
        run = Run.open(resume)
        console.print(f"Continuing [bold]{run.path}[/bold] after {run.steps_taken():,} steps.")
        training = continue_run(run, callbacks=callbacks, threads=threads)
    elif environment is None:
        raise click.UsageError("Say where to train, such as: csai train CSAI/Snake-v0")
    else:
        from csai_train.opening import specify

        find_spec(environment)
        algorithm = ctx.meta.get("algorithm") or _suitable_algorithm(environment)
        preset = presets.find(environment, algorithm) or presets.Preset(algorithm, _STEPS_WITHOUT_PRESET)
        spec = specify(environment, {**preset.environment, **_environment_options(attributes, env_options)})
        given = {name: value for name, value in config.items() if value is not None}
        run_dir = run_dir or default_path(environment, algorithm)
        console.print(
            f"Training [bold]{algorithm}[/bold] in [bold]{environment}[/bold]; the run is kept in {run_dir}"
        )
        training = train(
            algorithm,
            spec,
            total_steps=total_steps or preset.total_steps,
            seed=seed,
            config={**preset.config, **given},
            run_dir=run_dir,
            callbacks=callbacks,
            threads=threads,
        )
        run = Run.open(run_dir)
    if training.steps < training.total_steps:
        report_interruption(console, run, training)
        sys.exit(INTERRUPTED)
    report_training(console, run, training, episodes)


def _named_algorithm(args: list[str]) -> str | None:
    """The algorithm that the words of a command line ask for, by name or by the environment's preset."""
    for word, following in zip(args, [*args[1:], ""], strict=True):
        if word == "--algorithm":
            return following
        if word.startswith("--algorithm="):
            return word.partition("=")[2]
    for word in args:
        preset = None if word.startswith("-") else presets.find(word)
        if preset is not None:
            return preset.algorithm
    return None


def _suitable_algorithm(environment: str) -> str:
    """The algorithm to try where there is neither a preset nor a wish."""
    from csai_train.algorithms.q_learning import has_discrete_values
    from csai_train.opening import make_single, specify

    env = make_single(specify(environment))
    env.close()
    return "q_learning" if has_discrete_values(env.observation_space) else "deep_q_learning"


def _environment_options(attributes: str | None, pairs: tuple[str, ...]) -> dict[str, Any]:
    """What --attributes and --env say, as keyword arguments; values are JSON where they can be."""
    options: dict[str, Any] = {}
    for pair in pairs:
        name, separator, text = pair.partition("=")
        if not separator:
            raise click.UsageError(f"--env was given {pair!r}; it must look like width=8.")
        try:
            options[name] = json.loads(text)
        except ValueError:
            options[name] = text
    if attributes is not None:
        names = attributes.split(",")
        options["attributes"] = names[0] if len(names) == 1 else tuple(names)
    return options
