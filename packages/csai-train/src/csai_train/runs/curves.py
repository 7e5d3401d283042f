"""Learning curves as pictures: of one run, or of several, where seeds of one kind become mean and band.

A panel shows one environment, and one thing that was measured there: nothing is to be compared on one axis
that cannot be. Forks are drawn from where they differ, with a line there.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from csai_core import storage
from csai_core.arguments import check_int
from csai_core.errors import ConfigError, UnknownNameError
from csai_train.runs.evaluation_file import read_random_play
from csai_train.runs.figures import (
    COLORS,
    FAINT,
    INK,
    SLATE,
    add_legend,
    add_note,
    line_style,
    make_facets,
    make_figure,
    shared_line,
    short,
)
from csai_train.runs.fork import Fork
from csai_train.runs.kinds import grouped, kind_of, labels_of
from csai_train.runs.measurements import OF_EPISODES, SCALES, Measurements
from csai_train.runs.run import Run
from csai_train.runs.running_means import Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_POINTS = 400
_UNITS = ((7200.0, 3600.0, "hours"), (120.0, 60.0, "minutes"), (0.0, 1.0, "seconds"))
"""From how many seconds on which unit is told, and how many seconds it has."""


class View(NamedTuple):
    """How curves are looked at."""

    scale: str = "steps"
    """Over steps, episodes, or time."""
    smooth: int | None = None
    """Over how many episodes their mean is; None chooses."""
    unit: float = 1.0
    """What places on the scale are divided by."""
    window: int | None = None
    """What a mean is over in a panel: the same for all that is compared there."""
    is_alone: bool = False
    """Whether all is of one run, of which single episodes are shown too."""
    lines: tuple[str, ...] = ()
    """The labels of all lines, in the order of their looks: in every panel a label has the same."""


class Panel(NamedTuple):
    """What is drawn into one panel: runs of one environment, and one thing that they measured."""

    members: Sequence[Measurements]
    name: str

    @property
    def groups(self) -> list[list[Measurements]]:
        """The runs that have measured it; those that differ by their seed alone are together."""
        return grouped(
            [each for each in self.members if self.name in each.names], lambda each: kind_of(each.run)
        )


def draw_curves(run: Run, path: Path | None = None) -> Path | None:
    """Draw return (and the game's score, if it says something else) over the steps of a training.

    Args:
        run: whose episodes to draw.
        path: the picture's file; None takes the run's own `curves.png`.

    Returns:
        The file, or None where no episode has ended yet.
    """
    if Measurements(run).episodes("return") is None:
        return None
    return _save(figure_of([run]), run.path / "curves.png" if path is None else path)


def draw_comparison(
    runs: Sequence[Run],
    path: Path,
    *,
    facets: Sequence[str] = (),
    scale: str = "steps",
    smooth: int | None = None,
) -> Path:
    """Draw the curves of several runs into a file, `.png` or `.svg`; see `figure_of`."""
    return _save(figure_of(runs, facets=facets, scale=scale, smooth=smooth), path)


def figure_of(
    runs: Sequence[Run], *, facets: Sequence[str] = (), scale: str = "steps", smooth: int | None = None
) -> Figure:
    """The curves of one run or of several, with panels for each environment.

    Runs that differ by their seed alone are one line, the mean of them, in a band from the lowest of them to
    the highest.

    Args:
        runs: which.
        facets: what is drawn: "return", "score", "length", and what the algorithms measured, such as
            "entropy". None given draws the return, and the score where that says something else.
        scale: what it is drawn over: "steps", "episodes", or "time", which counts only training.
        smooth: over how many episodes the mean of returns, scores and lengths is; None takes 100, or fewer in
            short trainings.

    Raises:
        RunError: if one of them has no finished episode yet, or fewer than `smooth`.
        UnknownNameError: if none of them has measured such a thing.
        ConfigError: if there is no such scale.
    """
    if scale not in SCALES:
        raise ConfigError(f"Curves were asked for over {scale!r}; it must be one of {', '.join(SCALES)}.")
    if smooth is not None:
        smooth = check_int("figure_of", "smooth", smooth, least=1)
    measured = [Measurements(run) for run in runs]
    _require_episodes(measured)
    environments = grouped(measured, lambda each: repr(each.run.config["environment"]))
    panels = [Panel(members, name) for members in environments for name in _names(members, facets)]
    _require_known(facets, measured, panels)
    names = [name for _, name in panels]
    one = len(environments) == 1
    title = runs[0].environment_id + (f", {runs[0].algorithm_name}" if len(runs) == 1 else "")
    if one and len(panels) <= 2:
        figure, axes = make_figure(names, title)
    else:
        titles = ["" if one else _title(members[0].run, environments) for members, _ in panels]
        figure, axes = make_facets(names, titles, title if one else "")
    lines = dict.fromkeys(label for panel in panels for label in labels_of(_runs(panel.groups)))
    view = View(scale, smooth, is_alone=len(measured) == 1, lines=tuple(lines))
    if scale == "time":
        view = _in_unit(view, measured, axes)
    for axis, panel in zip(axes, panels, strict=True):
        _draw_panel(axis, panel, view)
        if axis.get_xlabel() and scale == "episodes":
            axis.set_xlabel("episodes", color=INK)
    add_legend(figure)
    return figure


def facets_of(runs: Sequence[Run]) -> list[str]:
    """What can be drawn of some runs: what any of them has measured."""
    return list(dict.fromkeys(name for run in runs for name in Measurements(run).names))


# --- what is drawn where


def _require_episodes(measured: Sequence[Measurements]) -> None:
    without = next((each for each in measured if each.episodes("return") is None), None)
    if without is not None:
        raise without.nothing_to_draw()


def _names(members: Sequence[Measurements], facets: Sequence[str]) -> list[str]:
    """What is drawn of these runs, which are of one environment."""
    if facets:
        return [name for name in facets if any(name in each.names for each in members)]
    has_score = all(each.episodes("score") is not None for each in members)
    return ["return", "score"] if has_score and any(each.score_says_more for each in members) else ["return"]


def _require_known(facets: Sequence[str], measured: Sequence[Measurements], panels: Sequence[Panel]) -> None:
    known = dict.fromkeys(name for each in measured for name in each.names)
    for name in facets:
        if name not in {panel.name for panel in panels}:
            raise UnknownNameError.of("measurement of these runs", name, known)


# --- one panel


def _draw_panel(axis: Axes, panel: Panel, view: View) -> None:
    groups = panel.groups
    labels = labels_of(_runs(groups))
    members = [each for group in groups for each in group]
    if view.is_alone:
        _draw_one(axis, members[0], panel.name, view)
    else:
        view = view._replace(window=min(each.window(panel.name, view.smooth) for each in members))
        axis.set_ylabel(f"{axis.get_ylabel()}, mean of {view.window}")
        others = {each.run.path.name for each in members}
        for group, label in zip(groups, labels, strict=True):
            _draw_group(axis, group, panel.name, view, label, others)
    _draw_forks(axis, groups, labels, view)
    _draw_references(axis, [each.run for each in members], panel.name)
    axis.set_xlim(left=0)  # where the training begins, though its mean begins later


def _draw_one(axis: Axes, measured: Measurements, name: str, view: View) -> None:
    window = measured.window(name, view.smooth)
    singles, values = measured.singles(name)
    is_episode = name in OF_EPISODES
    axis.plot(
        _places(measured, singles, view),
        values,
        "." if is_episode else "-",
        color=FAINT,
        markersize=3,
        alpha=0.7,
        label="one episode" if is_episode else "as measured",
        rasterized=is_episode,
    )
    steps, means = measured.series(name, window)
    what = f"mean of the last {window}" if is_episode else f"mean of {window} measurements"
    axis.plot(_places(measured, steps, view), means, color=COLORS[0], linewidth=2, label=what)


def _draw_group(
    axis: Axes,
    members: Sequence[Measurements],
    name: str,
    view: View,
    label: str,
    others: set[str],
) -> None:
    """A line for one run, a line in a band for several, over the steps that all of them took.

    Forks of what is drawn too begin where they differ.
    """
    curves = [each.series(name, view.window) for each in members]
    placed = [
        (_places(each, steps, view), values)
        for each, (steps, values) in zip(members, curves, strict=True)
        if len(steps)
    ]
    first, last = max(places[0] for places, _ in placed), min(places[-1] for places, _ in placed)
    forks = [Fork.of(each.run) for each in members]
    if view.scale != "time" and all(fork is not None and fork.run in others for fork in forks):
        first = max(first, *(_place_of_fork(each, view) for each in members))
    grid = np.linspace(first, max(first, last), _POINTS)
    values = np.array([np.interp(grid, *each) for each in placed])
    style = _style(label, view)
    if len(placed) > 1:
        label = f"{label}, mean of {len(placed)} seeds, from lowest to highest"
        low, high = values.min(axis=0), values.max(axis=0)
        axis.fill_between(grid, low, high, color=style["color"], alpha=0.2, linewidth=0)
    axis.plot(grid, values.mean(axis=0), label=label, **style)


def _draw_forks(
    axis: Axes, groups: Sequence[Sequence[Measurements]], labels: Sequence[str], view: View
) -> None:
    """A line where runs were forked, in the color of theirs; forks after the same steps share it."""
    forked: dict[int, dict[str, Measurements]] = {}
    for members, label in zip(groups, labels, strict=True):
        for each in members:
            if (fork := Fork.of(each.run)) is not None:
                forked.setdefault(fork.steps, {}).setdefault(label, each)
    is_one = len({label for of_one in forked.values() for label in of_one}) == 1
    for steps, of_one in forked.items():
        for position, (label, each) in enumerate(of_one.items()):
            words = f"forked after {short(steps)} steps"
            axis.axvline(
                _place_of_fork(each, view),
                color=SLATE if view.is_alone else _style(label, view)["color"],
                linewidth=1.2,
                linestyle=shared_line(position, len(of_one)),
                label=words if is_one else f"{label}: {words}",
            )


def _style(label: str, view: View) -> dict[str, Any]:
    """How the line of a label looks."""
    return line_style(view.lines.index(label), _POINTS)


def _draw_references(axis: Axes, runs: Sequence[Run], name: str) -> None:
    """Lines for the goal of the environment and for random play, as far as the runs know them."""
    goal = runs[0].goal
    if name == "return" and goal is not None:
        axis.axhline(goal, color=INK, linewidth=1, linestyle=(0, (5, 4)))
        add_note(axis, f"goal, {goal:g}", y=goal, side="left")
    if name not in OF_EPISODES:
        return
    for run in runs:
        found = read_random_play(run)
        value = None if found is None else getattr(found, f"mean_{name}")
        if value is not None:
            axis.axhline(value, color=INK, linewidth=1, linestyle=":")
            add_note(axis, f"random play, {value:.3g}", y=value, side="right")
            return


# --- places and words


def _runs(groups: Sequence[Sequence[Measurements]]) -> list[list[Run]]:
    return [[each.run for each in members] for members in groups]


def _places(measured: Measurements, steps: Floats, view: View) -> Floats:
    return measured.places(steps, view.scale) / view.unit


def _place_of_fork(measured: Measurements, view: View) -> float:
    fork = Fork.of(measured.run)
    return float(_places(measured, np.array([0.0 if fork is None else fork.steps]), view)[0])


def _in_unit(view: View, measured: Sequence[Measurements], axes: Sequence[Axes]) -> View:
    """Tell time in seconds, minutes or hours, as the longest training asks for."""
    longest = max(float(each.places(np.array([np.inf]), "time")[0]) for each in measured)
    unit, name = next((unit, name) for least, unit, name in _UNITS if longest >= least)
    for axis in axes:
        axis.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
        if axis.get_xlabel():
            axis.set_xlabel(f"time of training, in {name}", color=INK)
    return view._replace(unit=unit)


def _title(run: Run, environments: Sequence[Sequence[Measurements]]) -> str:
    """An environment's id, with its options where another has the same id."""
    same_id = [members for members in environments if members[0].run.environment_id == run.environment_id]
    options = ", ".join(f"{name}={value}" for name, value in run.config["environment"]["kwargs"].items())
    return f"{run.environment_id}, {options}" if len(same_id) > 1 and options else run.environment_id


def _save(figure: Figure, path: Path) -> Path:
    with storage.replacement(path) as unfinished:
        figure.savefig(unfinished)
    return path
