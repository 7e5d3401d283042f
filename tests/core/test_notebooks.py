"""Pieces of HTML for notebooks, and a display that changes."""

from __future__ import annotations

import html.parser
import io
import re
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from csai_core import notebooks

EVIL = "<script>alert('x')</script>\"'&"


class Page(html.parser.HTMLParser):
    """What is in a piece of HTML: its tags, their attributes, and its text."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.open, self.values, self.words = [], [], [], ""
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.values += attributes
        if tag not in ("img", "polyline"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)
        self.values += attributes

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words += data


@pytest.mark.parametrize(
    "piece",
    [
        notebooks.card(EVIL, {EVIL: EVIL}),
        notebooks.curve([(0, 1), (1, 2)], EVIL),
        notebooks.image(b"x", "gif", EVIL),
        notebooks.bar(0.5, EVIL),
    ],
)
def test_whatever_is_told_is_escaped_and_nothing_is_loaded(piece):
    page = Page(piece)
    assert "script" not in page.tags
    assert EVIL in page.words or EVIL in [value for _, value in page.values]
    assert not re.search(r"https?:|url\(|@import", piece)
    assert {name for name, _ in page.values}.isdisjoint({"onload", "onerror", "onclick"})


def test_only_the_line_has_a_color_so_that_dark_pages_can_be_read():
    pieces = notebooks.card("x", {"a": 1}) + notebooks.curve([(0, 1), (1, 2)], "y") + notebooks.bar(0.5, "z")
    colors = set(re.findall(r"#[0-9a-f]{6}", pieces))
    assert len(colors) == 1
    assert not re.search(r"color:(?!inherit)", pieces.replace("background:#", "back#"))


def test_empty_facts_are_left_out():
    page = Page(notebooks.card("title", {"a": 0, "b": "", "c": "d"}))
    assert page.words == "titlea0cd"


def test_a_curve_has_its_bounds_and_lies_within_them():
    piece = notebooks.curve([(0, -5.0), (10, 3.25), (20, 0.0)], "return")
    assert Page(piece).words == "3.25-5return"
    points = [tuple(map(float, each.split(","))) for each in re.search('points="([^"]*)"', piece)[1].split()]
    assert points == [(4, 96), (210, 4), (416, pytest.approx(40.2, abs=0.1))]


def test_a_level_line_is_in_the_middle_and_a_point_is_none():
    piece = notebooks.curve([(0, 2.0), (1, 2.0)], "return")
    assert Page(piece).words == "2return"
    assert "4.0,50.0 416.0,50.0" in piece
    assert notebooks.curve([(0, 1)], "x") == notebooks.curve([], "x") == ""


@pytest.mark.parametrize(("share", "shown"), [(0.5, "50%"), (-1, "0%"), (7, "100%")])
def test_a_bar_stays_within_its_frame(share, shown):
    assert Page(notebooks.bar(share, "")).words.strip() == shown


def test_a_picture_becomes_the_file_that_it_is():
    image = pytest.importorskip("PIL.Image")
    frame = np.random.default_rng(1).integers(0, 256, (7, 5, 3), dtype=np.uint8)
    with image.open(io.BytesIO(notebooks.png(frame))) as opened:
        assert opened.format == "PNG"
        assert np.array_equal(np.asarray(opened), frame)


def test_programs_are_no_notebooks_and_import_none():
    asked = "n.is_notebook(), n.is_terminal_of_ipython(), 'IPython' in sys.modules"
    code = f"import sys, csai_core.notebooks as n; print({asked})"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.split() == ["False", "False", "False"]


def use(monkeypatch, *, kernel):
    shell = SimpleNamespace(kernel=None) if kernel else SimpleNamespace()
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))


def test_jupyter_shows_one_place_that_changes(monkeypatch):
    use(monkeypatch, kernel=True)
    shown = []
    handle = SimpleNamespace(update=lambda data, raw: shown.append(("update", data)))

    def display(data, raw, display_id):
        assert raw
        assert display_id
        shown.append(("display", data))
        return handle

    monkeypatch.setitem(sys.modules, "IPython.display", SimpleNamespace(display=display))
    assert notebooks.is_notebook()
    assert not notebooks.is_terminal_of_ipython()
    place = notebooks.Display()
    place.show("<b>1</b>", "1")
    place.show("<b>2</b>", "2")
    assert shown == [
        ("display", {"text/html": "<b>1</b>", "text/plain": "1"}),
        ("update", {"text/html": "<b>2</b>", "text/plain": "2"}),
    ]


def test_ipython_in_a_terminal_is_told_apart(monkeypatch):
    use(monkeypatch, kernel=False)
    assert notebooks.is_terminal_of_ipython()
    assert not notebooks.is_notebook()
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: None))
    assert not notebooks.is_terminal_of_ipython()


def test_marimo_shows_it_in_the_output_of_its_cell(monkeypatch):
    shown = []
    output = SimpleNamespace(replace=shown.append)
    marimo = SimpleNamespace(
        running_in_notebook=lambda: True, output=output, Html=lambda text: ("html", text)
    )
    monkeypatch.setitem(sys.modules, "marimo", marimo)
    assert notebooks.is_notebook()
    notebooks.Display().show("<b>1</b>", "1")
    assert shown == [("html", "<b>1</b>")]
    marimo.running_in_notebook = lambda: False
    assert not notebooks.is_notebook()


def test_control_characters_are_spelled_out():
    assert notebooks.escaped("a\x1b[31m\x00\n<b>") == "a\\x1b[31m\\x00\n&lt;b&gt;"
