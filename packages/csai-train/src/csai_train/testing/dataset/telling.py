"""Checks that something can be learned of the training set, and found out with the test set."""

from __future__ import annotations

from typing import Any

import numpy as np

from csai_core.testing import fail, skip
from csai_train.testing.dataset.base import DatasetChecks
from csai_train.testing.dataset.dependence import MOST, Examples, examples_of, is_related, told, untold
from csai_train.testing.dataset.examples import SETS, count_of, labels, sample
from csai_train.testing.dataset.two_sets import (
    ENOUGH,
    check_alike,
    check_apart,
    check_every_class,
    check_labels_left_out,
    check_not_moved,
    repeats,
)

_ENOUGH_TO_TELL, _ENOUGH_TO_TEST = 200, 40
"""Examples from which on it can be told whether labels have to do with inputs; of the test set."""
_NOT_BY_CHANCE = 9
"""Examples that a set lacks, by what the other has; chance leaves out so many once in 8000 times."""
_CLEARLY, _BY_CHANCE = 8.0, 3.0
"""Standard deviations of chance by which labels are told clearly, and by which they are not told."""


class TellingChecks(DatasetChecks):
    """What its two sets tell."""

    def test_its_sets_are_alike(self) -> None:
        """Inputs of both sets are of one kind, and of one scale."""
        check_alike(self._made())

    def test_its_labels_are_shared_by_both_sets(self) -> None:
        """Labels begin at 0, and what is tested was learned."""
        dataset = self._made()
        train, test = (labels(getattr(dataset, name)) for name in SETS)
        if len(train) < ENOUGH * dataset.num_classes:
            skip("there are few examples of each class")
        if only := sorted(set(test) - set(train)):
            fail(
                f"The test set has examples of label {only[0]}, and the training set none; shuffle the "
                "examples, by a seed of your own, before you cut them in two."
            )
        untested = sorted(set(train) - set(test))
        expected = len(test) * sum(label in untested for label in train) / len(train)
        if expected > _NOT_BY_CHANCE:
            fail(
                f"The training set has examples of label {untested[0]}, and the test set none; shuffle the "
                "examples, by a seed of your own, before you cut them in two."
            )
        if 0 not in train and 0 not in test:
            fail(
                f"No example has label 0, and the largest is {max(train)}; labels go from 0 to num_classes - "
                "1, so take 1 from each."
            )
        check_every_class(dataset)

    def test_it_is_tested_on_what_it_has_not_learned(self) -> None:
        """The test set is no part of the training set."""
        dataset = self._made()
        check_labels_left_out(dataset)
        if repeats(dataset.testset):
            skip("there are few inputs, so that some come again")
        check_apart(dataset)
        check_not_moved(dataset)

    def test_its_labels_belong_to_its_inputs(self) -> None:
        """Something in the inputs tells the labels, in both sets, as far as simple learners can see."""
        dataset = self._made()
        train, test = (
            examples_of([each for _, each in sample(getattr(dataset, name), MOST)]) for name in SETS
        )
        if train is None or len(train.labels) < _ENOUGH_TO_TELL or len(np.unique(train.labels)) < 2:
            skip("there are few examples, or they are no numbers")
        if not is_related(train):
            fail(
                f"Nothing in {len(train.labels)} inputs of the training set tells their labels better than "
                "chance does: were the inputs shuffled, sorted or cut apart from their labels? Do the same "
                "with both: order = rng.permutation(count); inputs, labels = inputs[order], labels[order]."
            )
        _check_order(train, train, "the training set", dataset.trainset)
        if test is None or len(test.labels) < _ENOUGH_TO_TEST or test.shape != train.shape:
            return
        if told(*_parts(train, len(test.labels))) > _CLEARLY and told(train, test) < _BY_CHANCE:
            fail(
                "What can be learned of the training set tells the labels of other examples of it, and those "
                "of the test set no better than chance does: are the labels of the test set those of its "
                "inputs, in their order?"
            )
        _check_order(train, test, "the test set", dataset.testset)


def _check_order(learned: Examples, asked: Examples, words: str, examples: Any) -> None:
    """Refuse a stretch of examples whose labels are not theirs, where those of the others are."""
    every = max(1, count_of(examples) // MOST)
    if learned is asked:
        learned, asked = (_every_other(learned, first) for first in (1, 0))
        every *= 2
    if len(asked.labels) < 4 * _ENOUGH_TO_TEST:
        return
    if (found := untold(learned, asked)) is not None:
        fail(
            f"Of {words}, examples {found[0] * every} to {found[1] * every} have labels that nothing in "
            "their inputs tells better than chance does, and others of it are told clearly: were labels "
            "moved, cut or filled in there? Where these are merely of another kind, shuffle the "
            "examples, inputs and labels by one order."
        )


def _every_other(examples: Examples, first: int) -> Examples:
    return examples._replace(inputs=examples.inputs[first::2], labels=examples.labels[first::2])


def _parts(examples: Examples, count: int) -> tuple[Examples, Examples]:
    """Examples in two parts, of which the second has so many at most, and the first the rest."""
    order = np.random.default_rng(1).permutation(len(examples.labels))
    cut = max(len(order) - count, len(order) // 2)
    parts = order[:cut], order[cut : cut + count]
    first, second = (examples._replace(inputs=examples.inputs[i], labels=examples.labels[i]) for i in parts)
    return first, second
