"""What csai-lights-out offers to csai, as data."""

from __future__ import annotations

from csai_core import Entry, hookimpl
from gymnasium.envs.registration import EnvSpec


@hookimpl
def csai_environments() -> list[EnvSpec]:
    """The game, small and large, single and by the thousand."""
    one, many = "csai_lights_out.env:LightsOutEnv", "csai_lights_out.batch:LightsOutVectorEnv"
    return [
        EnvSpec("LightsOut/Small-v0", entry_point=one, vector_entry_point=many, max_episode_steps=50),
        EnvSpec(
            "LightsOut/Large-v0",
            entry_point=one,
            vector_entry_point=many,
            max_episode_steps=200,
            kwargs={"size": 5},
        ),
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


@hookimpl
def csai_presets() -> list[Entry]:
    """With which settings the small game is learned."""
    return [
        Entry(
            name="csai_lights_out",
            target="csai_lights_out.presets:FOLDER",
            summary="Settings with which Lights Out is learned.",
        )
    ]


@hookimpl
def csai_commands() -> list[Entry]:
    """The command that tells which lamps to press."""
    return [
        Entry(
            name="lights_out",
            target="csai_lights_out.command:solve_board",
            summary="Tell which lamps of a board to press.",
        )
    ]
