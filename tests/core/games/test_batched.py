"""What batched games have in common; test_batches_page.py and tests/envs prove them equal to single ones."""

import gymnasium
import numpy as np
import pytest

from csai_core import BoxType, DiscreteType
from csai_core.errors import ConfigError, EpisodeOverError, SpaceError, UnknownNameError
from csai_core.games import ALL, BatchedEnv, any_of, selected_space

SPACES = {"cell": DiscreteType(9), "board": BoxType(0, 1, (3, 3), np.uint8)}


class CountEnv(BatchedEnv):
    """Counts to three; the action says by how much."""

    state_names = (*BatchedEnv.state_names, "count")

    def __init__(self, num_envs=1, **settings):
        super().__init__(num_envs, DiscreteType(6), DiscreteType(3), **settings)
        self.count = np.zeros(num_envs, np.int64)

    def start(self, games):
        self.count[games] = 0

    def move(self, actions):
        self.count += actions
        return actions * 1.0, self.count >= 3

    def observe(self, games):
        return self.count[games]

    def scores(self):
        return self.count.copy()


class DrawnCountEnv(CountEnv):
    """The same, with pictures as bright as the count."""

    def render_frame(self, game):
        width, height = self.resolution
        return np.full((height, width, 3), self.count[game], np.uint8)


@pytest.mark.parametrize(
    ("view", "selected", "space"),
    [
        ("board", "board", SPACES["board"]),
        (["cell"], ("cell",), gymnasium.spaces.Dict(cell=SPACES["cell"])),
        (None, ("cell", "board"), gymnasium.spaces.Dict(SPACES)),
    ],
)
def test_selected_spaces(view, selected, space):
    assert selected_space("CountEnv", SPACES, view) == (selected, space)


def test_the_only_attribute_is_observed_bare():
    assert selected_space("CountEnv", {"cell": SPACES["cell"]}, None) == ("cell", SPACES["cell"])


def test_a_view_of_nothing_or_of_what_is_not_there_is_refused():
    with pytest.raises(ConfigError, match=r"CountEnv was given attributes=\(\)"):
        selected_space("CountEnv", SPACES, ())
    with pytest.raises(UnknownNameError, match=r"observation attribute of CountEnv.*Did you mean 'board'"):
        selected_space("CountEnv", SPACES, "boards")


def test_games_that_are_over_are_reset_in_the_next_step():
    envs = CountEnv(3)
    envs.reset(seed=0)
    envs.step([2, 0, 0])
    observation, rewards, terminated, truncated, infos = envs.step([2, 0, 1])
    assert observation.tolist() == infos["score"].tolist() == [4, 0, 1]
    assert (rewards.tolist(), terminated.tolist()) == ([2.0, 0.0, 1.0], [True, False, False])
    observation, rewards, terminated, *_ = envs.step([2, 1, 1])
    assert (observation.tolist(), rewards.tolist()) == ([0, 1, 2], [0.0, 1.0, 1.0])
    assert not any_of(terminated)
    assert not truncated.any()


def test_games_that_are_over_are_reset_at_once_in_mode_same_step():
    envs = CountEnv(2, autoreset_mode="SameStep", max_episode_steps=2)
    envs.reset(seed=0)
    envs.step([0, 1])
    observation, _, terminated, truncated, infos = envs.step([0, 2])
    assert observation.tolist() == [0, 0]
    assert (terminated.tolist(), truncated.tolist()) == ([False, True], [True, True])
    assert list(infos["final_obs"]) == [0, 3]
    assert infos["final_info"]["score"].tolist() == [0, 3]


def test_steps_before_a_reset_and_wrong_actions_are_refused():
    envs = CountEnv(2)
    with pytest.raises(EpisodeOverError, match="CountEnv was stepped"):
        envs.step([0, 0])
    envs.reset(seed=0)
    with pytest.raises(SpaceError, match="CountEnv takes 2 integers from 0 to 2"):
        envs.step([0, 3])


def test_copies_are_left_out_where_they_are_not_wanted():
    kept, _ = CountEnv(2).reset(seed=0)
    envs = CountEnv(2, copy=False)
    seen, _ = envs.reset(seed=0)
    envs.step([1, 2])
    assert (kept.tolist(), seen.tolist()) == ([0, 0], [1, 2])
    assert envs.observe(ALL).base is envs.count


def test_a_class_with_frames_renders_every_game():
    assert CountEnv(1).metadata["render_modes"] == []
    with pytest.raises(ConfigError, match=r"can do \[None\].*render_frame\(self, game\)"):
        CountEnv(1, render_mode="rgb_array")
    envs = DrawnCountEnv(2, render_mode="rgb_array", resolution=(4, 3))
    envs.reset(seed=0)
    envs.step([1, 2])
    frames = envs.render()
    assert [frame.shape for frame in frames] == [(3, 4, 3)] * 2
    assert [int(frame.max()) for frame in frames] == [1, 2]
