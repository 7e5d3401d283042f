"""An agent beside an algorithm: actions by its names, masks in its order, and what it is told."""

import numpy as np
import pytest
from gymnasium import spaces

from csai_core import Agent
from csai_core.algorithm import Algorithm, Decision, Step
from csai_core.errors import ConfigError
from csai_train.functions.agent_adapter import AgentAdapter, with_agent


class Fixed(Algorithm):
    """Takes the last action that is allowed, and keeps what it is shown."""

    def __init__(self):
        self.masks, self.steps = [], []

    def act(self, observation, *, explore, action_mask=None):
        self.masks.append(action_mask)
        if action_mask is None:
            return Decision(np.full(len(observation), 2), memo="mine")
        return Decision(np.array([np.flatnonzero(row)[-1] for row in action_mask]), memo="mine")

    def learn(self, step):
        self.steps.append(step)
        return {"loss": 1.0}

    def describe(self):
        return {"backend": "none"}

    def state_dict(self):
        return {"count": len(self.steps)}

    def load_state_dict(self, state):
        self.count = state["count"]


class Student(Agent):
    def __init__(self):
        super().__init__()
        self.told = []

    def update(self, state, action, next_state, reward):
        self.told.append((state, action, next_state, reward))


class Naming(Student):
    def get_actions(self):
        return ["c", "a", "b"]


def step(adapter, observation, **fields):
    decision = adapter.act(observation, explore=True, action_mask=fields.get("action_mask"))
    no = np.zeros(len(observation), bool)
    taken = Step(observation, decision.action, np.arange(2.0), no, no, observation + 10, memo=decision.memo)
    return decision, adapter.learn(taken._replace(**fields))


def test_masks_and_actions_are_by_name():
    algorithm = Fixed()
    adapter = AgentAdapter(algorithm, Agent(), [7, 5, 6], 0, spaces.Discrete(3, start=5))
    mask = np.array([[1, 0, 1], [1, 0, 0]], np.int8)
    decision, metrics = step(adapter, np.arange(2), action_mask=mask, next_action_mask=mask)
    assert algorithm.masks[0].tolist() == [[1, 1, 0], [0, 1, 0]]
    assert decision.action.tolist() == [5, 5]
    seen = algorithm.steps[0]
    assert (seen.action.tolist(), seen.memo) == ([1, 1], "mine")
    assert seen.action_mask.tolist() == seen.next_action_mask.tolist() == [[1, 1, 0], [0, 1, 0]]
    assert metrics == {"loss": 1.0}


def test_the_agent_is_told_in_its_own_words_of_all_that_are_steps():
    pushes = {"a": np.array([0.0]), "b": np.array([0.5]), "c": np.array([1.0])}
    agent = Student()
    box = spaces.Box(0, 1, (1,))
    adapter = AgentAdapter(Fixed(), agent, [pushes["c"], pushes["a"], pushes["b"]], 1, box)
    decision, _ = step(adapter, np.arange(2), is_reset=np.array([True, False]))
    assert decision.action.tolist() == [[0.0], [0.0]]
    assert agent.told == [(1, pushes["a"], 11, 1.0)]


def test_an_agent_that_only_learns_sees_what_the_environment_takes():
    agent = Student()
    algorithm = Fixed()
    adapter = AgentAdapter(algorithm, agent, None, 0, spaces.Discrete(3))
    decision, _ = step(adapter, np.arange(2))
    assert decision.memo == "mine"
    assert [action for _, action, _, _ in agent.told] == [2, 2]


def test_there_is_no_adapter_where_there_is_nothing_to_adapt():
    algorithm, three = Fixed(), spaces.Discrete(3)
    assert with_agent(algorithm, None, [0, 1, 2], three, three) is algorithm
    assert with_agent(algorithm, Agent(), [0, 1, 2], three, three) is algorithm
    assert with_agent(algorithm, Student(), [0, 1, 2], three, three).names is None
    assert with_agent(algorithm, Agent(), [0, 1, 2], three, spaces.Discrete(4)).names == [0, 1, 2]


def test_its_state_is_the_algorithms():
    algorithm = Fixed()
    adapter = with_agent(algorithm, Student(), None, spaces.Discrete(3), spaces.Discrete(3))
    assert adapter.describe() == {"backend": "none"}
    adapter.load_state_dict({**adapter.state_dict(), "count": 4})
    assert algorithm.count == 4


BUTTONS = spaces.Dict(
    {"move": spaces.MultiDiscrete([2, 3]), "press": spaces.MultiBinary(2), "force": spaces.Box(0, 1, (1,))}
)
STILL, RIGHT, PRESS = (
    {"move": np.array(move), "press": np.array(press), "force": np.array([0.5], np.float32)}
    for move, press in (((0, 0), (0, 0)), ((0, 2), (0, 0)), ((1, 1), (0, 1)))
)


@pytest.mark.parametrize(
    ("mask", "allowed"),
    [
        ([1, 1, 1, 1, 1, 1, 1], [1, 1, 1]),
        ([1, 0, 1, 1, 1, 1, 1], [1, 1, 0]),
        ([1, 1, 1, 1, 0, 1, 1], [1, 0, 1]),
        ([1, 1, 1, 1, 1, 1, 0], [1, 1, 0]),
        ([1, 1, 0, 1, 1, 0, 1], [0, 1, 1]),
    ],
)
def test_masks_of_actions_in_parts_are_by_name_too(mask, allowed):
    algorithm = Fixed()
    adapter = AgentAdapter(algorithm, Agent(), [STILL, RIGHT, PRESS], 0, BUTTONS)
    rows = np.array([mask, [1] * 7], np.int8)
    decision = adapter.act(np.arange(2.0), explore=True, action_mask=rows)
    assert algorithm.masks[0].tolist() == [allowed, [1, 1, 1]]
    assert decision.action["move"][1].tolist() == [1, 1]


def test_a_mask_that_allows_none_of_the_named_actions_is_refused():
    adapter = AgentAdapter(Fixed(), Agent(), [1, 2], 0, spaces.Discrete(3))
    with pytest.raises(ConfigError, match=r"allows none of the actions \[1, 2\]"):
        adapter.act(np.arange(2.0), explore=True, action_mask=np.array([[1, 1, 1], [1, 0, 0]], np.int8))
