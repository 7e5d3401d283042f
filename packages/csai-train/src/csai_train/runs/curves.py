"""Learning curves as pictures: of one run, or of several, where seeds of one kind become mean and band."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from csai_core import storage
from csai_train.errors import RunError
from csai_train.runs.events_file import read_events
from csai_train.runs.run import Run

INK, FAINT = "#22303c", "#b9c4cc"
COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f7f7f")
"""Told apart by color-blind people too (Okabe and Ito 2008)."""
_POINTS = 400
_WINDOW = 100

Series = tuple[NDArray[np.float64], NDArray[np.float64]]
"""The step at which each episode ended, and what it brought."""


def draw_curves(run: Run, path: Path | None = None) -> Path | None:
    """Draw return (and the game's score) over the steps of a training.

    Args:
        run: whose episodes to draw.
        path: the picture's file; None takes the run's own `curves.png`.

    Returns:
        The file, or None where no episode has ended yet.
    """
    names = [name for name in ("return", "score") if _series(run, name) is not None]
    if not names:
        return None
    figure, axes = make_figure(names, f"{run.environment_id}, {run.algorithm_name}")
    for axis, name in zip(axes, names, strict=True):
        series = _series(run, name)
        if series is not None:
            _draw_one(axis, *series)
    axes[0].legend(loc="upper left", frameon=False)
    path = run.path / "curves.png" if path is None else path
    with storage.replacement(path) as unfinished:
        figure.savefig(unfinished)
    return path


def draw_comparison(runs: Sequence[Run], path: Path) -> Path:
    """Draw the curves of several runs; runs that differ by their seed alone as one line in a band.

    The line is the mean of the runs, and the band goes from the lowest of them to the highest.

    Args:
        runs: which.
        path: the picture's file, `.png` or `.svg`.

    Raises:
        RunError: if one of them has no finished episode yet.
    """
    groups: dict[str, list[Run]] = {}
    for run in runs:
        groups.setdefault(_kind(run), []).append(run)
    labels = _labels(groups)
    names = [name for name in ("return", "score") if all(_series(run, name) is not None for run in runs)]
    if not names:
        without = next(run.path for run in runs if _series(run, "return") is None)
        raise RunError(f"{without} has no finished episode yet, so there is nothing to draw.")
    environments = sorted({run.environment_id for run in runs})
    figure, axes = make_figure(names, ", ".join(environments))
    for axis, name in zip(axes, names, strict=True):
        for number, (kind, members) in enumerate(groups.items()):
            color = COLORS[number % len(COLORS)]
            _draw_group(axis, [_series(run, name) for run in members], labels[kind], color)
    axes[0].legend(loc="upper left", frameon=False)
    with storage.replacement(path) as unfinished:
        figure.savefig(unfinished)
    return path


def make_figure(names: Sequence[str], title: str) -> tuple[Figure, list[Axes]]:
    """A figure with one panel for each name, one below the other, in the style of all curves."""
    figure = Figure(figsize=(8, 3.2 * len(names) + 0.4), dpi=120, layout="constrained")
    axes = list(figure.subplots(len(names), 1, sharex=True, squeeze=False)[:, 0])
    for axis, name in zip(axes, names, strict=True):
        axis.set_ylabel(name, color=INK)
        axis.grid(axis="y", color=FAINT, alpha=0.4)
        axis.spines[["top", "right"]].set_visible(False)
        axis.spines[["left", "bottom"]].set_color(FAINT)
        axis.tick_params(color=FAINT, labelcolor=INK)
        axis.margins(x=0.01)
    axes[0].set_title(title, color=INK, loc="left", fontweight="bold")
    axes[-1].set_xlabel("steps", color=INK)
    axes[-1].xaxis.set_major_formatter("{x:,.0f}")
    return figure, axes


def _draw_one(axis: Axes, steps: NDArray[np.float64], values: NDArray[np.float64]) -> None:
    axis.plot(steps, values, ".", color=FAINT, markersize=3, alpha=0.7, label="one episode", rasterized=True)
    label = f"mean of the last {_WINDOW}"
    axis.plot(steps, running_mean(values), color=COLORS[0], linewidth=2, label=label)


def _draw_group(axis: Axes, members: Sequence[Series | None], label: str, color: str) -> None:
    """A line for one run, a line in a band for several, over the steps that all of them took."""
    curves = [(steps, running_mean(values)) for steps, values in filter(None, members)]
    first, last = max(steps[0] for steps, _ in curves), min(steps[-1] for steps, _ in curves)
    grid = np.linspace(first, max(first, last), _POINTS)
    values = np.array([np.interp(grid, steps, means) for steps, means in curves])
    if len(curves) > 1:
        label = f"{label}, mean of {len(curves)} seeds, from lowest to highest"
        axis.fill_between(grid, values.min(axis=0), values.max(axis=0), color=color, alpha=0.2, linewidth=0)
    axis.plot(grid, values.mean(axis=0), color=color, linewidth=2, label=label)


def running_mean(values: NDArray[np.float64], window: int = _WINDOW) -> NDArray[np.float64]:
    """At each episode, the mean of it and up to 99 before it."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    ends = np.arange(1, len(values) + 1)
    starts = np.maximum(0, ends - window)
    means: NDArray[np.float64] = (sums[ends] - sums[starts]) / (ends - starts)
    return means


def _series(run: Run, name: str) -> Series | None:
    """Returns or scores of a run's episodes; None where it has none, or not for all."""
    key = {"return": "total_reward", "score": "score"}[name]
    events = read_events(run.path)
    episodes = [event for event in events if event["event"] == "episode"]
    if not episodes or any(event.get(key) is None for event in episodes):
        return None
    steps = np.array([event["steps"] for event in episodes], dtype=np.float64)
    return steps, np.array([event[key] for event in episodes], dtype=np.float64)


def _kind(run: Run) -> str:
    """What runs have in common that differ by their seed alone."""
    config = run.config
    return repr([run.algorithm_name, config["environment"], config["config"], config["total_steps"]])


def _labels(groups: dict[str, list[Run]]) -> dict[str, str]:
    """Each group in as few words as tell them apart: algorithm, environment, or its first run's name."""
    first = {kind: members[0] for kind, members in groups.items()}
    ways: tuple[Callable[[Run], str], ...] = (
        lambda run: run.algorithm_name,
        lambda run: f"{run.algorithm_name}, {run.environment_id}",
        lambda run: run.path.name,
    )
    for way in ways:
        labels = {kind: way(run) for kind, run in first.items()}
        if len(set(labels.values())) == len(labels):
            break
    return labels
