"""Opening environments for an algorithm: texts are left out of what it observes, and that is said once."""

from __future__ import annotations

import warnings

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.envs.registration import WrapperSpec

from csai_core.errors import SpaceError
from csai_train import Run, evaluate, resume, train
from csai_train.errors import TrainingWarning
from csai_train.training.verify import verify


class Told(gymnasium.Env):
    """Says in words and in a number which of two actions pays."""

    observation_space = spaces.Dict(mission=spaces.Text(5), wanted=spaces.Discrete(2))
    action_space = spaces.Discrete(2)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.count = 0
        return self.look(), {}

    def step(self, action):
        reward = float(action == self.wanted)
        self.count += 1
        return self.look(), reward, self.count == 10, False, {}

    def look(self):
        self.wanted = int(self.np_random.integers(2))
        return {"mission": "right" if self.wanted else "left", "wanted": self.wanted}


@pytest.fixture
def told():
    gymnasium.register("Testing/Told-v0", Told)
    yield "Testing/Told-v0"
    del gymnasium.registry["Testing/Told-v0"]


WORDS = r"left out of what the agent observes, as q_learning takes no texts: 'mission'"


@pytest.mark.parametrize("num_envs", [1, 3])
@pytest.mark.parametrize("form", ["id", "environment", "list"])
def test_texts_are_left_out_and_that_is_said(told, form, num_envs):
    given = {"id": told, "environment": gymnasium.make(told), "list": [Told() for _ in range(num_envs)]}[form]
    with pytest.warns(TrainingWarning, match=WORDS):
        training = train("q_learning", given, total_steps=300, seed=0, config={"num_envs": num_envs})
    assert training.envs.single_observation_space == spaces.Dict(wanted=spaces.Discrete(2))
    assert training.algorithm.act({"wanted": np.array([0, 1])}, explore=False).action.tolist() == [0, 1]


def test_a_run_knows_it_and_does_not_say_it_again(told, tmp_path):
    with pytest.warns(TrainingWarning, match=WORDS):
        train("q_learning", told, total_steps=300, seed=0, run_dir=tmp_path / "run")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert resume(tmp_path / "run", total_steps=600).steps == 600
        assert evaluate(tmp_path / "run", episodes=3, seed=0).mean_return == 10
    assert Run.open(tmp_path / "run").environment.additional_wrappers[-1].name == "FilterObservation"


def test_such_a_run_verifies(told, tmp_path):
    with pytest.warns(TrainingWarning, match=WORDS):
        train("q_learning", told, total_steps=300, seed=0, run_dir=tmp_path / "run")
    assert verify(Run.open(tmp_path / "run")).difference == ""


def test_a_text_alone_is_refused():
    env = Told()
    env.observation_space = spaces.Text(5)
    with pytest.raises(SpaceError, match="takes observations of"):
        train("q_learning", env, total_steps=50)


class Listening(gymnasium.Wrapper):
    """Keeps what no file can hold."""

    def __init__(self, env):
        super().__init__(env)
        self.friend = Told()


def test_what_cannot_be_continued_exactly_is_said_before_the_training(told, tmp_path):
    wrappers = [WrapperSpec("Listening", f"{__name__}:Listening", {})]
    with pytest.warns(TrainingWarning) as warned:
        train("q_learning", told, total_steps=20, seed=0, wrappers=wrappers, run_dir=tmp_path / "run")
    assert "cannot be continued exactly from its run, as its wrapper Listening keeps friend" in str(
        [each.message for each in warned]
    )
