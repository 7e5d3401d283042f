"""CartPole: the trajectories of Gymnasium's CartPole-v1."""

import gymnasium
import numpy as np
import pytest

from csai_core import DiscreteType, ObsAttribute
from csai_core.errors import SpaceError
from csai_envs import CartPoleEnv


@pytest.mark.parametrize("seed", range(5))
def test_trajectories_are_those_of_cartpole_v1(seed):
    mine, theirs = gymnasium.make("CSAI/CartPole-v0"), gymnasium.make("CartPole-v1")
    assert mine.observation_space.shape == theirs.observation_space.shape
    assert mine.action_space == theirs.action_space
    rng = np.random.default_rng(seed)
    first, second = mine.reset(seed=seed)[0], theirs.reset(seed=seed)[0]
    for _ in range(500):
        np.testing.assert_array_equal(first, second)
        action = int(rng.integers(2))
        first, *my_outcome, _ = mine.step(action)
        second, *their_outcome, _ = theirs.step(action)
        assert my_outcome == their_outcome
        if any(my_outcome[1:]):
            np.testing.assert_array_equal(first, second)
            first, second = mine.reset()[0], theirs.reset()[0]


class WatchedCartPole(CartPoleEnv):
    """Judges by itself, so that every step is a step of Shell."""

    def get_current_reward(self, action, current_state):
        return super().get_current_reward(action, current_state)


@pytest.mark.parametrize("kind", [int, np.int64])
def test_the_shortcut_is_the_step_of_shell(kind):
    fast, plain = CartPoleEnv(), WatchedCartPole()
    np.testing.assert_equal(fast.reset(seed=3), plain.reset(seed=3))
    for action in np.random.default_rng(3).integers(2, size=300).tolist():
        np.testing.assert_equal(fast.step(kind(action)), plain.step(kind(action)))
        assert fast["actions"].data == plain["actions"].data == action
        assert fast.is_episode_over == plain.is_episode_over
        assert fast.state_dict()["variables"].keys() == plain.state_dict()["variables"].keys()
        if fast.is_episode_over:
            np.testing.assert_equal(fast.reset(), plain.reset())


def test_a_longer_d_t_moves_further():
    env = CartPoleEnv()
    env.reset(seed=0)
    env.state = (0.0, 1.0, 0.0, 0.0)
    assert env.step(1, 0.1)[0][0] == pytest.approx(0.1)


@pytest.mark.parametrize("action", [2, -1, True, 1.0, "left", None, [0, 1]])
def test_wrong_actions_are_refused(action):
    env = CartPoleEnv()
    env.reset(seed=0)
    with pytest.raises(SpaceError, match="'actions' of CartPoleEnv must be an integer from 0 to 1"):
        env.step(action)


def test_pictures_and_text_show_the_cart():
    env = CartPoleEnv(render_mode="rgb_array")
    env.reset(seed=0)
    env.state = (-2.4, 0.0, 0.1, 0.0)
    left = env.render()
    env.state = (2.4, 0.0, 0.1, 0.0)
    assert left.shape == (400, 600, 3)
    assert (left != env.render()).any()
    assert env.render_text().splitlines()[1].endswith("#")


def test_what_a_subclass_adds_is_observed_too():
    class Windy(CartPoleEnv):
        def __init__(self, **settings):
            super().__init__(**settings)
            self.register_attribute(ObsAttribute("wind", DiscreteType(3), lambda: 2))

    env = Windy()
    observation, _ = env.reset(seed=0)
    assert list(observation) == ["state", "wind"]
    assert env.observation_space.contains(observation)
    assert env.observation_space.contains(env.step(1)[0])
