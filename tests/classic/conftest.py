"""The original's documentation, as its author published it (MIT License), and what runs its code."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

DOCUMENT = Path(__file__).with_name("CoderSchoolAI.md")
FENCE = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


class Fence(NamedTuple):
    """A piece of code in the document."""

    title: str
    """The heading above it."""
    code: str


def fences():
    """All code of the document, in order; a comment in code is no heading."""
    text = DOCUMENT.read_text(encoding="utf-8")
    found, start, title = [], 0, ""
    for match in FENCE.finditer(text):
        titles = re.findall(r"^#+ (.+?)(?: #)?$", text[start : match.start()], re.MULTILINE)
        title = titles[-1] if titles else title
        found.append(Fence(title, match.group(1)))
        start = match.end()
    return found


class Document:
    """The document's code: `document("Net Class")` stands there, `document(title, n)` is the n-th there."""

    def __init__(self):
        self.fences = fences()

    def __call__(self, title, number=0):
        return [fence.code for fence in self.fences if fence.title == title][number]


@pytest.fixture(scope="session")
def document():
    return Document()


@pytest.fixture(scope="session")
def fill():
    """Puts a body where the document leaves one out: where it says `pass`, or nothing but comments."""

    def fill(code, **bodies):
        parts = re.split(r"(?=^    def )", code, flags=re.MULTILINE)
        names = [re.match(r"    def (\w+)|", part)[1] for part in parts]
        assert bodies.keys() <= {*names}
        return "".join(
            with_body(part, bodies[name]) if name in bodies else part
            for name, part in zip(names, parts, strict=True)
        )

    return fill


def with_body(method, lines):
    """A method of the document with a body."""
    body = "".join(f"        {line}\n" for line in lines)
    if "        pass\n" in method:
        return method.replace("        pass\n", body)
    return method.rstrip("\n") + "\n" + body + "\n"
