"""Which trials are ended early."""

from types import SimpleNamespace

import pytest

from csai_train import Run, train
from csai_train.runs.episodes import read_episodes
from csai_train.tuning.pruning import RUNGS, first_hopeless, reached


@pytest.fixture
def runs(tmp_path, corridor_id):
    for seed in (0, 1):
        train("q_learning", corridor_id, total_steps=400, seed=seed, run_dir=tmp_path / str(seed))
    return [Run.open(tmp_path / str(seed)) for seed in (0, 1)]


def test_each_part_of_a_training_is_judged_by_its_episodes_and_with_the_seeds_before(runs):
    found = reached([runs[0], None])
    assert set(found) <= set(range(1, RUNGS + 1))
    last = [each for each in read_episodes(runs[0]) if each.steps > 360]
    count = sum(each.count for each in last)
    assert found[RUNGS] == pytest.approx(sum(each.count * each.mean_score for each in last) / count)
    both, second = reached(runs), reached([runs[1]])
    assert {step: both[step] for step in found} == found
    assert both[2 * RUNGS] == pytest.approx((found[RUNGS] + second[RUNGS]) / 2)
    assert reached([None, None]) == {}


def test_a_training_under_way_is_judged_as_far_as_it_is(runs):
    feed = runs[0].path / "events.jsonl"
    lines = feed.read_text().splitlines(keepends=True)
    feed.write_text("".join(lines[: len(lines) // 2]))
    found = reached([runs[0], runs[1]])
    assert 0 < max(found) < RUNGS


def finished(*values):
    return [SimpleNamespace(intermediate_values={5: value + 1, 1: value - 1}) for value in values]


@pytest.mark.parametrize(
    ("value", "others", "step"),
    [
        (1.0, (2, 2, 0, 3), 5),
        (2.0, (2, 2, 0, 3), None),
        (1.0, (2, 2, 3), None),
    ],
)
def test_a_trial_is_hopeless_that_is_worse_than_half_of_enough_others(value, others, step):
    assert first_hopeless({1: value, 5: value, 6: -9.0}, finished(*others)) == step


def test_one_bad_part_does_not_end_a_trial():
    assert first_hopeless({3: 3.0, 5: -9.0}, finished(2, 2, 0, 3)) is None
