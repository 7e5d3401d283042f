"""TOML as text: whatever is written is read back as it was."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csai_core.decoding import parse_toml
from csai_core.errors import CodecError
from csai_core.toml_text import from_literals, to_toml

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(st.text(), inner, max_size=3)
    ),
    max_leaves=8,
)


def back(document):
    return from_literals(parse_toml(to_toml(document).encode()))


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), VALUES, max_size=4))
def test_what_is_written_is_read(document):
    first = {name: value for name, value in document.items() if not isinstance(value, dict)}
    rest = {name: value for name, value in document.items() if isinstance(value, dict)}
    assert repr(back(document)) == repr({**first, **rest})


def test_it_reads_as_people_write():
    document = {
        "id": "CartPole-v1",
        "steps": 10,
        "settings": {"rate": 1e-4, "sizes": [64, 64], "is_on": True},
    }
    assert to_toml(document) == (
        'id = "CartPole-v1"\nsteps = 10\n\n[settings]\nrate = 0.0001\nsizes = [64, 64]\nis_on = true\n'
    )


def test_what_toml_has_no_word_for_is_what_is_typed_for_it():
    text = to_toml({"a": None, "b": (1, 2), "c": "\ud800", "d": {"literal": "1"}, "e": float("inf")})
    assert 'a = {literal = "null"}\n' in text
    assert 'b = {literal = "(1, 2)"}\n' in text
    assert back({"a": None, "b": (1, 2), "c": "\ud800"}) == {"a": None, "b": (1, 2), "c": "\ud800"}
    assert math.isinf(back({"e": float("inf")})["e"])
    bounds = {"f": (-math.inf, math.inf), "g": ([math.inf], {"h": -math.inf})}
    assert back(bounds) == bounds


def test_a_long_list_has_a_line_for_each_item():
    assert to_toml({"a": ["x" * 60, "y" * 60]}).count("\n") == 4


def test_what_cannot_be_written_is_named():
    with pytest.raises(CodecError, match="object object"):
        to_toml({"a": object()})
