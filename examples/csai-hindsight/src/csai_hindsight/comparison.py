"""Deep Q-learning with and without hindsight, over several seeds: the table of README.md.

python -m csai_hindsight.comparison
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

import csai_core
from csai_train import TrainedAgent, train

LENGTHS = {"BitFlip/Few-v0": 8_000, "BitFlip/Many-v0": 20_000}
"""How many steps are trained in each environment."""
SETTINGS: dict[str, Any] = {
    "hidden_sizes": [128],
    "learning_rate": 1e-3,
    "gamma": 0.95,
    "batch_size": 64,
    "learning_starts": 500,
    "train_every": 2,
    "target_every": 500,
    "double": True,
}
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
    print("| environment | steps | memory | games won, by seed |")
    print("|---|---:|---|---:|")
    for environment_id, length in LENGTHS.items():
        total_steps = 600 if options.smallest else length
        for buffer in ("dict", "hindsight"):
            rates = []
            for seed in range(1, num_seeds + 1):
                config = {**SETTINGS, "buffer": buffer}
                training = train(
                    "deep_q_learning", environment_id, total_steps=total_steps, seed=seed, config=config
                )
                rates.append(success_rate(training.agent(), environment_id, num_games))
            told = ", ".join(f"{100 * rate:g}%" for rate in rates)
            print(f"| `{environment_id}` | {total_steps:,} | `{buffer}` | {told} |", flush=True)


if __name__ == "__main__":
    main()
