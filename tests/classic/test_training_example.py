"""The document's example of training, word for word; `Agent`, `Shell` and `Net` get their bodies."""

from __future__ import annotations

import json

import pytest

import CoderSchoolAI.Agent
import CoderSchoolAI.Environments.Shell
import CoderSchoolAI.Neural.Net
from CoderSchoolAI.Environments.Attributes import ActionAttribute, DiscreteType, ObsAttribute
from CoderSchoolAI.Neural.Blocks import InputBlock, LinearBlock, OutputBlock

Agent, Net = CoderSchoolAI.Agent.Agent, CoderSchoolAI.Neural.Net.Net
Shell = CoderSchoolAI.Environments.Shell.Shell


class Walker(Agent):
    """Says where one can go."""

    def get_actions(self):
        return [0, 1]


class Corridor(Shell):
    """Three cells; the goal is at the right end.

    Training tells each step how long it is, and gets three items, as the document says of Shell. The
    example's own call tells it nothing and takes two, the reward first.
    """

    def __init__(self):
        super().__init__()
        self.cell = 0
        self.register_attribute(ObsAttribute("cell", DiscreteType(3), lambda: self.cell, cached=False))
        self.register_attribute(ActionAttribute("walk", DiscreteType(2)))

    def reset(self, attributes=None):
        self.cell = 0
        return self.get_observation(attributes)

    def step(self, action, d_t=None, attributes=None):
        self.cell = max(0, min(2, self.cell + (1 if action else -1)))
        state = self.get_observation(attributes)
        reward, done = self.get_current_reward(action, state)
        return (reward, state) if d_t is None else (state, reward, done)

    def get_current_reward(self, action, current_state):
        return (1.0 if current_state == 2 else -0.1), current_state == 2


def compiled_net():
    net = Net()
    for block in (InputBlock(DiscreteType(3)), LinearBlock(hidden_size=[8]), OutputBlock(num_classes=2)):
        net.add_block(block)
    net.compile()
    return net


@pytest.fixture
def after(document, monkeypatch, tmp_path):
    """What the example leaves behind."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(CoderSchoolAI.Agent, "Agent", Walker)
    monkeypatch.setattr(CoderSchoolAI.Environments.Shell, "Shell", Corridor)
    monkeypatch.setattr(CoderSchoolAI.Neural.Net, "Net", compiled_net)
    namespace = {}
    exec(document("Example Usage", 1), namespace)
    return namespace


def test_the_example_trains_and_keeps_a_table(after, tmp_path):
    q_network, target = after["q_network"], after["target_q_network"]
    for network in (q_network, target):
        assert [int(network(cell).argmax()) for cell in range(2)] == [1, 1]
        assert network(1)[1].item() == pytest.approx(1.0, abs=0.2)
        assert network(0)[1].item() == pytest.approx(-0.1 + 0.99, abs=0.2)
    assert after["buffer"].size() >= 2000
    state, action, reward = after["state"], after["action"], after["reward"]
    assert after["q_learner"].q_table[state][action] == pytest.approx(0.5 * reward)
    assert json.loads((tmp_path / "q_table.json").read_text())["actions"] == [0, 1]
