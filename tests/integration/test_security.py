"""What SECURITY.md promises of reading files and of the network holds for the sources."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = sorted(ROOT.glob("packages/*/src/**/*.py"))
RUN_WHAT_THEY_READ = {"pickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}
REACH_OTHERS = {"aiohttp", "ftplib", "http", "httpx", "requests", "smtplib", "socket", "urllib"}

WORKERS = {"vector/process.py", "vector/supervisor.py", "vector/worker.py"}
"""Worker processes, and the process that started them, unpickle what they tell each other."""


def importers(modules):
    """The sources that import one of the modules, as folder and name."""
    found = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if modules & {name.partition(".")[0] for name in names}:
                found.add(f"{path.parent.name}/{path.name}")
    return found


def calls(pattern):
    return [path.name for path in SOURCES if re.search(pattern, path.read_text())]


def test_nothing_is_unpickled_but_cifar_and_what_a_process_has_pickled_itself():
    others = {"sources/pickles.py", "testing/environment.py"}
    assert importers(RUN_WHAT_THEY_READ) == others | WORKERS
    assert not calls(r"torch\.(jit\.)?load\(")
    assert not calls(r"allow_pickle=True")


def test_nothing_read_is_evaluated():
    assert not calls(r"(?<![\w.])(eval|exec|__import__)\(")


def test_nothing_reaches_the_network():
    sockets = {"vector/channel.py", "vector/process.py", "vector/worker.py"}
    assert importers(REACH_OTHERS) == sockets
    assert calls(r"socketpair\(") == ["process.py"]
    assert not calls(r"\b(listen|accept|connect_ex|create_connection|create_server)\(")
    assert not sockets & {f"vector/{name}" for name in calls(r"\.(bind|connect)\(")}
