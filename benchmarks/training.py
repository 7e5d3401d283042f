"""How fast algorithms train: csai beside its peers, with the same network, settings and environments.

    python benchmarks/training.py ppo
    python benchmarks/training.py dqn --rounds 5
    python benchmarks/training.py ppo --python sb3=/path/to/venv/bin/python --cleanrl /path/to/cleanrl

Every measurement is a process of its own with one thread. The peers take turns, round after round, so
that a machine that grows slower grows slower for all; a peer that is not installed is skipped with a
word. Reported are steps per CPU-second of the training itself (imports left out), each round's, their
median, and the median over the rounds of csai's figure divided by the peer's.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

STEPS = {"ppo": 20_480, "dqn": 50_000}


def csai_ppo(seed: int, steps: int) -> None:
    from csai_train import train

    train("ppo", "CartPole-v1", total_steps=steps, seed=seed)


def csai_own_cartpole_ppo(seed: int, steps: int) -> None:
    from csai_train import train

    train("ppo", "CSAI/CartPole-v0", total_steps=steps, seed=seed)


def sb3_ppo(seed: int, steps: int) -> None:
    from stable_baselines3 import PPO
    from stable_baselines3.common.env_util import make_vec_env

    model = PPO(
        "MlpPolicy",
        make_vec_env("CartPole-v1", n_envs=8, seed=seed),
        learning_rate=lambda remaining: 2.5e-4 * remaining,
        n_steps=128,
        batch_size=256,
        n_epochs=4,
        ent_coef=0.01,
        seed=seed,
        device="cpu",
        policy_kwargs={"net_arch": {"pi": [64, 64], "vf": [64, 64]}},
    )
    model.learn(steps)


DQN = {
    "learning_rate": 2.5e-4,
    "batch_size": 128,
    "learning_starts": 10_000,
    "gamma": 0.99,
}


def csai_dqn(seed: int, steps: int) -> None:
    from csai_train import train

    config = {
        **DQN,
        "hidden_sizes": (120, 84),
        "buffer_capacity": 10_000,
        "train_every": 10,
        "target_every": 500,
        "epsilon_end": 0.05,
        "exploration_fraction": 0.5,
    }
    train("deep_q_learning", "CartPole-v1", total_steps=steps, seed=seed, config=config)


def sb3_dqn(seed: int, steps: int) -> None:
    import stable_baselines3
    from stable_baselines3.common.env_util import make_vec_env

    model = stable_baselines3.DQN(
        "MlpPolicy",
        make_vec_env("CartPole-v1", n_envs=1, seed=seed),
        **DQN,
        buffer_size=10_000,
        train_freq=10,
        target_update_interval=500,
        exploration_fraction=0.5,
        seed=seed,
        device="cpu",
        policy_kwargs={"net_arch": [120, 84]},
    )
    model.learn(steps)


def cleanrl(script: str, seed: int, steps: int) -> None:
    """One of CleanRL's scripts, unmodified, with its defaults, which are the settings compared here."""
    sys.argv = [script, f"--seed={seed}", f"--total-timesteps={steps}", "--no-cuda"]
    with open(script) as file:
        exec(compile(file.read(), script, "exec"), {"__name__": "__main__"})


PEERS: dict[str, dict[str, Callable[[int, int], None]]] = {
    "ppo": {"csai": csai_ppo, "csai, own CartPole": csai_own_cartpole_ppo, "sb3": sb3_ppo},
    "dqn": {"csai": csai_dqn, "sb3": sb3_dqn},
}


def measure(work: str, peer: str, seed: int, steps: int, script: str) -> None:
    """Run one peer in this process and print its steps per CPU-second."""
    import torch

    torch.set_num_threads(1)
    run = (lambda s, n: cleanrl(script, s, n)) if peer == "cleanrl" else PEERS[work][peer]
    if peer != "cleanrl":
        run(seed, steps // 20)  # imports and first-time costs
    started = time.process_time()
    run(seed, steps)
    print(json.dumps({"steps_per_second": steps / (time.process_time() - started)}))


def ask(work: str, peer: str, seed: int, options: argparse.Namespace) -> float | None:
    """Measure one peer in a process of its own; None where it is not installed."""
    python = dict(pair.split("=", 1) for pair in options.python).get(peer, sys.executable)
    script = os.path.join(options.cleanrl or "", "cleanrl", f"{work}.py")
    command = [python, __file__, work, "--peer", peer, "--seed", str(seed), "--script", script]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode != 0:
        print(f"{peer}: skipped ({done.stderr.strip().splitlines()[-1][:90]})")
        return None
    return float(json.loads(done.stdout.strip().splitlines()[-1])["steps_per_second"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("work", choices=sorted(PEERS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--python", action="append", default=[], metavar="PEER=PATH")
    parser.add_argument("--cleanrl", metavar="CHECKOUT", help="a checkout of CleanRL, to run its scripts")
    parser.add_argument("--peer", help=argparse.SUPPRESS)
    parser.add_argument("--seed", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--script", default="", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peer is not None:
        measure(options.work, options.peer, options.seed, STEPS[options.work], options.script)
        return
    peers = [*PEERS[options.work], *(["cleanrl"] if options.cleanrl else [])]
    found: dict[str, list[float]] = {peer: [] for peer in peers}
    for round_number in range(options.rounds):
        for peer in list(found):
            figure = ask(options.work, peer, options.first_seed + round_number, options)
            if figure is None:
                del found[peer]
            else:
                found[peer].append(figure)
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    print(
        f"{options.work}, {STEPS[options.work]:,} steps of CartPole-v1; "
        f"Python {platform.python_version()}, load {load}"
    )
    print(f"{'peer':<20} {'steps per CPU-second, by round':<40} {'median':>8} {'csai is':>8}")
    for peer, figures in found.items():
        rounds = " ".join(f"{figure:,.0f}" for figure in figures)
        ratio = statistics.median(ours / theirs for ours, theirs in zip(found["csai"], figures, strict=True))
        print(f"{peer:<20} {rounds:<40} {statistics.median(figures):>8,.0f} {ratio:>7.2f}x")


if __name__ == "__main__":
    main()
