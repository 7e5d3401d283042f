"""The dataset: repeatable, right in form, and better seen through a telescope."""

import numpy as np
import pytest
from csai_core.errors import ConfigError
from csai_train import train_on_dataset
from csai_train.testing import DatasetSuite

from csai_night_sky.dataset import SIZE, ConstellationsDataset


class TestConstellations(DatasetSuite):
    """Everything a dataset should pass."""

    entry_name = "constellations"


def test_the_same_seed_shows_the_same_sky():
    one, two, other = (ConstellationsDataset(size=50, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(one.trainset[0], two.trainset[0])
    assert not np.array_equal(one.trainset[0], other.trainset[0])


def test_its_form_is_what_it_says():
    dataset = ConstellationsDataset(size=100)
    pictures, labels = dataset.trainset
    assert pictures.shape == (80, 1, SIZE, SIZE)
    assert set(labels) == set(range(5))
    assert len(dataset.classes) == dataset.num_classes == 5


def test_more_strays_make_more_light():
    few, many = (ConstellationsDataset(size=50, strays=strays).trainset[0].sum() for strays in (0, 6))
    assert many > few * 1.5


def test_a_dataset_of_almost_nothing_is_refused():
    with pytest.raises(ConfigError, match="size=3"):
        ConstellationsDataset(size=3)


def test_a_telescope_tells_them_apart():
    config = {"learning_rate": 0.003}
    training = train_on_dataset("telescope", ConstellationsDataset(), epochs=6, seed=1, config=config)
    assert training.history.best.test_accuracy > 0.88
