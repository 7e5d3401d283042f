"""Figures in the style of all curves: ink on white, told apart in gray and by color-blind people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from csai_core.display import import_matplotlib

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, FAINT, SLATE = "#22303c", "#b9c4cc", "#6b7a86"
COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f7f7f")
"""Told apart by color-blind people too (Okabe and Ito 2008)."""
_MOST_TICKS = 6
_LONG_LABEL = 40
"""Characters from which on labels stand one below the other."""
_MARKERS = 6
"""How many marks a line bears."""


class Line(NamedTuple):
    """How one line among several looks: its color only repeats what dashes and marks say."""

    color: str
    dashes: Any
    marker: str


LINES = (
    Line(COLORS[0], "-", "o"),
    Line(COLORS[1], (0, (6, 2)), "s"),
    Line(COLORS[2], (0, (2, 1.5)), "^"),
    Line(COLORS[3], (0, (6, 1.5, 1.5, 1.5)), "D"),
    Line(COLORS[4], (0, (1, 1)), "v"),
    Line(COLORS[5], (0, (8, 2, 2, 2, 2, 2)), "P"),
    Line(COLORS[6], "-", "X"),
)


def line_style(number: int, points: int) -> dict[str, Any]:
    """How `Axes.plot` draws the line of that number, which has so many points."""
    line = LINES[number % len(LINES)]
    every = max(1, points // _MARKERS)
    return {
        "color": line.color,
        "linestyle": line.dashes,
        "marker": line.marker,
        "markevery": (number * every // 3 % every, every),
        "markersize": 5,
        "markeredgecolor": "white",
        "markeredgewidth": 0.6,
        "linewidth": 2,
    }


def shared_line(position: int, count: int) -> Any:
    """The dashes of one of several lines in the same place, so that all of them are seen."""
    return "-" if count == 1 else (5 * position, (5, 5 * (count - 1)))


def new_figure(width: float, height: float) -> Figure:
    """An empty figure, in inches, to be saved: no window and no backend of one is needed."""
    import_matplotlib()
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), dpi=120, layout="constrained", facecolor="white")


def make_figure(names: Sequence[str], title: str) -> tuple[Figure, list[Axes]]:
    """A figure with one panel for each name, one below the other."""
    figure = new_figure(8, 3.2 * len(names) + 0.4)
    axes = list(figure.subplots(len(names), 1, sharex=True, squeeze=False)[:, 0])
    for axis, name in zip(axes, names, strict=True):
        _prepare(axis, name)
    axes[0].set_title(title, color=INK, loc="left", fontweight="bold")
    axes[-1].set_xlabel("steps", color=INK)
    return figure, axes


def make_facets(names: Sequence[str], titles: Sequence[str], title: str = "") -> tuple[Figure, list[Axes]]:
    """A figure with two panels in a row, each with axes of its own.

    Args:
        names: what each panel shows.
        titles: of the panels; all empty where one title says it.
        title: of the whole figure.
    """
    rows = -(-len(names) // 2)
    figure = new_figure(10, 3.0 * rows + 0.6)
    axes = list(figure.subplots(rows, 2, squeeze=False).ravel())
    for spare in axes[len(names) :]:
        spare.set_axis_off()
    for axis, name, own in zip(axes, names, titles, strict=False):
        _prepare(axis, name)
        axis.set_title(own, color=INK, loc="left", fontweight="bold")
        axis.set_xlabel("steps", color=INK)
    if title:
        figure.suptitle(title, color=INK, x=0.01, ha="left", fontweight="bold")
    return figure, axes[: len(names)]


def add_legend(figure: Figure) -> None:
    """Say below the panels what their lines are, each once, so that no line is covered."""
    handles: dict[str, Artist] = {}
    for axis in figure.axes:
        for handle, label in zip(*axis.get_legend_handles_labels(), strict=True):
            handles.setdefault(str(label), handle)
    if handles:
        figure.legend(
            list(handles.values()),
            list(handles),
            loc="outside lower left",
            ncols=1 if max(map(len, handles)) > _LONG_LABEL else min(len(handles), 3),
            frameon=False,
            fontsize=9,
            labelcolor=INK,
            handlelength=3.5,
        )


def add_note(axis: Axes, text: str, *, y: float, side: Literal["left", "right"]) -> None:
    """A few words on a line across a panel, at its left or right end."""
    axis.annotate(
        text,
        (0.006 if side == "left" else 0.994, y),
        xycoords=("axes fraction", "data"),
        xytext=(0, 2),
        textcoords="offset points",
        ha=side,
        va="bottom",
        fontsize=8,
        color=INK,
        zorder=3,
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.7, "pad": 0.5},
    )


def _prepare(axis: Axes, name: str) -> None:
    from matplotlib.ticker import MaxNLocator

    axis.set_ylabel(name.replace("_", " "), color=INK)
    axis.grid(axis="y", color=FAINT, alpha=0.4)
    axis.spines[["top", "right"]].set_visible(False)
    axis.spines[["left", "bottom"]].set_color(FAINT)
    axis.tick_params(color=FAINT, labelcolor=INK)
    axis.margins(x=0.01)
    axis.xaxis.set_major_locator(MaxNLocator(nbins=_MOST_TICKS, steps=[1, 2, 2.5, 5, 10]))
    axis.xaxis.set_major_formatter(lambda value, _: short(value))
    axis.ticklabel_format(axis="y", useOffset=False)


def short(steps: float) -> str:
    """A number of steps in a few letters: 250k, 1.5M."""
    for unit, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(steps) >= unit:
            return f"{steps / unit:.4g}{letter}"
    return f"{steps:g}"
