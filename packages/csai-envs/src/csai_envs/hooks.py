"""What csai-envs offers to the csai family: its games, as Gymnasium specifications."""

from __future__ import annotations

from gymnasium.envs.registration import EnvSpec

from csai_core.plugins import hookimpl

# Shell itself keeps the order of reset and step, and tests check what the games return, so that
# neither needs a wrapper around every step.
ENVIRONMENTS = (
    EnvSpec(
        id="CSAI/Snake-v0",
        entry_point="csai_envs.snake.env:SnakeEnv",
        vector_entry_point="csai_envs.snake.batch:SnakeVectorEnv",
        max_episode_steps=5000,
        order_enforce=False,
        disable_env_checker=True,
        kwargs={"width": 16, "height": 16, "attributes": "game_state"},
    ),
)
"""Every game of this package, under its id."""


@hookimpl
def csai_environments() -> tuple[EnvSpec, ...]:
    """The games."""
    return ENVIRONMENTS
