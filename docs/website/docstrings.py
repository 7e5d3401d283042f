"""Docstrings, which are written in Google's style with Markdown's marks, as Sphinx reads them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

_CODE = re.compile(r"(`+[^`]+`+)")
_ITEM = re.compile(r"^\s*(?:[-*]|\d+\.) ")
_SECTION = re.compile(r"^(Args|Attributes|Raises|Returns|Yields):$")
_FIELD = re.compile(r"^(\*{0,2}[\w.]+):\s+(.*)$")
_FIELDS = {"Args": "param", "Raises": "raises", "Returns": "returns", "Yields": "yields"}


def as_rest(lines: Iterable[str]) -> list[str]:
    """The same docstring as reStructuredText: its sections as fields, and its marks as Sphinx's."""
    text, fields = [], []
    for heading, part in sections(list(lines)):
        if heading in ("Args", "Raises"):
            fields += [
                line for name, told in named(part) for line in _field(f"{_FIELDS[heading]} {name}", told)
            ]
        elif heading in ("Returns", "Yields"):
            fields += _field(_FIELDS[heading], part)
        elif heading == "Attributes":
            text += ["", ".. rubric:: Attributes", ""]
            text += [line for name, told in named(part) for line in (f"``{name}``", *_indented(told))]
        else:
            text += _marked(part)
    return [*text, "", *fields, ""]


def sections(lines: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """The parts of a docstring by their headings; what stands under none has an empty one."""
    heading, part = "", list[str]()
    for line in lines:
        starts = _SECTION.match(line)
        if starts or (heading and line and not line.startswith(" ")):
            yield heading, _dedented(part) if heading else part
            heading, part = (starts[1], []) if starts else ("", [])
        if not starts:
            part.append(line)
    yield heading, _dedented(part) if heading else part


def _dedented(lines: Sequence[str]) -> list[str]:
    indent = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return [line[indent:] for line in lines]


def named(lines: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """What a section says of each name."""
    name, told = "", list[str]()
    for line in lines:
        if field := _FIELD.match(line):
            if name:
                yield name, told
            name, told = field[1].replace("*", "\\*"), [field[2]]
        else:
            told.append(line.strip())
    if name:
        yield name, told


def _field(name: str, told: Sequence[str]) -> Iterator[str]:
    marked = list(_indented(told))
    yield f":{name}: {marked[0].lstrip() if marked else ''}"
    yield from marked[1:]


def _indented(lines: Sequence[str]) -> Iterator[str]:
    for line in _marked(lines):
        yield f"    {line}" if line else ""


def _marked(lines: Iterable[str]) -> Iterator[str]:
    """Lines with their code, headings and lists marked as Sphinx marks them, and nothing else."""
    was_list = False
    for block in _blocks(lines):
        if block[0].lstrip().startswith(">>>"):
            yield from block
        elif block[0].startswith("    ") and not was_list:
            yield from ("::", "", *block)
        else:
            yield from _paragraph(block)
            was_list = any(map(_ITEM.match, block))
        yield ""


def _blocks(lines: Iterable[str]) -> Iterator[list[str]]:
    """The runs of lines between empty ones."""
    block: list[str] = []
    for line in (*lines, ""):
        if line.strip():
            block.append(line)
        elif block:
            yield block
            block = []


def _paragraph(block: Sequence[str]) -> Iterator[str]:
    is_list = bool(_ITEM.match(block[0]))
    for line in block:
        is_item = bool(_ITEM.match(line))
        if is_item and not is_list:
            yield ""
        is_list = is_list or is_item
        heading = re.match(r"#+ (.*)$", line)
        yield from (f".. rubric:: {heading[1]}", "") if heading else (_escaped(line, 2 * is_item),)


def _escaped(line: str, start: int) -> str:
    """A line with its code in two marks, and no other sign that would mean something."""
    parts = _CODE.split(line[start:])
    return line[:start] + "".join(_code(part) if part.startswith("`") else _plain(part) for part in parts)


def _code(part: str) -> str:
    return part if part.startswith("``") else f"``{part.strip('`')}``\\ "


def _plain(part: str) -> str:
    return re.sub(r"[\\*|]|(?<!\s)_(?=\W|$)", lambda match: f"\\{match[0]}", part)
