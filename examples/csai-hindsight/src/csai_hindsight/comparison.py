"""Algorithms with and without hindsight, over several seeds: the table of README.md.

python -m csai_hindsight.comparison
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import csai_core
from csai_train import TrainedAgent, train


@dataclass(frozen=True)
class Task:
    """An environment, and how it is learned."""

    environment: str
    algorithm: str
    total_steps: int
    settings: dict[str, Any]


BITS: dict[str, Any] = {
    "hidden_sizes": [128],
    "learning_rate": 1e-3,
    "gamma": 0.95,
    "batch_size": 64,
    "learning_starts": 500,
    "train_every": 2,
    "target_every": 500,
    "double": True,
}
ARM: dict[str, Any] = {
    "hidden_sizes": [64, 64],
    "learning_rate": 1e-3,
    "gamma": 0.95,
    "batch_size": 64,
    "learning_starts": 500,
}
TASKS = (
    Task("BitFlip/Few-v0", "deep_q_learning", 8_000, BITS),
    Task("BitFlip/Many-v0", "deep_q_learning", 20_000, BITS),
    Task("Reach/Arm-v0", "sac", 15_000, ARM),
)
NUM_GAMES = 200


def success_rate(agent: TrainedAgent, environment_id: str, num_games: int) -> float:
    """The share of games that an agent wins, of some that are no part of any training."""
    env = csai_core.make(environment_id)
    won = 0
    for game in range(num_games):
        observation, _ = env.reset(seed=1_000_000 + game)
        is_over = False
        while not is_over:
            observation, _, terminated, truncated, _ = env.step(agent.get_next_action(observation))
            is_over = terminated or truncated
        won += terminated
    return won / num_games


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--seeds", type=int, default=5, help="how many trainings each, with the seeds 1, 2, …"
    )
    parser.add_argument("--smallest", action="store_true", help="see whether it runs, and no more")
    options = parser.parse_args(arguments)
    num_seeds, num_games = (1, 2) if options.smallest else (options.seeds, NUM_GAMES)
    print("| environment | algorithm | steps | memory | games won, by seed |")
    print("|---|---|---:|---|---:|")
    for task in TASKS:
        total_steps = 600 if options.smallest else task.total_steps
        for buffer in ("dict", "hindsight"):
            rates = []
            for seed in range(1, num_seeds + 1):
                config = {**task.settings, "buffer": buffer}
                training = train(
                    task.algorithm, task.environment, total_steps=total_steps, seed=seed, config=config
                )
                rates.append(success_rate(training.agent(), task.environment, num_games))
            told = ", ".join(f"{100 * rate:g}%" for rate in rates)
            names = f"| `{task.environment}` | `{task.algorithm}` |"
            print(f"{names} {total_steps:,} | `{buffer}` | {told} |", flush=True)


if __name__ == "__main__":
    main()
