"""Every link from one page of the project to another leads somewhere, headings included."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path
    for folder in (
        ".",
        "docs",
        "docs/coming-from",
        "docs/environments",
        "packages/*",
        "packages/*/src/**",
        "examples/*",
    )
    for path in ROOT.glob(f"{folder}/*.md")
)
CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.MULTILINE | re.DOTALL)


def links(page):
    return re.findall(r"\]\((?!\w+:)([^)\s]+)\)", CODE.sub("", page.read_text()))


def anchors(page):
    """What stands behind the # of a link to a heading, as GitHub makes it."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```", "", page.read_text(), flags=re.M | re.S), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_there_are_links():
    assert sum(len(links(page)) for page in PAGES) > 40


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    for link in links(page):
        target, _, heading = link.partition("#")
        there = (page.parent / target).resolve() if target else page
        assert there.exists(), link
        assert not heading or heading in anchors(there), link
