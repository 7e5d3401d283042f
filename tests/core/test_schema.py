"""What a run's files must hold is told from everything else."""

from __future__ import annotations

import math

import pytest

from csai_core import schema

VALUES = {
    "nothing": None,
    "truth": True,
    "zero": 0,
    "one": 1,
    "minus one": -1,
    "huge": 10**400,
    "number": 1.5,
    "NaN": math.nan,
    "infinity": math.inf,
    "text": "x",
    "list": [],
    "texts": ["x"],
    "mixed": ["x", 1],
    "object": {},
    "named texts": {"a": "x"},
    "named numbers": {"a": 1},
}
RIGHT = {
    schema.is_text: {"text"},
    schema.is_truth: {"truth"},
    schema.is_count: {"one"},
    schema.is_whole: {"zero", "one"},
    schema.is_seed: {"zero", "one", "huge"},
    schema.is_number: {"zero", "one", "minus one", "number"},
    schema.is_float: {"zero", "one", "minus one", "number", "NaN", "infinity"},
    schema.is_time: {"zero", "one", "number"},
    schema.is_object: {"object", "named texts", "named numbers"},
    schema.are_texts: {"list", "texts"},
    schema.are_named_texts: {"object", "named texts"},
    schema.optional(schema.is_text): {"text", "nothing"},
    schema.a_list_of(schema.is_count): {"list"},
    schema.an_object_of(schema.is_count): {"object", "named numbers"},
    schema.an_object_with({"a": schema.is_text}): {"named texts"},
    schema.an_object_with({"a": schema.optional(schema.is_text)}): {"object", "named texts"},
}


@pytest.mark.parametrize("number", range(len(RIGHT)))
def test_each_kind_is_told_from_everything_else(number):
    is_right, right = list(RIGHT.items())[number]
    assert {name for name, value in VALUES.items() if is_right(value)} == right


def test_what_is_wrong_or_missing_is_named():
    schema.check({"a": "x", "more": []}, {"a": schema.is_text})
    with pytest.raises(ValueError, match="its a is not what csai writes: missing"):
        schema.check({}, {"a": schema.is_text})
    with pytest.raises(ValueError, match="its a is not what csai writes: 3"):
        schema.check({"a": 3}, {"a": schema.is_text})
    with pytest.raises(ValueError, match="it holds no object"):
        schema.check([], {})
