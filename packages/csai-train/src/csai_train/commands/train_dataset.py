"""`csai train-dataset`: train a network on a dataset, and say what it learned and where it fails."""

from __future__ import annotations

import inspect
import os
import sys
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from csai_core.arguments import drawn_seed
from csai_core.commands import INTERRUPTED, output
from csai_core.commands.local_modules import allow_local_modules
from csai_core.commands.typed import NETWORK, TypedCommand, entry_of
from csai_core.commands.values import COUNT, SEED
from csai_core.errors import CsaiError
from csai_core.plugins import installed
from csai_core.signals import ignored, interrupt_on_signals
from csai_core.terminal import as_markup, as_typed
from csai_train.commands.attempt import is_run, passing_over
from csai_train.commands.config_options import options_for
from csai_train.commands.dataset_argument import DatasetOrFile, fill_in
from csai_train.commands.file_argument import processes_of
from csai_train.commands.live_training import live_option, progress_of
from csai_train.commands.processes import (
    as_one_of_several,
    check_restarts,
    is_launcher,
    launch_all,
    processes_option,
    restarts_option,
    run_to_go_on_with,
)
from csai_train.commands.run_arguments import plain_warnings
from csai_train.commands.run_names import RunName
from csai_train.commands.training_options import run_dir_option, threads_option
from csai_train.datasets.learning.config import DatasetConfig
from csai_train.events import Callback
from csai_train.group.joining import require_alone

if TYPE_CHECKING:
    from collections.abc import Iterator

    from csai_train.datasets.learning.dataset_file import DatasetFile
    from csai_train.datasets.learning.training import DatasetTraining

_NET = "conv"
_EPOCHS = 5


def _with_options(command: click.Command) -> click.Command:
    """Add an option for each setting of a training."""
    command.params[-1:-1] = options_for(DatasetConfig)
    return command


@_with_options
@click.command("train-dataset", cls=TypedCommand)
@click.argument("dataset", type=DatasetOrFile(), required=False)
@click.option(
    "--net",
    type=NETWORK,
    metavar="NET",
    help="A registered network, which csai list networks names; a file that Net.save wrote, or a TOML file; "
    "or module:name, a net or a function that makes one for a space. [default: conv]",
)
@click.option("--epochs", type=COUNT, metavar="N", help="How often every example is seen. [default: 5]")
@click.option("--root", type=click.Path(path_type=Path), metavar="FOLDER", help="Where the files are.")
@click.option("--no-download", is_flag=True, help="Fetch no missing files.")
@click.option("--seed", type=SEED, metavar="N", help="Same seed, same result.")
@run_dir_option
@click.option(
    "--resume",
    type=RunName("dataset"),
    metavar="RUN",
    help="Continue RUN. --epochs extends it.",
)
@click.option(
    "--callback",
    "callbacks",
    type=entry_of("callbacks"),
    metavar="NAME",
    multiple=True,
    help="Listen to the training, as 'tensorboard' does; csai list callbacks names all.",
)
@click.option(
    "--checkpoint-every",
    type=COUNT,
    metavar="N",
    help="Keep a checkpoint every N batches; without it the newest two and the best are kept.",
)
@click.option("--device", metavar="NAME", help="Where to train, such as cuda. [default: cpu]")
@click.option("--overfit-one-batch", is_flag=True, help="Only find out whether the net can learn at all.")
@click.option("--find-learning-rate", is_flag=True, help="Only look for a good learning rate.")
@threads_option
@processes_option
@restarts_option
@live_option
@click.pass_context
def train_dataset_command(
    ctx: click.Context,
    /,
    dataset: str | DatasetFile | None,
    root: Path | None,
    no_download: bool,
    resume: Path | None,
    overfit_one_batch: bool,
    find_learning_rate: bool,
    processes: int | None,
    max_restarts: int | None,
    **given: Any,
) -> None:
    """Train a network on DATASET, such as mnist; csai datasets lists them.

    A file in place of DATASET says what to train; what is typed beside it counts more. So
    csai train-dataset RUN/train.toml makes a run again, weight for weight.

    It leaves a run in a folder below runs/. Ctrl-C saves and stops, and --resume goes on from there.
    """
    console = output.console()
    processes = processes_of(dataset, processes, None)
    made_with: dict[str, Any] = {}
    if dataset is not None and not isinstance(dataset, str):
        made_with = dataset.values.get("dataset_options", {})
        dataset = fill_in(ctx, dataset, given)
    net = given.pop("net")
    options = _Options(**{name: given.pop(name) for name in _OPTIONS})
    config = {name: value for name, value in given.items() if value is not None}
    allow_local_modules(net or _NET)
    check_restarts(max_restarts, processes, None)
    if is_launcher(processes) and not (find_learning_rate or overfit_one_batch):
        fixed = [] if resume else _fixed_words(dataset, options)
        launch_all(ctx, console, processes or 1, options.threads, max_restarts, fixed)
    with (
        interrupt_on_signals(),
        _saying_how_to_go_on(console) as run,
        as_one_of_several() as group,
        plain_warnings(console),
    ):
        console.quiet = not group.is_main
        begun = None if resume else run_to_go_on_with(options.run_dir, is_run)
        if begun is not None:
            run.append(begun)
            training, made = _resume(console, begun, None, options)
        elif resume is not None:
            if dataset is not None or config or options.of_new_runs:
                raise click.UsageError(
                    "--resume goes on as the run was started; only --epochs, --net, --device and --threads "
                    "may be given."
                )
            run.append(resume)
            training, made = _resume(console, run[0], net, options)
        else:
            made = _make_dataset(dataset, root, no_download, made_with)
            net = net or _NET
            if find_learning_rate or overfit_one_batch:
                require_alone("Trying out a net")
                _try_out(console, net, made, config, options, rates=find_learning_rate)
                return
            training = _train(console, run, str(dataset), made, net, config, options)
        if group.is_main:
            _report(console, training, made, run[0])
        if not training.is_complete:
            raise KeyboardInterrupt


@dataclass(frozen=True)
class _Options:
    """What the command line says of a training besides its config."""

    epochs: int | None
    seed: int | None
    run_dir: Path | None
    callbacks: tuple[str, ...]
    checkpoint_every: int | None
    device: str | None
    threads: int
    is_live: bool

    @property
    def of_new_runs(self) -> bool:
        """Whether anything is said that a run which goes on has decided already."""
        return bool(self.callbacks) or any(
            value is not None for value in (self.seed, self.run_dir, self.checkpoint_every)
        )


_OPTIONS = tuple(field.name for field in fields(_Options))


@contextmanager
def _saying_how_to_go_on(console: Console) -> Iterator[list[Path]]:
    """Whatever ends the command early, say what is saved and how to go on."""
    run: list[Path] = []
    try:
        yield run
    except KeyboardInterrupt:
        with ignored():
            if _is_begun(run):
                _say_how(console, "\nStopped, and saved. Go on with:", run[0])
            else:
                console.print("\nStopped before the training began; nothing was written.")
        sys.exit(INTERRUPTED)
    except Exception:
        if _is_begun(run):
            with ignored():
                _say_how(console, "\nThe training failed; its last checkpoint is kept. Go on with:", run[0])
        raise


def _is_begun(run: list[Path]) -> bool:
    return bool(run) and (run[0] / "config.json").exists()


def _say_how(console: Console, words: str, run: Path) -> None:
    command = f"csai train-dataset --resume {as_markup(as_typed(run))}"
    console.print(f"{words}  [bold]{command}[/bold]", soft_wrap=True)


def _path_of(options: _Options, dataset: str) -> Path:
    """Where a new run is kept."""
    from csai_train.runs.directory import reserved_path

    context = click.get_current_context()
    return options.run_dir or context.with_resource(reserved_path(dataset, "dataset"))


def _fixed_words(dataset: str | None, options: _Options) -> list[str]:
    """Where several processes keep a new run and what they seed it with, where that was not said."""
    words = [] if options.run_dir else ["--run-dir", str(_path_of(options, str(dataset)))]
    if options.seed is not None:
        return words
    return [*words, "--seed", str(drawn_seed("train_on_dataset", None))]


def _train(
    console: Console,
    run: list[Path],
    name: str,
    dataset: Any,
    net: str,
    config: dict[str, Any],
    options: _Options,
) -> DatasetTraining:
    from csai_train.datasets import train_on_dataset

    path = _path_of(options, name)
    console.print(
        f"Training on [bold]{as_markup(name)}[/bold]; the run is kept in {as_markup(path)}", soft_wrap=True
    )
    if not os.path.exists(path / "config.json"):
        run.append(path)
    return train_on_dataset(
        net,
        dataset,
        options.epochs or _EPOCHS,
        seed=options.seed,
        config=config,
        device=options.device,
        run_dir=path,
        callbacks=[_progress(console, path, options), *options.callbacks],
        checkpoint_every=options.checkpoint_every,
        threads=options.threads,
    )


def _resume(
    console: Console, run_dir: Path, net: str | None, options: _Options
) -> tuple[DatasetTraining, Any]:
    from csai_train.datasets import DatasetRun, resume_on_dataset

    run = DatasetRun.open(run_dir)
    taken = run.steps_taken()
    if taken >= max((options.epochs or 0) * run.steps_per_epoch, run.total_steps):
        raise CsaiError(
            f"{run.path} is complete. To train for longer, say how long altogether: csai train-dataset "
            f"--resume {run.path} --epochs {2 * run.epochs}"
        )
    console.print(f"Continuing [bold]{as_markup(run.path)}[/bold] after {taken:,} batches.", soft_wrap=True)
    dataset = run.make_dataset()
    training = resume_on_dataset(
        run,
        epochs=None if options.epochs == run.epochs else options.epochs,
        net=net,
        dataset=dataset,
        device=options.device,
        callbacks=[_progress(console, run.path, options)],
        threads=options.threads,
    )
    return training, dataset


def _progress(console: Console, path: Path, options: _Options) -> Callback:
    """What shows how the training of the run there comes along."""
    from csai_train.runs.listing import open_any

    return progress_of(console, lambda: open_any(path), is_live=options.is_live, has_game=False)


def _try_out(
    console: Console, net: str, dataset: Any, config: dict[str, Any], options: _Options, *, rates: bool
) -> None:
    from csai_train.datasets import find_learning_rate, load_classifier, overfit_one_batch

    seed = options.seed or 0
    classifier = load_classifier(net, dataset, seed=seed)
    if rates:
        batch_size = config.get("batch_size", DatasetConfig.batch_size)
        found = find_learning_rate(
            classifier, dataset, batch_size=batch_size, seed=seed, threads=options.threads
        )
        console.print(f"A good learning rate:  [bold]--learning-rate {found.suggestion:.2g}[/bold]")
        return
    result = overfit_one_batch(classifier, dataset, seed=seed, config=config, threads=options.threads)
    console.print(str(result))
    if not result.is_learned:
        sys.exit(1)


def _make_dataset(name: str | None, root: Path | None, no_download: bool, made_with: dict[str, Any]) -> Any:
    if name is None:
        raise click.UsageError("Say what to train on, such as: csai train-dataset mnist")
    entry = installed().find("datasets", name)
    make = entry.load()
    given = {"root": root, "download": False if no_download else None}
    chosen = made_with | {key: value for key, value in given.items() if value is not None}
    parameters = inspect.signature(make).parameters
    for key in chosen:
        if key not in parameters:
            raise click.UsageError(f"The dataset {name} of plugin {entry.plugin} takes no {key}.")
    needed = [
        each.name for each in parameters.values() if each.default is each.empty and each.name not in chosen
    ]
    if "root" in needed:
        raise click.UsageError(f"The dataset {name} is yours to bring; say where it is: --root FOLDER")
    return entry.make(**chosen)


def _report(console: Console, training: DatasetTraining, dataset: Any, path: Path) -> None:
    """Say what came of it, and leave curves and mistakes in the run."""
    if not training.epochs:
        return
    console.print(f"\n{training.history}\n")
    with passing_over(console, "The curves could not be drawn"):
        training.history.plot(path / "curves.png")
        console.print(f"Curves:    {as_markup(path / 'curves.png')}", soft_wrap=True)
    with passing_over(console, "The mistakes could not be drawn"):
        from csai_train.datasets import analyze_errors

        analyze_errors(training.net, dataset).plot(path / "mistakes.png")
        console.print(f"Mistakes:  {as_markup(path / 'mistakes.png')}", soft_wrap=True)
