"""What SECURITY.md promises of reading files and of the network holds for the sources."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = sorted(ROOT.glob("packages/*/src/**/*.py"))
RUN_WHAT_THEY_READ = {"pickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}
REACH_OTHERS = {"aiohttp", "ftplib", "http", "httpx", "requests", "smtplib", "socket", "urllib"}


def importers(modules):
    """The sources that import one of the modules, by name."""
    found = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if modules & {name.partition(".")[0] for name in names}:
                found.add(path.name)
    return found


def calls(pattern):
    return [path.name for path in SOURCES if re.search(pattern, path.read_text())]


def test_nothing_is_unpickled_but_cifar_and_what_a_check_has_pickled_itself():
    assert importers(RUN_WHAT_THEY_READ) == {"pickles.py", "environment.py"}
    assert not calls(r"torch\.(jit\.)?load\(")
    assert not calls(r"allow_pickle=True")


def test_nothing_read_is_evaluated():
    assert not calls(r"(?<![\w.])(eval|exec|__import__)\(")


def test_nothing_reaches_the_network():
    assert not importers(REACH_OTHERS)
