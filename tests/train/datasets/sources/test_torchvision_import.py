"""Importing torchvision where its compiled operators do not load: with the real wheel, where that is here."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import pytest

from csai_core.errors import MissingExtraError
from csai_train.datasets.sources.torchvision_import import import_torchvision

needs_torchvision = pytest.mark.skipif(
    importlib.util.find_spec("torchvision") is None, reason="torchvision is not installed"
)


def run(code):
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.split()


def test_importing_the_package_imports_neither_torch_nor_torchvision():
    assert run(
        "import csai_train.datasets, sys; print('torch' in sys.modules, 'torchvision' in sys.modules)"
    ) == [
        "False",
        "False",
    ]


@needs_torchvision
def test_datasets_do_not_import_torchvision_until_it_is_needed():
    code = "from csai_train.datasets import MNISTDataset, train_on_dataset; import sys; print(*sys.modules)"
    assert not {"torchvision", "torch._dynamo", "torch._inductor"} & set(run(code))


@needs_torchvision
@pytest.mark.parametrize("before", ["from csai_train.datasets import Dataset", "FAILED FIRST"])
def test_whoever_imports_torchvision_afterwards_gets_it_whole(before):
    if before == "FAILED FIRST":  # unless this is a pair that fits
        before = "try:\n    import torchvision\nexcept RuntimeError:\n    pass"
    code = f"""
{before}
import csai_train.datasets
from torchvision import transforms, datasets, models
from torchvision.transforms import v2
import torch
transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,), (0.5,))])
print(v2.RandomHorizontalFlip(1.0)(torch.tensor([[[1.0, 2.0]]])).tolist()[0][0])
models.resnet18()
"""
    assert run(code) == ["[2.0,", "1.0]"]


@needs_torchvision
def test_operators_that_are_missing_say_so_and_those_that_load_work():
    code = """
import csai_train.datasets, torch, torchvision
boxes = torch.tensor([[0.0, 0.0, 1.0, 1.0]])
try:
    print("kept", torchvision.ops.nms(boxes, torch.ones(1), 0.5).tolist())
except RuntimeError as error:
    print("ops." in str(error) and "kept [0]")
"""
    assert run(code) == ["kept", "[0]"]


def test_without_torchvision_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "torchvision", None)
    with pytest.raises(
        MissingExtraError, match=r'ImageNet needs torchvision: pip install "csai-train\[datasets\]"'
    ):
        import_torchvision("ImageNet")


def test_a_torchvision_that_does_not_fit_is_said_to_be_one(monkeypatch):
    class Finder:
        def find_spec(self, fullname, path, target=None):
            if fullname == "torchvision":
                raise RuntimeError("operator torchvision::roi_pool does not exist")

    for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [Finder(), *sys.meta_path])
    with pytest.raises(MissingExtraError, match=r"cannot be imported beside this torch: operator .*roi_pool"):
        import_torchvision("ImageNet")
