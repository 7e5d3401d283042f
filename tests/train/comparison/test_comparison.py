"""Kinds of trainings side by side, from Python and by `csai compare`."""

import json
import shutil

import numpy as np
import pytest
from click.testing import CliRunner

from csai_core.commands import main
from csai_train import Run, compare, train
from csai_train.errors import RunError
from csai_train.events import Evaluation
from csai_train.runs.evaluation_file import write_evaluation

QUICK, SLOW = "learning_rate 0.5", "learning_rate 0.1"
REACHED = {"slow": [1.0, 2.0, 3.0, 4.0], "quick": [5.0, 6.0, 7.0, 9.0]}


def reach(run, value, score=None):
    """Say that an agent has reached so much in two games."""
    scores = None if score is None else np.array([score, score])
    write_evaluation(run, Evaluation(np.array([value - 1, value + 1]), np.array([3, 3]), scores))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    for name, values in REACHED.items():
        for seed, value in enumerate(values):
            path = folder / f"{name}-{seed}"
            config = {"learning_rate": 0.1 if name == "slow" else 0.5}
            train("q_learning", "FrozenLake-v1", total_steps=20, seed=seed, config=config, run_dir=path)
            reach(Run.open(path), value)
    return folder


@pytest.fixture
def folder(made, tmp_path):
    shutil.copytree(made, tmp_path / "study")
    return tmp_path / "study"


def runs(folder, *names):
    return [Run.open(folder / name) for name in names]


def test_runs_that_differ_by_their_seed_are_a_sample(folder):
    found = compare(sorted(folder.iterdir()))
    assert found.measure == "return"
    assert [(sample.label, sample.values.tolist()) for sample in found.samples] == [
        (QUICK, REACHED["quick"]),
        (SLOW, REACHED["slow"]),
    ]
    assert [sample.interquartile_mean for sample in found.samples] == [6.5, 2.5]
    assert found.differences == {"learning_rate": ["0.5", "0.1"]}
    (pair,) = found.pairs
    assert (pair.probability, pair.interval, pair.better) == (1.0, (1.0, 1.0), found.samples[0])
    assert pair.chance == pytest.approx(2 / 70)
    assert pair.swapped.better is found.samples[0]


def test_what_chance_may_have_made_is_not_claimed(folder):
    three = [f"{name}-{seed}" for name in REACHED for seed in range(3)]
    (pair,) = compare(runs(folder, *three)).pairs
    assert (pair.has_enough_seeds, pair.chance, pair.better) == (True, pytest.approx(0.1), None)
    (pair,) = compare(runs(folder, *three[:5])).pairs
    assert (pair.has_enough_seeds, pair.better) == (False, None)


def test_scores_are_compared_where_all_have_them(folder):
    pair = runs(folder, "slow-0", "quick-0")
    for run in pair:
        reach(run, 1.0, score=4.0)
    found = compare(pair)
    assert (found.measure, [sample.mean for sample in found.samples]) == ("score", [4.0, 4.0])
    reach(pair[1], 2.0)
    found = compare(pair)
    assert (found.measure, [sample.mean for sample in found.samples]) == ("return", [1.0, 2.0])


def test_what_cannot_be_compared_is_refused(folder, tmp_path):
    with pytest.raises(RunError, match="no runs to compare"):
        compare([])
    shutil.copytree(folder / "slow-1", folder / "again")
    with pytest.raises(RunError, match=r"the same training, with the seed 1, .* Leave one of them out"):
        compare(runs(folder, "slow-1", "again"))
    (folder / "slow-0" / "evaluation.json").unlink()
    with pytest.raises(RunError, match=r"was not evaluated. Do it with: csai evaluate .*slow-0"):
        compare(runs(folder, "slow-0", "quick-0"))
    config = json.loads((folder / "slow-2" / "config.json").read_text())
    (folder / "slow-2" / "config.json").write_text(json.dumps({**config, "total_steps": 40}))
    with pytest.raises(RunError, match=r"has taken 20 of 40 steps. Finish it with csai train --resume"):
        compare(runs(folder, "slow-2"))
    other = tmp_path / "other"
    options = {"total_steps": 20, "run_dir": other, "wrappers": ["TimeLimit:max_episode_steps=5"]}
    train("q_learning", "FrozenLake-v1", **options)
    with pytest.raises(RunError, match="in FrozenLake-v1, with other options or wrappers: "):
        compare([*runs(folder, "quick-0"), Run.open(other)])


def told(*arguments):
    result = CliRunner().invoke(main, ["compare", *map(str, arguments)], catch_exceptions=False)
    return result.exit_code, result.output


def test_the_command_says_what_may_be_claimed(folder):
    code, text = told(folder)
    assert code == 0
    assert text.splitlines()[:2] == [
        "FrozenLake-v1, return",
        "kind               seeds  mean  middle half  95% interval  lowest  highest",
    ]
    assert ["learning_rate", "0.5", "0.1"] in [line.split() for line in text.splitlines()]
    assert f"{QUICK} is better: a seed of {QUICK} reaches more than one of {SLOW} with" in text
    assert "chance makes such a difference among equals in 2.9% of comparisons" in text
    six = [folder / f"{name}-{seed}" for name in REACHED for seed in range(3)]
    assert f"{QUICK} and {SLOW}: no difference can be claimed. So far a seed of {QUICK}" in told(*six)[1]
    assert f"nothing can be claimed, as {SLOW} has 1 seed. At least 3 of each" in told(*six[2:])[1]
    assert "claimed" not in told(six[0])[1]


def test_the_command_for_programs(folder):
    code, text = told(folder, "--json")
    found = json.loads(text)
    assert code == 0
    assert (found["environment"], found["measure"]) == ("FrozenLake-v1", "return")
    assert [sample["values"] for sample in found["samples"]] == [REACHED["quick"], REACHED["slow"]]
    assert found["pairs"] == [
        {
            "first": QUICK,
            "second": SLOW,
            "probability": 1.0,
            "interval": [1.0, 1.0],
            "chance": pytest.approx(2 / 70),
            "better": QUICK,
        }
    ]
    (sample,) = json.loads(told(folder / "slow-0", "--json")[1])["samples"]
    assert sample["interval"] == [None, None]


def test_a_folder_without_runs(tmp_path):
    code, text = told(tmp_path)
    assert code == 1
    assert f"{tmp_path} is not a run of csai" in text
