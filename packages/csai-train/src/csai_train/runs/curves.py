"""The learning curve of a run as a picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from csai_train.callbacks.records import EVENTS, read_events
from csai_train.runs.run import Run

_INK, _FAINT, _LINE = "#22303c", "#b9c4cc", "#0072b2"


def draw_curves(run: Run, path: Path | None = None) -> Path | None:
    """Draw return (and the game's score) over the steps of a training.

    Args:
        run: whose episodes to draw.
        path: the picture's file; None takes the run's own `curves.png`.

    Returns:
        The file, or None where no episode has ended yet.
    """
    events = read_events(run.path / EVENTS)
    episodes = [event for event in events if event["event"] == "episode"]
    if not episodes:
        return None
    steps = np.array([event["steps"] for event in episodes])
    series = {"return": np.array([event["total_reward"] for event in episodes])}
    if all(event["score"] is not None for event in episodes):
        series["score"] = np.array([event["score"] for event in episodes])
    figure = Figure(figsize=(8, 3.2 * len(series)), dpi=120, layout="constrained")
    axes = figure.subplots(len(series), 1, sharex=True, squeeze=False)[:, 0]
    for axis, (name, values) in zip(axes, series.items(), strict=True):
        axis.plot(steps, values, ".", color=_FAINT, markersize=2, alpha=0.5, label="one episode")
        axis.plot(steps, _running_mean(values), color=_LINE, linewidth=2, label="mean of the last 100")
        axis.set_ylabel(name, color=_INK)
        axis.grid(axis="y", color=_FAINT, alpha=0.4)
        axis.spines[["top", "right"]].set_visible(False)
    axes[0].legend(loc="upper left", frameon=False)
    axes[0].set_title(f"{run.environment.id}, {run.algorithm}", color=_INK, loc="left")
    axes[-1].set_xlabel("steps")
    axes[-1].xaxis.set_major_formatter("{x:,.0f}")
    path = run.path / "curves.png" if path is None else path
    figure.savefig(path)
    return path


def _running_mean(values: NDArray[np.float64], window: int = 100) -> NDArray[np.float64]:
    """At each episode, the mean of it and up to 99 before it."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    ends = np.arange(1, len(values) + 1)
    starts = np.maximum(0, ends - window)
    means: NDArray[np.float64] = (sums[ends] - sums[starts]) / (ends - starts)
    return means
