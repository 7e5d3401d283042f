"""A page for each command, from the commands themselves."""

from __future__ import annotations

import runpy
from collections.abc import Iterator
from pathlib import Path

MAKER = Path(__file__).parents[1] / "make_commands_page.py"


def pages() -> Iterator[tuple[str, str]]:
    """A page for each command of ours, and the list of them."""
    made = runpy.run_path(str(MAKER))
    introduction = made["INTRODUCTION"].rpartition("\n\nThis page")[0]
    listed = [introduction, "\n"]
    for group, entries in made["commands"]().items():
        listed.append(f"\n## {group}\n")
        names = []
        for name, entry in entries:
            text = "\n".join(made["section"](name, entry.load()))
            yield f"reference/commands/{name}.md", _raised(text)
            listed.append(f"- [csai {name}](/reference/commands/{name}.md): {entry.summary}")
            names.append(name)
        listed.append("\n```{toctree}\n:hidden:\n" + "\n".join(names) + "\n```\n")
    yield "reference/commands/index.md", "\n".join(listed)


def _raised(text: str) -> str:
    """A part of a page as a page: its headings two levels higher."""
    lines = text.split("\n")
    return "\n".join(line.removeprefix("##") if line.startswith("###") else line for line in lines)
