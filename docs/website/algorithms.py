"""A page for each algorithm: the idea, equations beside the lines that compute them, settings, results."""

from __future__ import annotations

import importlib
import inspect
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from csai_core import options
from csai_core.plugins import Entry, installed
from csai_core.schedules import WHAT_MAY_CHANGE
from website import curves, flow, learned, tables

TOLD = tomllib.loads((Path(__file__).parent / "algorithms.toml").read_text("utf-8"))
"""What the code does not say itself: the picture, the equations, and what usually goes wrong."""


def pages() -> Iterator[tuple[str, str]]:
    """A page for each algorithm, and the list of them."""
    entries = installed().entries("algorithms")
    for name, told in TOLD.items():
        yield f"reference/algorithms/{name}.md", "\n".join(page(entries[name], told))
    contents = "\n".join(TOLD)
    rows = [
        (f"[{name}](/reference/algorithms/{name}.md)", entries[name].summary, told["policy"])
        for name, told in TOLD.items()
    ]
    table = "\n".join(tables.table(("name", "what it is", "learns from"), rows))
    yield (
        "reference/algorithms/index.md",
        f"# Algorithms\n\nIn this order each adds one idea to those before it.\n\n{table}\n"
        f"```{{toctree}}\n:hidden:\n{contents}\n```\n",
    )


def page(entry: Entry, told: dict[str, Any]) -> Iterator[str]:
    """The lines of an algorithm's page."""
    yield f"# {told['title']}\n\n{told['idea']}\n"
    yield from flow.picture(told["title"], told["flow"])
    yield from facts(entry, told)
    yield "## The equations, and the lines that compute them\n"
    for equation in told["equations"]:
        yield from beside(equation)
    yield "## Settings\n"
    yield f"`csai train ID --algorithm {entry.name} --help` lists them as options.\n"
    yield from settings(entry)
    yield f"## When it is well\n\n{told['healthy']}\n"
    yield from curves.picture(entry.name)
    yield f"{told['curves']}\n"
    yield "## What usually goes wrong\n"
    yield from tables.table(("what is seen", "what to try first"), told["illness"])
    yield "`csai doctor RUN` looks for these and more by itself: [health](/health.md).\n"
    yield from learned.rows_about(entry.name, "## What it reaches")
    yield "## The whole file\n"
    module = importlib.import_module(entry.target.partition(":")[0])
    yield f"```python\n{inspect.getsource(module)}```\n"


def facts(entry: Entry, told: dict[str, Any]) -> Iterator[str]:
    """The quick facts."""
    rows = [
        ("name", f"`{entry.name}`"),
        ("also typed as", ", ".join(f"`{each}`" for each in entry.aliases)),
        ("learns from", told["policy"]),
        ("observations", ", ".join(entry.observation_spaces)),
        ("actions", ", ".join(entry.action_spaces)),
        ("paper", entry.reference),
        ("try it", f"`{told['command']}`"),
    ]
    yield from tables.table(("fact", "here"), [row for row in rows if row[1]])


def beside(equation: dict[str, str]) -> Iterator[str]:
    """An equation, and the function that computes it."""
    code = "\n".join(code_of(equation["code"]))
    yield f"### {equation['title']}\n\n{equation['says']}\n\n$$\n{equation['latex'].strip()}\n$$\n"
    yield f"`{equation['code'].replace(':', '.')}`:\n\n```python\n{code}\n```\n"


def code_of(target: str) -> Iterator[str]:
    """The lines of a function, or of a method, without its docstring: what is computed.

    Raises:
        AttributeError: if it is not there any more.
    """
    module, _, path = target.partition(":")
    thing: Any = importlib.import_module(module)
    for part in path.split("."):
        thing = getattr(thing, part)
    source = inspect.getsource(inspect.unwrap(thing))
    lines = inspect.cleandoc(f"\n{source}").splitlines()
    start = next(index for index, line in enumerate(lines) if '"""' in line)
    is_one_line = lines[start].count('"""') == 2
    end = start if is_one_line else next(i for i in range(start + 1, len(lines)) if '"""' in lines[i])
    yield from (*lines[:start], *lines[end + 1 :])


def settings(entry: Entry) -> Iterator[str]:
    """Every setting, with what smaller and larger do and the usual range."""
    rows = [
        (
            f"`{each.name}`",
            f"`{each.default}`",
            each.explanation + (" May change." if each.may_change else ""),
        )
        for each in options.describe(entry.load_config())
    ]
    yield from tables.table(("setting", "unless said", "what it does"), rows)
    if any("May change." in row[2] for row in rows):
        yield f"{WHAT_MAY_CHANGE}\n"
