"""Curves of runs: drawn into one, and several in one picture."""

from __future__ import annotations

import itertools

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from PIL import Image

from csai_train import Run, train
from csai_train.environments.make import specify
from csai_train.errors import RunError
from csai_train.events import Evaluation
from csai_train.runs import curves
from csai_train.runs.curves import draw_comparison, draw_curves, short
from csai_train.runs.evaluation_file import write_random_play


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


def labels(axis):
    return [text.get_text() for text in axis.get_legend().get_texts()]


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
    run = Run.open(runs[1].path)
    draw_curves(run)
    assert labels(drawn[0].axes[0])[2:] == ["goal, 0.7"]
    write_random_play(run, Evaluation(np.array([0.0, 0.05]), np.array([3, 4])))
    draw_curves(run)
    draw_comparison([run, runs[0]], run.path / "both.png")
    for figure in drawn[1:]:
        assert labels(figure.axes[0])[-2:] == ["goal, 0.7", "random play, 0.025"]
        lines = {line.get_label(): line.get_ydata()[0] for line in figure.axes[0].lines}
        assert lines["goal, 0.7"] == pytest.approx(0.7)
        assert lines["random play, 0.025"] == 0.025


def test_the_label_says_how_many_episodes_a_mean_is_over(runs, drawn):
    draw_curves(runs[0])
    count = len(drawn[0].axes[0].lines[0].get_xdata())
    assert labels(drawn[0].axes[0])[1] == f"mean of the last {max(1, min(100, count // 5))}"
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


def test_steps_are_said_in_a_few_letters():
    given = [0, 800, 1000, 12_500, 250_000, 1_500_000, 20_000_000, 3e9]
    assert [short(each) for each in given] == ["0", "800", "1k", "12.5k", "250k", "1.5M", "20M", "3G"]


def test_a_run_without_an_episode_has_no_curve(tmp_path):
    train("q_learning", "FrozenLake-v1", total_steps=1, run_dir=tmp_path / "run")
    run = Run.open(tmp_path / "run")
    assert draw_curves(run) is None
    with pytest.raises(RunError, match="no finished episode"):
        draw_comparison([run, run], tmp_path / "x.png")
