"""Snake as an environment: its observations, rewards, hand-made changes, copies and saved states."""

import copy
import pickle

import gymnasium
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import csai_envs
from csai_core.errors import ConfigError, EpisodeOverError, SpaceError, UnknownNameError
from csai_envs import SnakeEnv
from csai_envs.snake.board import Action
from csai_envs.snake.fast_env import FastSnakeEnv

ATTRIBUTES = ["game_state", "moving_direction", "apple_pos", "snake_pos", "board", "senses", "sight"]
boards = st.tuples(st.integers(3, 7), st.integers(3, 7))
actions = st.lists(st.integers(0, 4), max_size=60)


@pytest.fixture(params=[SnakeEnv, FastSnakeEnv])
def kind(request):
    """The game to read, and the fast one."""
    return request.param


@pytest.fixture
def env(kind):
    """A snake on (1, 0) (1, 1) (1, 2), heading right, and an apple two cells ahead, on 6 x 4 cells."""
    env = kind(6, 4)
    env.reset(seed=0)
    env.snake_agent.body = [(1, 0), (1, 1), (1, 2)]
    env.game.heading = Action.RIGHT
    env.apple_position = (1, 4)
    return env


def test_the_id_observes_game_state_on_sixteen_by_sixteen():
    env = gymnasium.make("CSAI/Snake-v0")
    assert env.observation_space == env.unwrapped["game_state"].space
    assert env.observation_space.shape == (1, 16, 16)
    assert env.action_space == gymnasium.spaces.Discrete(5)
    assert env.spec.max_episode_steps == 5000


def test_alone_it_observes_everything():
    env = SnakeEnv(6, 4)
    observation, info = env.reset(seed=1)
    assert list(env.observation_space) == sorted(ATTRIBUTES) == sorted(observation)
    assert observation in env.observation_space
    assert info == {"score": 0}


def test_what_each_attribute_shows(env):
    seen = env.get_observation()
    np.testing.assert_allclose(
        seen["game_state"][0],
        [[0, 0, 0, 0, 0, 0], [0.2, 0.2, 0.4, 0, 0.6, 0], [0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0]],
    )
    for plane, cells in zip(seen["board"], [[(1, 2)], [(1, 0), (1, 1)], [(1, 4)]], strict=True):
        assert [tuple(cell) for cell in np.argwhere(plane)] == cells
    assert seen["moving_direction"] == Action.RIGHT
    assert seen["apple_pos"].tolist() == [1, 4]
    assert seen["snake_pos"].tolist() == [1, 2]
    # crashes to the left, the apple is to the right, the snake is heading right
    assert seen["senses"].tolist() == [1, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0]


@settings(max_examples=60)
@given(boards, actions, st.integers(0, 2**31), st.sampled_from(["classic", "sparse", "shaped"]))
def test_observations_lie_in_their_spaces_and_parts_sum_to_rewards(board, moves, seed, reward):
    env = SnakeEnv(*board, reward=reward)
    env.reset(seed=seed)
    for move in moves:
        seen, total, terminated, truncated, info = env.step(move)
        assert seen in env.observation_space
        assert total == pytest.approx(sum(info["reward_parts"].values()))
        assert info["score"] == len(env.game.body) - 3
        assert not truncated
        if terminated:
            env.reset()


def rewards_of(env, *moves):
    return [env.step(move)[1] for move in moves]


def test_classic_rewards(env):
    env.apple_position = (1, 3)
    assert rewards_of(env, Action.RIGHT) == pytest.approx([5.99])
    env.apple_position = (1, 5)
    assert rewards_of(env, Action.RIGHT, Action.RIGHT) == pytest.approx([0.01, 1.01])
    assert rewards_of(env, Action.RIGHT) == [-5.0]


def test_sparse_rewards(kind):
    env = hand_laid(kind, reward="sparse")
    assert rewards_of(env, Action.RIGHT, Action.RIGHT) == [0.0, 1.0]
    env.apple_position = (0, 0)
    assert rewards_of(env, Action.RIGHT, Action.RIGHT) == [0.0, -1.0]


def test_shaped_rewards(kind):
    env = hand_laid(kind, reward="shaped")
    assert rewards_of(env, Action.RIGHT, Action.UP) == pytest.approx([0.1, -0.1])
    assert rewards_of(env, Action.UP) == [-1.0]


def hand_laid(kind, **options):
    env = kind(6, 4, **options)
    env.reset(seed=0)
    env.snake_agent.body, env.game.heading, env.apple_position = [(1, 0), (1, 1), (1, 2)], 1, (1, 4)
    return env


def test_the_body_and_the_apple_are_live_and_writable(env):
    body = env.snake_agent.body
    assert list(body) == [(1, 0), (1, 1), (1, 2)]
    env.step(Action.DOWN)
    assert list(body) == [(1, 1), (1, 2), (2, 2)]
    body.append((3, 2))
    body[0] = (0, 2)
    del body[1]
    assert list(body) == [(0, 2), (2, 2), (3, 2)] == body[:]
    assert env.get_observation("snake_pos").tolist() == [3, 2]
    env.apple_position = (0, 0)
    assert env.render_text().splitlines()[:4] == ["* . o . . .", ". . . . . .", ". . o . . .", ". . @ . . ."]
    assert env.apple_position == (0, 0)


def test_changes_by_hand_reach_the_view(kind):
    env = hand_laid(kind, attributes="board")
    assert np.argwhere(env.get_observation()).tolist() == [[0, 1, 2], [1, 1, 0], [1, 1, 1], [2, 1, 4]]


@pytest.mark.parametrize("position", [(4, 0), (0, 6), (-1, 0)])
def test_positions_off_the_board_are_refused(env, position):
    for change in (
        lambda: setattr(env, "apple_position", position),
        lambda: env.snake_agent.body.append(position),
    ):
        with pytest.raises(SpaceError, match="y must be from 0 to 3 and x from 0 to 5"):
            change()
    with pytest.raises(SpaceError, match="at least one cell"):
        env.snake_agent.body = []


@pytest.mark.parametrize("action", [5, -1, 1.0, "left", None, [5], [0, 1]])
def test_actions_outside_the_space_are_refused_and_nothing_moves(env, action):
    before = env.state_dict()
    with pytest.raises(SpaceError, match=r"'actions' of .*SnakeEnv must be an integer from 0 to 4"):
        env.step(action)
    assert env.state_dict() == before


@pytest.mark.parametrize("action", [2, np.int64(2), np.uint8(2), np.array(2), np.array([2]), Action.UP])
def test_whole_numbers_of_every_kind_are_actions(env, action):
    env.step(action)
    assert env.game.heading == Action.UP
    assert env["actions"].data == 2


def test_stepping_before_a_reset_and_after_the_end_is_refused(kind, env):
    with pytest.raises(EpisodeOverError):
        kind(6, 4).step(0)
    while not env.step(Action.UP)[2]:
        pass
    with pytest.raises(EpisodeOverError, match="SnakeEnv"):
        env.step(0)


def test_wrong_options_are_refused_with_what_would_work():
    with pytest.raises(UnknownNameError, match="Did you mean 'sparse'"):
        SnakeEnv(reward="spars")
    with pytest.raises(ConfigError, match="from 2 to 256"):
        gymnasium.make("CSAI/Snake-v0", width=1)


def test_the_same_seed_gives_the_same_games_and_another_one_others():
    def games(seed):
        env = SnakeEnv(8, 8, attributes="board")
        seen = [env.reset(seed=seed)[0]]
        return np.array(seen + [env.reset()[0] for _ in range(5)])

    np.testing.assert_array_equal(games(3), games(3))
    assert len(np.unique(games(3), axis=0)) == 6
    assert (games(3) != games(4)).any()


@pytest.mark.parametrize("through", [copy.deepcopy, lambda env: pickle.loads(pickle.dumps(env)), None])
@pytest.mark.parametrize("view", ["game_state", "board", "senses", None])
def test_copies_and_saved_states_go_on_alike(kind, through, view):
    env = kind(6, 5, attributes=view)
    env.reset(seed=9)
    env.step(Action.UP)
    if through is None:
        twin = kind(6, 5, attributes=view)
        twin.load_state_dict(env.state_dict())
    else:
        twin = through(env)
    for step in range(300):
        mine, other = env.step(step * 7 % 5), twin.step(step * 7 % 5)
        np.testing.assert_equal(mine, other)
        if mine[2]:
            np.testing.assert_equal(env.reset(), twin.reset())
    assert twin.snake_agent.body == list(env.snake_agent.body)


def test_a_subclass_may_judge_by_itself(kind):
    class Lazy(kind):
        def get_current_reward(self, action, current_state):
            return float(action == Action.NOACTION), False

    env = Lazy(6, 4, attributes="board")
    env.reset(seed=0)
    _observation, reward, terminated, _, info = env.step(Action.NOACTION)
    assert (reward, terminated) == (1.0, False)
    assert info == {"score": env.game.score}  # the preset's parts would not add up to this reward


def test_the_agent_lists_its_actions():
    env = SnakeEnv()
    assert env.snake_agent.get_actions() == [0, 1, 2, 3, 4] == list(Action)
    assert env.snake_agent.get_next_action(None) == Action.NOACTION
    assert csai_envs.SnakeEnv is SnakeEnv
