"""How well networks that remember learn: CartPole of which only the positions are seen, over five seeds.

    python benchmarks/memory.py                  # five seeds with memory, and without
    python benchmarks/memory.py --seeds 2

Gymnasium's CartPole-v1 tells where cart and pole are and how fast they move; `Positions` leaves the speeds
out, so that no single observation says which way the pole is falling. PPO trains the registered network
"recurrent", and "mlp" beside it with the same settings; then each agent plays 100 games without exploring,
from other seeds. One process and one thread. Prints the mean over the seeds, the lowest and the highest of
them, and the CPU-seconds of a training.

From the command line, in the folder of this file:

    csai train CartPole-v1 --wrap memory:Positions --net recurrent --algorithm ppo
"""

from __future__ import annotations

import argparse
import statistics
import time
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from csai_train import evaluate, train
from csai_train.algorithms.ppo import PPOConfig

GAMES = 100
FIRST_GAME = 1_000_000
"""Seed of the first game that an agent is judged by, far from those it was trained in."""
TOTAL_STEPS = 300_000
CONFIG = PPOConfig(
    num_envs=32,
    num_steps=32,
    num_epochs=6,
    num_minibatches=2,
    learning_rate=2e-3,
    gamma=0.98,
    gae_lambda=0.9,
    entropy_coef=0.0,
    normalize_observation=True,
    normalize_reward=True,
)
"""Many environments, as what a step costs is mostly the same for many as for few; normalized rewards, because
policy and values share the layers that remember."""


class Positions(gymnasium.ObservationWrapper[NDArray[Any], Any, NDArray[Any]]):
    """CartPole without velocities: the place of the cart and the angle of the pole."""

    def __init__(self, env: gymnasium.Env[Any, Any]) -> None:
        super().__init__(env)
        whole: Any = env.observation_space
        self.observation_space = spaces.Box(whole.low[[0, 2]], whole.high[[0, 2]])

    def observation(self, observation: NDArray[Any]) -> NDArray[Any]:
        """The positions."""
        return observation[[0, 2]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5, metavar="N", help="train only the first N")
    parser.add_argument("--networks", nargs="*", default=["recurrent", "mlp"], metavar="NET")
    parser.add_argument(
        "--smallest",
        action="store_true",
        help="the smallest sizes, to see that it runs; its figures mean nothing",
    )
    options = parser.parse_args()
    seeds = 1 if options.smallest else options.seeds
    print("| network | return, mean (lowest to highest) | seeds | CPU-seconds |\n|---|---|---|---|")
    for network in options.networks:
        returns, seconds = zip(
            *(learn(network, seed, options.smallest) for seed in range(seeds)), strict=True
        )
        mean, low, high = statistics.mean(returns), min(returns), max(returns)
        cost = statistics.median(seconds)
        print(f"| `{network}` | {mean:.2f} ({low:.2f} to {high:.2f}) | {seeds} | {cost:.0f} |", flush=True)


def learn(network: str, seed: int, is_smallest: bool) -> tuple[float, float]:
    """The mean return of an agent's games, and the CPU-seconds of its training."""
    began = time.process_time()
    envs = [make() for _ in range(CONFIG.num_envs)]
    steps = CONFIG.num_envs * CONFIG.num_steps if is_smallest else TOTAL_STEPS
    training = train("ppo", envs, total_steps=steps, seed=seed, config=CONFIG, network=network)
    seconds = time.process_time() - began
    games = evaluate(training, make(), 1 if is_smallest else GAMES, seed=FIRST_GAME)
    print(f"{network}, seed {seed}: {games.returns.mean():.2f}, {seconds:.0f} CPU-seconds", flush=True)
    return float(np.mean(games.returns)), seconds


def make() -> gymnasium.Env[Any, Any]:
    return Positions(gymnasium.make("CartPole-v1"))


if __name__ == "__main__":
    main()
