"""Starting a training on a dataset and continuing one: what programs call, and `csai train-dataset`."""

from __future__ import annotations

import dataclasses
import os
import shutil
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np
from torch import nn

from csai_core import options
from csai_core.errors import ConfigError, CsaiError
from csai_train.callbacks.checkpoints import Checkpoints
from csai_train.callbacks.progress import ProgressBar
from csai_train.callbacks.writers import EventLog, MetricsTable
from csai_train.datasets.analysis.overfit_one_batch import overfit
from csai_train.datasets.learning.compatibility import check_fit, device_of, squashes, takes_bytes
from csai_train.datasets.learning.config import DatasetConfig
from csai_train.datasets.learning.fingerprint import describe_dataset, describe_network
from csai_train.datasets.learning.history import History
from csai_train.datasets.learning.loaders import Feed
from csai_train.datasets.learning.make_loaders import make_feeds
from csai_train.datasets.learning.run import NET, DatasetRun
from csai_train.datasets.learning.trainer import Trainer
from csai_train.datasets.learning.training import DatasetTraining
from csai_train.errors import RunError
from csai_train.events import Callback
from csai_train.runs.directory import fitting
from csai_train.runs.lock import locked
from csai_train.threads import limited_threads
from csai_train.training.signals import stop_on_signals


def train_on_dataset(
    net: nn.Module,
    dataset: Any,
    epochs: int = 5,
    batch_size: int = 64,
    learning_rate: float = 1e-3,
    *,
    trainer: Trainer | None = None,
    overfit_one_batch: bool = False,
    seed: int | None = None,
    run_dir: str | os.PathLike[str] | None = None,
    callbacks: Sequence[Callback] = (),
    checkpoint_every: int | None = None,
    threads: int = 1,
    show_progress: bool = True,
    **settings: Any,
) -> History:
    """Train a network on a dataset, where the network lives.

    Args:
        net: a compiled Net, or any torch module that gives one number for each class.
        dataset: a Dataset, or whatever has `trainset`, `testset` and `num_classes`.
        epochs: how often every example is seen.
        batch_size: examples in a step.
        learning_rate: how far a step goes.
        trainer: a loss and an optimiser of your own; None takes cross-entropy and Adam.
        overfit_one_batch: learn only one batch by heart, on a copy of the network: a network that cannot
            is broken, and a TrainingWarning says so. Nothing else is trained.
        seed: decides everything random, so that the same seed gives the same result; None draws one.
        run_dir: where to keep the run; must not exist yet. None keeps nothing.
        callbacks: who else is told of what happens.
        checkpoint_every: keep a checkpoint every so many batches; None saves ten times a training and keeps
            the newest two and the best.
        threads: how many threads numpy and torch may use. One is the fastest for small networks.
        show_progress: whether to show a bar, or plain lines where there is no terminal.
        settings: the other fields of `DatasetConfig`: schedule, label_smoothing, augment, patience,
            precision, workers.

    Returns:
        What came of it, epoch by epoch. After Ctrl-C or SIGTERM it ends early.

    Raises:
        MisfitError: if network and dataset do not fit together, before anything is trained.
        ConfigError, UnknownNameError: if a setting cannot work, or does not exist.
        NonFiniteError: if the loss becomes NaN or infinite.
        RunError: if the run cannot be written.
    """
    given = {"epochs": epochs, "batch_size": batch_size, "learning_rate": learning_rate, **settings}
    config: DatasetConfig = options.build(DatasetConfig, given)
    if checkpoint_every is not None and checkpoint_every < 1:
        raise ConfigError(
            f"train_on_dataset was given checkpoint_every={checkpoint_every}; at least 1 works."
        )
    seed = int(np.random.SeedSequence().generate_state(1)[0]) if seed is None else seed
    trainer = _check_trainer(net, trainer)
    messages: list[str] = []
    train, test = _feeds(net, dataset, config, messages)
    if overfit_one_batch:
        with limited_threads(threads):
            return overfit(net, train, config, dataset.num_classes, seed)
    trainer = trainer or _make_trainer(net, config)
    training = DatasetTraining(trainer, train, test, config, seed=seed, callbacks=callbacks)
    run = None
    if run_dir is not None:
        run = DatasetRun.create(
            run_dir,
            dataset=describe_dataset(dataset, train, test),
            network=describe_network(net),
            config=config,
            steps_per_epoch=training.steps_per_epoch,
            seed=seed,
            checkpoint_every=checkpoint_every,
        )
        _keep_net(net, run)
    return _go_on(training, run, messages, threads, show_progress=show_progress, title=_name(dataset))


def resume_on_dataset(
    run_dir: str | os.PathLike[str] | DatasetRun,
    *,
    net: nn.Module | None = None,
    dataset: Any = None,
    trainer: Trainer | None = None,
    epochs: int | None = None,
    callbacks: Sequence[Callback] = (),
    threads: int = 1,
    show_progress: bool = True,
) -> History:
    """Continue a run from its newest good checkpoint, exactly as if it had never stopped.

    Args:
        run_dir: the run or its directory.
        net: the network, with any weights; None makes it anew, where it is a Net of registered blocks.
        dataset: the dataset; None makes it anew, where it is registered and has no transform of its own.
        trainer: as for `train_on_dataset`, if the run was started with one.
        epochs: a later end than was planned; None keeps to the plan.
        callbacks: who else is told of what happens.
        threads: how many threads numpy and torch may use.
        show_progress: whether to show a bar, or plain lines where there is no terminal.

    Returns:
        What came of the whole training; its `net` is the trained network.

    Raises:
        RunError: if it is not a run, another process is training it, or net or dataset must be given.
        CheckpointError: if none of its checkpoints can be used, or they belong to another net or dataset.
    """
    run = run_dir if isinstance(run_dir, DatasetRun) else DatasetRun.open(run_dir)
    net = net if net is not None or trainer is None else trainer.model
    net = run.make_net() if net is None else net
    dataset = run.make_dataset() if dataset is None else dataset
    trainer = _check_trainer(net, trainer)
    with locked(run.path):
        if epochs is not None:
            run = run.extend(epochs * run.steps_per_epoch)
    config = run.settings
    messages: list[str] = []
    train, test = _feeds(net, dataset, config, messages)
    _check_same(run, describe_network(net), describe_dataset(dataset, train, test)["contents"])
    trainer = trainer or _make_trainer(net, config)
    training = DatasetTraining(trainer, train, test, config, seed=run.seed, callbacks=callbacks)
    if run.checkpoints.saved():
        state = run.checkpoints.load("newest")
        with fitting(run.path):
            training.load_state_dict(state)
        _recall_times(training, run)
    return _go_on(training, run, messages, threads, show_progress=show_progress, title=_name(dataset))


def _feeds(net: nn.Module, dataset: Any, config: DatasetConfig, messages: list[str]) -> tuple[Feed, Feed]:
    """The dataset as the network can be fed with it, once they are known to fit together."""
    train, test = make_feeds(
        dataset,
        device_of(net),
        takes_bytes=takes_bytes(net),
        augmentations=config.augment,
        workers=config.workers,
        warn=messages.append,
    )
    check_fit(net, train, test, dataset.num_classes)
    if squashes(net):
        messages.append(
            "The network ends in a softmax or sigmoid, and the loss does that itself; done twice, it learns "
            "slowly and badly. Leave it out: OutputBlock(num_classes=...) needs no activation."
        )
    return train, test


def _check_trainer(net: nn.Module, trainer: Trainer | None) -> Trainer | None:
    if trainer is not None and trainer.model is not net:
        raise ConfigError("The trainer was made for another network; make it so: Trainer(net, ...).")
    return trainer


def _make_trainer(net: nn.Module, config: DatasetConfig) -> Trainer:
    return Trainer(
        net,
        learning_rate=config.learning_rate,
        label_smoothing=config.label_smoothing,
        precision=config.precision,
    )


def _keep_net(net: nn.Module, run: DatasetRun) -> None:
    """Write down how the network is made, so that the run can be continued without it."""
    save = getattr(net, "save", None)
    try:
        if save is not None:
            save(run.path / NET)
    except CsaiError:
        return  # a block of the user's own; whoever continues the run brings the network along
    except OSError as error:
        shutil.rmtree(run.path, ignore_errors=True)  # nothing has happened in it
        raise RunError(f"The run cannot be written to {run.path}: {error}") from error


def _check_same(run: DatasetRun, network: str, contents: str) -> None:
    for what, then, now in (
        ("network", run.network, network),
        ("dataset", run.dataset["contents"], contents),
    ):
        if then != now:
            raise RunError(f"{run.path} was trained with another {what}: {then} then, and {now} now.")


def _recall_times(training: DatasetTraining, run: DatasetRun) -> None:
    """How long epochs took stands in the feed, as states are compared bit by bit."""
    seconds = {epoch.epoch: epoch.seconds for epoch in run.history().epochs}
    training.epochs = [
        dataclasses.replace(epoch, seconds=seconds.get(epoch.epoch, 0.0)) for epoch in training.epochs
    ]


def _go_on(
    training: DatasetTraining,
    run: DatasetRun | None,
    messages: list[str],
    threads: int,
    *,
    show_progress: bool,
    title: str,
) -> History:
    if run is not None:
        training.callbacks += [EventLog(run.path), MetricsTable(run.path), Checkpoints(run)]
    if show_progress:
        training.callbacks.append(ProgressBar())
    for message in messages:
        training.warn(message)
    with (
        locked(run.path) if run is not None else nullcontext(),
        limited_threads(threads),
        stop_on_signals(training),
    ):
        training.run()
    return History(
        training.epochs,
        training.curve,
        training.steps_per_epoch,
        title,
        None if run is None else run.path,
        training.trainer.model,
        training.is_complete,
    )


def _name(dataset: Any) -> str:
    return str(getattr(dataset, "name", type(dataset).__name__))
