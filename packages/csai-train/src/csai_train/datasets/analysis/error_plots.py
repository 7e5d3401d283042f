"""Draws an error analysis: the confusion matrix, and beside it what the network got most wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from csai_train.runs.figures import COLORS, FAINT, INK, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

    from csai_train.datasets.analysis.error_analysis import ErrorAnalysis

_COLUMNS, _ROWS = 6, 4
_MOST_NUMBERS = 20
"""Classes beyond which counts in the matrix could not be read."""
_SHADES = ("#ffffff", "#f6c9a8", COLORS[1], "#7a2e00")


def draw_errors(analysis: ErrorAnalysis) -> Figure:
    """Draw the confusion matrix, and the most wrong images where the examples are images."""
    worst = analysis.worst(_COLUMNS * _ROWS)
    images = [(index, analysis.image(int(index))) for index in worst]
    has_images = bool(images) and images[0][1] is not None
    figure = new_figure(13.2 if has_images else 6.4, 6.4)
    title = f"{analysis.title}: {analysis.accuracy:.2%} right of {len(analysis.labels):,}"
    figure.suptitle(title, color=INK, fontweight="bold", x=0.01, ha="left")
    parts = figure.subfigures(1, 2 if has_images else 1, squeeze=False, width_ratios=None)[0]
    _draw_confusion(parts[0], analysis)
    if has_images:
        _draw_worst(parts[1], analysis, worst)
    return figure


def _draw_confusion(part: SubFigure, analysis: ErrorAnalysis) -> None:
    """The matrix; right answers, which outnumber all else, are left without color."""
    from matplotlib.colors import LinearSegmentedColormap

    counts = analysis.confusion
    shown = counts.astype(np.float64)
    np.fill_diagonal(shown, 0)
    axis: Axes = part.subplots()
    shades = LinearSegmentedColormap.from_list("errors", _SHADES)
    axis.imshow(shown, cmap=shades, vmin=0, vmax=max(shown.max(), 1))
    axis.set_xlabel("what the network says", color=INK)
    axis.set_ylabel("what is right", color=INK)
    axis.spines[:].set_color(FAINT)
    axis.tick_params(color=FAINT, labelcolor=INK, length=0)
    size = analysis.num_classes
    if size > _MOST_NUMBERS:
        return
    names = [analysis.class_name(label) for label in range(size)]
    is_long = max(map(len, names)) > 2
    axis.set_xticks(range(size), names, rotation=45 if is_long else 0, ha="right" if is_long else "center")
    axis.set_yticks(range(size), names)
    axis.set_xticks(np.arange(0.5, size - 1), minor=True)
    axis.set_yticks(np.arange(0.5, size - 1), minor=True)
    axis.grid(which="minor", color=FAINT, alpha=0.4)
    axis.tick_params(which="minor", length=0)
    for right in range(size):
        for said in range(size):
            if not counts[right, said]:
                continue
            is_dark = shown[right, said] > 0.6 * max(shown.max(), 1)
            color = "white" if is_dark else INK
            weight = "bold" if right == said else "normal"
            axis.text(
                said,
                right,
                f"{counts[right, said]}",
                ha="center",
                va="center",
                color=color,
                weight=weight,
                fontsize=8,
            )


def _draw_worst(
    part: SubFigure, analysis: ErrorAnalysis, worst: np.ndarray[tuple[int], np.dtype[np.int64]]
) -> None:
    part.suptitle("most wrong: what it is, and what the network says", color=INK, fontsize=10)
    axes = part.subplots(_ROWS, _COLUMNS, squeeze=False).ravel()
    for axis in axes:
        axis.set_axis_off()
    for axis, index in zip(axes, worst, strict=False):
        image = analysis.image(int(index))
        if image is None:
            continue
        axis.imshow(image, interpolation="nearest")
        right, said = (
            analysis.class_name(int(each[index])) for each in (analysis.labels, analysis.predictions)
        )
        axis.set_title(right, fontsize=9, color=INK, pad=3)
        axis.text(
            0.5,
            -0.04,
            f"{said} ({analysis.confidence[index]:.0%})",
            transform=axis.transAxes,
            ha="center",
            va="top",
            fontsize=8,
            color=COLORS[1],
        )
