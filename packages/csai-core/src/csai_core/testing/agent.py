"""What every agent should do: choose among the actions there are, and leave the environment to others."""

from __future__ import annotations

import contextlib
import functools
import itertools
import unittest
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import gymnasium
import numpy as np
from gymnasium import spaces

from csai_core import environments
from csai_core.agents import Agent
from csai_core.errors import CsaiError
from csai_core.plugins import installed
from csai_core.testing.algorithm.reachable import held_by
from csai_core.testing.compare import difference, snapshot
from csai_core.testing.environment.generators import space_generators
from csai_core.testing.held_generators import held_generators
from csai_core.testing.probe import Probe
from csai_core.testing.process.effects import class_left_alone, generators_left_alone, nothing_printed
from csai_core.testing.suite import Suite, called, fail, skip

_SEED = 3
_ROUNDS, _ROUND = 5, 150
"""After so many steps it is looked at what an agent holds, so many times."""
_VECTOR = spaces.Box(-1, 1, (3,), np.float32)
_PAIR = spaces.Dict({"place": _VECTOR, "mood": spaces.Discrete(3)})
_TOYS: tuple[Callable[[], gymnasium.Env[Any, Any]], ...] = (
    lambda: Probe(spaces.Discrete(5), spaces.Discrete(3)),
    lambda: Probe(_VECTOR, spaces.Discrete(4), has_masks=True),
    lambda: Probe(_VECTOR, spaces.Discrete(3, start=2), has_masks=True),
    lambda: Probe(spaces.Box(0, 255, (8, 8, 3), np.uint8), spaces.Discrete(2)),
    lambda: Probe(_PAIR, spaces.Discrete(3), has_masks=True),
    lambda: Probe(_VECTOR, spaces.Box(-2, 2, (2,), np.float32)),
    lambda: Probe(spaces.Discrete(5), spaces.MultiDiscrete([3, 2])),
    lambda: Probe(_VECTOR, spaces.MultiBinary(3)),
    lambda: Probe(_PAIR, spaces.Dict({"push": _VECTOR, "jump": spaces.Discrete(2)})),
)


class AgentSuite(Suite):
    """Checks one agent; a subclass names the entry, or writes `make`.

    class TestStubborn(AgentSuite):
        entry_name = "stubborn"

    An agent need not play everything; it refuses what it cannot play with a `CsaiError` when it is made.
    What it can play is found among the environments of its own plugin and toys; a subclass can write
    `environments` instead.
    """

    num_steps: ClassVar[int] = 100
    """How many steps it plays in each environment; episodes end after about ten in toys."""

    def make(self, env: gymnasium.Env[Any, Any]) -> Any:
        """Make the agent for an environment."""
        if not self.entry_name:
            return super().make()
        return installed().find("agents", self.entry_name).load()(env)

    def environments(self) -> list[gymnasium.Env[Any, Any]]:
        """New environments to try it in."""
        return [*self._own_environments(), *(toy() for toy in _TOYS)]

    def test_it_can_be_made(self) -> None:
        """It can be made for one environment at least, and is an agent."""
        agents = list(self._played())
        for _, agent in agents:
            if not isinstance(agent, Agent):
                fail(f"What was made is a {type(agent).__name__}; derive its class from csai_core.Agent.")
            if not hasattr(agent, "is_user_control"):
                fail(f"{type(agent).__name__}.__init__ does not call super().__init__(); do so at its start.")
        if not agents:
            fail(f"It plays none of the environments that were tried. {' '.join(self._refusals())}")

    def test_making_it_leaves_the_environment_alone(self) -> None:
        """To make an agent, the environment is neither reset nor stepped, and its generator stays."""
        for env in self._accepted():
            before = _state(env)
            agent = self.make(env)
            if found := difference(before, _state(env), "its state"):
                fail(
                    f"Making {type(agent).__name__} changed the environment: {found}. Whoever plays resets "
                    "and steps it; an agent looks at its spaces, and waits for observations."
                )

    def test_it_leaves_the_environment_and_observations_alone(self) -> None:
        """Choosing an action changes neither the environment nor the observation."""
        for env, agent in self._played():
            observation = _start(env, agent)
            before, shown = _state(env), snapshot(observation)
            _chosen(agent, env, observation, "the first step")
            if found := difference(before, _state(env), "its state"):
                fail(
                    f"get_next_action changed the environment: {found}. Try actions out in a copy of it: "
                    "copy.deepcopy(env); and draw from a generator of the agent's own."
                )
            if found := difference(shown, observation, "the observation"):
                fail(f"get_next_action changed the observation in place: {found}. Work on a copy of it.")

    def test_it_prints_nothing(self) -> None:
        """What it thinks, it keeps to itself."""
        for env in self._accepted():
            with nothing_printed("The agent"):
                agent = self.make(env)
                for _ in self._play(env, agent):
                    pass

    def test_it_acts_within_the_action_space(self) -> None:
        """Every action lies in the action space, over several episodes."""
        for env, agent in self._played():
            for when, action in self._play(env, agent):
                if not env.action_space.contains(action):
                    fail(
                        f"At {when}, get_next_action gave {action!r}, which does not lie in "
                        f"{env.action_space}. Give {_example(env.action_space)}."
                    )

    def test_its_actions_stay_as_they_were(self) -> None:
        """No later choice changes an action that was given."""
        for env, agent in self._played():
            given = [(when, action, snapshot(action)) for when, action in self._play(env, agent)]
            for when, action, then in given:
                if found := difference(then, action, "the action"):
                    fail(f"The action of {when} was changed by a later one: {found}. Give a copy.")

    def test_it_keeps_to_the_action_mask(self) -> None:
        """Where it heeds masks, it takes what they allow, and does without one, too."""
        for env, agent in self._played():
            if type(agent).get_allowed_action is Agent.get_allowed_action:
                skip("it heeds no masks, as it has no get_allowed_action")
            _check_masks(env, agent)

    def test_it_draws_from_a_generator_of_its_own(self) -> None:
        """The global generators stay where they are."""
        for env in self._accepted():
            with generators_left_alone("The agent"):
                agent = self.make(env)
                for _ in self._play(env, agent):
                    pass

    def test_it_draws_from_no_space_of_the_environment(self) -> None:
        """The generators of the environment's spaces stay where they are, once it was made."""
        for env, agent in self._played():
            observation = _start(env, agent)
            for step in range(1, 41):
                before = space_generators(env)
                action = _chosen(agent, env, observation, f"step {step}")
                if moved := [name for name, state in space_generators(env).items() if state != before[name]]:
                    fail(
                        f"At step {step}, get_next_action draws from the generator of the environment's "
                        f"{moved[0]} (sample()), which is everybody's who uses the environment: with the "
                        "agent they go on otherwise. Draw from a generator of its own, or from a copy of the "
                        "space: copy.deepcopy(env.action_space)."
                    )
                if not env.action_space.contains(action):
                    break
                observation, _, terminated, truncated, _ = env.step(action)
                if terminated or truncated:
                    observation, _ = env.reset()

    def test_agents_share_nothing(self) -> None:
        """What one of them remembers, no other knows."""
        for env, agent in self._played():
            with class_left_alone(agent, "Playing"):
                for _ in self._play(env, agent):
                    pass

    def test_the_same_seed_plays_the_same(self) -> None:
        """Two agents made where the action space has the same seed play the same."""
        for one, two in zip(self._accepted(), self._accepted(), strict=True):
            actions = [
                [snapshot(action) for _, action in self._play(env, self.make(_seeded(env)))]
                for env in (one, two)
            ]
            if found := difference(actions[0], actions[1], "the actions"):
                fail(
                    "Two agents made with the same seed play differently in the same game: "
                    f"{found}. Seed its generator from env.action_space.np_random, as "
                    "csai_core.agents.random does, and keep nothing outside of it."
                )

    def test_another_seed_draws_otherwise(self) -> None:
        """What an agent draws from begins elsewhere where the action space has another seed."""
        for env in self._accepted():
            begun, drawn = [], set[str]()
            for seed in range(_SEED, _SEED + 3):
                env.action_space.seed(seed)
                agent = self.make(env)
                begun.append(held_generators(agent))
                for _ in self._play(env, agent):
                    pass
                then = held_generators(agent)
                drawn |= {name for name, state in begun[-1].items() if then.get(name) != state}
            if same := [name for name in sorted(drawn) if len({each.get(name) for each in begun}) == 1]:
                fail(
                    f"It draws from {same[0]}, which begins at the same place whatever the seed of "
                    "env.action_space is, so that it plays one and the same game always. Seed it from that: "
                    "np.random.default_rng(env.action_space.np_random.integers(2**32))."
                )

    def test_explaining_changes_nothing(self) -> None:
        """An agent that is asked what it thinks plays on as one that is not."""
        for asked, plain in zip(self._accepted(), self._accepted(), strict=True):
            if type(self.make(_seeded(plain))).explain is Agent.explain:
                skip("it has no explain, which nobody needs to write")
            quiet = [snapshot(action) for _, action in self._play(plain, self.make(_seeded(plain)))]
            agent = self.make(_seeded(asked))
            explained = []
            for when, action in self._play(asked, agent, is_asked=True):
                explained.append(snapshot(action))
                if found := difference(quiet[len(explained) - 1], action, "the action"):
                    fail(
                        f"At {when} it plays otherwise where explain was asked before than where it was not: "
                        f"{found}. Draw nothing in explain, and change nothing that play depends on."
                    )

    def test_it_says_what_it_can_do(self) -> None:
        """`get_actions` gives a list of actions."""
        for env, agent in self._played():
            if type(agent).get_actions is Agent.get_actions:
                skip("it has no get_actions, which nobody needs to write")
            _start(env, agent)
            actions: Any = called(agent.get_actions, "get_actions()")
            if not isinstance(actions, list) or not actions:
                fail(f"get_actions() gave {actions!r}; give a list with one action at least.")
            for action in actions:
                if not env.action_space.contains(action):
                    fail(f"get_actions() gave {action!r}, which does not lie in {env.action_space}.")

    def test_it_is_told_what_follows(self) -> None:
        """`update` takes a transition, over several episodes, and changes nothing of it."""
        for env, agent in self._played():
            observation = _start(env, agent)
            for step in range(1, 31):
                action = _chosen(agent, env, observation, f"step {step}")
                following, reward, terminated, truncated, _ = env.step(action)
                told = [observation, action, following]
                before, state = snapshot(told), _state(env)
                with generators_left_alone("update"), nothing_printed("update"):
                    called(
                        functools.partial(agent.update, *told, float(reward)),
                        f"update(state, action, next_state, reward) at step {step}",
                    )
                if found := difference(before, told, "the transition"):
                    fail(f"update changed what it was told: {found}. Work on a copy.")
                if found := difference(state, _state(env), "its state"):
                    fail(f"update changed the environment: {found}. Leave it to whoever plays.")
                observation = env.reset()[0] if terminated or truncated else following

    def test_it_does_not_grow(self) -> None:
        """What it holds on to does not grow with the steps that it plays and is told of, for ever."""
        for env, agent in list(self._played())[:2]:
            observation, sizes = _start(env, agent), []
            for step in range(1, 1 + _ROUNDS * _ROUND):
                action = _chosen(agent, env, observation, f"step {step}")
                if not env.action_space.contains(action):
                    break
                following, reward, terminated, truncated, _ = env.step(action)
                with contextlib.suppress(Exception):  # another check looks at what it raises
                    agent.update(observation, action, following, float(reward))
                observation = env.reset()[0] if terminated or truncated else following
                if isinstance(env.unwrapped, Probe):
                    env.unwrapped.resets.clear()
                if step % _ROUND == 0:
                    sizes.append(held_by(agent).objects)
            growth = [later - earlier for earlier, later in itertools.pairwise(sizes)]
            if growth and min(growth) > _ROUND:
                fail(
                    f"It holds on to {min(growth) / _ROUND:.1f} more objects with every step that it "
                    "plays, and "
                    "never lets go of any, so that memory runs out. Keep a collections.deque(maxlen=…)."
                )

    def test_it_refuses_in_words(self) -> None:
        """What it cannot play, it refuses when it is made."""
        for env in self.environments():
            try:
                agent, is_within = self._tried(env)
                if getattr(agent, "is_user_control", False):
                    skip("a person plays through it")
                if is_within:
                    continue
                found = "took an action that does not lie there"
                if getattr(env.action_space, "start", 0) and isinstance(env.action_space, spaces.Discrete):
                    found += ", which may be counted from 0: these begin at action_space.start"
            except unittest.SkipTest:
                raise
            except CsaiError:
                continue
            except Exception as error:
                found = f"ended in {type(error).__name__}: {error}"
            fail(
                f"Where observations are {env.observation_space} and actions {env.action_space}, it {found}. "
                "Refuse in __init__ what it cannot play, with a csai_core.errors.ConfigError that says what "
                "it can."
            )

    # --- inner workings

    def _own_environments(self) -> list[gymnasium.Env[Any, Any]]:
        """Those that its plugin offers, as far as they can be made."""
        if not self.entry_name:
            return []
        manager = installed()
        plugin = manager.find("agents", self.entry_name).plugin
        made = []
        for name in manager.environments():
            if manager.environment_plugin(name) == plugin:
                made.append(environments.make(name, disable_env_checker=True))
        return made

    def _tried(self, env: gymnasium.Env[Any, Any]) -> tuple[Any, bool]:
        """An agent that has chosen a first action in an environment, and whether that lies in its space."""
        agent = self.make(_seeded(env))
        if not (isinstance(agent, Agent) and hasattr(agent, "is_user_control")):
            return agent, True
        observation, _ = env.reset(seed=_SEED)
        return agent, env.action_space.contains(agent.get_next_action(observation))

    def _accepted(self) -> Iterator[gymnasium.Env[Any, Any]]:
        """Environments that it plays, reset and untouched since.

        Where it raises, or takes no action of the space at first, it does not play; the last check looks at
        how it refuses. An agent that takes such an action nowhere is looked at everywhere.
        """
        found: list[tuple[gymnasium.Env[Any, Any], bool]] = []
        for env, again in zip(self.environments(), self.environments(), strict=True):
            agent = None
            with contextlib.suppress(Exception):
                agent, is_within = self._tried(env)
                found.append((again, is_within))
            if getattr(agent, "is_user_control", False):
                skip("a person plays through it")
        is_at_home = any(is_within for _, is_within in found)
        for env, is_within in found:
            if is_within or not is_at_home:
                env.reset(seed=_SEED)
                yield _seeded(env)

    def _played(self) -> Iterator[tuple[gymnasium.Env[Any, Any], Any]]:
        """Environments that it plays, with a new agent for each."""
        for env in self._accepted():
            yield env, self.make(env)

    def _refusals(self) -> Iterator[str]:
        for env in self.environments():
            try:
                self._tried(env)
            except Exception as error:
                yield f"Where actions are {env.action_space}: {type(error).__name__}: {error}"

    def _play(
        self, env: gymnasium.Env[Any, Any], agent: Any, *, is_asked: bool = False
    ) -> Iterator[tuple[str, Any]]:
        """Actions of several episodes, and when each was chosen; what lies outside is not taken."""
        observation = _start(env, agent)
        episode = 1
        for step in range(1, self.num_steps + 1):
            when = f"step {step}, in episode {episode},"
            if is_asked:
                called(functools.partial(agent.explain, observation), f"At {when} explain")
            action = _chosen(agent, env, observation, when)
            yield when, action
            if not env.action_space.contains(action):
                return
            observation, _, terminated, truncated, _ = env.step(action)
            if terminated or truncated:
                episode += 1
                observation, _ = env.reset()


def _seeded(env: gymnasium.Env[Any, Any]) -> gymnasium.Env[Any, Any]:
    env.action_space.seed(_SEED)
    return env


def _start(env: gymnasium.Env[Any, Any], agent: Any) -> Any:
    observation, _ = env.reset(seed=_SEED)
    return observation


def _chosen(agent: Any, env: gymnasium.Env[Any, Any], observation: Any, when: str) -> Any:
    return called(lambda: agent.get_next_action(observation), f"At {when} get_next_action")


def _state(env: gymnasium.Env[Any, Any]) -> Any:
    """What decides how an environment goes on, as far as it says; what it was asked to do, too."""
    inner: Any = env.unwrapped
    said = snapshot(inner.state_dict()) if hasattr(inner, "state_dict") else None
    generator = inner.np_random.bit_generator.state
    noted = [len(inner.resets), inner.num_steps] if isinstance(inner, Probe) else None
    return {"state": said, "generator": snapshot(generator), "resets and steps": noted}


def _check_masks(env: gymnasium.Env[Any, Any], agent: Any) -> None:
    observation, info = env.reset(seed=_SEED)
    for step in range(1, 61):
        mask = info.get("action_mask")
        action = called(
            functools.partial(agent.get_allowed_action, observation, mask),
            f"At step {step}, get_allowed_action with the mask {mask}",
        )
        if not env.action_space.contains(action):
            fail(f"get_allowed_action gave {action!r}, which does not lie in {env.action_space}.")
        if isinstance(mask, np.ndarray) and not mask[int(action) - int(env.action_space.start)]:  # type: ignore[attr-defined]
            fail(
                f"The mask {mask.tolist()} allows what is 1 in it, and get_allowed_action gave {action!r}; "
                "choose among np.flatnonzero(action_mask)."
            )
        observation, _, terminated, truncated, info = env.step(action)
        if terminated or truncated:
            observation, info = env.reset()


def _example(space: spaces.Space[Any]) -> str:
    if isinstance(space, spaces.Discrete):
        return f"a whole number from {space.start} to {space.start + space.n - 1}, not an array"
    return f"such as {space.sample()!r}"
