"""What SECURITY.md promises of reading files and of the network holds for the sources."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = sorted(ROOT.glob("packages/*/src/**/*.py"))
RUN_WHAT_THEY_READ = {"pickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}
REACH_OTHERS = {"aiohttp", "ftplib", "http", "httpx", "requests", "smtplib", "socket", "urllib"}

WORKERS = {
    *("vector/process.py", "vector/supervisor.py", "vector/worker.py"),
    *("studies/crew.py", "studies/worker.py"),
}
"""Worker processes, and the process that started them, unpickle what they tell each other."""
PICKLING_SUITES = {
    *("environment/copies.py", "environment/fresh_process.py", "environment/outcomes.py"),
    *("dataset/repeating.py", "wrapper/saving.py"),
}
"""What they check must be picklable; they unpickle what they have pickled."""
KEEPS_OTHERS_OFF = {"dataset/base.py"}
"""Refuses whoever reaches for the network while a dataset is checked."""


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


def is_call(node):
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name)


def test_nothing_is_unpickled_but_cifar_and_what_a_process_has_pickled_itself():
    assert importers(RUN_WHAT_THEY_READ) == {"sources/pickles.py"} | WORKERS | PICKLING_SUITES
    assert not calls(r"torch\.(jit\.)?load\(")
    assert not calls(r"allow_pickle=True")


def test_nothing_read_is_evaluated():
    named = {
        node.func.id for path in SOURCES for node in ast.walk(ast.parse(path.read_text())) if is_call(node)
    }
    assert "isinstance" in named
    assert not named & {"eval", "exec", "__import__", "compile"}


def test_nothing_reaches_the_network():
    sockets = {"vector/channel.py", "vector/process.py", "vector/worker.py"}
    assert importers(REACH_OTHERS) == sockets | KEEPS_OTHERS_OFF
    assert calls(r"socketpair\(") == ["process.py"]
    assert not calls(r"\b(listen|accept|connect_ex|create_connection|create_server)\(")
    assert not sockets & {f"vector/{name}" for name in calls(r"\.(bind|connect)\(")}


def test_what_reads_runs_imports_nothing_that_they_name_but_through_trust():
    importing = {
        path.name for path in SOURCES if path.parent.name == "runs" and "import_module" in path.read_text()
    }
    assert importing == {"listing.py"}  # which has a table of two modules of csai's own
    restoring = (ROOT / "packages/csai-train/src/csai_train/runs/env_spec.py").read_text()
    assert "trust.import_trusted(" in restoring
    assert "admit(" in restoring
