"""The suite of presets: it goes through every file, and leaves what is not installed alone."""

from __future__ import annotations

import pytest

from csai_train.testing import PresetSuite

FILE = """
algorithm = "q_learning"

[q_learning]
total_steps = 4000
result = "0.5 a game"
command = "csai train FrozenLake-v1"
"""


class Mine(PresetSuite):
    def __init__(self, folder):
        self.folder = folder

    def make(self):
        return self.folder


def outcomes(suite):
    return {each.check: (each.status, each.message) for each in suite.run()}


def test_the_second_file_is_looked_at_too(tmp_path):
    (tmp_path / "FrozenLake-v1.toml").write_text(FILE)
    (tmp_path / "Taxi-v4.toml").write_text(FILE.replace("4000", "0").replace("FrozenLake-v1", "Taxi-v4"))
    status, message = outcomes(Mine(tmp_path))["every file can be read"]
    assert status == "failed"
    assert message.startswith("Taxi-v4.toml, [q_learning], does not say how long to train")


@pytest.mark.parametrize(
    ("name", "algorithm"), [("Elsewhere--Maze-v0", "q_learning"), ("FrozenLake-v1", "elsewhere:guess")]
)
def test_what_is_for_others_that_are_not_here_is_read_and_not_trained(tmp_path, name, algorithm):
    text = FILE.replace("[q_learning]", f"[q_learning]\nalgorithm = '{algorithm}'")
    (tmp_path / f"{name}.toml").write_text(text.replace("FrozenLake-v1", name.replace("--", "/")))
    found = outcomes(Mine(tmp_path))
    assert not [message for status, message in found.values() if status == "failed"]
    assert found["every preset trains"] == ("skipped", "what its presets are for is not installed")


def test_a_preset_that_trains_passes(tmp_path):
    (tmp_path / "FrozenLake-v1.toml").write_text(FILE)
    assert {status for status, _ in outcomes(Mine(tmp_path)).values()} == {"passed"}


NETWORKED = """
algorithm = "ppo"

[ppo]
total_steps = 4000
network = "mlp"
result = "21 a game"
command = "csai train CartPole-v1"
config = { num_envs = 2, num_steps = 8 }
"""


def test_a_network_is_trained_too(tmp_path):
    file = tmp_path / "CartPole-v1.toml"
    file.write_text(NETWORKED)
    assert {status for status, _ in outcomes(Mine(tmp_path)).values()} == {"passed"}
    file.write_text(NETWORKED.replace("mlp", "mpl"))
    status, message = outcomes(Mine(tmp_path))["every preset trains"]
    assert status == "failed"
    assert "mlp" in message
    file.write_text(NETWORKED.replace("num_envs = 2", "num_envs = 2, hidden_sizes = [8]"))
    status, message = outcomes(Mine(tmp_path))["every setting is one of the algorithm"]
    assert status == "failed"
    assert "hidden_sizes and a network" in message
