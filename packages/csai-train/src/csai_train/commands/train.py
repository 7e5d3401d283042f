"""`csai train`: train an agent, say how much it learned, and leave a run behind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from csai_core.commands import output
from csai_core.commands.environment_options import env_option, wrap_option
from csai_core.commands.typed import NETWORK, entry_of
from csai_core.commands.values import COUNT, SEED
from csai_core.signals import interrupt_on_signals
from csai_train.commands.algorithm_command import AS_STARTED, AlgorithmCommand
from csai_train.commands.attempt import conclude, is_run, saying_how_to_go_on
from csai_train.commands.file_argument import EnvironmentOrFile, processes_of
from csai_train.commands.live_training import live_option
from csai_train.commands.new_run import planned, train_anew
from csai_train.commands.processes import (
    as_one_of_several,
    check_restarts,
    fixed_words,
    is_launcher,
    launch_all,
    only_how,
    processes_option,
    restarts_option,
    run_to_go_on_with,
)
from csai_train.commands.resume import NEWEST, follow_run, resume_run
from csai_train.commands.run_arguments import import_option, plain_warnings
from csai_train.commands.run_names import RunName
from csai_train.commands.several_seeds import check_options, jobs_option, seeds_option, train_several
from csai_train.commands.training_options import (
    judged_option,
    run_dir_option,
    threads_option,
    workers_option,
)

if TYPE_CHECKING:
    from csai_train.training.train_file import TrainFile


@click.command("train", cls=AlgorithmCommand)
@click.argument("environment", type=EnvironmentOrFile(), required=False)
@click.option(
    "--algorithm",
    type=entry_of("algorithms"),
    metavar="NAME",
    help="What learns, such as ppo or dqn; the preset chooses when nothing is said.",
)
@click.option(
    "--preset",
    metavar="NAME",
    help="Settings by their name, such as 'long' for CSAI/Snake-v0, or a file of yours, such as mine.toml.",
)
@click.option("--total-steps", type=COUNT, metavar="N", help="How long, over all environments.")
@click.option("--seed", type=SEED, metavar="N", help="Same seed, same result; drawn if not given.")
@seeds_option
@jobs_option
@click.option(
    "--net",
    "network",
    type=NETWORK,
    metavar="NET",
    help="What takes in the observations: a file of a network, module:name, or a registered network, such as "
    "recurrent, which remembers.",
)
@click.option("--device", metavar="NAME", help="Where the network is computed: cpu, cuda or mps.")
@click.option("--backend", metavar="NAME", help="Who computes it: numpy or torch.")
@click.option("--attributes", metavar="A[,B]", help="What the agent observes of a Shell environment.")
@env_option
@wrap_option
@run_dir_option
@click.option(
    "--resume",
    is_flag=False,
    flag_value=NEWEST,
    metavar="[RUN]",
    help="Continue RUN, or the newest run of ENVIRONMENT. --total-steps extends it.",
)
@click.option(
    "--start-from",
    type=RunName(is_read=True),
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
@threads_option
@workers_option
@processes_option
@restarts_option
@judged_option
@live_option
@import_option
@click.pass_context
def train_command(
    ctx: click.Context,
    /,
    environment: str | TrainFile | None,
    resume: str | None,
    threads: int,
    episodes: int,
    is_live: bool,
    seeds: Sequence[int] | None,
    jobs: int | None,
    processes: int | None,
    max_restarts: int | None,
    **given: Any,
) -> None:
    """Train an agent in ENVIRONMENT, such as snake or CartPole-v1.

    A file in place of ENVIRONMENT says what to train; what is typed beside it counts more. So
    csai train runs/mine/train.toml, which every run has, makes that run again, weight for weight.

    It leaves a run in a folder below runs/. Ctrl-C saves and stops, and --resume goes on from there. With
    --seeds it leaves a folder of runs, one for each seed; the same command with the same --run-dir goes on.

    From 8 environments on (--num-envs), games that have a batched class, as CSAI's do, are played by it: the
    training is the same, only faster. Evaluations and csai watch play single ones.
    """
    console = output.console()
    check_restarts(max_restarts, processes, seeds)
    processes = processes_of(environment, processes, seeds)
    if is_launcher(processes):
        fixed = []
        if resume is None:
            fixed = fixed_words(planned(ctx, environment, threads, dict(given)), given)
        launch_all(ctx, console, processes or 1, threads, max_restarts, fixed)
    if seeds is not None:
        check_options(resume, given["seed"], is_live=is_live)
        train_several(console, planned(ctx, environment, threads, given), seeds, jobs, episodes)
        return
    if jobs is not None:
        raise click.UsageError("--jobs says how many of --seeds are trained at a time; give these too.")
    with interrupt_on_signals(), saying_how_to_go_on(console) as attempt, as_one_of_several() as group:
        console.quiet = not group.is_main
        attempt.is_live = is_live
        with plain_warnings(console):
            begun = None if resume else run_to_go_on_with(given["run_dir"], is_run)
            if begun is not None:
                resume, given, environment = str(begun), only_how(given), None
            if resume is None:
                training = train_anew(console, attempt, planned(ctx, environment, threads, given))
            elif not (environment is None or isinstance(environment, str)):
                raise click.UsageError(f"{environment.path} {AS_STARTED}.")
            elif group.is_main:
                training = resume_run(console, attempt, environment, resume, threads, given)
            else:
                training = follow_run(threads, given)
            conclude(console, attempt, training, episodes, is_told=group.is_main)
