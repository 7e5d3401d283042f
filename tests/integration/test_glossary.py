"""The glossary is short, in order, and explains the words that csai really uses."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "glossary.md"
ENTRIES = re.findall(r"^- \*\*(.+?)\*\*: (.+)$", PAGE.read_text(), flags=re.MULTILINE)
WORDS = [word for word, _ in ENTRIES]


def in_order(word):
    """Small letters before capitals where a word is both: the field's step, then csai's Step."""
    return word.lower(), word[0].isupper()


@pytest.fixture(scope="module")
def prose_and_sources():
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("packages/*/README.md")]
    sources = [path for kind in ("py", "md", "toml") for path in ROOT.glob(f"packages/*/src/**/*.{kind}")]
    return "\n".join(path.read_text() for path in {*pages, *sources} - {PAGE})


def test_every_line_of_the_list_is_an_entry():
    assert len(ENTRIES) == len(re.findall(r"^-", PAGE.read_text(), flags=re.MULTILINE)) > 60


def test_entries_stand_in_alphabetical_order_and_once():
    assert sorted(WORDS, key=in_order) == WORDS
    assert len(set(WORDS)) == len(WORDS)


@pytest.mark.parametrize(("word", "text"), ENTRIES, ids=WORDS)
def test_an_entry_is_short(word, text):
    assert len(text.split()) <= 25
    assert text.endswith((".", "?"))


@pytest.mark.parametrize(("word", "text"), ENTRIES, ids=WORDS)
def test_an_entry_points_to_entries(word, text):
    for other in re.findall(r"\*\*(.+?)\*\*", text):
        singular = other.removesuffix("s")
        assert {other, singular, other.removesuffix("ed")} & set(WORDS), other
        assert word not in (other, singular)


@pytest.mark.parametrize(("word", "text"), ENTRIES, ids=WORDS)
def test_a_word_is_used_elsewhere_itself_or_by_its_name_in_code(word, text, prose_and_sources):
    spelling = re.escape(word).replace(r"\ ", r"[\s_-]+").replace(r"\-", r"[\s_-]?")
    flags = re.NOFLAG if word[0].isupper() else re.IGNORECASE
    names = re.findall(r"`(\w+)`", text)
    assert all(name in prose_and_sources for name in names)
    assert names or re.search(rf"(?<![a-zA-Z]){spelling}", prose_and_sources, flags)
