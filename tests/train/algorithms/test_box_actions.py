"""Actions in Boxes of any size: explored and learned at their scale, in what is kept as well."""

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

from csai_core.options import build
from csai_core.plugins import installed
from csai_neural import ActorCritic
from csai_neural.errors import ShapeError
from csai_train import Run, resume, train

QUICK = {"gamma": 0.0, "num_envs": 4, "entropy_coef": 0.0, "hidden_sizes": (16,)}
SETTINGS = {
    "ppo": {**QUICK, "num_steps": 32, "learning_rate": 1e-2},
    "a2c": {**QUICK, "num_envs": 16, "num_steps": 4, "learning_rate": 3e-2},
    "reinforce": {**QUICK, "learning_rate": 2e-2},
}
STEPS = {"ppo": 3_000, "a2c": 10_000, "reinforce": 3_000}
PERCENT = spaces.Box(0, 100, (1,))


class Bandit(gymnasium.Env):
    """Episodes of one step, which pay most for the best number: -((number - best) / half of the range)^2."""

    observation_space = spaces.Discrete(1)

    def __init__(self, space=PERCENT, best=70.0):
        self.action_space, self.best = space, best

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return 0, {}

    def step(self, action):
        return 0, self.pay(self.action_space, action, self.best), True, False, {}

    def pay(self, space, action, best):
        if isinstance(space, spaces.Dict):
            return sum(self.pay(part, action[name], best[name]) for name, part in space.spaces.items())
        assert space.contains(action)
        return -(float(np.square((action - best) / (space.high - space.low) * 2).sum()))


def greedy(training_or_run):
    return training_or_run.agent().get_next_action(0)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("algorithm", SETTINGS)
def test_the_best_of_a_hundred_is_found(algorithm, seed):
    envs = [Bandit() for _ in range(SETTINGS[algorithm]["num_envs"])]
    training = train(algorithm, envs, total_steps=STEPS[algorithm], seed=seed, config=SETTINGS[algorithm])
    assert greedy(training) == pytest.approx(70, abs=4)


GAUSSIANS = [
    {"log_std_init": -1.0},
    {"squash": True},
    {"state_dependent_std": True},
    {"squash": True, "state_dependent_std": True, "log_std_init": -0.5},
]


@pytest.mark.parametrize("gaussian", GAUSSIANS, ids=str)
def test_the_best_is_found_however_numbers_are_drawn(gaussian):
    envs = [Bandit() for _ in range(4)]
    rate = 3e-3 if "state_dependent_std" in gaussian else 1e-2  # at which such deviations swing
    training = train(
        "ppo", envs, total_steps=3_000, seed=0, config={**SETTINGS["ppo"], "learning_rate": rate, **gaussian}
    )
    assert greedy(training) == pytest.approx(70, abs=4)


@pytest.mark.parametrize("gaussian", GAUSSIANS, ids=str)
def test_numpy_computes_all_of_them(gaussian):
    config = {"num_envs": 2, "num_steps": 32, "hidden_sizes": (8,), **gaussian}
    training = train("ppo", "Pendulum-v1", total_steps=64, seed=0, config=config, preset=None)
    assert training.algorithm.describe()["backend"] == "numpy"


@pytest.mark.parametrize("gaussian", GAUSSIANS, ids=str)
def test_deviations_begin_where_they_are_said_to(gaussian):
    entry = installed().find("algorithms", "ppo")
    config = build(entry.load_config(), {**SETTINGS["ppo"], "num_envs": 2_000, **gaussian})
    learner = entry.load()(spaces.Discrete(1), PERCENT, config, total_steps=1_000, seed=0)
    decision = learner.act(np.zeros(2_000, np.int64), explore=True)
    drawn = decision.memo[1]
    assert drawn.std() == pytest.approx(np.exp(gaussian.get("log_std_init", 0.0)), rel=0.1)
    expected = np.tanh(drawn) if gaussian.get("squash") else drawn
    np.testing.assert_allclose(decision.action, (50 + 50 * expected).clip(0, 100), atol=1e-4)


@pytest.mark.parametrize("gaussian", GAUSSIANS[1:], ids=str)
def test_how_numbers_are_drawn_is_kept(bandit, tmp_path, gaussian):
    config = {**SETTINGS["ppo"], **gaussian}
    first = train("ppo", bandit, total_steps=256, seed=0, config=config, run_dir=tmp_path / "run")
    assert greedy(Run.open(tmp_path / "run")) == greedy(first)
    first.algorithm.net.save(tmp_path / "net.safetensors")
    again = ActorCritic.load(tmp_path / "net.safetensors")
    assert again.gaussian == first.algorithm.net.gaussian
    begun = train("ppo", bandit, total_steps=128, seed=0, start_from=tmp_path / "run")
    assert begun.algorithm.net.gaussian == again.gaussian


def test_each_box_of_a_dict_has_its_own_scale():
    space = spaces.Dict(far=spaces.Box(-500, 0, (1,)), near=spaces.Box(0, 0.01, (1,), np.float64))
    envs = [Bandit(space, {"far": -100.0, "near": 0.002}) for _ in range(4)]
    found = greedy(train("ppo", envs, total_steps=4_000, seed=0, config=SETTINGS["ppo"]))
    assert found["far"] == pytest.approx(-100, abs=25)
    assert found["near"] == pytest.approx(0.002, abs=0.0005)


@pytest.mark.parametrize("algorithm", SETTINGS)
def test_what_is_done_is_what_was_drawn_at_the_scale_of_the_bounds(algorithm):
    entry = installed().find("algorithms", algorithm)
    config = build(entry.load_config(), {**SETTINGS[algorithm], "num_envs": 2_000})
    learner = entry.load()(spaces.Discrete(1), PERCENT, config, total_steps=1_000, seed=0)
    decision = learner.act(np.zeros(2_000, np.int64), explore=True)
    drawn = decision.memo[1]
    assert drawn.mean() == pytest.approx(0, abs=0.1)
    assert drawn.std() == pytest.approx(1, abs=0.1)
    np.testing.assert_allclose(decision.action, (50 + 50 * drawn).clip(0, 100), atol=1e-4)


@pytest.fixture
def bandit():
    """One that runs can name."""
    gymnasium.register("Testing/Percent-v0", entry_point=Bandit)
    yield "Testing/Percent-v0"
    del gymnasium.registry["Testing/Percent-v0"]


def test_runs_go_on_and_others_begin_at_the_same_scale(bandit, tmp_path):
    first = train(
        "ppo", bandit, total_steps=1_024, seed=0, config=SETTINGS["ppo"], run_dir=tmp_path / "first"
    )
    expected = greedy(first)
    assert 40 < expected < 100
    assert greedy(Run.open(tmp_path / "first")) == expected
    still = {"num_envs": 4, "num_steps": 16, "learning_rate": 1e-9}
    other = train("a2c", bandit, total_steps=64, seed=0, start_from=tmp_path / "first", config=still)
    assert greedy(other) == pytest.approx(expected, rel=1e-4)
    assert greedy(resume(tmp_path / "first", total_steps=2_048)) == pytest.approx(70, abs=4)


def test_a_network_of_another_scale_is_refused():
    net = ActorCritic(spaces.Discrete(1), spaces.Box(-1, 1, (1,)), net_arch=[4])
    with pytest.raises(ShapeError, match="was made for actions of Box"):
        train("ppo", Bandit(), total_steps=2_048, config={"num_envs": 1}, network=net)
