"""Examples are taken out of every form, and what is wrong with one is said."""

from __future__ import annotations

import numpy as np
import pytest

from csai_core.testing import ConformanceError
from csai_train.testing.dataset.examples import (
    Part,
    check_finite,
    check_indices,
    check_label,
    check_unchanged,
    count_of,
    digest,
    first,
    is_one_by_one,
    labels,
    sample,
)

INPUTS, LABELS = np.arange(12.0).reshape(6, 2), np.array([0, 1, 2, 0, 1, 2])


class OneByOne:
    def __len__(self):
        return len(LABELS)

    def __getitem__(self, index):
        return INPUTS[index], int(LABELS[index])


class Endless(OneByOne):
    def __getitem__(self, index):
        return super().__getitem__(index % 6)


FORMS = {
    "arrays": (INPUTS, LABELS),
    "list": list(zip(INPUTS, LABELS.tolist(), strict=True)),
    "one by one": OneByOne(),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_holds_the_same(form):
    examples = FORMS[form]
    assert count_of(examples) == 6
    assert labels(examples) == LABELS.tolist()
    assert [(value.tolist(), label) for _, (value, label) in sample(examples)][2] == ([4.0, 5.0], 2)
    assert count_of(first(examples, 4)) == 4
    assert is_one_by_one(examples) == (form == "one by one")


def test_a_part_is_the_beginning_of_both_sets():
    class Whole:
        num_classes = 3
        trainset, testset = FORMS["arrays"], FORMS["one by one"]

    part = Part(Whole(), 2)
    assert (count_of(part.trainset), count_of(part.testset), part.num_classes) == (2, 2, 3)
    with pytest.raises(IndexError):
        part.testset[2]


def test_examples_are_told_apart_by_value_type_and_label():
    one = digest((np.zeros(2), 0))
    others = [(np.ones(2), 0), (np.zeros(2), 1), (np.zeros(2, np.float32), 0), (np.zeros((2, 1)), 0)]
    assert one == digest((np.zeros(2), 0))
    assert one not in [digest(other) for other in others]


@pytest.mark.parametrize(
    ("check", "message"),
    [
        (lambda: check_label(3, 3, "It"), "has the label 3; labels go from 0 to 2"),
        (lambda: check_label(0.5, 3, "It"), "must be one whole number"),
        (lambda: check_finite(np.array([np.nan]), "It"), "NaN"),
        (lambda: check_indices(Endless(), "the set"), "beyond its end"),
    ],
)
def test_what_is_wrong_is_said(check, message):
    with pytest.raises(ConformanceError, match=message):
        check()


def test_the_array_that_a_look_changes_is_named():
    class Halves:
        def __init__(self):
            self.inputs = np.ones((3, 2))
            self.parts = [np.ones(2)]
            self.random = np.random.default_rng(0)

        def __len__(self):
            return 3

        def __getitem__(self, index):
            self.random.random()
            return self.inputs[index], 0

    class InPlace(Halves):
        def __getitem__(self, index):
            self.parts[0] /= 2
            return super().__getitem__(index)

    check_unchanged(Halves(), "the test set")
    with pytest.raises(
        ConformanceError, match=r"^Taking an example of the test set changes self\.parts\[0\]"
    ):
        check_unchanged(InPlace(), "the test set")
