"""What docs/datasets.md shows is run, with other images in MNIST's place."""

from __future__ import annotations

import importlib.util
import re
from dataclasses import fields
from pathlib import Path

import pytest
import torch

from csai_train.datasets import DatasetConfig
from csai_train.errors import TrainingWarning

PAGE = Path(__file__).parents[3] / "docs" / "datasets.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), flags=re.MULTILINE | re.DOTALL)
HAS_TORCHVISION = importlib.util.find_spec("torchvision") is not None


@pytest.fixture
def page(tmp_path, monkeypatch, samples):
    """Runs blocks of the page one after the other, each where the one before left off."""
    monkeypatch.setenv("CSAI_DATA", str(samples.write_mnist(tmp_path / "data", count=90, size=28)))
    monkeypatch.chdir(tmp_path)
    torch.manual_seed(0)
    names: dict = {}

    def run(blocks):
        for block in blocks:
            # As on the page, but that fewer learning rates are tried, which takes the longest.
            shorter = re.sub(r"(find_learning_rate\(net, \w+)", r"\1, num_batches=12", block)
            exec(compile(shorter, str(PAGE), "exec"), names)
        return names

    return run


def test_the_example_of_mnist_and_all_that_follows_it(page, tmp_path):
    before_own = [block for block in BLOCKS if "# printed digits" not in block][:4]
    names = page(before_own)
    assert (tmp_path / "curves.png").exists()
    assert (tmp_path / "mistakes.png").exists()
    assert [epoch.epoch for epoch in names["training"].epochs] == [1, 2, 3]
    assert names["rate"] > 0


def test_images_of_ones_own_and_a_loop_of_ones_own(page, tmp_path):
    own, trained = (block for block in BLOCKS if "# printed digits" in block)
    names = page(
        [own, trained.replace("PrintedDigits()", "PrintedDigits(240)").replace("epochs=8", "epochs=2")]
    )
    assert names["dataset"].num_classes == 10
    assert len(names["training"].epochs) == 2
    assert (tmp_path / "mistakes.png").exists()
    page([next(block for block in BLOCKS if "Trainer(net" in block)])


@pytest.mark.skipif(not HAS_TORCHVISION, reason="torchvision is not installed")
def test_a_transform_of_torchvision(page):
    names = page([next(block for block in BLOCKS if "from torchvision" in block)])
    image, _ = names["mnist_dataset"].trainset[0]
    assert image.shape == (1, 28, 28)
    page([BLOCKS[0].partition("mnist_dataset =")[0]])
    with pytest.warns(TrainingWarning, match="Your own transform is done to the training set of mnist"):
        names["train_on_dataset"](names["net"], names["mnist_dataset"], epochs=1)


def test_every_block_is_run_by_one_of_these():
    assert len(BLOCKS) == 8


def test_every_setting_is_in_the_table():
    table = PAGE.read_text().partition("| field | does |")[2].partition("\n\n")[0]
    named = set(re.findall(r"`(\w+)", table))
    assert {field.name for field in fields(DatasetConfig)} <= named
