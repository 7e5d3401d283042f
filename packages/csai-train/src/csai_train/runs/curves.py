"""Learning curves as pictures: of one run, or of several, where seeds of one kind become mean and band.

A panel shows one environment: nothing is to be compared on one axis that cannot be.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from csai_core import storage
from csai_train.errors import RunError
from csai_train.runs.evaluation_file import read_random_play
from csai_train.runs.run import Run
from csai_train.runs.running_means import Episodes, episodes_of

INK, FAINT = "#22303c", "#b9c4cc"
COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f7f7f")
"""Told apart by color-blind people too (Okabe and Ito 2008)."""
_POINTS = 400
_NAMES = ("return", "score")
_MOST_TICKS = 6


def draw_curves(run: Run, path: Path | None = None) -> Path | None:
    """Draw return (and the game's score, if it says something else) over the steps of a training.

    Args:
        run: whose episodes to draw.
        path: the picture's file; None takes the run's own `curves.png`.

    Returns:
        The file, or None where no episode has ended yet.
    """
    names = _names([run])
    if not names:
        return None
    figure, axes = make_figure(names, f"{run.environment_id}, {run.algorithm_name}")
    for axis, name in zip(axes, names, strict=True):
        _draw_one(axis, _episodes(run, name))
        _draw_references(axis, [run], name)
        _finish(axis)
    return _save(figure, run.path / "curves.png" if path is None else path)


def draw_comparison(runs: Sequence[Run], path: Path) -> Path:
    """Draw the curves of several runs, with a panel for each environment.

    Runs that differ by their seed alone are one line, the mean of them, in a band from the lowest of them to
    the highest.

    Args:
        runs: which.
        path: the picture's file, `.png` or `.svg`.

    Raises:
        RunError: if one of them has no finished episode yet.
    """
    without = next((run for run in runs if episodes_of(run, "return") is None), None)
    if without is not None:
        raise RunError(f"{without.path} has no finished episode yet, so there is nothing to draw.")
    environments = _grouped(runs, lambda run: repr(run.config["environment"]))
    panels = [(members, name) for members in environments for name in _names(members)]
    names = [name for _, name in panels]
    if len(environments) == 1:
        figure, axes = make_figure(names, runs[0].environment_id)
    else:
        figure, axes = _make_facets(names, [_title(members[0], environments) for members, _ in panels])
    for axis, (members, name) in zip(axes, panels, strict=True):
        groups = _grouped(members, _kind)
        for number, (group, label) in enumerate(zip(groups, _labels(groups), strict=True)):
            _draw_group(axis, [_episodes(run, name) for run in group], label, COLORS[number % len(COLORS)])
        _draw_references(axis, members, name)
        _finish(axis)
    return _save(figure, path)


def make_figure(names: Sequence[str], title: str) -> tuple[Figure, list[Axes]]:
    """A figure with one panel for each name, one below the other, in the style of all curves."""
    figure = Figure(figsize=(8, 3.2 * len(names) + 0.4), dpi=120, layout="constrained")
    axes = list(figure.subplots(len(names), 1, sharex=True, squeeze=False)[:, 0])
    for axis, name in zip(axes, names, strict=True):
        _prepare(axis, name)
    axes[0].set_title(title, color=INK, loc="left", fontweight="bold")
    axes[-1].set_xlabel("steps", color=INK)
    return figure, axes


def _make_facets(names: Sequence[str], titles: Sequence[str]) -> tuple[Figure, list[Axes]]:
    """A figure with two panels in a row, each with axes of its own."""
    rows = -(-len(names) // 2)
    figure = Figure(figsize=(10, 3.2 * rows + 0.2), dpi=120, layout="constrained")
    axes = list(figure.subplots(rows, 2, squeeze=False).ravel())
    for spare in axes[len(names) :]:
        spare.set_axis_off()
    for axis, name, title in zip(axes, names, titles, strict=False):
        _prepare(axis, name)
        axis.set_title(title, color=INK, loc="left", fontweight="bold")
        axis.set_xlabel("steps", color=INK)
    return figure, axes[: len(names)]


def _prepare(axis: Axes, name: str) -> None:
    axis.set_ylabel(name, color=INK)
    axis.grid(axis="y", color=FAINT, alpha=0.4)
    axis.spines[["top", "right"]].set_visible(False)
    axis.spines[["left", "bottom"]].set_color(FAINT)
    axis.tick_params(color=FAINT, labelcolor=INK)
    axis.margins(x=0.01)
    axis.xaxis.set_major_locator(MaxNLocator(nbins=_MOST_TICKS, steps=[1, 2, 2.5, 5, 10]))
    axis.xaxis.set_major_formatter(lambda value, _: short(value))


def short(steps: float) -> str:
    """A number of steps in a few letters: 250k, 1.5M."""
    for unit, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(steps) >= unit:
            return f"{steps / unit:.4g}{letter}"
    return f"{steps:g}"


def _draw_one(axis: Axes, episodes: Episodes) -> None:
    axis.plot(
        *episodes.singles, ".", color=FAINT, markersize=3, alpha=0.7, label="one episode", rasterized=True
    )
    axis.plot(*episodes.mean(), color=COLORS[0], linewidth=2, label=f"mean of the last {episodes.window}")


def _draw_group(axis: Axes, members: Sequence[Episodes], label: str, color: str) -> None:
    """A line for one run, a line in a band for several, over the steps that all of them took."""
    curves = [episodes.mean() for episodes in members]
    first, last = max(steps[0] for steps, _ in curves), min(steps[-1] for steps, _ in curves)
    grid = np.linspace(first, max(first, last), _POINTS)
    values = np.array([np.interp(grid, steps, means) for steps, means in curves])
    if len(curves) > 1:
        label = f"{label}, mean of {len(curves)} seeds, from lowest to highest"
        axis.fill_between(grid, values.min(axis=0), values.max(axis=0), color=color, alpha=0.2, linewidth=0)
    axis.plot(grid, values.mean(axis=0), color=color, linewidth=2, label=label)


def _draw_references(axis: Axes, runs: Sequence[Run], name: str) -> None:
    """Lines for the goal of the environment and for random play, as far as the runs know them."""
    goal = runs[0].environment.reward_threshold
    if name == "return" and goal is not None:
        axis.axhline(goal, color=INK, linewidth=1, linestyle=(0, (5, 4)), label=f"goal, {goal:g}")
    for run in runs:
        found = read_random_play(run)
        value = None if found is None else found.mean_return if name == "return" else found.mean_score
        if value is not None:
            axis.axhline(value, color=INK, linewidth=1, linestyle=":", label=f"random play, {value:.3g}")
            return


def _finish(axis: Axes) -> None:
    """Begin where the training does, though its mean begins later, and say what is what."""
    axis.set_xlim(left=0)
    axis.legend(loc="best", frameon=True, framealpha=0.8, edgecolor="none", fontsize=8, labelcolor=INK)


def _save(figure: Figure, path: Path) -> Path:
    with storage.replacement(path) as unfinished:
        figure.savefig(unfinished)
    return path


def _names(runs: Sequence[Run]) -> list[str]:
    """What there is to draw of all of these runs; the score only where it says more than the return."""
    found = [name for name in _NAMES if all(episodes_of(run, name) is not None for run in runs)]
    if "score" in found and all(_repeats(run) for run in runs):
        found.remove("score")
    return found


def _repeats(run: Run) -> bool:
    """Whether the score is the return, or the return in another unit."""
    returns, scores = _episodes(run, "return").values, _episodes(run, "score").values
    if np.ptp(returns) == 0 or len(returns) < 3:
        return bool(np.ptp(scores) == 0)
    slope, intercept = np.polyfit(returns, scores, 1)
    return bool(np.allclose(slope * returns + intercept, scores, atol=1e-6 * max(1.0, np.ptp(scores))))


def _episodes(run: Run, name: str) -> Episodes:
    """The episodes of a run that has some."""
    episodes = episodes_of(run, name)
    if episodes is None:
        raise RunError(f"{run.path} has no finished episode yet, so there is nothing to draw.")
    return episodes


def _grouped(runs: Sequence[Run], kind: Callable[[Run], str]) -> list[list[Run]]:
    """The runs of each kind, in the order in which the kinds come first."""
    groups: dict[str, list[Run]] = {}
    for run in runs:
        groups.setdefault(kind(run), []).append(run)
    return list(groups.values())


def _kind(run: Run) -> str:
    """What runs have in common that differ by their seed alone."""
    config = run.config
    return repr([run.algorithm_name, config["environment"], config["config"], config["total_steps"]])


def _title(run: Run, environments: Sequence[Sequence[Run]]) -> str:
    """An environment's id, with its options where another has the same id."""
    same_id = [members for members in environments if members[0].environment_id == run.environment_id]
    options = ", ".join(f"{name}={value}" for name, value in run.environment.kwargs.items())
    return f"{run.environment_id}, {options}" if len(same_id) > 1 and options else run.environment_id


def _labels(groups: Sequence[Sequence[Run]]) -> list[str]:
    """Each group in as few words as tell them apart: its algorithm, or its first run's name."""
    by_algorithm = [members[0].algorithm_name for members in groups]
    is_enough = len(set(by_algorithm)) == len(groups)
    return by_algorithm if is_enough else [members[0].path.name for members in groups]
