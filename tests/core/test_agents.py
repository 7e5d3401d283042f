"""Agents: the base says what is missing, the random one is repeatable, the keyboard's hears short taps."""

from __future__ import annotations

import gymnasium
import pytest

from csai_core import Agent, DiscreteType, KeyboardAgent, MultiBinaryType, RandomAgent
from csai_core.agents.random import make_random_agent
from csai_core.errors import ContractError
from csai_core.testing.toys import Walk


def test_an_agent_can_be_made_and_says_which_method_is_missing():
    class Mine(Agent):
        pass

    agent = Mine(is_user_control=True)
    assert agent.is_user_control
    assert not Agent().is_user_control
    for call, method in (
        (agent.get_actions, r"get_actions\(self\)"),
        (lambda: agent.get_next_action(0), r"get_next_action\(self, state\)"),
    ):
        with pytest.raises(ContractError, match=f"Mine has no method {method}; write one in the class"):
            call()
    agent.update(0, 0, 0, 0.0)  # learning is left to those that can


def test_the_random_agent_is_repeatable_and_leaves_the_space_alone():
    space = DiscreteType(1000, start=5)
    space.seed(0)
    expected = DiscreteType(1000, start=5)
    expected.seed(0)
    one, two = RandomAgent(space, seed=3), RandomAgent(space, seed=3)
    played = [one.get_next_action(None) for _ in range(20)]
    assert played == [two.get_next_action(None) for _ in range(20)]
    assert played != [RandomAgent(space, seed=4).get_next_action(None) for _ in range(20)]
    assert space.sample() == expected.sample()
    one.update(0, 0, 0, 0.0)


def test_the_random_agent_knows_its_actions():
    assert RandomAgent(DiscreteType(3, start=-1)).get_actions() == [-1, 0, 1]
    [action] = RandomAgent(MultiBinaryType(2)).get_actions()
    assert MultiBinaryType(2).contains(action)


def test_the_random_agent_of_an_environment_follows_the_seed_of_its_action_space():
    def played():
        env = gymnasium.wrappers.TimeLimit(Walk(), 5)
        env.action_space.seed(1)
        agents = [make_random_agent(env), make_random_agent(env)]
        return [[agent.get_next_action(0) for _ in range(30)] for agent in agents]

    assert played() == played()
    assert played()[0] != played()[1]


@pytest.fixture
def turn_based():
    return KeyboardAgent({"left": "L", "right": "R", "d": "R"})


def test_presses_wait_their_turn(turn_based):
    assert turn_based.is_waiting
    for key in ("left", "d", "x", "right"):
        turn_based.note(key, True)
        turn_based.note(key, False)
    assert not turn_based.is_waiting
    assert [turn_based.get_next_action(None) for _ in range(4)] == ["L", "R", "R", None]
    assert turn_based.is_waiting


def test_the_oldest_presses_are_forgotten_and_all_can_be(turn_based):
    for _ in range(3):
        turn_based.note("left", True)
    turn_based.note("right", True)
    assert [turn_based.get_next_action(None) for _ in range(3)] == ["L", "L", "R"]
    turn_based.note("left", True)
    turn_based.forget_keys()
    assert turn_based.is_waiting


def test_a_key_held_goes_on_only_where_there_is_an_idle_action(turn_based):
    turn_based.note("left", True)
    assert [turn_based.get_next_action(None) for _ in range(2)] == ["L", None]
    agent = KeyboardAgent({"left": "L", "right": "R"}, idle_action="stay")
    assert not agent.is_waiting
    agent.note("left", True)
    agent.note("right", True)
    assert [agent.get_next_action(None) for _ in range(4)] == ["L", "R", "R", "R"]
    agent.note("right", False)
    assert agent.get_next_action(None) == "L"
    agent.note("left", False)
    assert agent.get_next_action(None) == "stay"


def test_the_keyboard_knows_its_actions(turn_based):
    assert turn_based.get_actions() == ["L", "R"]
    assert KeyboardAgent({"w": 1}, idle_action=0).get_actions() == [1, 0]
    turn_based.update(0, 0, 0, 0.0)


def test_a_motion_goes_on_while_a_key_is_held_and_a_tap_lasts_a_tenth_of_a_second():
    agent = KeyboardAgent({"left": "L", "right": "R"}, held_fps=30)
    assert agent.moves_while_held
    assert agent.is_waiting
    agent.note("left", True)
    agent.note("left", False)
    assert [agent.get_next_action(None) for _ in range(3)] == ["L"] * 3
    assert agent.is_waiting
    agent.note("right", True)
    assert [agent.get_next_action(None) for _ in range(9)] == ["R"] * 9
    assert not agent.is_waiting
    agent.note("right", False)
    assert agent.is_waiting


def test_the_next_tap_cuts_one_short_that_has_begun():
    agent = KeyboardAgent({"left": "L", "right": "R"}, held_fps=30)
    for key in ("left", "right"):
        agent.note(key, True)
        agent.note(key, False)
        assert agent.get_next_action(None) == key[0].upper()
    assert [agent.get_next_action(None) for _ in range(2)] == ["R", "R"]
    assert agent.is_waiting


def test_a_click_is_an_action_like_a_press():
    agent = KeyboardAgent({"left": "L"})
    agent.press("somewhere else")
    assert agent.get_next_action(None) == "somewhere else"
    assert agent.is_waiting
