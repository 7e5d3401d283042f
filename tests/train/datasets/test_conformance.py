"""Every dataset that csai-train offers passes its suite, with files in the form of the published ones."""

from __future__ import annotations

import pytest

from csai_core.plugins import installed
from csai_train.testing import DatasetSuite

FOLDERS = {
    "mnist": lambda samples, root: samples.write_mnist(root),
    "fashion_mnist": lambda samples, root: samples.write_mnist(root, folder="FashionMNIST/raw"),
    "cifar10": lambda samples, root: samples.write_cifar10(root, count=40),
    "imagenet": lambda samples, root: samples.write_folders(root, per_class=12),
}


@pytest.mark.parametrize("name", FOLDERS)
def test_it_passes_its_suite(name, samples, tmp_path):
    if name == "imagenet":
        pytest.importorskip("torchvision")
    root = FOLDERS[name](samples, tmp_path)

    class Suite(DatasetSuite):
        entry_name = name

        def make(self, **settings):
            return super().make(**{"root": root, **settings})

    outcomes = list(Suite().run())
    assert [each for each in outcomes if each.status == "failed"] == []
    assert "passed" in {each.status for each in outcomes if each.check == "it can be learned"}


def test_without_files_nothing_is_downloaded_and_nothing_blamed(monkeypatch, tmp_path):
    monkeypatch.setenv("CSAI_DATA", str(tmp_path))
    for name in sorted(installed().entries("datasets")):
        assert {each.status for each in DatasetSuite.of(name).run()} == {"skipped"}
