"""Looking at a network: what it gets wrong, which learning rate suits it, whether it can learn at all."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from csai_core.errors import ConfigError
from csai_train.datasets import (
    Dataset,
    DatasetOrigin,
    History,
    MNISTDataset,
    analyze_errors,
    find_learning_rate,
    overfit_one_batch,
    train_on_dataset,
)
from csai_train.datasets.analysis.error_analysis import ErrorAnalysis, as_image
from csai_train.datasets.learning.curves import draw_histories
from csai_train.errors import RunError, TrainingWarning


@pytest.fixture
def dataset(mnist):
    return MNISTDataset(root=mnist)


def is_image(path):
    with Image.open(path) as image:
        return image.size[0] > 300


# --- what it gets wrong


def test_confusion_and_the_most_wrong_by_hand():
    found = ErrorAnalysis(
        labels=np.array([0, 0, 1, 2, 2]),
        predictions=np.array([0, 1, 1, 0, 0]),
        confidence=np.array([0.9, 0.8, 0.7, 0.6, 0.99], np.float32),
        loss=np.array([0.1, 1.6, 0.3, 0.9, 4.0], np.float32),
        num_classes=3,
    )
    assert found.confusion.tolist() == [[1, 1, 0], [0, 1, 0], [2, 0, 0]]
    assert found.accuracy == 0.4
    assert found.worst().tolist() == [4, 1, 3]
    assert found.worst(1).tolist() == [4]


def test_an_examination_is_what_the_network_says(net, dataset, tmp_path):
    train_on_dataset(net, dataset, epochs=3, seed=1, config={"learning_rate": 0.01})
    found = analyze_errors(net, dataset)
    with torch.no_grad():
        shares = net(dataset.testset.images.float() / 127.5 - 1).softmax(1)
    assert found.predictions.tolist() == shares.argmax(1).tolist()
    np.testing.assert_allclose(found.confidence, shares.max(1).values, rtol=1e-5)
    assert found.confusion.sum() == 100
    found.plot(tmp_path / "mistakes.png")
    assert is_image(tmp_path / "mistakes.png")


class Points(Dataset):
    def __init__(self):
        super().__init__(DatasetOrigin.CUSTOM)

    def _load_data(self):
        points = np.random.default_rng(0).normal(size=(60, 2)).astype(np.float32)
        self.trainset = self.testset = (points, (points[:, 0] > 0).astype(int))
        self.num_classes = 2


def test_what_is_no_image_is_examined_without_images(tmp_path):
    net = nn.Linear(2, 2)
    analyze_errors(net, Points()).plot(tmp_path / "mistakes.png")
    assert is_image(tmp_path / "mistakes.png")


def test_a_network_without_mistakes_is_drawn_too(tmp_path):
    net = nn.Linear(2, 2)
    with torch.no_grad():
        net.weight.copy_(torch.tensor([[-5.0, 0.0], [5.0, 0.0]]))
        net.bias.zero_()
    found = analyze_errors(net, Points())
    assert found.accuracy == 1
    found.plot(tmp_path / "mistakes.png")
    assert is_image(tmp_path / "mistakes.png")


@pytest.mark.parametrize("shape", [(5, 6), (1, 5, 6), (3, 5, 6), (5, 6, 3)])
def test_inputs_become_images_where_they_can(shape):
    image = as_image(torch.linspace(-1, 1, int(np.prod(shape))).reshape(shape))
    assert image.shape == (5, 6, 3)
    assert (image.min(), image.max()) == (0, 255)
    assert as_image(np.zeros(7)) is None


# --- how it went


def test_a_history_draws_itself(net, dataset, tmp_path):
    history = train_on_dataset(net, dataset, epochs=2, seed=1).history
    history.plot(tmp_path / "curves.png")
    assert is_image(tmp_path / "curves.png")
    assert history._repr_png_().startswith(b"\x89PNG")
    draw_histories({"one": history, "other": history}).savefig(tmp_path / "both.png")
    assert is_image(tmp_path / "both.png")


def test_nothing_learned_is_nothing_to_draw():
    with pytest.raises(RunError, match="nothing to draw"):
        History().plot()
    with pytest.raises(RunError, match="nothing to compare"):
        draw_histories({"one": History()})
    with pytest.raises(LookupError, match="No epoch was finished"):
        print(History().best)


# --- which learning rate suits it


def test_the_learning_rate_that_is_found_learns_and_the_net_is_left_as_it_is(net, dataset, tmp_path):
    before = [parameter.clone() for parameter in net.parameters()]
    found = find_learning_rate(net, dataset, batch_size=30, num_batches=80)
    assert all(torch.equal(*pair) for pair in zip(before, net.parameters(), strict=True))
    assert found.rates == sorted(found.rates)
    assert found.rates[0] == 1e-5
    assert 1e-4 < found.suggestion < 0.3
    training = train_on_dataset(net, dataset, epochs=4, seed=1, config={"learning_rate": found.suggestion})
    assert training.epochs[-1].test_accuracy > 0.8
    found.plot(tmp_path / "rates.png")
    assert is_image(tmp_path / "rates.png")


def test_a_search_ends_where_the_loss_grows_out_of_hand(net, dataset):
    found = find_learning_rate(net, dataset, highest=1e5, num_batches=60)
    assert len(found.rates) < 60
    assert found.suggestion < 1


@pytest.mark.parametrize("kwargs", [{"lowest": 0}, {"lowest": 1, "highest": 0.1}, {"num_batches": 3}])
def test_rates_must_rise(net, dataset, kwargs):
    with pytest.raises(ConfigError, match="the rates must rise from above 0"):
        find_learning_rate(net, dataset, **kwargs)


# --- whether it can learn at all


def test_a_good_network_learns_one_batch_by_heart_and_is_left_as_it_is(net, dataset):
    before = [parameter.clone() for parameter in net.parameters()]
    result = overfit_one_batch(net, dataset, config={"learning_rate": 0.01})
    assert result.is_learned
    assert result.accuracies[-1] == 1
    assert str(result).startswith("one batch of 64, learned by heart: loss 0.0")
    assert all(torch.equal(*pair) for pair in zip(before, net.parameters(), strict=True))


def test_a_broken_network_is_found_and_it_is_said_what_to_look_for(dataset):
    dead = nn.Sequential(
        nn.Flatten(), nn.Linear(144, 8), nn.Threshold(1e9, 0.0), nn.Linear(8, 10, bias=False)
    )
    with pytest.warns(
        TrainingWarning, match=r"could not learn 64 examples.*guessing gives 2\.303.*nothing reaches"
    ):
        assert not overfit_one_batch(dead, dataset).is_learned


def test_a_network_that_learns_too_slowly_is_told_so(net, dataset):
    with pytest.warns(TrainingWarning, match="It learns, but slowly: try another learning rate"):
        assert not overfit_one_batch(net, dataset, config={"learning_rate": 1e-4}).is_learned
