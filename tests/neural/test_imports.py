"""Importing csai_neural costs nothing until a name is taken from it."""

import subprocess
import sys

import pytest

import csai_neural


def run(code):
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout


def test_hooks_import_no_torch():
    code = (
        "import sys, csai_neural.hooks; csai_neural.hooks.csai_blocks(); csai_neural.hooks.csai_networks(); "
        "print('torch' in sys.modules, 'matplotlib' in sys.modules)"
    )
    assert run(code).split() == ["False", "False"]


def test_a_name_brings_torch_only_when_taken():
    code = "import sys, csai_neural; csai_neural.Net; print('torch' in sys.modules)"
    assert run(code).split() == ["True"]


@pytest.mark.parametrize("name", csai_neural.__all__)
def test_every_public_name_exists(name):
    assert getattr(csai_neural, name).__name__
    assert name in dir(csai_neural)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="Nett"):
        _ = csai_neural.Nett
