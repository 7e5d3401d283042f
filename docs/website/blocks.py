"""A page for each block: a network with it, its picture and its shapes."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from csai_core.docstrings import explained_arguments, prose
from csai_core.plugins import Entry, installed
from csai_core.plugins.discovery import OURS
from website import tables

SIGN = " \N{MULTIPLICATION SIGN} "
EXAMPLES: dict[str, str] = tomllib.loads((Path(__file__).parent / "blocks.toml").read_text("utf-8"))
"""A network with each block, by the block's name; it is made, drawn and measured here."""


def pages() -> Iterator[tuple[str, str]]:
    """A page and a picture for each block, and the list of them."""
    entries = {name: each for name, each in installed().entries("blocks").items() if each.plugin in OURS}
    for name, entry in entries.items():
        net = made(EXAMPLES[name])
        yield f"reference/blocks/{name}.svg", net.diagram().draw("svg").decode()
        yield f"reference/blocks/{name}.md", "\n".join(page(entry, EXAMPLES[name], net))
    lines = [f"- [{name}](/reference/blocks/{name}.md): {each.summary}" for name, each in entries.items()]
    listed, contents = "\n".join(lines), "\n".join(entries)
    yield (
        "reference/blocks/index.md",
        f"# Blocks\n\nHow they join is in [networks](/networks.md).\n\n{listed}\n\n"
        f"```{{toctree}}\n:hidden:\n{contents}\n```\n",
    )


def made(code: str) -> Any:
    """The network that some lines make, compiled."""
    names: dict[str, Any] = {}
    exec(code, names)
    return names["net"]


def page(entry: Entry, code: str, net: Any) -> Iterator[str]:
    """The lines of a block's page."""
    block = entry.load()
    yield f"# {block.__name__}\n\n{entry.summary} In files and on the command line it is `{entry.name}`.\n"
    if entry.reference:
        yield f"Reference: {entry.reference}\n"
    shapes = " → ".join(_shape(row.output_shape) for row in net.summary().rows)
    alternative = f"A network with {block.__name__}, from left to right: {shapes}"
    yield f"![{alternative}](/reference/blocks/{entry.name}.svg)\n"
    yield f"```python\n{code.strip()}\n```\n"
    yield "## Shapes\n"
    rows = [
        (each.name, each.kind, _shape(each.output_shape), f"{each.parameters:,}", f"{each.multiply_adds:,}")
        for each in net.summary().rows
    ]
    yield from tables.table(("block", "kind", "gives", "parameters", "multiply-adds"), rows)
    yield f"## What it does\n\n{prose(block.__doc__ or '')}\n"
    yield "## Settings\n"
    rows_of_settings = [(f"`{name}`", text) for name, text in explained_arguments(block).items()]
    yield from tables.table(("setting", "what it is"), rows_of_settings)


def _shape(shape: tuple[int, ...]) -> str:
    return SIGN.join(map(str, shape)) or "1"
