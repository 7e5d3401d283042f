"""No package seeds a generator that the whole process shares: other threads draw from it too."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SOURCES = sorted(Path(__file__).parents[2].glob("packages/*/src/**/*.py"))
PUT_BACK = ("csai_core/shared_generators.py",)
"""It puts back what the code of a plugin has changed, and what environments have drawn before a training."""
SHARED = {
    "torch.manual_seed",
    "torch.seed",
    "torch.set_rng_state",
    "torch.random.manual_seed",
    "torch.random.fork_rng",
    "torch.random.set_rng_state",
    "torch.cuda.manual_seed",
    "torch.cuda.manual_seed_all",
    "torch.cuda.set_rng_state",
    "torch.default_generator",
    "np.random.seed",
    "np.random.set_state",
    "numpy.random.seed",
    "numpy.random.set_state",
    "random.seed",
    "random.setstate",
}


def shared_ones(source):
    return {
        written
        for node in ast.walk(ast.parse(source))
        if isinstance(node, (ast.Attribute, ast.Name)) and (written := ast.unparse(node)) in SHARED
    }


SEEDING_NOTHING = [path for path in SOURCES if not path.as_posix().endswith(PUT_BACK)]


@pytest.mark.parametrize("path", SEEDING_NOTHING, ids=lambda path: "/".join(path.parts[-3:]))
def test_no_source_seeds_a_shared_generator(path):
    assert not shared_ones(path.read_text())


def test_such_a_source_would_be_found():
    assert shared_ones("with torch.random.fork_rng(): torch.manual_seed(3)") == {
        "torch.random.fork_rng",
        "torch.manual_seed",
    }
    assert not shared_ones("torch.Generator().manual_seed(3)")
