"""The presets: found with csai-core alone, and as good as they say."""

import pytest
from csai_core import presets


def test_the_small_game_has_one_that_is_found_by_its_name():
    found = presets.find("LightsOut/Small-v0", "q_learning")
    assert (found.full_name, found.algorithm) == ("csai_lights_out:q_learning", "q_learning")


def test_they_pass_their_suite():
    testing = pytest.importorskip("csai_train.testing")
    outcomes = testing.PresetSuite.of("csai_lights_out").run()
    assert [outcome for outcome in outcomes if outcome.status == "failed"] == []


def test_it_learns_to_solve_almost_every_board(tmp_path):
    csai_train = pytest.importorskip("csai_train")
    csai_train.train("q_learning", "LightsOut/Small-v0", total_steps=20_000, seed=1, run_dir=tmp_path / "run")
    assert csai_train.evaluate(tmp_path / "run", episodes=200, seed=2).mean_return > 0.88
