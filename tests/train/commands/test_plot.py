"""`csai plot` as it is typed."""

from __future__ import annotations

import shutil

import pytest
from click.testing import CliRunner

from csai_train import train
from csai_train.commands import plot
from csai_train.commands.plot import plot_command
from csai_train.runs import curves


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    path = tmp_path_factory.mktemp("plot") / "run"
    config = {"hidden_sizes": (8,), "num_envs": 2, "num_steps": 16}
    train("ppo", "FrozenLake-v1", total_steps=800, seed=1, config=config, run_dir=path)
    return path


@pytest.fixture
def typed(run, tmp_path, monkeypatch):
    """Types the command; what was asked for, and what was said."""
    asked = {}

    def draw(runs, out, **given):
        asked.update(given)
        return out

    monkeypatch.setattr(curves, "draw_comparison", draw)

    def call(*words):
        return asked, CliRunner().invoke(plot_command, [str(run), "--out", str(tmp_path / "x.png"), *words])

    return call


@pytest.mark.parametrize(
    ("typed_facets", "names"),
    [
        ("return", ["return"]),
        ("loss", ["policy_loss", "value_loss"]),
        ("Entropy, length", ["entropy", "length"]),
        ("explained", ["explained_variance"]),
        ("value,loss", ["value_loss", "policy_loss"]),
        ("ent", ["entropy"]),
    ],
)
def test_facets_are_typed_in_short(typed, typed_facets, names):
    asked, result = typed("--facets", typed_facets)
    assert result.exit_code == 0, result.output
    assert asked == {"facets": names, "scale": "steps", "smooth": None}


def test_scale_and_smoothing_are_handed_on(typed):
    asked, _ = typed("--x", "time", "--smooth", "5")
    assert asked == {"facets": [], "scale": "time", "smooth": 5}


@pytest.mark.parametrize(
    ("words", "match"),
    [
        (["--facets", "entrpy"], "Did you mean 'entropy'"),
        (["--facets", " , "], "--facets names nothing. There is: return, length"),
        (["--x", "days"], "'days' is not one of"),
        (["--smooth", "0"], "at least 1"),
    ],
)
def test_wrong_words_are_refused(typed, words, match):
    _, result = typed(*words)
    assert result.exit_code != 0
    assert match in result.output + str(result.exception)


@pytest.mark.parametrize("given", [("return", "steps", None), (None, "time", None), (None, "steps", 3)])
def test_a_training_on_a_dataset_has_no_facets(given):
    with pytest.raises(plot.click.UsageError, match="are for agents"):
        plot._require_plain(*given)
    plot._require_plain(None, "steps", None)


def test_a_complete_run_whose_feed_was_lost_is_told_so(run, tmp_path):
    copied = shutil.copytree(run, tmp_path / "copied")
    (copied / "events.jsonl").write_text("")
    result = CliRunner().invoke(plot_command, [str(copied), "--out", str(tmp_path / "x.png")])
    assert "events.jsonl is missing, or holds nothing; 800 steps were taken" in str(result.exception)
    assert "yet" not in str(result.exception)
