"""The plugin as csai finds it, and what it is good for."""

import pytest
from csai_core.plugins import installed
from csai_train import resume, train

from csai_hindsight import comparison
from csai_hindsight.arm import compute_terminated
from csai_hindsight.hindsight import HindsightReplayBuffer

SETTINGS = {**comparison.BITS, "learning_starts": 200, "target_every": 200, "hidden_sizes": [64]}


def test_it_is_healthy():
    manager = installed()
    manager.call_all()
    (record,) = [record for record in manager.records if record.name == "csai_hindsight"]
    assert (record.status, record.distribution) == ("ok", "csai-hindsight"), record.problem
    assert record.offers["environments"] == ("BitFlip/Few-v0", "BitFlip/Many-v0", "Reach/Arm-v0")
    assert record.offers["buffers"] == ("hindsight",)


@pytest.mark.parametrize("num_envs", [1, 8])
def test_a_training_tells_the_memory_what_goals_pay_and_can_be_resumed(num_envs, tmp_path):
    config = {**SETTINGS, "buffer": "hindsight", "num_envs": num_envs}
    arguments = {"seed": 1, "config": config, "run_dir": tmp_path / "run"}
    train("deep_q_learning", "BitFlip/Few-v0", total_steps=400, **arguments)
    resumed = resume(tmp_path / "run", total_steps=480)
    assert isinstance(resumed.algorithm.buffer, HindsightReplayBuffer)
    assert resumed.steps == 480
    buffer = resumed.algorithm.buffer
    assert set(buffer.in_order().reward) == {-1.0, 0.0}
    assert (buffer.sample(200).reward == 0).mean() > 2 * (buffer.in_order().reward == 0).mean()


def test_continuous_actions_learn_from_hindsight_too(tmp_path):
    config = {**comparison.ARM, "buffer": "hindsight", "learning_starts": 100}
    train("sac", "Reach/Arm-v0", total_steps=160, seed=1, config=config, run_dir=tmp_path / "run")
    buffer = resume(tmp_path / "run", total_steps=200).algorithm.memory.buffer
    drawn = buffer.sample(200)
    is_achieved = compute_terminated(
        drawn.next_observation["achieved_goal"], drawn.next_observation["desired_goal"]
    )
    assert drawn.terminated.tolist() == is_achieved.tolist()
    assert is_achieved.any()
    assert not buffer.in_order().terminated.any()


def test_the_comparison_runs(capsys):
    comparison.main(["--smallest"])
    assert capsys.readouterr().out.count("| `hindsight` |") == 3
