"""What csai-envs offers to the csai family: its games, as Gymnasium specifications."""

from __future__ import annotations

from typing import Any

from gymnasium.envs.registration import EnvSpec

from csai_core import Entry, Kind, hookimpl


def _spec(
    name: str, folder: str, entry_point: str = "", *, is_batched: bool = False, **settings: Any
) -> EnvSpec:
    """A game's specification; its entry point is the class `{name}Env` in env.py unless it is given.

    Shell itself keeps the order of reset and step, and tests check what the games return, so that
    neither needs a wrapper around every step.
    """
    batch = f"csai_envs.{folder}.batch:{name}VectorEnv" if is_batched else None
    return EnvSpec(
        id=f"CSAI/{name}-v0",
        entry_point=f"csai_envs.{folder}.{entry_point or f'env:{name}Env'}",
        vector_entry_point=batch,
        order_enforce=False,
        disable_env_checker=True,
        **settings,
    )


ENVIRONMENTS = (
    _spec("Catch", "catch", is_batched=True, reward_threshold=0.99, kwargs={"attributes": "board"}),
    _spec("CartPole", "cartpole", is_batched=True, max_episode_steps=500, reward_threshold=475.0),
    _spec("Flappy", "flappy", max_episode_steps=3000),
    _spec(
        "FrozenLake",
        "frozenlake",
        is_batched=True,
        max_episode_steps=100,
        reward_threshold=0.99,
        kwargs={"attributes": "cell"},
    ),
    _spec("Maze", "maze", max_episode_steps=1000, kwargs={"attributes": "board"}),
    _spec(
        "SimpleGrid",
        "simplegrid",
        is_batched=True,
        max_episode_steps=200,
        kwargs={"attributes": "agent_pos"},
    ),
    _spec(
        "Snake",
        "snake",
        "fast_env:FastSnakeEnv",
        is_batched=True,
        max_episode_steps=5000,
        kwargs={"width": 16, "height": 16, "attributes": "game_state"},
    ),
    _spec("TicTacToe", "tictactoe", kwargs={"attributes": "board"}),
)
"""Every game of this package, under its id."""


@hookimpl
def csai_environments() -> tuple[EnvSpec, ...]:
    """The games."""
    return ENVIRONMENTS


@hookimpl
def csai_agents() -> list[Entry]:
    """The agents that know a game."""
    return [
        Entry(
            name="astar",
            target="csai_envs.snake.planners:make_astar_agent",
            summary="Snake: takes a shortest way to the apple.",
            reference="Hart, Nilsson and Raphael 1968, doi:10.1109/TSSC.1968.300136",
        ),
        Entry(
            name="hamilton",
            target="csai_envs.snake.planners:make_hamilton_agent",
            summary="Snake: follows a tour of the board, and fills it.",
        ),
        Entry(
            name="breadth_first",
            target="csai_envs.maze.agents:make_breadth_first_agent",
            summary="Maze: takes a shortest way to the goal.",
        ),
        Entry(
            name="minimax",
            target="csai_envs.tictactoe.agents:make_minimax_agent",
            summary="TicTacToe: plays perfectly.",
        ),
    ]


@hookimpl
def csai_kinds() -> list[Kind]:
    """What plugins can add to the games."""
    return [
        Kind(
            name="opponents",
            hook="csai_opponents",
            suite="csai_envs.testing:OpponentSuite",
            summary="Who TicTacToe is played against.",
        )
    ]


@hookimpl
def csai_opponents() -> list[Entry]:
    """The opponents of TicTacToe."""
    return [
        Entry(
            name="random",
            target="csai_envs.tictactoe.opponents:random_cells",
            summary="Takes any free cell.",
        ),
        Entry(
            name="perfect",
            target="csai_envs.tictactoe.opponents:perfect_cells",
            summary="Never loses, and wins where it can.",
        ),
    ]
