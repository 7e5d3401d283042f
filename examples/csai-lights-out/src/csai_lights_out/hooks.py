"""What csai-lights-out offers to csai, as data."""

from __future__ import annotations

from csai_core import Entry, hookimpl
from gymnasium.envs.registration import EnvSpec


@hookimpl
def csai_environments() -> list[EnvSpec]:
    """The game, small and large."""
    entry_point = "csai_lights_out.env:LightsOutEnv"
    return [
        EnvSpec(id="LightsOut/Small-v0", entry_point=entry_point, max_episode_steps=50),
        EnvSpec(id="LightsOut/Large-v0", entry_point=entry_point, max_episode_steps=200, kwargs={"size": 5}),
    ]


@hookimpl
def csai_agents() -> list[Entry]:
    """The agent that knows how."""
    return [
        Entry(
            name="lights_out_solver",
            target="csai_lights_out.solver:make_solver",
            summary="Solves Lights Out with linear algebra.",
            reference="Anderson and Feil 1998, Mathematics Magazine 71(4)",
        )
    ]
