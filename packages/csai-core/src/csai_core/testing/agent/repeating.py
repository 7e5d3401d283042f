"""Checks that an agent plays the same again: by its seed alone, beside others, and asked or not."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator
from typing import Any

import gymnasium

from csai_core.agents import Agent
from csai_core.testing.agent.base import SEED, AgentChecks, Around, chosen, seeded, start
from csai_core.testing.compare import difference, snapshot
from csai_core.testing.environment.generators import space_generators
from csai_core.testing.held_generators import held_generators
from csai_core.testing.process.effects import class_left_alone, generators_left_alone
from csai_core.testing.suite import called, fail, skip


class RepeatingChecks(AgentChecks):
    """What decides how it plays."""

    def test_it_draws_from_a_generator_of_its_own(self) -> None:
        """The global generators stay where they are."""
        for env in self._accepted():
            with generators_left_alone("The agent"):
                agent = self.make(env)
                for _ in self._play(env, agent):
                    pass

    def test_it_draws_from_no_space_of_the_environment(self) -> None:
        """The generators of the environment's spaces stay where they are, once it was made."""
        for number, env in enumerate(self._accepted()):
            env.action_space.seed(SEED + number)  # what is seldom drawn comes in one of them
            for _ in self._play(env, self.make(env), around=_spaces_left_alone(env)):
                pass

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
                [snapshot(action) for _, action in self._play(env, self.make(seeded(env)))]
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
            for seed in range(SEED, SEED + 3):
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
        if found := self._changed_by("explain"):
            fail(f"{found} Draw nothing in explain, and change nothing that play depends on.")

    def test_it_stays_as_it_is_after_a_step(self) -> None:
        """What remembers a step is another agent, which `after` gives; this one plays on as before."""
        if found := self._changed_by("after"):
            fail(
                f"{found} A Game keeps agents of every moment, to go back to them: give another agent, made "
                "from this one, which remembers the step, and leave this one as it is."
            )
        for env, agent in self._played():
            observation, present = start(env), agent
            for step in range(1, self.num_steps + 1):
                action = chosen(present, observation, f"step {step}")
                if not env.action_space.contains(action):
                    fail(
                        f"At step {step}, the agent that after gave chose {action!r}, which does not lie in "
                        f"{env.action_space}."
                    )
                present = called(functools.partial(present.after, observation), f"At step {step}, after")
                if not isinstance(present, Agent):
                    fail(f"At step {step}, after gave {present!r}; give an agent, itself or another one.")
                observation, _, terminated, truncated, _ = env.step(action)
                if terminated or truncated:
                    (observation, _), present = env.reset(), agent

    def _changed_by(self, asked: str) -> str:
        """How agents play otherwise where a method was asked before; empty if they do not, or have none."""
        for env, plain in zip(self._accepted(), self._accepted(), strict=True):
            if getattr(type(self.make(seeded(plain))), asked) is getattr(Agent, asked):
                skip(f"it has no {asked}, which nobody needs to write")
            quiet = [snapshot(action) for _, action in self._play(plain, self.make(seeded(plain)))]
            played = self._play(env, self.make(seeded(env)), asked=asked)
            for unasked, (when, action) in zip(quiet, played, strict=False):
                if found := difference(unasked, action, "the action"):
                    return (
                        f"At {when} it plays otherwise where {asked} was asked before than where it was not: "
                        f"{found}."
                    )
        return ""


def _spaces_left_alone(env: gymnasium.Env[Any, Any]) -> Around:
    """Refuse a choice that draws from an environment's spaces."""

    @contextlib.contextmanager
    def around(when: str, observation: Any) -> Iterator[None]:
        before = space_generators(env)
        yield
        if moved := [name for name, state in space_generators(env).items() if state != before[name]]:
            fail(
                f"At {when} choosing an action draws from the generator of the environment's {moved[0]} "
                "(sample()), which is everybody's who uses the environment: with the agent they go on "
                "otherwise. Draw from a generator of its own, or from a copy of the space: "
                "copy.deepcopy(env.action_space)."
            )

    return around
