"""Checks of what an agent lists, is told, and keeps."""

from __future__ import annotations

import contextlib
import functools
import itertools
from collections.abc import Iterator
from typing import Any

import gymnasium

from csai_core.agents import Agent
from csai_core.testing.agent.base import AgentChecks, chosen, start, state_of
from csai_core.testing.algorithm.reachable import GROWTH_STEPS, check_no_growth
from csai_core.testing.compare import difference, snapshot
from csai_core.testing.probe import Probe
from csai_core.testing.process.effects import generators_left_alone, nothing_printed
from csai_core.testing.suite import called, fail, skip


class LearningChecks(AgentChecks):
    """What it says and is told."""

    def test_it_says_what_it_can_do(self) -> None:
        """`get_actions` gives a list of actions."""
        for env, agent in self._played():
            if type(agent).get_actions is Agent.get_actions:
                skip("it has no get_actions, which nobody needs to write")
            start(env)
            actions: Any = called(agent.get_actions, "get_actions()")
            if not isinstance(actions, list) or not actions:
                fail(f"get_actions() gave {actions!r}; give a list with one action at least.")
            for action in actions:
                if not env.action_space.contains(action):
                    fail(f"get_actions() gave {action!r}, which does not lie in {env.action_space}.")

    def test_it_is_told_what_follows(self) -> None:
        """`update` takes a transition, over several episodes, and changes nothing of it."""
        for env, agent in self._played():
            observation = start(env)
            for step in range(1, 31):
                action = chosen(agent, observation, f"step {step}")
                following, reward, terminated, truncated, _ = env.step(action)
                told = [observation, action, following]
                before, state = snapshot(told), state_of(env)
                with generators_left_alone("update"), nothing_printed("update"):
                    called(
                        functools.partial(agent.update, *told, float(reward)),
                        f"update(state, action, next_state, reward) at step {step}",
                    )
                if found := difference(before, told, "the transition"):
                    fail(f"update changed what it was told: {found}. Work on a copy.")
                if found := difference(state, state_of(env), "its state"):
                    fail(f"update changed the environment: {found}. Leave it to whoever plays.")
                observation = env.reset()[0] if terminated or truncated else following

    def test_it_does_not_grow(self) -> None:
        """What it holds on to does not grow with the steps that it plays and is told of, for ever."""
        for env, agent in list(self._played())[:2]:
            check_no_growth(agent, _rounds(env, agent))


def _rounds(env: gymnasium.Env[Any, Any], agent: Any) -> Iterator[None]:
    """Plays of so many steps each; none once it does what it cannot."""
    observation = start(env)
    for step in itertools.count(1):
        action = chosen(agent, observation, f"step {step}")
        if not env.action_space.contains(action):
            return
        following, reward, terminated, truncated, _ = env.step(action)
        with contextlib.suppress(Exception):  # another check looks at what it raises
            agent.update(observation, action, following, float(reward))
        observation = env.reset()[0] if terminated or truncated else following
        if isinstance(env.unwrapped, Probe):
            env.unwrapped.resets.clear()
        if step % GROWTH_STEPS == 0:
            yield
