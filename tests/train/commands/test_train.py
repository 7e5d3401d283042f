"""What `csai train` makes of the words it is given, training next to nothing."""

from __future__ import annotations

import gymnasium
import pytest
from click.testing import CliRunner
from gymnasium.envs.registration import EnvSpec

from csai_core.commands import main
from csai_core.errors import CsaiError
from csai_train import Run, train
from csai_train.commands.new_run import _suitable_algorithm, _view


def test_attributes_are_one_name_or_several():
    assert _view("senses") == {"attributes": "senses"}
    assert _view("a,b") == {"attributes": ("a", "b")}
    assert _view(None) == {}


@pytest.fixture
def old(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = {"num_envs": 2, "num_steps": 16, "num_minibatches": 1, "hidden_sizes": (8,)}
    train("ppo", "CartPole-v1", total_steps=64, seed=1, config=config, preset=None, run_dir="runs/old")
    return Run.open("runs/old")


def csai(*words):
    result = CliRunner().invoke(main, ["train", *words, "--episodes", "1"])
    return result.exit_code, " ".join((result.output + str(result.exception or "")).split())


def test_a_run_to_start_from_says_what_was_not_said(old):
    status, output = csai("--start-from", "old", "--learning-rate", "1e-4", "--run-dir", "runs/new")
    assert status == 0
    assert "It starts from what runs/old had learned after 64 steps." in output
    new = Run.open("runs/new")
    assert (new.algorithm_name, new.environment_id, new.total_steps) == ("ppo", "CartPole-v1", 64)
    assert (new.settings.num_steps, new.settings.learning_rate) == (16, 1e-4)
    shown = CliRunner().invoke(main, ["show", "runs/new"]).output
    assert "old, ppo in CartPole-v1 after 64 steps" in " ".join(shown.split())


def test_another_algorithm_and_checkpoint_can_be_asked_for(old):
    words = ["CartPole-v1", "--algorithm", "a2c", "--start-from", "runs/old", "--start-checkpoint", "best"]
    status, _ = csai(*words, "--total-steps", "128", "--run-dir", "runs/new")
    assert status == 0
    assert Run.open("runs/new").config["started_from"]["algorithm"] == "ppo"


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (["CartPole-v1", "--start-checkpoint", "best"], "--start-checkpoint says which checkpoint of"),
        (["--start-from", "old", "--start-checkpoint", "5"], "step-000000000005 does not exist"),
        (["--start-from", "nowhere"], "No run named 'nowhere'"),
        (["--start-from", "old", "--algorithm", "deep_q_learning"], "deep_q_learning learns a network of"),
        (["Acrobot-v1", "--start-from", "old"], "its observations are Box("),
        (["--start-from", "old", "--resume", "old"], "--start-from cannot be given with --resume"),
    ],
)
def test_what_cannot_be_started_from_is_refused_and_nothing_is_written(old, words, answer):
    status, output = csai(*words, "--run-dir", "runs/new") if "--resume" not in words else csai(*words)
    assert status != 0
    assert answer in output
    assert [path.name for path in old.path.parent.iterdir()] == ["old"]


class Spaces(gymnasium.Env):
    """Only its spaces count."""

    def __init__(self, observation_space, action_space):
        self.observation_space, self.action_space = observation_space, action_space


SPACES = gymnasium.spaces
NUMBERS, WHOLE, TEXT = SPACES.Box(-1, 1, (2,)), SPACES.Discrete(3), SPACES.Text(3)


@pytest.mark.parametrize(
    ("observation_space", "action_space", "algorithm"),
    [
        (WHOLE, WHOLE, "q_learning"),
        (SPACES.Dict(a=WHOLE, b=SPACES.MultiBinary(2)), WHOLE, "q_learning"),
        (NUMBERS, WHOLE, "deep_q_learning"),
        (SPACES.Box(0, 255, (8, 8, 3), "uint8"), WHOLE, "deep_q_learning"),
        (NUMBERS, NUMBERS, "ppo"),
        (WHOLE, NUMBERS, "ppo"),
        (NUMBERS, SPACES.MultiDiscrete([2, 3]), "ppo"),
        (SPACES.Tuple((NUMBERS, WHOLE)), SPACES.MultiBinary(2), "ppo"),
    ],
)
def test_without_a_preset_an_algorithm_is_chosen_that_can_act_there(
    observation_space, action_space, algorithm
):
    given = {"observation_space": observation_space, "action_space": action_space}
    assert _suitable_algorithm(EnvSpec("Spaces-v0", Spaces, kwargs=given)) == algorithm


@pytest.mark.parametrize("spaces", [(TEXT, WHOLE), (NUMBERS, SPACES.Box(0, 9, (2,), int)), (WHOLE, TEXT)])
def test_where_no_algorithm_can_act_that_is_said(spaces):
    given = dict(zip(("observation_space", "action_space"), spaces, strict=True))
    with pytest.raises(CsaiError, match="No installed algorithm takes the spaces of Spaces-v0"):
        _suitable_algorithm(EnvSpec("Spaces-v0", Spaces, kwargs=given))


def test_processes_that_are_started_again_go_on_with_the_run_that_was_resumed(old, monkeypatch):
    monkeypatch.setattr("csai_train.commands.processes.was_launched", lambda: True)
    monkeypatch.setattr("csai_train.commands.processes.attempt", lambda: 1)
    assert csai("--resume", "runs/old", "--total-steps", "96")[0] == 0
    assert Run.open("runs/old").steps_taken() == 96
    assert "nothing says with which run they go on; give --run-dir" in csai("CartPole-v1")[1]
