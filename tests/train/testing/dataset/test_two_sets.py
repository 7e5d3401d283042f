"""Two sets beside each other: what cannot be told apart by chance is blamed, and what can be is not."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from csai_core.testing import ConformanceError
from csai_train.testing.dataset.two_sets import check_alike, check_apart, check_every_class

LABELS = np.arange(40) % 4


def sets(train, test, num_classes=4):
    return SimpleNamespace(
        trainset=(train, LABELS[: len(train)]), testset=(test, LABELS[: len(test)]), num_classes=num_classes
    )


def test_one_example_of_many_numbers_in_both_sets_is_no_chance():
    drawn = np.random.default_rng(0).normal(size=(40, 3))
    check_apart(sets(drawn[:30], drawn[30:]))
    with pytest.raises(ConformanceError, match="1 of the 10 examples of the test set is in"):
        check_apart(sets(drawn[:30], np.concatenate([drawn[:1], drawn[31:]])))


def test_one_example_of_few_values_in_both_sets_may_be_chance():
    drawn = np.random.default_rng(0).permutation(40).reshape(40, 1)
    check_apart(sets(drawn[:20], np.concatenate([drawn[:1], drawn[21:]])))
    with pytest.raises(ConformanceError, match="10 of the 10"):
        check_apart(sets(drawn[:30], drawn[:10]))


def test_a_shifted_set_is_of_the_same_scale():
    drawn = np.random.default_rng(0).normal(size=(40, 3))
    check_alike(sets(drawn, drawn + 3))
    check_alike(sets(drawn, 5 * drawn))
    with pytest.raises(ConformanceError, match="another scale"):
        check_alike(sets(drawn, 100 * drawn))


def test_where_there_are_few_examples_a_class_may_have_none():
    drawn = np.random.default_rng(0).normal(size=(40, 3))
    check_every_class(sets(drawn[:30], drawn, num_classes=5))
    many = sets(drawn, drawn, num_classes=5)
    many.trainset = np.zeros((60, 2)), np.arange(60) % 4
    with pytest.raises(ConformanceError, match="no example has the label 4"):
        check_every_class(many)
