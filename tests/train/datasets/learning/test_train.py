"""Training on a dataset: it learns, says what it did, repeats itself, and refuses what cannot work."""

from __future__ import annotations

import io
import math
import warnings

import numpy as np
import pytest
import torch
from rich.console import Console

from csai_core.errors import ConfigError, UnknownNameError
from csai_neural.errors import DeviceError
from csai_train import Callback, ProgressBar
from csai_train.datasets import DatasetConfig, DatasetRun, MNISTDataset, Trainer, train_on_dataset
from csai_train.errors import CallbackError, TrainingWarning


def test_a_network_learns_and_the_history_tells(net, dataset, train):
    training = train(net, dataset, epochs=6, batch_size=20)
    history = training.history
    assert [epoch.epoch for epoch in history.epochs] == [1, 2, 3, 4, 5, 6]
    first, last = history.epochs[0], history.epochs[-1]
    assert last.loss < first.loss < 2.4
    assert last.test_accuracy > 0.9
    assert history.best.test_accuracy == max(epoch.test_accuracy for epoch in history.epochs)
    assert training.is_complete
    assert training.failure is None
    assert training.steps == 6 * 15
    assert training.metrics["test_accuracy"] == last.test_accuracy
    assert training.net is net
    assert len(str(history).splitlines()) == 7


def test_the_same_seed_trains_the_same_and_leaves_the_generator_alone(samples, dataset, train, weights):
    nets = [samples.make_net(dropout=0.3) for _ in range(3)]
    before = torch.get_rng_state()
    for net, seed in zip(nets, (1, 1, 2), strict=True):
        torch.rand(seed)
        train(net, dataset, epochs=1, seed=seed, augment=("crop", "flip", "cutout"))
    torch.set_rng_state(before)
    train(nets[2], dataset, epochs=1)
    assert torch.equal(before, torch.get_rng_state())
    assert torch.equal(weights(nets[0]), weights(nets[1]))
    assert not torch.equal(weights(nets[0]), weights(nets[2]))


def test_a_custom_transform_that_does_the_same_learns_the_same(samples, dataset, mnist, train, weights):
    def to_numbers(image):
        return torch.from_numpy(np.asarray(image) / np.float32(127.5) - 1)[None]

    fast, slow = samples.make_net(), samples.make_net()
    train(fast, dataset, epochs=1)
    with pytest.warns(TrainingWarning, match="Your own transform") as said:
        train(slow, MNISTDataset(transform=to_numbers, root=mnist), epochs=1)
    assert len(said) == 1
    torch.testing.assert_close(weights(fast), weights(slow), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("setting", "error", "message"),
    [
        ({"epochs": 0}, ConfigError, r"train_on_dataset was given epochs=0; it must be .* 1 or more"),
        ({"epochs": "two"}, ConfigError, "epochs='two'"),
        ({"batch_size": 0}, ConfigError, "batch_size is 0"),
        ({"learning_rate": -1.0}, ConfigError, "learning_rate is -1.0; it must be above 0"),
        ({"learning_rate": math.nan}, ConfigError, "learning_rate was given nan"),
        ({"label_smoothing": 1.0}, ConfigError, "label_smoothing is 1.0"),
        ({"patience": 0}, ConfigError, "patience is 0"),
        ({"workers": -1}, ConfigError, "workers is -1"),
        ({"schedule": "cosine"}, ConfigError, "'constant' or 'one_cycle'"),
        ({"batch_size": "many"}, ConfigError, "batch_size was given 'many'"),
        ({"label_smothing": 0.1}, UnknownNameError, "Did you mean 'label_smoothing'"),
        ({"augment": ("flop",)}, UnknownNameError, "No augmentation named 'flop'. Did you mean 'flip'"),
        ({"checkpoint_every": 0}, ConfigError, "checkpoint_every=0"),
    ],
)
def test_settings_that_cannot_work_are_refused(net, dataset, setting, error, message, train):
    with pytest.raises(error, match=message):
        train(net, dataset, **setting)


def test_nothing_is_warned_of_when_all_is_well(net, dataset, train):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        train(net, dataset, epochs=1)


# --- with the face of `train`


def test_a_config_is_a_dataclass_or_a_dict_of_its_fields(samples, dataset, weights):
    nets = [samples.make_net(), samples.make_net()]
    config = {"batch_size": 50, "schedule": "one_cycle"}
    for net, given in zip(nets, (config, DatasetConfig(**config)), strict=True):
        train_on_dataset(net, dataset, 1, seed=1, config=given)
    assert torch.equal(weights(nets[0]), weights(nets[1]))
    with pytest.raises(ConfigError, match="config is 3; it must be a DatasetConfig"):
        train_on_dataset(nets[0], dataset, config=3)


def test_progress_is_a_callback(net, dataset, train):
    said = io.StringIO()
    train(net, dataset, epochs=2, callbacks=[ProgressBar(Console(file=said, width=120))])
    assert "10 / 10 steps  epoch 2/2" in said.getvalue()
    assert "examples/s" in said.getvalue()


def test_a_callback_that_fails_ends_the_training_with_everything_saved(net, dataset, train, tmp_path):
    class Broken(Callback):
        def step(self, training):
            1 / 0  # noqa: B018

    with pytest.raises(CallbackError, match=r"Broken\.step failed: ZeroDivisionError"):
        train(net, dataset, run_dir=tmp_path / "run", callbacks=[Broken()])
    assert DatasetRun.open(tmp_path / "run").steps_taken() == 1


def test_callbacks_by_name_need_a_run_and_those_for_agents_are_refused(net, dataset, train, tmp_path):
    with pytest.raises(ConfigError, match=r"\['tensorboard'\] write to a run; give run_dir"):
        train(net, dataset, callbacks=["tensorboard"])
    with pytest.raises(UnknownNameError, match="Did you mean 'tensorboard'"):
        train(net, dataset, run_dir=tmp_path / "run", callbacks=["tensorbord"])
    with pytest.raises(ConfigError, match="'evaluation' lets an agent play"):
        train(net, dataset, run_dir=tmp_path / "run", callbacks=["evaluation"])
    assert not (tmp_path / "run").exists()


def test_a_device_that_is_not_here_is_refused_before_anything_is_written(net, dataset, train, tmp_path):
    with pytest.raises(DeviceError, match="There is no device 'gpu'"):
        train(net, dataset, device="gpu", run_dir=tmp_path / "run")
    with pytest.raises(ConfigError, match=r"made on 'cpu'; make it there: Trainer\(net, device='meta'\)"):
        train(net, dataset, device="meta", trainer=Trainer(net))
    assert not (tmp_path / "run").exists()
    assert train(net, dataset, epochs=1, device="cpu").is_complete


@pytest.mark.parametrize("wrong", [{"threads": 0}, {"callbacks": [5]}])
def test_a_start_that_is_refused_leaves_no_run(net, dataset, tmp_path, wrong):
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        train_on_dataset(net, dataset, run_dir=tmp_path / "run", **wrong)
    assert not (tmp_path / "run").exists()
