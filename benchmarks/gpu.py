"""PPO on a thousand games of Snake with a convolutional network: a GPU beside the CPU.

    python benchmarks/gpu.py
    python benchmarks/gpu.py --num-envs 4096 --updates 8 --rounds 5

The games are played in numpy on the CPU either way; what moves is the network, which looks at the board as
three planes of 16 x 16. A first update on each device, in which libraries are loaded and algorithms chosen,
is left out. Then both take turns, round after round; shown are steps per second of wall time, by round,
their medians, and the median over the rounds of the ratio. Where there is no GPU, it says so, as there is
nothing to set beside the CPU.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time

import torch
from gymnasium.envs.registration import EnvSpec

from csai_train import train
from csai_train.algorithms.ppo import PPOConfig
from csai_train.environments.make import specify

DEVICES = ("cpu", "cuda")


def config_for(num_envs: int) -> PPOConfig:
    return PPOConfig(
        num_envs=num_envs,
        num_steps=16,
        num_epochs=4,
        num_minibatches=4,
        hidden_sizes=(256,),
        share_layers=True,
        activation="relu",
    )


def steps_per_second(device: str, spec: EnvSpec, config: PPOConfig, updates: int, threads: int) -> float:
    """Of wall time, over a whole training of so many updates."""
    total_steps = config.num_envs * config.num_steps * updates
    started = time.perf_counter()
    train(
        "ppo",
        spec,
        total_steps=total_steps,
        seed=1,
        preset=None,
        config=config,
        device=device,
        threads=threads,
    )
    if device == "cuda":
        torch.cuda.synchronize()
    return total_steps / (time.perf_counter() - started)


def compare(num_envs: int, updates: int, rounds: int, threads: int, devices: tuple[str, ...]) -> None:
    """Let the devices take turns, and print the table."""
    spec, config = specify("CSAI/Snake-v0", {"attributes": "board"}), config_for(num_envs)
    for device in devices:
        steps_per_second(device, spec, config, 1, threads)
    found: dict[str, list[float]] = {device: [] for device in devices}
    for _ in range(rounds):
        for device in devices:
            found[device].append(steps_per_second(device, spec, config, updates, threads))
    print(f"{num_envs:,} games, {updates} updates, {threads} threads, torch {torch.__version__}")
    print("| device | steps per second, by round | median | times the CPU |\n| --- | --- | --- | --- |")
    for device, speeds in found.items():
        ratio = statistics.median(own / cpu for own, cpu in zip(speeds, found["cpu"], strict=True))
        rounds_shown = " ".join(f"{speed:,.0f}" for speed in speeds)
        print(f"| {device} | {rounds_shown} | {statistics.median(speeds):,.0f} | {ratio:.2f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--num-envs", type=int, default=1_024)
    parser.add_argument("--updates", type=int, default=4, help="of 16 steps in every game each")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1, help="all cores if not said")
    parser.add_argument(
        "--smallest",
        action="store_true",
        help="the smallest sizes, to see that it runs; its figures mean nothing",
    )
    options = parser.parse_args()
    has_gpu = torch.cuda.is_available()
    devices = DEVICES if has_gpu else DEVICES[:1]
    print(torch.cuda.get_device_name() if has_gpu else "There is no GPU here that torch can use.")
    if options.smallest:
        compare(8, 1, 1, 1, devices)
    elif has_gpu:
        compare(options.num_envs, options.updates, options.rounds, options.threads, devices)


if __name__ == "__main__":
    main()
