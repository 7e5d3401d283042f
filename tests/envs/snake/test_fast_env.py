"""The fast Snake is the Snake to read: the same steps, whatever its shortcuts leave out."""

import copy
import pickle

import gymnasium
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csai_core.errors import ConfigError, EpisodeOverError
from csai_envs import SnakeEnv
from csai_envs.snake.board import Action
from csai_envs.snake.fast_env import FastSnakeEnv

NAMES = ["game_state", "moving_direction", "apple_pos", "snake_pos", "board", "senses", "sight"]
boards = st.tuples(st.integers(2, 7), st.integers(2, 7))


@st.composite
def options(draw):
    width, height = draw(boards)
    return {
        "width": width,
        "height": height,
        "start_length": draw(st.integers(1, max(width, height))),
        "reward": draw(st.sampled_from(["classic", "sparse", "shaped"])),
        "steering": draw(st.sampled_from(["board", "snake"])),
        "attributes": draw(st.one_of(st.none(), st.sampled_from(NAMES), st.just(("sight", "board")))),
    }


def lay(env):
    """Change the game by hand: a snake along the upper side, and the apple in the last cell."""
    env.snake_agent.body = [(0, x) for x in range(min(3, env.game.width))]
    env.game.heading = Action.RIGHT
    env.apple_position = (env.game.height - 1, env.game.width - 1)


def save_and_load(env):
    """An environment in the same state, made by the class."""
    other = type(env)(**env.spec.kwargs)
    other.load_state_dict(env.state_dict())
    return other


TWISTS = {
    "nothing": lambda env: env,
    "numpy's action": lambda env: env,
    "another view": lambda env: env,
    "a change by hand": lambda env: lay(env) or env,
    "a new seed": lambda env: env.reset(seed=7) and env,
    "a saved state": save_and_load,
    "a deep copy": copy.deepcopy,
    "a pickle": lambda env: pickle.loads(pickle.dumps(env)),
}


@settings(max_examples=100)
@given(options(), st.integers(0, 2**31), st.lists(st.sampled_from(list(TWISTS)), max_size=8), st.data())
def test_both_are_the_same_game(made_with, seed, twists, data):
    plain, fast = SnakeEnv(**made_with), FastSnakeEnv(**made_with)
    assert fast.observation_space == plain.observation_space
    assert fast.action_space == plain.action_space
    np.testing.assert_equal(fast.reset(seed=seed), plain.reset(seed=seed))
    for twist in ["nothing", *twists]:
        plain, fast = TWISTS[twist](plain), TWISTS[twist](fast)
        view = "senses" if twist == "another view" else None
        actions = data.draw(st.lists(st.integers(0, plain.action_space.n - 1), max_size=12))
        for action in map(np.int64 if twist == "numpy's action" else int, actions):
            if plain.is_episode_over:
                np.testing.assert_equal(fast.reset(), plain.reset())
            np.testing.assert_equal(fast.step(action, None, view), plain.step(action, None, view))
            compare_states(fast, plain)


def compare_states(fast, plain):
    """Everything that can be seen of the two, and how they would go on."""
    assert fast.is_episode_over == plain.is_episode_over
    assert fast.has_stepped == plain.has_stepped
    assert fast.get_info() == plain.get_info()
    assert fast.get_current_reward(0, None) == plain.get_current_reward(0, None)
    assert fast.game.state_dict() == plain.game.state_dict()
    for name in (*NAMES, "actions"):
        np.testing.assert_equal(fast[name].data, plain[name].data)


@pytest.mark.parametrize("view", ["game_state", "senses"])
def test_both_are_the_same_in_long_games(view):
    plain, fast = (kind(8, 8, attributes=view) for kind in (SnakeEnv, FastSnakeEnv))
    plain.reset(seed=0)
    fast.reset(seed=0)
    rng = np.random.default_rng(0)
    scores = set()
    for _ in range(5000):
        # Toward the apple most of the time, so that snakes grow.
        apple, crashes = plain["senses"].data[4:8], plain["senses"].data[:4]
        good = np.flatnonzero(apple & ~crashes.astype(bool))
        action = int(good[0]) if good.size and rng.random() < 0.9 else int(rng.integers(5))
        mine, other = fast.step(action), plain.step(action)
        np.testing.assert_equal(mine, other)
        scores.add(mine[-1]["score"])
        if mine[2]:
            np.testing.assert_equal(fast.reset(), plain.reset())
    assert len(scores) > 10


@pytest.mark.parametrize("view", ["game_state", "board"])
def test_the_board_played_on_is_the_observation(view):
    env = FastSnakeEnv(6, 4, attributes=view)
    env.reset(seed=0)
    for _ in range(100):
        seen, _, terminated, _, _ = env.step(env.action_space.sample())
        np.testing.assert_array_equal(seen, env[view].data)
        if terminated:
            env.reset()


def test_without_copies_the_array_stays_the_same():
    env, copying = (FastSnakeEnv(6, 4, attributes="board", copy=copy) for copy in (False, True))
    seen, _ = env.reset(seed=0)
    kept, _ = copying.reset(seed=0)
    for action in (Action.UP, Action.LEFT, Action.DOWN):
        assert env.step(action)[0] is seen
        assert copying.step(action)[0] is not kept
        np.testing.assert_array_equal(seen, copying.get_observation())
    with pytest.raises(ConfigError, match="copy='no'; it must be True or False"):
        FastSnakeEnv(copy="no")


def test_the_id_makes_the_fast_one():
    env = gymnasium.make("CSAI/Snake-v0", copy=False)
    assert type(env.unwrapped) is FastSnakeEnv
    assert FastSnakeEnv.__doc__ is None  # so that help and `csai show` tell what SnakeEnv tells


@pytest.mark.parametrize("method", ["advance", "get_current_reward", "get_info", "start_episode"])
def test_what_a_subclass_writes_is_called(method):
    calls = []

    def write_down(self, *args):
        calls.append(args)
        return getattr(FastSnakeEnv, method)(self, *args)

    env = type("Own", (FastSnakeEnv,), {method: write_down})(6, 4, attributes="board")
    env.reset(seed=0)
    env.step(Action.NOACTION)
    env.step(Action.NOACTION)
    assert len(calls) == {"start_episode": 1, "get_info": 3}.get(method, 2)


def test_after_the_end_it_asks_for_a_reset():
    env = FastSnakeEnv(6, 4, attributes="board")
    env.reset(seed=0)
    while not env.step(Action.UP)[2]:
        pass
    with pytest.raises(EpisodeOverError, match="FastSnakeEnv"):
        env.step(0)
