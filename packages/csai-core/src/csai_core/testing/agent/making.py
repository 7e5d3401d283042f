"""Checks of what an agent is: made, quiet, and no part of the environment."""

from __future__ import annotations

from collections.abc import Iterator

from csai_core.agents import Agent
from csai_core.testing.agent.base import AgentChecks, chosen, start, state_of
from csai_core.testing.compare import difference, snapshot
from csai_core.testing.process.effects import nothing_printed
from csai_core.testing.suite import fail


class MakingChecks(AgentChecks):
    """What an agent is."""

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
            before = state_of(env)
            agent = self.make(env)
            if found := difference(before, state_of(env), "its state"):
                fail(
                    f"Making {type(agent).__name__} changed the environment: {found}. Whoever plays resets "
                    "and steps it; an agent looks at its spaces, and waits for observations."
                )

    def test_it_leaves_the_environment_and_observations_alone(self) -> None:
        """Choosing an action changes neither the environment nor the observation."""
        for env, agent in self._played():
            observation = start(env)
            before, shown = state_of(env), snapshot(observation)
            chosen(agent, observation, "the first step")
            if found := difference(before, state_of(env), "its state"):
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

    # --- inner workings

    def _refusals(self) -> Iterator[str]:
        for env in self.environments():
            try:
                self._tried(env)
            except Exception as error:
                yield f"Where actions are {env.action_space}: {type(error).__name__}: {error}"
