"""Learning curves of trainings on datasets: loss and errors, of one or of several."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from csai_train.errors import RunError
from csai_train.runs.figures import COLORS, FAINT, INK, make_figure
from csai_train.runs.running_means import running_mean

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from csai_train.datasets.learning.history import History

_WRONG = "share of errors"
_TEST = COLORS[1]
_WINDOWS = 15
"""The running mean is over so many parts of the training."""


def draw_history(history: History) -> Figure:
    """Loss and errors over the epochs: in training as faint lines, on the test set as points."""
    if not history.curve:
        raise RunError("Nothing was learned yet, so there is nothing to draw.")
    figure, (upper, lower) = make_figure(["loss", _WRONG], history.title)
    places = [steps / history.steps_per_epoch for steps, _, _ in history.curve]
    _line(upper, places, [loss for _, loss, _ in history.curve])
    _line(lower, places, [1 - accuracy for _, _, accuracy in history.curve])
    tested = [epoch.epoch for epoch in history.epochs]
    _points(upper, tested, [epoch.test_loss for epoch in history.epochs], "test set")
    _points(lower, tested, [1 - epoch.test_accuracy for epoch in history.epochs], "test set")
    if history.epochs:
        best = history.best
        lower.annotate(
            f"best {best.test_accuracy:.2%}",
            (best.epoch, 1 - best.test_accuracy),
            xytext=(0, 14),
            textcoords="offset points",
            ha="right" if best.epoch > 1 else "left",
            color=INK,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1},
        )
    for axis in (upper, lower):
        axis.set_yscale("log")
        axis.set_xlim(0, max([*places, *tested]))
        axis.grid(visible=True, axis="y", which="both", color=FAINT, alpha=0.25)
    lower.yaxis.set_major_formatter(lambda value, _: f"{100 * value:g}%")
    lower.yaxis.set_minor_formatter(lambda value, _: "")
    lower.set_xlabel("epochs", color=INK)
    lower.xaxis.set_major_formatter("{x:g}")
    upper.legend(frameon=False, loc="upper right")
    return figure


def draw_histories(histories: Mapping[str, History]) -> Figure:
    """Several trainings compared by their errors on the test set, over the epochs."""
    if not all(history.epochs for history in histories.values()):
        raise RunError("Not every run has finished an epoch, so there is nothing to compare.")
    titles = sorted({history.title for history in histories.values()})
    figure, (axis,) = make_figure([f"{_WRONG}, test set"], ", ".join(titles))
    for number, (name, history) in enumerate(histories.items()):
        epochs = [epoch.epoch for epoch in history.epochs]
        errors = [1 - epoch.test_accuracy for epoch in history.epochs]
        axis.plot(epochs, errors, "o-", color=COLORS[number % len(COLORS)], markersize=4, label=name)
    axis.set_xlabel("epochs", color=INK)
    axis.xaxis.set_major_formatter("{x:g}")
    axis.yaxis.set_major_formatter(lambda value, _: f"{value:.2%}")
    axis.legend(frameon=False)
    return figure


def _line(axis: Axes, places: list[float], values: list[float]) -> None:
    """What was measured in training, and a running mean of it, from where there are enough for one."""
    seen = [value or math.nan for value in values]  # no error at all has no place on this scale
    axis.plot(places, seen, color=FAINT, linewidth=0.8, alpha=0.6)
    window = max(1, len(values) // _WINDOWS)
    means = running_mean(np.asarray(values), window)[window - 1 :]
    axis.plot(places[window - 1 :], means, color=COLORS[0], linewidth=2, label="training")


def _points(axis: Axes, places: list[int], values: list[float], label: str) -> None:
    axis.plot(places, values, "o-", color=_TEST, markersize=5, linewidth=1.8, label=label)
