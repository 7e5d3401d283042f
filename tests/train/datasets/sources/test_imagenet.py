"""Folders of images in ImageNet's form: streamed, by workers too, and taken up within an epoch."""

from __future__ import annotations

import importlib.util

import pytest
import torch

from csai_train import Callback
from csai_train.datasets import DatasetRun, ImageNetDataset, resume_on_dataset, train_on_dataset
from csai_train.errors import MissingFilesError

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("torchvision") is None, reason="torchvision is not installed"
)


class Stop(Callback):
    def step(self, training):
        training.stop_requested = training.steps == 3


def load(root):
    dataset = ImageNetDataset(root, size=16)
    dataset.workers = 0
    return dataset


def train(net, dataset, **kwargs):
    config = {"batch_size": 5, "learning_rate": 0.01, "workers": kwargs.pop("workers", None)}
    return train_on_dataset(net, dataset, **{"epochs": 3, "seed": 1, **kwargs}, config=config)


@pytest.fixture
def root(tmp_path, samples):
    return samples.write_folders(tmp_path / "images", per_class=10)


def make_net(samples):
    return samples.make_net((3, 16, 16), 2)


def test_it_learns_and_nothing_is_warned_of(root, samples):
    dataset = load(root)
    assert (dataset.num_classes, dataset.classes, dataset.name) == (2, ("cat", "dog"), "imagenet")
    image, label = dataset.testset[0]
    assert (image.shape, label) == ((3, 16, 16), 0)
    assert -1 <= image.min() < image.max() <= 1
    assert train(make_net(samples), dataset).epochs[-1].test_accuracy == 1


def test_it_is_taken_up_in_the_middle_of_an_epoch(root, samples, tmp_path):
    whole, part = make_net(samples), make_net(samples)
    train(whole, load(root))
    stopped = train(part, load(root), run_dir=tmp_path / "run", callbacks=[Stop()])
    assert DatasetRun.open(tmp_path / "run").steps_taken() == 3 < stopped.steps_per_epoch
    ended = resume_on_dataset(tmp_path / "run", dataset=load(root))
    for one, other in zip(ended.net.parameters(), whole.parameters(), strict=True):
        assert torch.equal(one, other)


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_workers_prepare_the_same(root, samples):
    alone, helped = make_net(samples), make_net(samples)
    train(alone, load(root), epochs=1)
    train(helped, load(root), epochs=1, workers=2)
    assert all(torch.equal(*pair) for pair in zip(alone.parameters(), helped.parameters(), strict=True))


def test_a_transform_of_ones_own_is_done_to_both(root):
    dataset = ImageNetDataset(root, transform=lambda image: torch.ones(1))
    assert dataset.trainset[0][0] == dataset.testset[0][0] == torch.ones(1)
    assert dataset.options is None


def test_missing_folders_are_told_how_they_must_look(tmp_path, samples):
    with pytest.raises(MissingFilesError, match=r"no images in .*train\. Put them so: .*train/CLASS/IMAGE"):
        ImageNetDataset(tmp_path / "nowhere")
    samples.write_folders(tmp_path, per_class=1)
    (tmp_path / "val" / "dog" / "0.png").unlink()
    with pytest.raises(MissingFilesError, match="dog"):
        ImageNetDataset(tmp_path)
    (tmp_path / "val" / "dog").rmdir()
    with pytest.raises(MissingFilesError, match=r"same classes; only one of them has \['dog'\]"):
        ImageNetDataset(tmp_path)
