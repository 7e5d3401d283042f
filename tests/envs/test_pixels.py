"""The view "pixels", of every game: its picture, in any size, alone and in batches."""

import gymnasium
import numpy as np
import pytest

import csai_envs  # registers
from csai_core.errors import ConfigError, UnknownNameError
from csai_core.games import BLUE, DARK_CELL, DEEP_BLUE, ORANGE
from csai_core.testing.compare import difference
from csai_envs.hooks import ENVIRONMENTS

IDS = [spec.id for spec in ENVIRONMENTS]
BATCHED = [spec.id for spec in ENVIRONMENTS if spec.vector_entry_point]


@pytest.mark.parametrize("environment_id", IDS)
@pytest.mark.parametrize("shape", [(3, 84, 84), (1, 33, 47), [3, 20, 20]])
def test_every_game_shows_its_picture_and_plays_on_as_it_did(environment_id, shape):
    env = gymnasium.make(environment_id, attributes="pixels", pixel_shape=shape)
    usual = gymnasium.make(environment_id)
    usual.action_space.seed(1)
    assert env.observation_space == gymnasium.spaces.Box(0, 255, tuple(shape), np.uint8)
    seen = [env.reset(seed=5)[0]]
    usual.reset(seed=5)
    for _ in range(30):
        action = usual.action_space.sample()
        observation, *rest = env.step(action)
        assert observation in env.observation_space
        assert not difference(rest, list(usual.step(action)[1:]), "step")
        seen.append(observation)
        if rest[1] or rest[2]:
            break
    assert len({each.tobytes() for each in seen}) > 1  # what happens is seen
    assert len(np.unique(seen[0])) > 1


@pytest.mark.parametrize("environment_id", BATCHED)
@pytest.mark.parametrize("mode", ["NextStep", "SameStep"])
def test_a_batch_shows_the_same_pixels_as_single_games(environment_id, mode):
    options = {"attributes": "pixels", "pixel_shape": (3, 32, 24), "max_episode_steps": 12}
    batch = gymnasium.make_vec(
        environment_id, 9, vectorization_mode="vector_entry_point", autoreset_mode=mode, **options
    )
    singles = gymnasium.vector.SyncVectorEnv(
        [lambda: gymnasium.make(environment_id, **options)] * 9, autoreset_mode=mode
    )
    batch.action_space.seed(3)
    seen = [(batch.reset(seed=2)[0], singles.reset(seed=2)[0])]
    for _ in range(30):
        actions = batch.action_space.sample()
        steps = batch.step(actions), singles.step(actions)
        seen.append((steps[0][0], steps[1][0]))
        finals = [step[4].get("final_obs") for step in steps]
        if finals[0] is not None:
            assert all(np.array_equal(*pair) for pair in zip(*finals, strict=True))
    for ours, theirs in seen:
        assert ours.dtype == np.uint8
        np.testing.assert_array_equal(ours, theirs)


def test_cells_are_squares_of_one_color_in_the_middle():
    env = gymnasium.make("CSAI/Catch-v0", width=3, height=4, attributes="pixels", pixel_shape=(3, 8, 8))
    picture, _ = env.reset(seed=0)
    game = env.unwrapped.game
    colors = np.full((4, 3, 3), DARK_CELL, np.uint8)
    colors[0, game.ball_x] = ORANGE
    colors[3, 1] = BLUE
    board = np.repeat(np.repeat(colors, 2, 0), 2, 1)  # 8 x 6 pixels: one column is left over on each side
    np.testing.assert_array_equal(picture[:, :, 1:7], np.moveaxis(board, -1, 0))
    assert len(np.unique(picture[:, :, [0, 7]].reshape(3, -1), axis=1).T) == 1


def test_gray_is_as_bright_as_the_color_looks():
    env = gymnasium.make("CSAI/SimpleGrid-v0", attributes="pixels", pixel_shape=(1, 5, 5))
    picture, _ = env.reset(seed=0)
    luma = [round(0.299 * r + 0.587 * g + 0.114 * b) for r, g, b in (DEEP_BLUE, DARK_CELL, ORANGE)]
    assert [picture[0, 0, 0], picture[0, 0, 1], picture[0, 4, 4]] == luma


def test_all_attributes_are_those_that_the_game_registers():
    env = gymnasium.make("CSAI/Snake-v0", attributes=None).unwrapped
    assert "pixels" not in env.observation_space.spaces
    env.reset(seed=0)
    assert env.get_observation("pixels").shape == (3, 84, 84)  # there to be asked for
    both = gymnasium.make("CSAI/Snake-v0", attributes=("senses", "pixels"))
    assert list(both.reset(seed=0)[0]) == ["senses", "pixels"]


@pytest.mark.parametrize("shape", [(2, 8, 8), (3, 8), (3, 0, 8), (3, 8, 1025), "large", 84])
def test_shapes_that_are_none_are_refused(shape):
    with pytest.raises(ConfigError, match="pixel_shape"):
        csai_envs.CatchEnv(pixel_shape=shape)


def test_a_picture_with_fewer_pixels_than_cells_says_how_many_are_needed():
    env = csai_envs.SnakeEnv(16, 12, attributes="pixels", pixel_shape=(3, 12, 15))
    with pytest.raises(ConfigError, match=r"at least \(3, 12, 16\)"):
        env.reset(seed=0)


def test_a_wrong_name_is_led_to_pixels():
    with pytest.raises(UnknownNameError, match="pixels"):
        gymnasium.make("CSAI/Catch-v0", attributes="pixel").observation_space  # noqa: B018
