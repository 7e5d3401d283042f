"""What is typed for a value, and the value that is typed."""

from __future__ import annotations

import pytest

from csai_core.literals import text_of, value_of

VALUES = [
    1,
    -2.5,
    True,
    None,
    "four",
    "1",
    "none",
    [1, [2]],
    (1, 2),
    ("a",),
    {"a": (1, None)},
    1e-8,
    "é\u2028",
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_value_comes_back(value):
    assert repr(value_of(text_of(value))) == repr(value)


def test_what_nobody_can_type_has_no_text():
    assert text_of(object()) is None
    assert text_of({1: object()}) is None
