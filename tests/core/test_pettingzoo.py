"""One agent's view of games of several agents, with a stand-in for PettingZoo that plays by its rules."""

from __future__ import annotations

import importlib
import sys

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

from csai_core.environments import find_spec
from csai_core.errors import ConfigError, UnknownNameError
from csai_core.pettingzoo import OneAgentView
from csai_core.testing import EnvironmentSuite

GAMES = """
from tests_of_pettingzoo import Race

def env(**settings):
    return Race(**settings)
"""


class Race:
    """Three agents step in turn by 1 or 2, never to a multiple of 5, and who passes 12 wins.

    It is in the form of PettingZoo's AECEnv: who is done takes one more turn, in which it does nothing.
    """

    metadata = {"render_modes": ["rgb_array"], "render_fps": 9}  # noqa: RUF012
    possible_agents = ("ann", "bob", "cleo")

    def __init__(self, render_mode=None, length=12):
        self.length = length
        self.told, self.illegal, self.render_mode = [], 0, render_mode

    def observation_space(self, agent):
        mask = spaces.Box(0, 1, (2,), np.int8)
        return spaces.Dict({"observation": spaces.Box(0, 20, (3,), np.int8), "action_mask": mask})

    def action_space(self, agent):
        return spaces.Discrete(2)

    def reset(self, seed=None, options=None):
        self.agents = list(self.possible_agents)
        self.places = dict.fromkeys(self.agents, int(np.random.default_rng(seed).integers(3)))
        self.owed = dict.fromkeys(self.agents, 0.0)
        self.agent_selection, self.winner = "ann", None
        self.told.append(seed)

    def legal(self, agent):
        return np.array([(self.places[agent] + step) % 5 != 0 for step in (1, 2)], np.int8)

    def last(self):
        agent, is_over = self.agent_selection, self.winner is not None
        seen = np.array([self.places[each] for each in self.possible_agents], np.int8)
        observation = {"observation": seen, "action_mask": self.legal(agent) * (not is_over)}
        return observation, self.owed[agent], is_over, False, {}

    def step(self, action):
        agent = self.agent_selection
        following = self.possible_agents[(self.possible_agents.index(agent) + 1) % 3]
        self.owed[agent] = 0.0
        if self.winner is not None:
            assert action is None
            self.agents.remove(agent)
        else:
            self.illegal += not self.legal(agent)[action]
            self.places[agent] += 1 + int(action)
            if self.places[agent] > self.length:
                self.winner = agent
                self.owed = {each: 1.0 if each == agent else -1.0 for each in self.agents}
        self.agent_selection = following

    def render(self):
        picture = np.zeros((8, 32, 3), np.uint8)
        for place in self.places.values():
            picture[:, place] += 80
        return None if self.render_mode == "human" else picture

    def close(self):
        pass


class TestView(EnvironmentSuite):
    def make(self, render_mode=None, **settings):
        return OneAgentView(Race(render_mode), agent="bob", render_mode=render_mode)


def play(env, seed):
    """One game, in which the agent does the last that is legal."""
    observation, info = env.reset(seed=seed)
    while True:
        observation, reward, terminated, truncated, info = env.step(np.flatnonzero(info["action_mask"])[-1])
        assert env.observation_space.contains(observation)
        if terminated or truncated:
            return reward, info


def test_who_wins_is_paid_and_others_pay_and_others_keep_to_the_rules():
    env = OneAgentView(Race(), agent="bob")
    games = [play(env, seed) for seed in range(40)]
    assert {reward for reward, _ in games} == {1.0, -1.0}
    assert env.game.illegal == 0
    assert all("action_mask" not in info for _, info in games)  # there was nothing left to do


def test_the_first_agent_is_viewed_unless_another_is_named():
    assert OneAgentView(Race()).agent == "ann"
    with pytest.raises(ConfigError, match="the agents of this game are ann, bob, cleo"):
        OneAgentView(Race(), agent="dan")


def test_games_that_are_over_before_the_agents_turn_are_begun_anew():
    game = Race(length=3)
    env = OneAgentView(game, agent="cleo")
    for seed in range(20):
        env.reset(seed=seed)
        assert game.winner is None
    assert len(game.told) > 20
    with pytest.raises(ConfigError, match="view another agent"):
        OneAgentView(Race(length=0), agent="cleo").reset(seed=0)


def test_what_several_agents_are_is_closed_and_drawn_as_the_game_is():
    env = OneAgentView(Race(), render_mode="rgb_array")
    assert env.metadata["render_fps"] == 9
    env.reset(seed=0)
    assert env.render().shape == (8, 32, 3)
    env.close()


@pytest.mark.parametrize("game", ["os", "my.games.race_v1.evil", "pettingzoo", "pettingzoo..x_v1", ""])
def test_no_other_module_is_imported_for_a_game(game):
    with pytest.raises(ConfigError, match="must be one of PettingZoo's"):
        OneAgentView(game)


@pytest.fixture
def pettingzoo(tmp_path, monkeypatch):
    """A package of that name with one game."""
    folder = tmp_path / "pettingzoo" / "classic"
    folder.mkdir(parents=True)
    for each in (folder.parent, folder):
        (each / "__init__.py").touch()
    (folder / "race_v3.py").write_text(GAMES)
    monkeypatch.setitem(sys.modules, "tests_of_pettingzoo", sys.modules[__name__])
    monkeypatch.syspath_prepend(str(tmp_path))
    before = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "pettingzoo"}
    for name in before:
        del sys.modules[name]
    importlib.reload(sys.modules["csai_core.pettingzoo"])
    yield
    gymnasium.registry.pop("PettingZoo/race-v3", None)
    for name in [name for name in sys.modules if name.partition(".")[0] == "pettingzoo"]:
        del sys.modules[name]
    sys.modules.update(before)


def test_games_are_registered_by_their_files_and_made_by_name(pettingzoo):
    assert "pettingzoo.classic.race_v3" not in sys.modules
    spec = find_spec("csai_core.pettingzoo:PettingZoo/race-v3")
    env = gymnasium.make(spec, length=8, agent="bob")
    env.reset(seed=1)
    assert env.unwrapped.game.length == 8


def test_several_agents_are_refused_in_words_that_say_where_to_go(pettingzoo):
    for typed in ("pettingzoo.classic:race_v3", "PettingZoo/race-v3-v1", "pettingzoo:race_v3"):
        gymnasium.registry.pop("PettingZoo/race-v3", None)
        with pytest.raises(UnknownNameError, match=r"csai_core\.pettingzoo:race-v3"):
            find_spec(typed)
