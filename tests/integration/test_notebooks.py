"""The notebooks in examples/: every cell runs, one after the other, and shows what it says.

Here their code is run as plain Python, with what a notebook would show of each cell's last line. `nox -s
notebooks` runs them in Jupyter itself.
"""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

BOOKS = sorted((Path(__file__).parents[2] / "examples" / "notebooks").glob("*.ipynb"))
SHOWN = ("_repr_html_", "_repr_png_")


def code_of(path):
    return [
        "".join(cell["source"])
        for cell in json.loads(path.read_text())["cells"]
        if cell["cell_type"] == "code"
    ]


def run_cell(code, names):
    """Run a cell; what its last line gives, if that is an expression."""
    tree = ast.parse(code)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "<cell>", "exec"), names)
    return None if last is None else eval(compile(ast.Expression(last.value), "<cell>", "eval"), names)


@pytest.mark.parametrize("path", BOOKS, ids=lambda path: path.stem)
def test_every_cell_of_a_notebook_runs_and_can_be_shown(path):
    names, shown = {}, 0
    for code in code_of(path):
        value = run_cell(code, names)
        for way in SHOWN:
            if hasattr(value, way):
                assert len(getattr(value, way)()) > 200
                shown += 1
    assert shown >= 2


def test_there_are_three_and_they_hold_no_outputs():
    assert len(BOOKS) == 3
    for path in BOOKS:
        book = json.loads(path.read_text())
        assert (book["nbformat"], len(path.read_bytes()) < 10_000) == (4, True)
        assert not any(cell.get("outputs") or cell.get("execution_count") for cell in book["cells"])
