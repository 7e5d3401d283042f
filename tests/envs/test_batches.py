"""Every batched game is its single one: every array equal, step by step, across resets."""

import copy

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from hypothesis import given, settings
from hypothesis import strategies as st

from csai_core.errors import ConfigError, EpisodeOverError, SpaceError
from csai_envs.hooks import ENVIRONMENTS

BATCHED = [spec.id for spec in ENVIRONMENTS if spec.vector_entry_point]
sizes = st.integers(2, 7)
pixel_shapes = st.tuples(st.sampled_from([1, 3]), st.integers(7, 20), st.integers(7, 20))


@st.composite
def snakes(draw):
    width, height = draw(sizes), draw(sizes)
    names = ["game_state", "moving_direction", "apple_pos", "snake_pos", "board", "senses", "sight", "pixels"]
    views = st.one_of(st.none(), st.sampled_from(names), st.just(("sight", "board")))
    return {
        "width": width,
        "height": height,
        "start_length": draw(st.integers(1, max(width, height))),
        "reward": draw(st.sampled_from(["classic", "sparse", "shaped"])),
        "steering": draw(st.sampled_from(["board", "snake"])),
        "attributes": draw(views),
        "pixel_shape": draw(pixel_shapes),
    }


def some_of(*names):
    """A view: one name, several, or all."""
    return st.one_of(st.none(), st.sampled_from(names), st.just(names[:2]))


OPTIONS = {
    "CSAI/Catch-v0": st.fixed_dictionaries(
        {
            "width": sizes,
            "height": sizes,
            "attributes": some_of("board", "positions", "cell", "pixels"),
            "pixel_shape": pixel_shapes,
        }
    ),
    "CSAI/Snake-v0": snakes(),
    "CSAI/SimpleGrid-v0": st.fixed_dictionaries(
        {
            "grid_size": sizes,
            "attributes": some_of("agent_pos", "cell", "pixels"),
            "pixel_shape": pixel_shapes,
        }
    ),
    "CSAI/FrozenLake-v0": st.fixed_dictionaries(
        {
            "lake": st.sampled_from([("SFFF", "FHFF", "FFHF", "FFFG"), ("HGH", "FSF"), ("SFG",)]),
            "is_slippery": st.booleans(),
            "attributes": some_of("cell", "pixels", "game_state"),
            "pixel_shape": pixel_shapes,
        }
    ),
    "CSAI/CartPole-v0": st.fixed_dictionaries(
        {
            "attributes": st.sampled_from([None, "state", ("state",), "pixels", ("pixels", "state")]),
            "pixel_shape": pixel_shapes,
        }
    ),
}


@pytest.mark.parametrize("environment_id", BATCHED)
@settings(max_examples=50)
@given(data=st.data())
def test_batched_games_equal_single_ones(environment_id, data):
    options = data.draw(OPTIONS[environment_id])
    num_envs, seed = data.draw(st.sampled_from([1, 2, 5, 20])), data.draw(st.integers(0, 2**31))
    mode = data.draw(st.sampled_from(list(AutoresetMode)))
    options["max_episode_steps"] = data.draw(st.sampled_from([3, 20, 1000]))
    batched = gymnasium.make_vec(
        environment_id,
        num_envs,
        vectorization_mode="vector_entry_point",
        reward_parts=True,
        autoreset_mode=mode,
        copy=data.draw(st.booleans()),
        **options,
    )
    singles = SyncVectorEnv(
        [lambda: gymnasium.make(environment_id, **options)] * num_envs, autoreset_mode=mode
    )
    assert batched.observation_space == singles.observation_space
    assert batched.action_space == singles.action_space
    batched.action_space.seed(seed)
    compare(batched.reset(seed=seed), singles.reset(seed=seed))
    for _ in range(300 // num_envs if num_envs > 5 else 40):
        actions = batched.action_space.sample()
        mine, others = batched.step(actions), singles.step(actions)
        compare(mine, others)
        assert mine[0] in batched.observation_space
        over = mine[2] | mine[3]
        if mode == AutoresetMode.DISABLED and over.any():
            masks = [{"reset_mask": over.copy()} for _ in range(2)]
            compare(batched.reset(options=masks[0]), singles.reset(options=masks[1]))


def compare(mine, others):
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


@pytest.fixture(params=BATCHED)
def make(request):
    """A function that makes three batched games."""

    def make_three(**options):
        return gymnasium.make_vec(request.param, 3, vectorization_mode="vector_entry_point", **options)

    return make_three


def test_seeds_can_be_given_one_by_one(make):
    envs, others = make(), make()
    first, _ = envs.reset(seed=[5, None, 7])
    expected, _ = others.reset(seed=5)
    np.testing.assert_array_equal(first[[0, 2]], expected[[0, 2]])
    with pytest.raises(ConfigError, match="2 seeds for 3 games"):
        envs.reset(seed=[1, 2])


def test_seeds_are_whole_numbers_of_python_or_numpy(make):
    expected, _ = make().reset(seed=5)
    for seed in (np.int64(5), np.array([5, 6, 7])):
        np.testing.assert_array_equal(make().reset(seed=seed)[0], expected)
    for seed in (-1, 1.5, "a", True, [1, 2, -3], (1, "b", 3), {1, 2, 3}):
        with pytest.raises(ConfigError, match=r"reset was given seed=.*; it must be an integer of 0 or more"):
            make().reset(seed=seed)


def test_only_masked_games_are_reset(make):
    envs, others = make(autoreset_mode="Disabled"), make()
    before, _ = envs.reset(seed=0)
    mask = np.array([False, True, False])
    after, infos = envs.reset(seed=100, options={"reset_mask": mask})
    np.testing.assert_array_equal(after[[0, 2]], before[[0, 2]])
    np.testing.assert_array_equal(after[1], others.reset(seed=100)[0][1])
    assert infos["_score"].tolist() == mask.tolist()
    for wrong in (np.array([1, 0, 0]), np.zeros(2, bool), np.zeros(3, bool), [True, True, True]):
        with pytest.raises(ConfigError, match="reset_mask"):
            envs.reset(options={"reset_mask": wrong})


def test_games_that_are_over_are_not_stepped_when_autoreset_is_disabled(make):
    envs = make(max_episode_steps=1, autoreset_mode="Disabled")
    with pytest.raises(EpisodeOverError, match="reset"):
        envs.step(np.zeros(3, int))
    envs.reset(seed=0)
    envs.step(np.zeros(3, int))
    with pytest.raises(EpisodeOverError, match="reset_mask"):
        envs.step(np.zeros(3, int))


@pytest.mark.parametrize("actions", [[0, 1, 99], [-1, 0, 0], [0], [0.0, 1.0, 0.0], 3])
def test_wrong_actions_are_refused(make, actions):
    envs = make()
    envs.reset(seed=0)
    with pytest.raises(SpaceError, match="takes 3 integers from 0 to"):
        envs.step(actions)


@pytest.mark.parametrize("options", [{}, {"copy": False}, {"attributes": None}])
def test_saved_games_go_on_exactly(make, options):
    envs, others = (make(autoreset_mode="SameStep", max_episode_steps=20, **options) for _ in range(2))
    envs.reset(seed=3)
    envs.action_space.seed(3)
    actions = [envs.action_space.sample() for _ in range(150)]
    for action in actions[:50]:
        envs.step(action)
    saved = envs.state_dict()
    expected = [copy.deepcopy(envs.step(action)) for action in actions[50:]]
    others.load_state_dict(saved)
    for action, theirs in zip(actions[50:], expected, strict=True):
        compare(others.step(action), theirs)


def test_games_saved_before_their_first_reset_start_by_the_seed(make):
    envs, others = make(), make()
    others.load_state_dict(envs.state_dict())
    np.testing.assert_array_equal(others.reset(seed=1)[0], envs.reset(seed=1)[0])


@pytest.mark.parametrize("mode", list(AutoresetMode))
@pytest.mark.parametrize("environment_id", BATCHED)
def test_pictures_equal_those_of_single_games(environment_id, mode):
    options = {"render_mode": "rgb_array", "resolution": (120, 90), "max_episode_steps": 12}
    envs = gymnasium.make_vec(
        environment_id, 3, vectorization_mode="vector_entry_point", autoreset_mode=mode, **options
    )
    singles = SyncVectorEnv([lambda: gymnasium.make(environment_id, **options)] * 3, autoreset_mode=mode)
    envs.reset(seed=1)
    singles.reset(seed=1)
    envs.action_space.seed(1)
    seen, ends = set(), 0

    def look():
        pictures = envs.render()
        np.testing.assert_array_equal(pictures, singles.render())
        assert all(picture.shape == (90, 120, 3) for picture in pictures)
        seen.update(picture.tobytes() for picture in pictures)

    for _ in range(40):
        look()
        actions = envs.action_space.sample()
        _, _, terminated, truncated, _ = envs.step(actions)
        singles.step(actions)
        over = terminated | truncated
        ends += over.sum()
        if mode == AutoresetMode.DISABLED and over.any():
            look()  # the pictures that games end with, before they start again
            envs.reset(options={"reset_mask": over.copy()})
            singles.reset(options={"reset_mask": over.copy()})
    assert ends > 3
    assert len(seen) > 3


def test_pictures_are_drawn_only_where_they_are_asked_for(make):
    envs = make()
    envs.reset(seed=0)
    assert envs.render() is None
    assert envs.metadata["render_modes"] == ["rgb_array"]
    assert envs.metadata["render_fps"] > 0
    with pytest.raises(ConfigError, match=r"render_mode='human'; it can do \[None, 'rgb_array'\]"):
        make(render_mode="human")
