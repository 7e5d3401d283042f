"""Whatever a terminal can show, every text can be printed to it."""

from __future__ import annotations

import io
import sys

import pytest

from csai_core.help_pages import in_any_encoding


@pytest.mark.parametrize(
    ("encoding", "printed"),
    [("ascii", "+ a...b u ?"), ("cp1252", "+ a…b ü ?"), ("utf-8", "✓ a…b ü 蛇")],
)
def test_every_encoding_takes_every_text(monkeypatch, encoding, printed):
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", stream)
    with in_any_encoding():
        print("✓ a…b ü 蛇", end="", flush=True)
    assert stream.buffer.getvalue().decode(encoding) == printed
    assert stream.errors == "strict"
