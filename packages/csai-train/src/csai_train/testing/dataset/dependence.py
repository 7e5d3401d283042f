"""Whether labels have anything to do with their inputs, as far as simple learners can see."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from csai_neural.generators import seeded

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]

MOST = 1500
"""So many examples are looked at."""
_NUMBERS = 1024
"""So many numbers of each input."""
_SURE = 4.5
"""How many standard deviations of chance are no chance, whoever of the learners finds it."""
_CLEARLY, _BY_CHANCE = 8.0, 2.5
"""The same for a quarter of some examples that is told clearly, and for one that is not told."""
_SHUFFLES = 200
_VALUES = 2000
"""So many different values, of which it is counted how often each comes in an input."""
_FEW = 24
"""So many numbers of an input are multiplied with each other."""
_MOST_CLASSES = 200


class Examples(NamedTuple):
    """Inputs in rows of numbers, and their labels."""

    inputs: Floats
    """(count, numbers)."""
    shape: tuple[int, ...]
    """Of one input."""
    labels: Labels


def is_related(examples: Examples) -> bool:
    """Whether something in the inputs tells the labels better than chance does."""
    random = np.random.default_rng(0)
    order = random.permutation(len(examples.labels))
    half = len(order) // 2
    for view in _views(examples):
        rows = view[order]
        labels = examples.labels[order]
        for learner in (_nearest, _linear):
            for learned, asked in ((slice(half), slice(half, None)), (slice(half, None), slice(half))):
                scores = learner(rows[learned], labels[learned], rows[asked])
                if _surprise(scores, labels[asked], random) > _SURE:
                    return True
    rows, labels = _scaled(examples.inputs)[order], examples.labels[order]
    return _surprise(_network(rows[:half], labels[:half], rows[half:]), labels[half:], random) > _SURE


def told(learned: Examples, asked: Examples) -> float:
    """By how many standard deviations of chance some examples tell the labels of others."""
    random = np.random.default_rng(0)
    rows = _scaled(np.concatenate([learned.inputs, asked.inputs]))
    known, others = rows[: len(learned.labels)], rows[len(learned.labels) :]
    return max(
        _surprise(learner(known, learned.labels, others), asked.labels, random)
        for learner in (_nearest, _linear, _network)
    )


def untold(learned: Examples, asked: Examples) -> tuple[int, int] | None:
    """From where to where some examples, in their order, have labels that others tell nothing of.

    None where that is so of all of them, or of no quarter.
    """
    random = np.random.default_rng(0)
    rows = _scaled(np.concatenate([learned.inputs, asked.inputs]))
    known, others = rows[: len(learned.labels)], rows[len(learned.labels) :]
    quarters = np.array_split(np.arange(len(others)), 4)
    found = np.zeros(4)
    for learner in (_nearest, _linear):
        scores = learner(known, learned.labels, others)
        for number, quarter in enumerate(quarters):
            surprise = _surprise(scores[quarter], asked.labels[quarter], random, asked.labels)
            found[number] = max(found[number], surprise)
    if found.max() < _CLEARLY or found.min() > _BY_CHANCE:
        return None
    quarter = quarters[int(found.argmin())]
    return int(quarter[0]), int(quarter[-1])


def _views(examples: Examples) -> Iterator[Floats]:
    """Inputs as they are, and what is counted, summed up and multiplied of them."""
    yield _scaled(examples.inputs)
    yield _scaled(np.array([_summary(each.reshape(examples.shape)) for each in examples.inputs]))
    values = np.unique(examples.inputs)
    if len(values) <= _VALUES and examples.inputs.shape[1] > 1:
        index = np.searchsorted(values, examples.inputs)
        yield _scaled(np.array([np.bincount(row, minlength=len(values)) for row in index], np.float64))
    if 1 < examples.inputs.shape[1] <= _FEW:
        scaled = _scaled(examples.inputs)
        first, second = np.triu_indices(scaled.shape[1])
        yield _scaled(scaled[:, first] * scaled[:, second])


def _summary(value: Floats) -> Floats:
    """Numbers that tell what lies where of no matter: moments, quantiles, and what repeats how often."""
    flat = value.ravel()
    steps = np.abs(np.diff(flat)) if flat.size > 1 else np.zeros(1)
    spectrum = np.abs(np.fft.rfft(flat - flat.mean()))
    return np.array(
        [
            flat.mean(),
            flat.std(),
            (flat != 0).mean(),
            float(len(np.unique(flat))),
            steps.mean(),
            steps.max(),
            *np.quantile(flat, (0, 0.1, 0.25, 0.5, 0.75, 0.9, 1)),
            *np.resize(spectrum, 64),
        ]
    )


def _scaled(rows: Floats) -> Floats:
    spread = rows.std(axis=0)
    moving = spread > 1e-12
    scaled: Floats = (rows[:, moving] - rows[:, moving].mean(axis=0)) / spread[moving]
    return scaled


def _surprise(
    scores: Floats, labels: Labels, random: np.random.Generator, among: Labels | None = None
) -> float:
    """By how many standard deviations the scores of the labels are unlike those of shuffled ones.

    These are the labels themselves, or drawn from those that they are among.
    """
    rows = np.arange(len(labels))
    ours = scores[rows, labels].mean()
    pool = labels if among is None else among
    others = [scores[rows, random.permutation(pool)[: len(rows)]].mean() for _ in range(_SHUFFLES)]
    return float(abs(ours - np.mean(others)) / (np.std(others) + 1e-12))


def _one_hot(labels: Labels) -> Floats:
    return np.eye(_MOST_CLASSES)[labels]


def _nearest(known: Floats, labels: Labels, asked: Floats) -> Floats:
    """The label of the nearest."""
    distances = (asked**2).sum(axis=1)[:, None] + (known**2).sum(axis=1) - 2 * asked @ known.T
    return _one_hot(labels[distances.argmin(axis=1)])


def _linear(known: Floats, labels: Labels, asked: Floats) -> Floats:
    """A line for each class, by least squares that are held small."""
    if not known.shape[1]:
        return np.zeros((len(asked), _MOST_CLASSES))
    wanted = _one_hot(labels)
    wanted -= wanted.mean(axis=0)
    kernel = known @ known.T
    kernel += np.eye(len(known)) * (1e-2 * np.trace(kernel) / len(known) + 1e-9)
    found: Floats = asked @ (known.T @ np.linalg.solve(kernel, wanted))
    return found


def _network(known: Floats, labels: Labels, asked: Floats) -> Floats:
    """A small network, trained for a little while."""
    if not known.shape[1]:
        return np.zeros((len(asked), _MOST_CLASSES))
    with seeded(0), torch.enable_grad():
        net = nn.Sequential(nn.Linear(known.shape[1], 64), nn.ReLU(), nn.Linear(64, _MOST_CLASSES))
        optimizer = torch.optim.Adam(net.parameters(), lr=3e-3, weight_decay=1e-4)
        inputs, wanted = torch.tensor(known, dtype=torch.float32), torch.tensor(labels)
        for _ in range(150):
            optimizer.zero_grad()
            nn.functional.cross_entropy(net(inputs), wanted).backward()  # type: ignore[no-untyped-call]
            optimizer.step()
        with torch.no_grad():
            scores: Floats = net(torch.tensor(asked, dtype=torch.float32)).softmax(dim=1).double().numpy()
    return scores


def examples_of(pairs: list[tuple[Any, Any]]) -> Examples | None:
    """Examples in rows of numbers; None where they are of several shapes, or no numbers."""
    try:
        arrays = [np.asarray(value, np.float64) for value, _ in pairs]
    except (TypeError, ValueError):
        return None
    if len({each.shape for each in arrays}) != 1 or not arrays[0].size:
        return None
    rows = np.stack([each.ravel() for each in arrays])
    labels = np.array([int(label) for _, label in pairs])
    if labels.min() < 0 or labels.max() >= _MOST_CLASSES:
        return None
    every = 1 + rows.shape[1] // _NUMBERS
    shape = arrays[0].shape if every == 1 else (-1,)
    return Examples(rows[:, ::every], shape, labels)
