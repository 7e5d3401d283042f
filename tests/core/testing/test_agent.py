"""The suite of agents: what it tries them in, and what it says of them that is not in tests/planted."""

from __future__ import annotations

import re

from gymnasium import spaces

from csai_core import Agent, Entry, KeyboardAgent
from csai_core.errors import ConfigError
from csai_core.testing import AgentSuite
from csai_core.testing.probe import Probe


class First(Agent):
    """Takes the first action, where there are so many."""

    def __init__(self, env):
        super().__init__()
        if not isinstance(env.action_space, spaces.Discrete):
            raise ConfigError("It plays where there are so many actions.")
        self.start = env.action_space.start

    def get_next_action(self, state):
        return int(self.start)


class TestFirst(AgentSuite):
    def make(self, env):
        return First(env)


class TestRandom(AgentSuite):
    entry_name = "random"


def failures(suite):
    return {each.check: each.message for each in suite.run() if each.status == "failed"}


def test_an_agent_that_plays_nothing_is_told_why():
    class Nothing(AgentSuite):
        def make(self, env):
            raise ConfigError(f"Not {type(env.action_space).__name__}.")

    found = failures(Nothing())
    assert list(found) == ["it can be made"]
    assert "plays none" in found["it can be made"]
    assert "ConfigError: Not Box." in found["it can be made"]


def test_what_it_plays_can_be_said():
    class OneGame(AgentSuite):
        def make(self, env):
            return First(env)

        def environments(self):
            return [Probe(spaces.Discrete(2), spaces.Discrete(2), has_masks=True)]

    assert not failures(OneGame())


def test_where_an_agent_plays_somewhere_it_is_judged_there_and_must_refuse_the_rest():
    class Everywhere(AgentSuite):
        def make(self, env):
            agent = Agent()
            agent.get_next_action = lambda state: 0
            return agent

    found = failures(Everywhere())
    assert list(found) == ["it refuses in words"]
    assert "took an action that does not lie there" in found["it refuses in words"]


def test_agents_without_masks_and_lists_of_actions_are_left_alone():
    skipped = {each.check: each.message for each in TestFirst().run() if each.status == "skipped"}
    assert skipped == {
        "it keeps to the action mask": "it heeds no masks, as it has no get_allowed_action",
        "explaining changes nothing": "it has no explain, which nobody needs to write",
        "it stays as it is after a step": "it has no after, which nobody needs to write",
        "it says what it can do": "it has no get_actions, which nobody needs to write",
    }


def test_an_agent_through_which_a_person_plays_is_left_alone():
    class Person(AgentSuite):
        def make(self, env):
            return KeyboardAgent({"left": 0})

    assert {each.status for each in Person().run()} == {"skipped"}


def test_an_error_while_it_plays_says_when():
    class Tired(First):
        count = 0

        def get_next_action(self, state):
            self.count += 1
            return [0][self.count // 9]

    class Tiring(AgentSuite):
        def make(self, env):
            return Tired(env)

    found = failures(Tiring())
    message = found["it acts within the action space"]
    assert re.match(r"At step 9, in episode \d, get_next_action raised IndexError", message)


def test_environments_of_its_plugin_that_cannot_be_made_are_left_out(monkeypatch):
    class Manager:
        def find(self, kind, name):
            return Entry(name=name, target=f"{__name__}:First")

        def environments(self):
            return ["Nowhere-v0"]

        def environment_plugin(self, name):
            return self.find("agents", "first").plugin

    monkeypatch.setattr(Entry, "load", lambda self: First)
    monkeypatch.setattr("csai_core.testing.agent.base.installed", Manager)
    assert not failures(AgentSuite.of("first"))
