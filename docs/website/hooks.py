"""A page for each hook, cut from docs/hooks.md."""

from __future__ import annotations

import re
from collections.abc import Iterator

from website import links

SOURCE = links.ROOT / "docs" / "hooks.md"


def pages() -> Iterator[tuple[str, str]]:
    """The introduction, and a page for each hook."""
    places = links.places()
    text = links.for_site(SOURCE.read_text("utf-8"), SOURCE, places)
    introduction, *parts = re.split(r"^## ", text, flags=re.MULTILINE)
    names = [part.partition("\n")[0] for part in parts]
    for name, part in zip(names, parts, strict=True):
        yield f"reference/hooks/{name}.md", f"# {_linked(part)}"
    contents = "\n".join(names)
    yield "reference/hooks/index.md", f"{_linked(introduction)}\n```{{toctree}}\n:hidden:\n{contents}\n```\n"


def _linked(text: str) -> str:
    """A link to a part of the page that was, now to a page."""
    return re.sub(r"\]\(#(csai_\w+)\)", r"](/reference/hooks/\1.md)", text)
