"""What the pages, the examples and the plugin template import is public, and at most one level deep."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = {"csai_core", "csai_envs", "csai_neural", "csai_train"}
"""Those whose paths are at most one level deep; CoderSchoolAI has the original's."""
TEMPLATE = ROOT / "packages" / "csai-core" / "src" / "csai_core" / "templates"
SNIPPET = re.compile(r"^ *```python\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
IMPORT = re.compile(r"^ *((?:from [\w.]+ )?import (?:\([^)]*\)|[^\n(]+))", re.MULTILINE)


def pages():
    """Every file that shows others how to use the packages."""
    yield from (ROOT / name for name in ("README.md", "CONTRIBUTING.md"))
    yield from ROOT.glob("packages/*/README.md")
    for folder, suffixes in (
        (ROOT / "docs", (".md",)),
        (ROOT / "examples", (".md", ".py")),
        (TEMPLATE, (".template",)),
    ):
        yield from (path for path in sorted(folder.rglob("*")) if path.suffix in suffixes)


def imports_in(path):
    """Each import in the Python code of a page: the module, and the name or None."""
    name, text = path.name.removesuffix(".template"), path.read_text()
    if name.endswith(".md"):
        text = "\n".join(SNIPPET.findall(text))
    elif not name.endswith(".py"):
        return
    for statement in IMPORT.findall(text):
        (node,) = ast.parse(statement).body
        for alias in node.names:
            yield (node.module, alias.name) if isinstance(node, ast.ImportFrom) else (alias.name, None)


def complaint(module, name):
    """Empty where everybody may write this import."""
    package, *inside = module.split(".")
    if package not in PACKAGES:
        return ""
    if len(inside) > 1:
        return f"{module} is more than one level deep"
    found = importlib.import_module(module)
    public = getattr(found, "__all__", None)
    if name is None or public is None or name in public or is_module(f"{module}.{name}"):
        return ""
    return f"{name} is not in the __all__ of {module}"


def is_module(name):
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


PAGES = list(pages())


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_a_page_imports_is_public_and_at_most_one_level_deep(path):
    complaints = [complaint(*each) for each in imports_in(path)]
    assert list(filter(None, complaints)) == []


def test_pages_with_imports_are_found():
    with_imports = {path.name for path in PAGES if any(module in PACKAGES for module, _ in imports_in(path))}
    assert with_imports >= {"README.md", "algorithms.md", "runs.md", "thirty_lines.py", "block.py.template"}


@pytest.mark.parametrize(
    ("module", "name", "words"),
    [
        ("csai_train", "train", ""),
        ("csai_train.runs", "read_events", ""),
        ("csai_core", "games", ""),
        ("numpy.random.mtrand", "RandomState", ""),
        ("csai_train.runs.run", "Run", "csai_train.runs.run is more than one level deep"),
        ("csai_train", "Session", "Session is not in the __all__ of csai_train"),
    ],
)
def test_imports_are_told_apart(module, name, words):
    assert complaint(module, name) == words
