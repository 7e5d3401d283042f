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
    examine,
    find_learning_rate,
    train_on_dataset,
)
from csai_train.datasets.analysis.error_analysis import Examination, as_picture
from csai_train.datasets.analysis.plots import draw_histories
from csai_train.errors import RunError, TrainingWarning


@pytest.fixture
def dataset(mnist):
    return MNISTDataset(root=mnist)


def is_picture(path):
    with Image.open(path) as image:
        return image.size[0] > 300


# --- what it gets wrong


def test_confusion_and_the_most_wrong_by_hand():
    found = Examination(
        labels=np.array([0, 0, 1, 2, 2]),
        guesses=np.array([0, 1, 1, 0, 0]),
        sureness=np.array([0.9, 0.8, 0.7, 0.6, 0.99], np.float32),
        doubt=np.array([0.1, 1.6, 0.3, 0.9, 4.0], np.float32),
        num_classes=3,
    )
    assert found.confusion.tolist() == [[1, 1, 0], [0, 1, 0], [2, 0, 0]]
    assert found.accuracy == 0.4
    assert found.worst().tolist() == [4, 1, 3]
    assert found.worst(1).tolist() == [4]


def test_an_examination_is_what_the_network_says(net, dataset, tmp_path):
    train_on_dataset(net, dataset, epochs=3, learning_rate=0.01, seed=1, show_progress=False)
    found = examine(net, dataset)
    with torch.no_grad():
        shares = net(dataset.testset.images.float() / 127.5 - 1).softmax(1)
    assert found.guesses.tolist() == shares.argmax(1).tolist()
    np.testing.assert_allclose(found.sureness, shares.max(1).values, rtol=1e-5)
    assert found.confusion.sum() == 100
    found.plot(tmp_path / "mistakes.png")
    assert is_picture(tmp_path / "mistakes.png")


class Points(Dataset):
    def __init__(self):
        super().__init__(DatasetOrigin.CUSTOM)

    def _load_data(self):
        points = np.random.default_rng(0).normal(size=(60, 2)).astype(np.float32)
        self.trainset = self.testset = (points, (points[:, 0] > 0).astype(int))
        self.num_classes = 2


def test_what_is_no_picture_is_examined_without_pictures(tmp_path):
    net = nn.Linear(2, 2)
    examine(net, Points()).plot(tmp_path / "mistakes.png")
    assert is_picture(tmp_path / "mistakes.png")


def test_a_network_without_mistakes_is_drawn_too(tmp_path):
    net = nn.Linear(2, 2)
    with torch.no_grad():
        net.weight.copy_(torch.tensor([[-5.0, 0.0], [5.0, 0.0]]))
        net.bias.zero_()
    found = examine(net, Points())
    assert found.accuracy == 1
    found.plot(tmp_path / "mistakes.png")
    assert is_picture(tmp_path / "mistakes.png")


@pytest.mark.parametrize("shape", [(5, 6), (1, 5, 6), (3, 5, 6), (5, 6, 3)])
def test_inputs_become_pictures_where_they_can(shape):
    picture = as_picture(torch.linspace(-1, 1, int(np.prod(shape))).reshape(shape))
    assert picture.shape == (5, 6, 3)
    assert (picture.min(), picture.max()) == (0, 255)
    assert as_picture(np.zeros(7)) is None


# --- how it went


def test_a_history_draws_itself(net, dataset, tmp_path):
    history = train_on_dataset(net, dataset, epochs=2, seed=1, show_progress=False)
    history.plot(tmp_path / "curves.png")
    assert is_picture(tmp_path / "curves.png")
    assert history._repr_png_().startswith(b"\x89PNG")
    draw_histories({"one": history, "other": history}).savefig(tmp_path / "both.png")
    assert is_picture(tmp_path / "both.png")


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
    search = find_learning_rate(net, dataset, batch_size=30, num_batches=80)
    assert all(torch.equal(*pair) for pair in zip(before, net.parameters(), strict=True))
    assert search.rates == sorted(search.rates)
    assert search.rates[0] == 1e-5
    assert 1e-4 < search.suggestion < 0.3
    history = train_on_dataset(
        net, dataset, epochs=4, learning_rate=search.suggestion, seed=1, show_progress=False
    )
    assert history.epochs[-1].test_accuracy > 0.8
    search.plot(tmp_path / "rates.png")
    assert is_picture(tmp_path / "rates.png")


def test_a_search_ends_where_the_loss_grows_out_of_hand(net, dataset):
    search = find_learning_rate(net, dataset, highest=1e5, num_batches=60)
    assert len(search.rates) < 60
    assert search.suggestion < 1


@pytest.mark.parametrize("kwargs", [{"lowest": 0}, {"lowest": 1, "highest": 0.1}, {"num_batches": 3}])
def test_rates_must_rise(net, dataset, kwargs):
    with pytest.raises(ConfigError, match="the rates must rise from above 0"):
        find_learning_rate(net, dataset, **kwargs)


# --- whether it can learn at all


def overfit(net, dataset, **kwargs):
    return train_on_dataset(net, dataset, overfit_one_batch=True, seed=1, show_progress=False, **kwargs)


def test_a_good_network_learns_one_batch_by_heart_and_is_left_as_it_is(net, dataset):
    before = [parameter.clone() for parameter in net.parameters()]
    history = overfit(net, dataset, learning_rate=0.01)
    assert history.is_complete
    assert history.curve[-1][2] == 1
    assert all(torch.equal(*pair) for pair in zip(before, net.parameters(), strict=True))


def test_a_broken_network_is_found_and_it_is_said_what_to_look_for(dataset):
    dead = nn.Sequential(
        nn.Flatten(), nn.Linear(144, 8), nn.Threshold(1e9, 0.0), nn.Linear(8, 10, bias=False)
    )
    with pytest.warns(
        TrainingWarning, match=r"could not learn 64 examples.*guessing gives 2\.303.*nothing reaches"
    ):
        assert not overfit(dead, dataset).is_complete


def test_a_network_that_learns_too_slowly_is_told_so(net, dataset):
    with pytest.warns(TrainingWarning, match="It learns, but slowly: try another learning rate"):
        assert not overfit(net, dataset, learning_rate=1e-4).is_complete
