"""Curves of runs: drawn into one, and several in one picture."""

from __future__ import annotations

import itertools
import json

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from PIL import Image

from csai_core.errors import ConfigError, UnknownNameError
from csai_train import Run, fork, train
from csai_train.environments.make import specify
from csai_train.errors import RunError
from csai_train.events import Evaluation
from csai_train.runs import curves
from csai_train.runs.curves import draw_comparison, draw_curves, facets_of, figure_of
from csai_train.runs.episodes import read_episodes
from csai_train.runs.evaluation_file import write_random_play
from csai_train.runs.measurements import Measurements


@pytest.fixture
def drawn(monkeypatch):
    """The figures that are saved, so that they can be looked at."""
    figures = []

    def save(figure, path):
        figure.canvas.draw()
        figures.append(figure)
        return path

    monkeypatch.setattr(curves, "_save", save)
    return figures


class Paid(gymnasium.Env):
    """Four steps, each paid as the dice fall; the score is the return in another unit, or the highest die."""

    observation_space, action_space = spaces.Discrete(2), spaces.Discrete(2)

    def __init__(self, score="return"):
        self._score = score

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.dice = []
        return 0, {}

    def step(self, action):
        self.dice.append(int(self.np_random.integers(6)))
        score = 1 + 2 * sum(self.dice) if self._score == "return" else max(self.dice)
        return 0, float(self.dice[-1]), len(self.dice) == 4, False, {"score": score}


@pytest.fixture(scope="module")
def others(tmp_path_factory):
    """One run in each of these games."""
    folder = tmp_path_factory.mktemp("others")
    gymnasium.register("toys/Paid-v0", Paid)
    games = {
        "cliff": gymnasium.spec("CliffWalking-v1"),
        "paid": specify("toys/Paid-v0"),
        "highest": specify("toys/Paid-v0", {"score": "highest"}),
    }
    for name, game in games.items():
        train("q_learning", game, total_steps=900, seed=1, preset=None, run_dir=folder / name)
    yield {name: Run.open(folder / name) for name in games}
    del gymnasium.registry["toys/Paid-v0"]


def labels(figure):
    return [text.get_text() for legend in figure.legends for text in legend.get_texts()]


def notes(axis):
    return [text.get_text() for text in axis.texts]


def line(axis, label):
    return next(each for each in axis.lines if each.get_label() == label)


def test_a_curve_is_drawn_into_the_run(runs):
    path = draw_curves(runs[0])
    assert path == runs[0].path / "curves.png"
    with Image.open(path) as picture:
        assert picture.size[0] == 960


@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_seeds_become_one_line_in_a_band(runs, tmp_path, suffix):
    path = draw_comparison(runs, tmp_path / f"curves.{suffix}")
    data = path.read_bytes()
    assert data.startswith(b"\x89PNG" if suffix == "png" else b"<?xml")


def test_goal_and_random_play_are_drawn_where_they_are_known(runs, drawn):
    for each in runs[:2]:
        (each.path / "random_play.json").unlink()
    run = Run.open(runs[1].path)
    draw_curves(run)
    assert notes(drawn[0].axes[0]) == ["goal, 0.7"]
    write_random_play(run, Evaluation(np.array([0.0, 0.05]), np.array([3, 4])))
    draw_curves(run)
    draw_comparison([run, runs[0]], run.path / "both.png")
    for figure in drawn[1:]:
        assert notes(figure.axes[0]) == ["goal, 0.7", "random play, 0.025"]
        across = [each.get_ydata()[0] for each in figure.axes[0].lines if len(each.get_xdata()) == 2]
        assert across == [pytest.approx(0.7), 0.025]


def test_the_label_says_how_many_episodes_a_mean_is_over(runs, drawn):
    draw_curves(runs[0])
    count = len(drawn[0].axes[0].lines[0].get_xdata())
    assert labels(drawn[0])[1] == f"mean of the last {max(1, min(100, count // 5))}"
    assert drawn[0].axes[0].get_xlim()[0] == 0


def panels(figure):
    return [axis for axis in figure.axes if axis.axison]


def test_environments_have_panels_of_their_own(runs, others, drawn, tmp_path):
    draw_comparison([runs[0], others["cliff"], runs[3]], tmp_path / "x.png")
    assert [axis.get_title(loc="left") for axis in panels(drawn[0])] == ["FrozenLake-v1", "CliffWalking-v1"]
    curves_in = [[line for line in axis.lines if len(line.get_xdata()) > 2] for axis in panels(drawn[0])]
    assert [len(lines) for lines in curves_in] == [2, 1]


def test_one_environment_with_two_options_is_two(others, drawn, tmp_path):
    draw_comparison([others["paid"], others["highest"]], tmp_path / "x.png")
    titles = {axis.get_title(loc="left") for axis in panels(drawn[0])}
    assert titles == {"toys/Paid-v0", "toys/Paid-v0, score=highest"}


@pytest.mark.parametrize(
    ("game", "names"), [("paid", ["return"]), ("highest", ["return", "score"]), ("cliff", ["return"])]
)
def test_the_score_is_drawn_where_it_is_not_the_return_again(others, drawn, game, names):
    draw_curves(others[game])
    assert [axis.get_ylabel() for axis in drawn[0].axes] == names


def test_labels_of_ticks_never_touch(others, runs, drawn, tmp_path):
    draw_curves(runs[0])
    draw_comparison(list(others.values()), tmp_path / "x.png")
    for figure in drawn:
        for axis in figure.axes:
            axis.set_xlim(0, 2_500_000)
        figure.canvas.draw()
        for axis in figure.axes:
            shown = [text for text in axis.get_xticklabels() if text.get_text() and axis.axison]
            boxes = [text.get_window_extent() for text in shown]
            assert all(one.x1 + 4 < other.x0 for one, other in itertools.pairwise(boxes))


def test_a_run_without_an_episode_has_no_curve(tmp_path):
    train("q_learning", "FrozenLake-v1", total_steps=1, run_dir=tmp_path / "run")
    run = Run.open(tmp_path / "run")
    assert draw_curves(run) is None
    with pytest.raises(RunError, match="no finished episode"):
        draw_comparison([run, run], tmp_path / "x.png")


@pytest.fixture(scope="module")
def forked(tmp_path_factory):
    """A run, two forks of it, and one of the same change in another seed."""
    folder = tmp_path_factory.mktemp("forked")
    config = {"hidden_sizes": (8,), "num_envs": 2, "num_steps": 16}
    make = {"total_steps": 3000, "config": config}
    for seed in (0, 1):
        train("ppo", "FrozenLake-v1", seed=seed, run_dir=folder / f"old{seed}", **make)
        fork(folder / f"old{seed}", at=1200, changes={"learning_rate": 1e-4}, run_dir=folder / f"slow{seed}")
    fork(folder / "old0", at=1800, changes={"gamma": 0.5}, run_dir=folder / "blind")
    return {name: Run.open(folder / name) for name in ("old0", "old1", "slow0", "slow1", "blind")}


def test_a_fork_is_drawn_from_where_it_differs_and_says_in_what(forked):
    figure = figure_of([forked["old0"], forked["slow0"]])
    old, new, point = figure.axes[0].lines[:3]
    assert labels(figure) == [
        "learning_rate 2.5e-4",
        "learning_rate 1e-4 instead of 2.5e-4",
        "forked after 1.2k steps",
    ]
    assert new.get_xdata()[0] == 1200 > old.get_xdata()[0]
    assert set(point.get_xdata()) == {1200}
    shared = np.interp(1200, old.get_xdata(), old.get_ydata())
    assert new.get_ydata()[0] == pytest.approx(shared)


def test_means_that_are_compared_are_over_as_many_episodes(forked, runs):
    """Where a fork has many more episodes than the old run, both are still one until the fork."""
    windows = [Measurements(forked[name]).window("return") for name in ("old0", "blind")]
    figure = figure_of([forked["old0"], forked["blind"]])
    assert figure.axes[0].get_ylabel() == f"return, mean of {min(windows)}"
    few = figure_of([forked["old0"], runs[0]], smooth=3)
    assert {axis.get_ylabel() for axis in panels(few)} == {"return, mean of 3"}


def test_forks_of_seeds_are_a_band_and_several_forks_are_told_apart(forked):
    figure = figure_of([*forked.values()])
    seeds = "mean of 2 seeds, from lowest to highest"
    assert labels(figure) == [
        f"learning_rate 2.5e-4, gamma 0.99, {seeds}",
        f"learning_rate 1e-4 instead of 2.5e-4, {seeds}",
        "gamma 0.5 instead of 0.99",
        "learning_rate 1e-4 instead of 2.5e-4: forked after 1.2k steps",
        "gamma 0.5 instead of 0.99: forked after 1.8k steps",
    ]


def fork_lines(figure):
    """The lines where runs were forked, by their places, each with its color and its dashes."""
    lines = [line for line in figure.axes[0].lines if "forked" in line.get_label()]
    return [(line.get_xdata()[0], line.get_color(), line._unscaled_dash_pattern) for line in lines]


def test_the_line_of_a_fork_has_the_color_of_its_curve(forked):
    figure = figure_of([forked["old0"], forked["slow0"], forked["blind"]])
    _, slow, blind = (line.get_color() for line in figure.axes[0].lines[:3])
    assert [each[:2] for each in fork_lines(figure)] == [(1200, slow), (1800, blind)]
    assert slow != blind


def test_forks_after_the_same_steps_are_both_seen(forked, tmp_path):
    fork(forked["old0"].path, at=1200, changes={"gamma": 0.5}, run_dir=tmp_path / "x")
    other = Run.open(tmp_path / "x")
    (_, first, one), (_, second, two) = fork_lines(figure_of([forked["old0"], forked["slow0"], other]))
    assert first != second
    assert (one, two) == ((0, (5, 5)), (5, (5, 5)))


def test_a_fork_alone_is_drawn_whole(forked):
    figure = figure_of([forked["slow0"]])
    assert figure.axes[0].lines[1].get_xdata()[0] < 1200
    assert labels(figure)[-1] == "forked after 1.2k steps"
    beside = figure_of([forked["slow0"], forked["blind"]])
    assert labels(beside)[0] == "slow0: learning_rate 1e-4 instead of 2.5e-4"
    assert beside.axes[0].lines[0].get_xdata()[0] < 1200


def test_facets_are_panels_of_what_was_measured(forked):
    names = ["return", "length", "entropy", "value_loss"]
    assert {*names, "kl", "clip_fraction", "explained_variance", "policy_loss"} == {
        *facets_of([forked["old0"]])
    }
    figure = figure_of([forked["old0"], forked["slow0"]], facets=names)
    shown = [axis.get_ylabel() for axis in panels(figure)]
    assert [each.partition(",")[0] for each in shown] == ["return", "length", "entropy", "value loss"]
    assert shown[2:] == ["entropy, mean of 9", "value loss, mean of 9"]
    with pytest.raises(UnknownNameError, match="Did you mean 'entropy'"):
        figure_of([forked["old0"]], facets=["entrop"])


def test_a_facet_that_one_run_lacks_is_drawn_of_the_others(forked, runs):
    figure = figure_of([forked["old0"], runs[0]], facets=["return", "entropy"])
    assert len(panels(figure)[1].lines) == 1


@pytest.mark.parametrize("scale", ["episodes", "time"])
def test_curves_are_drawn_over_episodes_and_time_too(forked, scale):
    figure = figure_of([forked["old0"], forked["slow0"]], scale=scale)
    axis = figure.axes[0]
    assert axis.get_xlabel() == {"episodes": "episodes", "time": "time of training, in seconds"}[scale]
    ends = [max(each.get_xdata()) for each in axis.lines[:2]]
    if scale == "episodes":
        totals = [sum(summary.count for summary in read_episodes(forked[n])) for n in ("old0", "slow0")]
        assert ends == [pytest.approx(total) for total in totals]
    else:
        assert all(0 < end < 600 for end in ends)


def test_a_pause_is_no_time_of_training(tmp_path):
    train("q_learning", "FrozenLake-v1", total_steps=400, seed=1, run_dir=tmp_path / "run")
    path = tmp_path / "run" / "events.jsonl"
    events = [json.loads(each) for each in path.read_text().splitlines()]
    half = len(events) // 2
    start = {**events[0], "steps": events[half]["steps"], "time": events[half]["time"] + 1e6}
    late = [{**event, "time": event["time"] + 1e6} for event in events[half + 1 :]]
    path.write_text("".join(json.dumps(each) + "\n" for each in [*events[: half + 1], start, *late]))
    assert figure_of([Run.open(tmp_path / "run")], scale="time").axes[0].get_xlim()[1] < 600


def test_smoothing_says_over_how_many_episodes(runs, forked):
    figure = figure_of([runs[0]], smooth=7)
    assert "mean of the last 7" in labels(figure)
    ended = np.cumsum([summary.count for summary in read_episodes(runs[0])])
    assert len(line(figure.axes[0], "mean of the last 7").get_xdata()) == np.count_nonzero(ended >= 7)
    with pytest.raises(RunError, match="too few for a mean of 100,000"):
        figure_of([runs[0], runs[1]], smooth=100_000)
    with pytest.raises(ConfigError, match="smooth"):
        figure_of([runs[0]], smooth=0)
    with pytest.raises(ConfigError, match="over 'epochs'; it must be one of steps, episodes, time"):
        figure_of([runs[0]], scale="epochs")


def test_lines_are_told_apart_without_color(runs, forked):
    figure = figure_of([*forked.values(), *runs])
    series = [each for each in figure.axes[0].lines if len(each.get_xdata()) > 2]
    looks = [(str(each._unscaled_dash_pattern), each.get_marker()) for each in series]
    assert len(set(looks)) == len(looks) >= 4


def looks(axis):
    return {each.get_label(): each.get_color() for each in axis.lines if len(each.get_xdata()) > 2}


def test_a_label_looks_the_same_in_every_panel_and_like_no_other(forked, others):
    figure = figure_of([forked["old0"], others["cliff"], forked["slow0"]])
    lake, cliff = map(looks, panels(figure))
    assert len({*lake.values(), *cliff.values()}) == 3
    again = figure_of([forked["old0"], forked["slow0"]], facets=["return", "entropy", "length"])
    assert len({tuple(looks(axis).items()) for axis in panels(again)}) == 1


def test_what_never_changes_is_a_level_line_with_plain_numbers_beside_it(runs):
    figure = figure_of([runs[0]], facets=["epsilon"])
    (axis,) = panels(figure)
    means = axis.lines[1].get_ydata()
    assert set(means) == {means[0]}
    figure.canvas.draw()
    assert axis.yaxis.get_major_formatter().get_offset() == ""
