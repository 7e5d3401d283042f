"""Checks of what a dataset is: two sets of examples that can be taken and read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from csai_core.errors import CsaiError
from csai_core.testing import fail
from csai_core.testing.process.effects import generators_left_alone, nothing_printed
from csai_train.datasets.learning.make_loaders import make_loaders
from csai_train.testing.dataset.base import CPU, DatasetChecks, offline
from csai_train.testing.dataset.examples import (
    SETS,
    all_of,
    check_finite,
    check_indices,
    check_kept,
    check_label,
    check_order,
    check_unchanged,
    count_of,
    digest,
    is_one_by_one,
    labels,
)
from csai_train.testing.dataset.two_sets import check_class_names


class MakingChecks(DatasetChecks):
    """What a dataset is."""

    def test_it_can_be_made(self) -> None:
        """It is made without a network, quietly, and without touching global generators."""
        what = "The dataset"
        with offline(), nothing_printed(what), generators_left_alone(what):
            self._made()

    def test_it_has_two_sets_and_a_number_of_classes(self) -> None:
        """`trainset`, `testset` and `num_classes` are there, and of the right kind."""
        dataset = self._made()
        for name in (*SETS, "num_classes"):
            try:
                getattr(dataset, name)
            except (AttributeError, CsaiError) as error:
                what = str(error).rstrip(".")
                fail(f"It has no {name}: {what}. A dataset has trainset, testset and num_classes.")
        for name, words in SETS.items():
            examples = getattr(dataset, name)
            if isinstance(examples, Iterator) or not hasattr(examples, "__len__"):
                fail(
                    f"Its {name} is a {type(examples).__name__}, which has no length; give a list of (input, "
                    "label), a pair of arrays, or a dataset of torch."
                )
            if not count_of(examples):
                fail(f"There is nothing in {words}: its {name} is empty.")
        check_class_names(dataset)

    def test_its_examples_can_be_taken_one_by_one(self) -> None:
        """There are as many as it says, and beyond the last one is an IndexError."""
        dataset = self._made()
        for name, words in SETS.items():
            examples = getattr(dataset, name)
            if not is_one_by_one(examples):
                continue
            check_indices(examples, words)
            check_kept(examples, words)
            check_unchanged(getattr(self._made(), name), words)
            check_order(examples, getattr(self._made(), name), words)

    def test_it_can_be_read_by_a_training(self) -> None:
        """Inputs are numbers of one shape, and labels whole numbers below the number of classes."""
        dataset = self._made()
        for name, words in SETS.items():
            for index, (_, label) in all_of(getattr(dataset, name)):
                if isinstance(label, (str, bytes)):
                    fail(
                        f"Example {index} of {words} has the label {label!r}; labels are numbers from 0 on, "
                        "and `classes` can say what they mean."
                    )
                check_label(label, dataset.num_classes, f"Example {index} of {words}")
        make_loaders(dataset, CPU, warn=lambda message: None)
        for name, words in SETS.items():
            forms: dict[Any, int] = {}
            different: set[str] = set()
            for index, (value, _) in all_of(getattr(dataset, name)):
                array = np.asarray(value)
                forms.setdefault((array.shape, array.dtype), index)
                check_finite(value, f"The input of example {index} of {words}")
                if len(different) < 2:
                    different.add(digest((value, 0)))
            if len(different) == 1 and len(labels(getattr(dataset, name))) > 1:
                fail(f"All inputs of {words} are the same, so that there is nothing to learn from them.")
            if len(forms) > 1:
                (one, first), (other, second), *_ = forms.items()
                what = "shape" if one[0] != other[0] else "dtype"
                at = 0 if what == "shape" else 1
                fail(
                    f"The inputs of {words} have more than one {what}, such as {one[at]}, of example {first}"
                    f", and {other[at]}, of example {second}; bring them to one."
                )
