"""The training set and the test set beside each other: one kind of numbers, one scale, the same classes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from csai_core.testing import fail
from csai_train.testing.dataset.examples import SETS, count_of, digest, is_pair, labels, sample

_SOME = 0.05
"""So many inputs of the test set may be in the training set by chance, where some come twice."""
_ALL_DIFFERENT = 0.9
"""Where so many numbers of a place are different, no two examples are alike by chance."""
_BITS = 64.0
"""Nor where their numbers, place by place, tell so much."""
_FEW = 20
"""So few examples say nothing of that."""
_SCALES_APART = 10.0
"""How many times larger the inputs of one set must be, to be of another scale."""
ENOUGH = 10
"""Examples for each class, from which on every class should be among them."""
_COLORS, _SMALLEST = 4, 8
"""Channels that a picture has at most, and rows and columns that it has at least."""
_ALL_LOOKED_AT = 3000
"""Of a longer set that gives its examples one by one, not every label is known."""


def check_alike(dataset: Any) -> None:
    """Refuse inputs that are bytes in one set and fractions in the other, or of another scale."""
    one, two = (_inputs(getattr(dataset, name)) for name in SETS)
    if one is None or two is None:
        return
    if (one.dtype.kind == "f") != (two.dtype.kind == "f"):
        fail(
            f"The inputs of the training set are {one.dtype}, from {one.min():.4g} to {one.max():.4g}, and "
            f"those of the test set {two.dtype}, from {two.min():.4g} to {two.max():.4g}; prepare both alike."
        )
    ratios = _sizes(one) / _sizes(two)
    if (ratios > _SCALES_APART).all() or (ratios < 1 / _SCALES_APART).all():
        fail(
            f"The inputs of the training set go from {one.min():.4g} to {one.max():.4g}, and those of the "
            f"test set from {two.min():.4g} to {two.max():.4g}: they are of another scale. Scale both by the "
            "same numbers, which come from the training set."
        )


def check_labels_left_out(dataset: Any) -> None:
    """Refuse inputs of which one number is the label, so that there is nothing to learn."""
    for name in SETS:
        inputs, classes = _inputs(getattr(dataset, name)), _classes(getattr(dataset, name))
        if inputs is None or inputs.shape[1] < 2 or len(np.unique(classes)) < 2:
            return
        same = np.flatnonzero((inputs == classes[:, None]).all(axis=0))
        if not same.size:
            return
    fail(
        f"Number {same[0]} of every input is the label itself, so that nothing else is learned; leave the "
        "labels out of the inputs."
    )


def check_every_class(dataset: Any) -> None:
    """Refuse a class of which neither set has an example, where there are many of them."""
    sets = [getattr(dataset, name) for name in SETS]
    if not all(is_pair(each) or count_of(each) <= _ALL_LOOKED_AT for each in sets):
        return
    seen = {label for each in sets for label in labels(each)}
    unseen = sorted(set(range(dataset.num_classes)) - seen)
    if unseen and count_of(sets[0]) >= ENOUGH * dataset.num_classes:
        fail(
            f"Its num_classes is {dataset.num_classes}, and no example has the label {unseen[0]}; the "
            f"largest label is {max(seen)}. num_classes counts the classes that there are, numbered from 0."
        )


def check_class_names(dataset: Any) -> None:
    """Refuse names of the classes that are not as many as these."""
    names = getattr(dataset, "classes", None)
    if isinstance(names, (list, tuple)) and names and len(names) != dataset.num_classes:
        fail(
            f"Its classes are {len(names)} names, {list(names)!r:.80}, and its num_classes is "
            f"{dataset.num_classes}; give a name to each class, in the order of the labels."
        )


def check_apart(dataset: Any) -> None:
    """Refuse a test set of which a part is in the training set, as far as that is no chance."""
    train, test = ([digest(each) for _, each in sample(getattr(dataset, name), None)] for name in SETS)
    shared = len(set(test) & set(train))
    again = 1 - min(len(set(train)) / len(train), len(set(test)) / len(test))
    is_never_chance = not again and _tells_apart(dataset.trainset)
    if shared > (0 if is_never_chance else len(test) * (_SOME + 3 * again)):
        are = "is" if shared == 1 else "are"
        fail(
            f"{shared} of the {len(test)} examples of the test set {are} in the training set too, so that a "
            "test says more than is so; cut the examples in two parts, the second from where the first ends."
        )


def check_not_moved(dataset: Any) -> None:
    """Refuse a training set with pictures of the test set in it that were moved by a pixel, or mirrored."""
    train, test = (_pictures(getattr(dataset, name)) for name in SETS)
    if not train or not test or train[0].shape != test[0].shape:
        return
    rows, columns = train[0].shape[:2]
    moved = {
        side[1 + down : rows - 1 + down, 1 + right : columns - 1 + right].tobytes()
        for each in train
        for side in (each, each[:, ::-1])
        for down in (-1, 0, 1)
        for right in (-1, 0, 1)
        if down or right or side is not each
    }
    among_test, among_train = (
        sum(each[1:-1, 1:-1].tobytes() in moved for each in some) / len(some) for some in (test, train)
    )
    if among_test > _SOME + 3 * among_train:
        fail(
            f"{among_test:.0%} of the pictures of the test set are in the training set too, moved by a pixel "
            "or mirrored, so that a test says more than is so. Cut the examples in two parts first, and make "
            "more of the training set alone."
        )


def _pictures(examples: Any) -> list[NDArray[Any]]:
    """Pictures (rows, columns) or with colors behind; none where inputs are something else."""
    found = [np.asarray(value) for _, (value, _) in sample(examples, None)]
    shapes = {each.shape for each in found}
    if len(shapes) != 1 or found[0].ndim not in (2, 3) or found[0].dtype.kind not in "buif":
        return []
    if found[0].ndim == 3 and found[0].shape[0] <= _COLORS:
        found = [np.moveaxis(each, 0, -1) for each in found]
    return found if min(found[0].shape[:2]) >= _SMALLEST else []


def repeats(examples: Any) -> bool:
    """Whether there are so few inputs that some come again."""
    found = [digest(each) for _, each in sample(examples, None)]
    return len(set(found)) < 0.9 * len(found)


def _inputs(examples: Any) -> NDArray[Any] | None:
    """Inputs in rows; None where they are no numbers, or of several shapes."""
    rows = [np.asarray(value) for _, (value, _) in sample(examples)]
    if len({each.shape for each in rows}) != 1 or rows[0].dtype.kind not in "buif" or not rows[0].size:
        return None
    return np.stack([each.ravel() for each in rows])


def _classes(examples: Any) -> NDArray[np.int64]:
    """The labels of the rows of `_inputs`."""
    return np.array([int(label) for _, (_, label) in sample(examples)])


def _sizes(rows: NDArray[Any]) -> NDArray[np.float64]:
    """How large numbers are: in the mean, in their spread, and at most."""
    size = np.abs(rows.astype(np.float64))
    return np.array([size.mean(), rows.std(), size.max()]) + 1e-12


def _tells_apart(examples: Any) -> bool:
    """Whether inputs hold so much that no two are alike by chance."""
    rows = _inputs(examples)
    if rows is None or len(rows) < _FEW:
        return False
    bits = 0.0
    for column in rows.T:
        counts = np.unique(column, return_counts=True)[1]
        if len(counts) >= _ALL_DIFFERENT * len(rows) and rows.dtype.kind == "f":
            return True
        shares = counts / len(rows)
        bits -= float((shares * np.log2(shares)).sum())
        if bits > _BITS:
            return True
    return False
