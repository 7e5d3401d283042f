"""How well the agents that need no training play: python docs/environments/make_scores.py [ID …].

Prints a table for each game, in Markdown; the games' READMEs show them. Games are seeded 0, 1, 2 …
"""

from __future__ import annotations

import argparse
import statistics
from typing import Any

import gymnasium

import csai_envs
from csai_core.play import play_episode
from csai_core.plugins import installed

Row = tuple[str, int, dict[str, Any], str]
"""An agent, how many games it plays, with which options, and how to call it."""
KNOWING: dict[str, list[Row]] = {
    "CSAI/Snake-v0": [
        ("astar", 100, {}, "astar"),
        ("hamilton", 20, {"max_episode_steps": 70_000}, "hamilton, without the time limit"),
    ],
    "CSAI/Maze-v0": [("breadth_first", 1000, {}, "breadth_first")],
    "CSAI/FrozenLake-v0": [("random", 1000, {"is_slippery": True}, "random, slippery")],
    "CSAI/TicTacToe-v0": [
        ("minimax", 1000, {}, "minimax"),
        ("minimax", 1000, {"opponent": "perfect"}, "minimax, against the perfect opponent"),
    ],
}


def play(environment_id: str, agent_name: str, num_games: int, options: dict[str, Any]) -> list[list[float]]:
    """The scores, the returns and the lengths of games that an agent played."""
    env = gymnasium.make(environment_id, **options)
    env.action_space.seed(0)
    agent = installed().find("agents", agent_name).load()(env)
    results = []
    for seed in range(num_games):
        *_, game = play_episode(env, agent, seed)
        results.append([game.score, game.total_reward, game.num_steps])
    return [list(column) for column in zip(*results, strict=True)]


def main() -> None:
    """Print a table for each game, or for those named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("ids", nargs="*", metavar="ID", help="the games; all if none is named")
    parser.add_argument(
        "--smallest",
        action="store_true",
        help="the smallest sizes, to see that it runs; its figures mean nothing",
    )
    options = parser.parse_args()
    for environment_id in options.ids or sorted(spec.id for spec in csai_envs.hooks.ENVIRONMENTS):
        print(f"{environment_id}\n\n| agent | games | score | return | steps |\n|---|---|---|---|---|")
        for agent, published, settings, label in [
            ("random", 1000, {}, "random"),
            *KNOWING.get(environment_id, []),
        ]:
            num_games = 1 if options.smallest else published
            columns = play(environment_id, agent, num_games, settings)
            told = (f"{statistics.mean(each):.2f} ± {statistics.pstdev(each):.2f}" for each in columns)
            print(f"| {label} | {num_games} | {' | '.join(told)} |", flush=True)
        print()


if __name__ == "__main__":
    main()
