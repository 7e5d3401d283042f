"""The package as it is installed, with Ray and without."""

import ast
import importlib
import sys
from pathlib import Path

import pytest
from csai_core.errors import MissingExtraError

SOURCE = Path(__file__).parents[1] / "src" / "csai_ray" / "trial.py"


def test_without_ray_it_is_said_what_to_install(monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "csai_ray"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'csai-ray\[ray\]'"):
        importlib.import_module("csai_ray")


def test_it_has_at_most_a_hundred_lines_of_code():
    text = SOURCE.read_text()
    lines = {number for number, line in enumerate(text.splitlines(), start=1) if line.strip()}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):  # a docstring
            lines -= {*range(node.lineno, node.end_lineno + 1)}
    assert 50 < len(lines) <= 100
