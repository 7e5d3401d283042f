"""The suite of datasets: what is told of a few examples, and what no dataset is blamed for."""

from __future__ import annotations

import numpy as np
import pytest

from csai_core import Entry
from csai_core.errors import ConfigError
from csai_train.testing import DatasetSuite


class Clouds:
    """Two clouds of points."""

    num_classes = 2

    def __init__(self, size=60, seed=0):
        random = np.random.default_rng(seed)
        labels = random.permutation(np.arange(size) % 2)
        points = (random.normal(0, 0.5, (size, 2)) + 2 * labels[:, None]).astype(np.float32)
        self.options = {"size": size, "seed": seed}
        self.trainset = points[: size * 2 // 3], labels[: size * 2 // 3]
        self.testset = points[size * 2 // 3 :], labels[size * 2 // 3 :]


class TestClouds(DatasetSuite):
    def make(self):
        return Clouds()


def outcomes(suite):
    return {each.check: (each.status, each.message) for each in suite.run()}


@pytest.fixture
def registered(monkeypatch):
    """Has a class stand for whatever dataset is looked up."""

    def register(target):
        monkeypatch.setattr(Entry, "load", lambda self: target)

        class Manager:
            def find(self, kind, name):
                return Entry(name=name, target=f"{__name__}:Clouds")

        monkeypatch.setattr("csai_train.testing.dataset.base.installed", Manager)

    return register


def test_options_must_make_the_same(registered):
    registered(Clouds)
    assert outcomes(DatasetSuite.of("clouds"))["it can be made again for a run"][0] == "passed"

    class Forgetful(Clouds):
        def __init__(self, size=60, seed=0):
            super().__init__(size, seed)
            self.options = {"seed": seed + 1}

    registered(Forgetful)
    status, message = outcomes(DatasetSuite.of("clouds"))["it can be made again for a run"]
    assert status == "failed"
    assert "Made with its options, {'seed': 1}, it holds other examples" in message


def test_a_folder_that_nobody_has_said_is_no_fault_and_another_argument_is(registered):
    class Pages(Clouds):
        def __init__(self, root):
            raise AssertionError

    registered(Pages)
    assert {status for status, _ in outcomes(DatasetSuite.of("pages")).values()} == {"skipped"}

    class Sized(Clouds):
        def __init__(self, size):
            raise AssertionError

    registered(Sized)
    status, message = outcomes(DatasetSuite.of("sized"))["it can be made"]
    assert status == "failed"
    assert "it needs size" in message


def test_an_error_of_its_own_is_told():
    class Failing(DatasetSuite):
        def make(self):
            raise ConfigError("There is no such folder.")

    assert outcomes(Failing()) == {"it can be made": ("failed", "There is no such folder.")}
