"""Examples of a dataset, in whatever form it has them: taken one by one, looked at, and told apart."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from csai_core.testing import fail
from csai_core.testing.compare import difference
from csai_core.testing.process.effects import class_variables, said_of_shared
from csai_neural.generators import seeded

SETS = {"trainset": "the training set", "testset": "the test set"}
"""The two sets of a dataset, by what they are called in it, in words."""
_MANY = 300
"""So many examples of each set are looked at, spread over all of it."""
_MANY_IN_ORDER = 1000
"""So many are taken in two orders."""


class Part:
    """The first examples of a dataset."""

    def __init__(self, dataset: Any, count: int) -> None:
        self.num_classes = dataset.num_classes
        self.transform = getattr(dataset, "transform", None)
        self.trainset, self.testset = (first(getattr(dataset, name), count) for name in SETS)


class _First:
    """The first examples of a set that gives them one by one."""

    def __init__(self, examples: Any, count: int) -> None:
        self._examples = examples
        self._count = min(count, len(examples))
        self.transform = getattr(examples, "transform", None)

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> Any:
        if index >= self._count:
            raise IndexError(index)
        return self._examples[index]


def first(examples: Any, count: int) -> Any:
    """The first examples of a set, in the form that it has."""
    if is_pair(examples):
        return examples[0][:count], examples[1][:count]
    return examples[:count] if isinstance(examples, (list, tuple)) else _First(examples, count)


def is_pair(examples: Any) -> bool:
    """Whether it is a pair of arrays, inputs and labels."""
    return (
        isinstance(examples, tuple)
        and len(examples) == 2
        and all(hasattr(each, "shape") for each in examples)
    )


def count_of(examples: Any) -> int:
    """How many examples there are."""
    return min(map(len, examples)) if is_pair(examples) else len(examples)


def is_one_by_one(examples: Any) -> bool:
    """Whether it gives its examples one by one, by a method of its own."""
    return not is_pair(examples) and not isinstance(examples, (list, tuple))


def check_indices(examples: Any, words: str) -> None:
    """Refuse a set whose length or end is not what indices find."""
    count = len(examples)
    before = class_variables(examples)
    with contextlib.suppress(Exception):
        examples[0], examples[count - 1]
    for name, now in class_variables(examples).items():
        if name in before and difference(before[name], now, name):
            fail(f"Taking an example of {words} changes {said_of_shared(name)}")
    try:
        last = examples[count - 1]
    except Exception as error:
        fail(
            f"The length of {words} is {count}, and its last example, [{count - 1}], raised "
            f"{type(error).__name__}: {error}. Let __len__ say how many there are."
        )
    try:
        examples[count]
    except IndexError:
        pass
    except Exception as error:
        fail(
            f"Example [{count}] of {words}, beyond its end, raised {type(error).__name__}; raise an "
            "IndexError."
        )
    else:
        fail(
            f"{words.capitalize()} gives an example at [{count}], beyond its end; raise an IndexError there."
        )
    with contextlib.suppress(IndexError):
        if digest(examples[-1]) != digest(last) and digest(last) == digest(examples[count - 1]):
            fail(f"Example [-1] of {words} is not its last one; count from the end, or raise an IndexError.")


def check_kept(examples: Any, words: str) -> None:
    """Refuse a set that gives the memory of one example to the next."""
    taken: list[tuple[Any, str]] = []
    for index in range(min(8, len(examples))):
        example = examples[index]
        if not (isinstance(example, (tuple, list)) and len(example) == 2):
            return  # which has a check of its own
        with contextlib.suppress(TypeError, ValueError):
            taken.append((example, digest((example[0], example[1]))))
    for index, (example, then) in enumerate(taken):
        if digest((example[0], example[1])) != then:
            fail(
                f"Example {index} of {words} became another when a later one was taken: they share their "
                "memory. Give each an array of its own, such as self.buffer.copy()."
            )


def check_order(examples: Any, alike: Any, words: str) -> None:
    """Refuse a set in which an example depends on which were taken before.

    Args:
        examples: the set.
        alike: the same, of which nothing was taken yet.
        words: what messages call it.
    """
    count = min(_MANY_IN_ORDER, len(examples))
    forwards = [_seeded_digest(examples, index) for index in range(count)]
    for index in reversed(range(count)):
        if _seeded_digest(alike, index) != forwards[index]:
            fail(
                f"Example {index} of {words} is another one where those behind it were taken first: what an "
                "index gives must not depend on what was taken before. Is what it caches found by another "
                "key than the index?"
            )


def _seeded_digest(examples: Any, index: int) -> str:
    with seeded(index):
        value, label = examples[index]
    return digest((value, label))


def check_unchanged(examples: Any, words: str) -> None:
    """Refuse a set in which an array that it holds is another after an example was taken."""
    holders = {f"self.{name}": value for name, value in getattr(examples, "__dict__", {}).items()}
    before = {path: np.array(each) for path, each in _arrays(holders)}
    for index in (0, 0, len(examples) - 1):
        examples[index]
    after = dict(_arrays(holders))
    for path, then in before.items():
        if not _is_same(then, after[path]):
            fail(
                f"Taking an example of {words} changes {path}, which holds the examples, so that each look "
                "gives another; work on a copy: self.inputs[index].copy()."
            )


def _arrays(holders: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for path, value in holders.items():
        parts = enumerate(value) if isinstance(value, (list, tuple)) else ()
        yield from ((f"{path}[{index}]", each) for index, each in parts if hasattr(each, "shape"))
        if hasattr(value, "shape"):
            yield path, value


def _is_same(one: Any, two: Any) -> bool:
    return np.array_equal(one, np.asarray(two), equal_nan=one.dtype.kind in "fc")


def sample(examples: Any, at_most: int | None = _MANY) -> Iterator[tuple[int, tuple[Any, Any]]]:
    """Examples of a set, spread over all of it, with their numbers; None for very many."""
    count = count_of(examples)
    for index in range(0, count, max(1, count // (at_most or 3000))):
        if is_pair(examples):
            yield index, (examples[0][index], examples[1][index])
            continue
        example = examples[index]
        if not (isinstance(example, (tuple, list)) and len(example) == 2):
            fail(f"Example {index} is {example!r:.60}; give pairs of (input, label).")
        yield index, (example[0], example[1])


def all_of(examples: Any) -> Iterator[tuple[int, tuple[Any, Any]]]:
    """Every example that may be unlike the others, with its number; of very many, a part."""
    if is_pair(examples):
        return sample(examples)  # whose arrays have one shape and one dtype
    return sample(examples, None if is_one_by_one(examples) else len(examples))


def check_label(label: Any, num_classes: int, which: str) -> None:
    """Refuse a label that no class has, or that is no whole number."""
    if not isinstance(num_classes, (int, np.integer)):
        fail(f"Its num_classes is {num_classes!r:.60}; it must be a whole number.")
    if np.ndim(label):
        fail(
            f"{which} has the label {label!r:.60}, of the shape {np.shape(label)}; it must be one whole "
            "number, as argmax makes of rows of ones and zeros, and the input stands before it."
        )
    if not float(label).is_integer():
        fail(f"{which} has the label {label!r:.60}; it must be one whole number.")
    if not 0 <= int(label) < num_classes:
        fail(
            f"{which} has the label {int(label)}; labels go from 0 to {num_classes - 1}, as num_classes is "
            f"{num_classes}."
        )


def check_finite(value: Any, which: str) -> None:
    """Refuse an input that is not of finite numbers."""
    array = np.asarray(value)
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        fail(f"{which} holds NaN or infinite numbers; leave such examples out, or fill them in.")


def labels(examples: Any) -> list[int]:
    """The labels of a set; of one that gives its examples one by one, of very many of them."""
    if is_pair(examples):
        return [int(label) for label in np.asarray(examples[1])]
    return [int(label) for _, (_, label) in sample(examples, None)]


def digest(example: tuple[Any, Any]) -> str:
    """What tells an example from others."""
    value, label = example
    array = np.ascontiguousarray(np.asarray(value))
    return hashlib.sha256(f"{array.shape} {array.dtype} {label}".encode() + array.tobytes()).hexdigest()


def seeded_digests(examples: Any, seed: int) -> list[str]:
    """Digests of examples, with what torch draws for them seeded as in a training."""
    with seeded(seed):
        return [digest(each) for _, each in sample(examples)]
