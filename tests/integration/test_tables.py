"""Every column of a table in the pages has a heading, which a screen reader says beside each cell."""

from __future__ import annotations

import re

import pytest

from integration.test_links import CODE, PAGES, ROOT

HEAD = re.compile(r"^(\|.*\|)\n\|[ :|-]*-[ :|-]*\|$", re.MULTILINE)


def columns(page):
    heads = HEAD.findall(CODE.sub("code", page.read_text()))
    return [cell.strip() for head in heads for cell in head[1:-1].split("|")]


def test_there_are_tables():
    assert sum(len(columns(page)) for page in PAGES) > 100


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_column_has_a_heading(page):
    assert "" not in columns(page)
