"""Starting a training on a dataset and continuing one: what programs call, and `csai train-dataset`."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

from torch import nn

from csai_core import options
from csai_core.arguments import check_int, drawn_seed
from csai_core.errors import ConfigError, CsaiError
from csai_neural.devices import Device, find_device
from csai_neural.loading import Source
from csai_train.callbacks.registry import attach, names_of
from csai_train.datasets.learning.compatibility import compatible_loaders, ends_in_softmax
from csai_train.datasets.learning.config import DatasetConfig
from csai_train.datasets.learning.dataset_file import keep_dataset_file
from csai_train.datasets.learning.fingerprint import (
    dataset_fingerprint,
    describe_dataset,
    name_of,
    network_fingerprint,
)
from csai_train.datasets.learning.networks import load_classifier
from csai_train.datasets.learning.run import NET, DatasetRun
from csai_train.datasets.learning.trainer import Trainer
from csai_train.datasets.learning.training import DatasetTraining
from csai_train.errors import RunError
from csai_train.events import Callback
from csai_train.group import Group
from csai_train.group.joining import find_group
from csai_train.runs.directory import removed_on_failure
from csai_train.runs.lock import locked
from csai_train.runs.misfits import fitting, going_on
from csai_train.threads import check_threads, limited_threads
from csai_train.training.signals import stop_on_signals


def train_on_dataset(
    net: Source,
    dataset: Any,
    epochs: int = 5,
    *,
    seed: int | None = None,
    config: Any = None,
    trainer: Trainer | None = None,
    device: Device = None,
    run_dir: str | os.PathLike[str] | None = None,
    callbacks: Sequence[Callback | str] = (),
    checkpoint_every: int | None = None,
    threads: int = 1,
) -> DatasetTraining:
    """Train a network on a dataset.

    Args:
        net: a compiled Net, any torch module that gives one number for each class, or whatever else
            `load_classifier` takes, such as the name of a registered network.
        dataset: a Dataset, or whatever has `trainset`, `testset` and `num_classes`.
        epochs: how often every example is seen. More learn more, until the network knows them by heart.
        seed: decides everything random, so that the same seed gives the same result; None draws one.
        config: a `DatasetConfig`, or a dict of its fields; None takes the defaults.
        trainer: a loss and an optimizer of your own; None takes cross-entropy and Adam.
        device: where to train; None trains where the network lives.
        run_dir: where to keep the run; must not exist yet. None keeps nothing.
        callbacks: who else is notified of what happens: callbacks, and names of registered ones.
        checkpoint_every: keep a checkpoint every so many batches; None saves ten times and keeps the
            newest two and the best.
        threads: how many threads numpy and torch may multiply with. One is the fastest for small networks.

    Returns:
        The training; `.net` is the trained network, and `.history` describes it epoch by epoch. After Ctrl-C
        or SIGTERM it is not complete.

    Raises:
        InvalidDataError, CompatibilityError: if the network cannot be trained on the dataset.
        UnknownNameError: if there is no such callback or config field.
        ConfigError: if a value cannot work.
        DeviceError: if the device is not in this machine.
        NonFiniteError: if the loss becomes NaN or infinite.
        RunError: if the run cannot be written.
        CallbackError: if a callback failed; everything is saved.
    """
    check_int("train_on_dataset", "epochs", epochs, least=1)
    if checkpoint_every is not None:
        check_int("train_on_dataset", "checkpoint_every", checkpoint_every, least=1)
    settings: DatasetConfig = options.configure(DatasetConfig, config)
    check_threads(threads)
    group = find_group()
    if not group.is_main:
        run_dir, callbacks = None, ()
    names = names_of(callbacks, run_dir)
    seed = group.broadcast_state(drawn_seed("train_on_dataset", seed))
    net = net if isinstance(net, nn.Module) else load_classifier(net, dataset, seed=seed)
    _place(net, trainer, device)
    training = _prepare(net, dataset, trainer, settings, epochs=epochs, seed=seed, group=group)
    run = None
    if run_dir is not None:
        run = DatasetRun.create(
            run_dir,
            dataset=describe_dataset(dataset, training.train_loader, training.test_loader),
            network=network_fingerprint(net),
            config=settings,
            epochs=epochs,
            steps_per_epoch=training.steps_per_epoch,
            seed=seed,
            callbacks=names,
            checkpoint_every=checkpoint_every,
            processes=group.size,
        )
    with removed_on_failure(run):
        if run is not None:
            _keep_net(net, run)
            if trainer is None:
                keep_dataset_file(run, training.trainer.device.type, threads)
        if group.is_main:
            attach(training, run, callbacks)
    with locked(run.path) if run is not None else nullcontext():
        _go_on(training, threads)
    return training


def resume_on_dataset(
    run_dir: str | os.PathLike[str] | DatasetRun,
    *,
    epochs: int | None = None,
    net: Source | None = None,
    dataset: Any = None,
    trainer: Trainer | None = None,
    device: Device = None,
    callbacks: Sequence[Callback] = (),
    threads: int = 1,
) -> DatasetTraining:
    """Continue a run from its newest good checkpoint, exactly as if it had never stopped.

    Args:
        run_dir: the run or its directory.
        epochs: a later end than was planned; None keeps to the plan.
        net: as for `train_on_dataset`, with any weights; None makes it again, where it is a Net of
            registered blocks.
        dataset: the dataset; None makes it again, where it is registered and has no transform of its own.
        trainer: as for `train_on_dataset`, if the run was started with one.
        device: where to train, which may be another than before; None trains where the network lives.
        callbacks: who else is notified of what happens, besides those the run was started with by name.
        threads: how many threads numpy and torch may multiply with.

    Returns:
        The whole training; its `net` is the trained network.

    Raises:
        RunError: if it is not a run, another process is training it, or net or dataset must be given.
        ConfigError: if `threads` or a callback cannot work.
        CheckpointError: if none of its checkpoints can be used, or they belong to another net or dataset.
        CallbackError: if a callback failed; everything is saved.
    """
    run = run_dir if isinstance(run_dir, DatasetRun) else DatasetRun.open(run_dir)
    check_threads(threads)
    group = find_group()
    names_of(callbacks, run.path)
    dataset = run.make_dataset() if dataset is None else dataset
    net = net if net is not None or trainer is None else trainer.model
    net = run.make_net() if net is None else net
    net = net if isinstance(net, nn.Module) else load_classifier(net, dataset, seed=run.seed)
    _place(net, trainer, device)
    with locked(run.path) if group.is_main else nullcontext():
        if group.is_main and epochs is not None:
            run = run.extend(epochs * run.steps_per_epoch)
        planned = group.broadcast_state(run.epochs)
        training = _prepare(net, dataset, trainer, run.settings, epochs=planned, seed=run.seed, group=group)
        _check_same(run, training, dataset)
        if group.any(group.is_main and bool(run.checkpoints.saved())):
            state = run.checkpoints.load("newest", whole=True) if group.is_main else None
            with fitting(run.path):
                problem = training.load_state_dict(state)
            _recall_times(training, run)
            if problem and group.is_main:
                training.warn(f"{run.path} cannot be continued exactly: {problem}.")
        if group.is_main:
            attach(training, run, [*run.callbacks, *callbacks])
        with going_on(run.path):
            _go_on(training, threads)
    return training


def _place(net: nn.Module, trainer: Trainer | None, device: Device) -> None:
    """Move the network to where it shall be trained, unless a trainer holds it where it is."""
    if trainer is not None and trainer.model is not net:
        raise ConfigError("The trainer was made for another network; make it so: Trainer(net, ...).")
    wanted = find_device(device)
    if wanted is None:
        return
    if trainer is not None and trainer.device.type != wanted.type:
        raise ConfigError(
            f"device is {str(wanted)!r}, but the trainer was made on {str(trainer.device)!r}; make it there: "
            f"Trainer(net, device={str(wanted)!r})."
        )
    net.to(wanted)


def _prepare(
    net: nn.Module,
    dataset: Any,
    trainer: Trainer | None,
    config: DatasetConfig,
    *,
    epochs: int,
    seed: int,
    group: Group,
) -> DatasetTraining:
    """A training at its beginning, once network and dataset are known to fit together."""
    messages: list[str] = []
    train, test = compatible_loaders(
        net, dataset, augmentations=config.augment, workers=config.workers, warn=messages.append
    )
    if ends_in_softmax(net):
        messages.append(
            "The network ends in a softmax or sigmoid, and the loss does that itself; done twice, it learns "
            "slowly and badly. Leave it out: OutputBlock(num_classes=...) needs no activation."
        )
    trainer = trainer or Trainer(
        net,
        learning_rate=config.learning_rate,
        label_smoothing=config.label_smoothing,
        precision=config.precision,
    )
    training = DatasetTraining(
        trainer, train, test, config, epochs=epochs, seed=seed, title=name_of(dataset), group=group
    )
    for message in messages:
        training.warn(message)
    return training


def _keep_net(net: nn.Module, run: DatasetRun) -> None:
    """Write down how the network is made, so that the run can be continued without it."""
    save = getattr(net, "save", None)
    try:
        if save is not None:
            save(run.path / NET)
    except CsaiError:
        return  # a block of the user's own; whoever continues the run brings the network along
    except OSError as error:
        raise RunError(f"The run cannot be written to {run.path}: {error}") from error


def _check_same(run: DatasetRun, training: DatasetTraining, dataset: Any) -> None:
    loaders = training.train_loader, training.test_loader
    for what, then, now in (
        ("network", run.network, network_fingerprint(training.net)),
        ("dataset", run.dataset["contents"], dataset_fingerprint(dataset, *loaders)),
    ):
        if then != now:
            raise RunError(f"{run.path} was trained with another {what}: {then} then, and {now} now.")


def _recall_times(training: DatasetTraining, run: DatasetRun) -> None:
    """Take from `events.jsonl` how long epochs took; a state holds no times, as it is compared bit by bit."""
    seconds = {epoch.epoch: epoch.seconds for epoch in run.history().epochs}
    training.epochs = [
        dataclasses.replace(epoch, seconds=seconds.get(epoch.epoch, 0.0)) for epoch in training.epochs
    ]


def _go_on(training: DatasetTraining, threads: int) -> None:
    with limited_threads(threads), stop_on_signals(training):
        training.run()
