"""Every environment that can be played by keyboard is, by the keys it says or by those known of it."""

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

from csai_core.errors import ContractError
from csai_core.play import keyboard_for
from csai_core.testing.toys import Walk


class Playable(Walk):
    keys_to_action = {"left": 0, "right": 1}  # noqa: RUF012


class Bare(gymnasium.Env):
    """Says nothing of keys."""

    observation_space = spaces.Discrete(2)
    metadata = {"render_modes": []}  # noqa: RUF012

    def __init__(self, action_space):
        self.action_space = action_space


def test_arrows_and_letters_stand_for_each_other():
    assert keyboard_for(Playable()).keys_to_action == {"left": 0, "a": 0, "right": 1, "d": 1}
    letters = type("Letters", (Walk,), {"keys_to_action": {"w": 1, "up": 0}})
    assert keyboard_for(letters()).keys_to_action == {"w": 1, "up": 0}
    only_letters = type("Letters", (Walk,), {"keys_to_action": {"a": 0, "d": 1}})
    assert keyboard_for(only_letters()).keys_to_action == {"a": 0, "d": 1, "left": 0, "right": 1}


def test_letters_that_are_no_directions_have_no_arrows():
    board = type("Board", (Walk,), {"keys_to_action": {key: 0 for key in "qweasd"}})
    assert not {"up", "down", "left", "right"} & set(keyboard_for(board()).keys_to_action)


def test_gymnasiums_tables_of_keys_are_understood():
    pygame = pytest.importorskip("pygame")

    class Theirs(Walk):
        def get_keys_to_action(self):
            return {
                (): 0,
                (ord("d"),): 1,
                "f": 1,
                (pygame.K_LEFT,): 0,
                (ord("a"), ord("d")): 1,
                pygame.K_x: 1,
            }

    agent = keyboard_for(Theirs())
    assert agent.keys_to_action == {"d": 1, "f": 1, "left": 0, "a": 0, "x": 1}
    assert agent.idle_action == 0


@pytest.mark.parametrize(
    ("environment", "keys", "idle"),
    [
        ("CartPole-v1", {"left": 0, "right": 1}, None),
        ("MountainCar-v0", {"left": 0, "right": 2}, 1),
        ("Acrobot-v1", {"left": 0, "right": 2}, 1),
        ("FrozenLake-v1", {"left": 0, "down": 1, "right": 2, "up": 3}, None),
        ("CliffWalking-v1", {"up": 0, "right": 1, "down": 2, "left": 3}, None),
        ("Taxi-v4", {"down": 0, "up": 1, "right": 2, "left": 3, "p": 4, "o": 5}, None),
        ("Blackjack-v1", {"s": 0, "h": 1}, None),
    ],
)
def test_gymnasiums_own_environments_are_played_without_a_word_of_theirs(environment, keys, idle):
    pytest.importorskip("pygame")
    env = gymnasium.make(environment)
    agent = keyboard_for(env)
    assert keys.items() <= agent.keys_to_action.items()
    assert agent.idle_action == idle
    assert agent.moves_while_held == (environment == "CartPole-v1")


@pytest.mark.parametrize("environment", ["Pendulum-v1", "MountainCarContinuous-v0"])
def test_actions_that_are_numbers_have_keys_in_both_directions(environment):
    env = gymnasium.make(environment)
    agent = keyboard_for(env)
    actions = [*agent.keys_to_action.values(), agent.idle_action]
    assert all(action in env.action_space for action in actions)
    assert np.array_equal(agent.keys_to_action["left"], -agent.keys_to_action["right"])


def test_a_few_actions_of_which_nothing_is_said_are_the_keys_of_their_numbers():
    assert keyboard_for(Bare(spaces.Discrete(3))).keys_to_action == {"0": 0, "1": 1, "2": 2}
    assert keyboard_for(Bare(spaces.Discrete(2, start=5))).keys_to_action == {"0": 5, "1": 6}


@pytest.mark.parametrize(
    "space", [spaces.Discrete(11), spaces.Box(-1, 1, (2,)), spaces.MultiBinary(3)], ids=str
)
def test_other_actions_need_keys_that_somebody_says(space):
    with pytest.raises(ContractError, match=r"Bare does not say which keys.*keys_to_action =.*--agent"):
        keyboard_for(Bare(space))


def test_a_motion_is_played_at_its_own_speed():
    class Motion(Playable):
        metadata = {"render_modes": [], "render_fps": 40}  # noqa: RUF012
        moves_while_held = True

    agent = keyboard_for(Motion())
    agent.note("left", True)
    agent.note("left", False)
    steps = 0
    while not agent.is_waiting:
        agent.get_next_action(None)
        steps += 1
    assert steps == 4
