"""Boards and agents for overlays."""

from __future__ import annotations

import importlib.util
from types import SimpleNamespace

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

from csai_core import ActionAttribute, Agent, DiscreteType, ObsAttribute, Shell
from csai_core.algorithm import Outlook, Spread
from csai_core.explanation import explain_batch
from csai_core.games import Canvas, observe_with
from csai_core.overlays import SessionView
from csai_core.play.action_names import action_names
from csai_core.thoughts import History

NEEDED = ("pygame", "csai_envs")
collect_ignore_glob = [] if all(map(importlib.util.find_spec, NEEDED)) else ["test_*.py"]
RED = (255, 0, 0)


class Corridor(Shell):
    """Five cells in a row, and a wall in one of them."""

    action_names = ("left", "right", "wait")

    def __init__(self, length=5, with_masks=False, **settings):
        super().__init__(resolution=(300, 200), **settings)
        self.length, self.with_masks = length, with_masks
        self.position = 0
        self.register_attribute(ObsAttribute("position", DiscreteType(length), lambda: self.position))
        self.register_attribute(ActionAttribute("move", DiscreteType(3)))

    def start_episode(self, options):
        self.position = 0

    def advance(self, action, d_t):
        self.position = min(max(self.position + (-1, 1, 0)[action], 0), self.length - 1)

    def get_current_reward(self, action, current_state):
        return float(self.position == self.length - 1), self.position == self.length - 1

    def get_info(self):
        return {"action_mask": np.ones(3, np.int8)} if self.with_masks else {}

    def overlay_states(self):
        return {(0, i): observe_with(self, position=i) for i in range(self.length) if i != 2}

    def draw(self):
        canvas = Canvas(self.resolution, self.length, 1, "")
        canvas.rectangle(RED, self.position, 0, 1, 1)
        return canvas


class Knowing(Agent):
    """Tells values, or chances with the value of the state, for whatever it is shown."""

    gamma = 0.9

    def __init__(self, env, told="values"):
        super().__init__()
        self.env, self.told = env, told

    def explain_all(self, states, action_masks=None):
        space, count = self.env.action_space, len(states)
        if not isinstance(space, gymnasium.spaces.Discrete):
            some = np.zeros((count, *space.shape), np.float32)
            return explain_batch(space, some, Outlook(chances=Spread(some, some + 1)))
        sums = np.array([np.sum(np.asarray(state, float)) for state in states])
        numbers = 0.1 + sums[:, None] % 7 + np.arange(space.n) / space.n
        outlook = Outlook(action_values=numbers)
        if self.told == "chances":
            outlook = Outlook(chances=numbers / numbers.sum(1, keepdims=True), state_value=sums % 7)
        has_masks = action_masks is not None and any(m is not None for m in action_masks)
        mask = np.array(action_masks, np.int8) if has_masks else None
        chosen = np.where(1 if mask is None else mask, numbers, -1).argmax(1)
        return explain_batch(space, chosen, outlook, action_mask=mask, action_names=action_names(self.env))


@pytest.fixture
def knowing():
    """The class of an agent that knows values, or chances, whatever it is shown."""
    return Knowing


@pytest.fixture
def corridor():
    """The class of a Shell with a board: five cells, one of them a wall, three actions."""
    return Corridor


@pytest.fixture
def table_agent():
    """A function that makes an agent of a table: rows of values, or chances, by the state's number."""

    def make(values=None, *, chances=None, names=None, key=int):
        rows = np.asarray(values if values is not None else chances, float)
        space = spaces.Discrete(rows.shape[1])

        def explain_all(states, masks=None):
            told = rows[[key(state) for state in states]]
            mask = None if masks is None or all(m is None for m in masks) else np.array(masks, np.int8)
            allowed = told if mask is None else np.where(mask, told, -np.inf)
            outlook = Outlook(action_values=told) if values is not None else Outlook(chances=told)
            return explain_batch(space, allowed.argmax(1), outlook, action_mask=mask, action_names=names)

        return SimpleNamespace(explain_all=explain_all)

    return make


@pytest.fixture
def view_of():
    """A function that shows an agent's view of an environment that was just reset."""

    def make(env, agent, gamma=0.9, seed=0):
        observation, info = env.reset(seed=seed)
        return SessionView(env, agent.explain_all, observation, info, History(None, gamma))

    return make
