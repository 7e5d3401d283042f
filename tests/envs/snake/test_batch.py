"""The batched games are the single ones: every array equal, step by step, across starts anew."""

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from hypothesis import given, settings
from hypothesis import strategies as st

from csai_core.errors import ConfigError, EpisodeOverError, SpaceError, UnknownNameError
from csai_envs import SnakeEnv
from csai_envs.snake.batch import SnakeVectorEnv

ATTRIBUTES = ["game_state", "moving_direction", "apple_pos", "snake_pos", "board", "senses"]
views = st.one_of(st.none(), st.sampled_from(ATTRIBUTES), st.just(("senses", "board")))


@st.composite
def options(draw):
    width, height = draw(st.integers(2, 7)), draw(st.integers(2, 7))
    return {
        "width": width,
        "height": height,
        "start_length": draw(st.integers(1, max(width, height))),
        "reward": draw(st.sampled_from(["classic", "sparse", "shaped"])),
        "attributes": draw(views),
    }


@settings(max_examples=80, deadline=None)
@given(
    options(),
    st.integers(1, 5),
    st.integers(0, 2**31),
    st.sampled_from(list(AutoresetMode)),
    st.sampled_from([3, 20, None]),
    st.booleans(),
)
def test_batched_games_equal_single_ones(options, num_envs, seed, mode, max_steps, copy):
    batched = SnakeVectorEnv(
        num_envs,
        **options,
        reward_parts=True,
        max_episode_steps=max_steps,
        autoreset_mode=mode,
        copy=copy,
    )

    def make():
        env = SnakeEnv(**options)
        return env if max_steps is None else gymnasium.wrappers.TimeLimit(env, max_steps)

    singles = SyncVectorEnv([make] * num_envs, autoreset_mode=mode)
    assert batched.observation_space == singles.observation_space
    assert batched.action_space == singles.action_space
    rng = np.random.default_rng(seed)
    compare(batched.reset(seed=seed), singles.reset(seed=seed))
    for _ in range(40):
        actions = rng.integers(5, size=num_envs)
        mine, others = batched.step(actions), singles.step(actions)
        compare(mine, others)
        assert mine[0] in batched.observation_space
        over = mine[2] | mine[3]
        if mode == AutoresetMode.DISABLED and over.any():
            masks = [{"reset_mask": over.copy()} for _ in range(2)]
            compare(batched.reset(options=masks[0]), singles.reset(options=masks[1]), over)


def compare(mine, others, started=None):
    """Everything equal; in infos, wherever the single environments said something."""
    for my_part, their_part in zip(mine[:-1], others[:-1], strict=True):
        np.testing.assert_equal(my_part, their_part)
    compare_infos(mine[-1], others[-1])


def compare_infos(mine, others):
    assert mine.keys() == others.keys()
    for key, theirs in others.items():
        if isinstance(theirs, dict):
            compare_infos(mine[key], theirs)
        elif key.startswith("_"):
            np.testing.assert_array_equal(mine[key], theirs)
        elif key == "final_obs":
            for my_row, their_row in zip(mine[key], theirs, strict=True):
                np.testing.assert_equal(my_row, their_row)
        else:
            told = others[f"_{key}"]
            np.testing.assert_array_equal(mine[key][told], theirs[told])


def test_full_boards_are_won_and_start_anew():
    envs = SnakeVectorEnv(64, 2, 2, start_length=2, autoreset_mode="SameStep")
    envs.reset(seed=0)
    rng = np.random.default_rng(0)
    wins = 0
    for _ in range(200):
        _, rewards, terminated, _, infos = envs.step(rng.integers(4, size=64))
        if terminated.any():
            won = infos["final_info"]["score"] == 2
            wins += won.sum()
            assert (rewards[won] > 0).all()
    assert wins > 50


def test_through_make_vec():
    envs = gymnasium.make_vec("CSAI/Snake-v0", num_envs=3, vectorization_mode="vector_entry_point")
    assert isinstance(envs, SnakeVectorEnv)
    assert (envs.view, envs.max_episode_steps) == ("game_state", 5000)
    assert envs.metadata["autoreset_mode"] == AutoresetMode.NEXT_STEP


def test_copies_last_and_live_boards_change():
    for copy in (True, False):
        envs = SnakeVectorEnv(4, copy=copy)
        first, _ = envs.reset(seed=1)
        kept = first.copy()
        second, *_ = envs.step(np.full(4, 2))
        assert np.shares_memory(first, second) is not copy
        assert (first == kept).all() == copy


def test_seeds_can_be_given_one_by_one():
    envs = SnakeVectorEnv(3)
    first, _ = envs.reset(seed=[5, None, 7])
    expected, _ = SnakeVectorEnv(3).reset(seed=5)
    np.testing.assert_array_equal(first[[0, 2]], expected[[0, 2]])
    with pytest.raises(ConfigError, match="2 seeds for 3 games"):
        envs.reset(seed=[1, 2])


def test_only_masked_games_are_reset():
    envs = SnakeVectorEnv(3, autoreset_mode="Disabled")
    before, _ = envs.reset(seed=0)
    mask = np.array([False, True, False])
    after, infos = envs.reset(seed=100, options={"reset_mask": mask})
    np.testing.assert_array_equal(after[[0, 2]], before[[0, 2]])
    np.testing.assert_array_equal(after[1], SnakeVectorEnv(3).reset(seed=100)[0][1])
    assert infos["_score"].tolist() == mask.tolist()
    for wrong in (np.array([1, 0, 0]), np.zeros(2, bool), np.zeros(3, bool), [True, True, True]):
        with pytest.raises(ConfigError, match="reset_mask"):
            envs.reset(options={"reset_mask": wrong})


def test_games_that_are_over_are_not_stepped_when_autoreset_is_disabled():
    envs = SnakeVectorEnv(2, max_episode_steps=1, autoreset_mode="Disabled")
    with pytest.raises(EpisodeOverError, match="reset"):
        envs.step(np.zeros(2, int))
    envs.reset(seed=0)
    envs.step(np.zeros(2, int))
    with pytest.raises(EpisodeOverError, match="reset_mask"):
        envs.step(np.zeros(2, int))


@pytest.mark.parametrize("actions", [[0, 5], [-1, 0], [0], [0.0, 1.0], 3])
def test_wrong_actions_are_refused(actions):
    envs = SnakeVectorEnv(2)
    envs.reset(seed=0)
    with pytest.raises(SpaceError, match="takes 2 whole numbers from 0 to 4"):
        envs.step(actions)


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        ({"num_envs": 0}, ConfigError, "num_envs=0; it must be at least 1"),
        ({"max_episode_steps": 0}, ConfigError, "max_episode_steps=0"),
        ({"width": 1}, ConfigError, "from 2 to 256"),
        ({"reward": "classical"}, UnknownNameError, "Did you mean 'classic'"),
        ({"attributes": "boards"}, UnknownNameError, "Did you mean 'board'"),
    ],
)
def test_wrong_options_are_refused(wrong, error, message):
    with pytest.raises(error, match=message):
        SnakeVectorEnv(**wrong)
