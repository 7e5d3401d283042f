"""How well continuous control is learned: csai beside Stable-Baselines3, at equal settings and steps.

    python benchmarks/control.py InvertedPendulum-v5:sac
    python benchmarks/control.py HalfCheetah-v5:sac HalfCheetah-v5:ppo --seeds 3

Each peer trains with the same settings, seed after seed, one thread, and its policy then plays the same games
without exploring. PPO's settings are those of csai's preset, which are rl-baselines3-zoo's. Results are kept
below `--results`, so that a benchmark that was stopped goes on where it was; a peer that is not installed is
skipped with a word. Shown is the mean return of each seed, their mean, and the CPU-seconds of a training.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import gymnasium
import torch

from csai_core import presets
from csai_train import train

Act = Callable[[Any], Any]
"""From one observation to one action, without exploring."""
FIRST_GAME = 1_000_000
"""Seed of the first game that a policy is judged by, far from those it was trained in."""
DEFAULT = {"learning_rate": 3e-4, "batch_size": 256, "learning_starts": 100, "buffer_capacity": 1_000_000}
"""What Stable-Baselines3 takes by itself for SAC, in csai's words."""
SMALL = {**DEFAULT, "batch_size": 64, "hidden_sizes": (64, 64)}


class Work(NamedTuple):
    """What is learned, and how."""

    environment: str
    algorithm: str
    steps: int
    config: dict[str, Any] | None
    """In csai's words; None takes the preset's."""
    games: int


WORKS = {
    "InvertedPendulum-v5:sac": Work("InvertedPendulum-v5", "sac", 8_000, DEFAULT, 20),
    "InvertedPendulum-v5:sac-small": Work("InvertedPendulum-v5", "sac", 8_000, SMALL, 20),
    "HalfCheetah-v5:sac": Work("HalfCheetah-v5", "sac", 60_000, {**DEFAULT, "learning_starts": 10_000}, 20),
    "HalfCheetah-v5:ppo": Work("HalfCheetah-v5", "ppo", 300_000, None, 20),
    "Pendulum-v1:sac": Work("Pendulum-v1", "sac", 5_000, DEFAULT, 20),
}
SMALLEST = WORKS["Pendulum-v1:sac"]._replace(steps=150, games=1)


# --- the peers: each learns, and gives what acts


def csai(work: Work, seed: int) -> Act:
    """With the settings of the work, or of the preset."""
    preset = "auto" if work.config is None else None
    training = train(
        work.algorithm,
        work.environment,
        total_steps=work.steps,
        seed=seed,
        config=work.config,
        preset=preset,
        health=False,
    )
    return lambda observation: training.algorithm.act(observation[None], explore=False).action[0]


def sb3(work: Work, seed: int) -> Act:
    """With the same settings in its words."""
    import stable_baselines3
    from stable_baselines3.common.env_util import make_vec_env
    from stable_baselines3.common.vec_env import VecNormalize

    config = settings_of(work)
    envs: Any = make_vec_env(work.environment, n_envs=1, seed=seed)
    if is_normalized := bool(config.get("normalize_observation")):
        envs = VecNormalize(envs, gamma=config["gamma"])
    make = getattr(stable_baselines3, work.algorithm.upper())
    model = make("MlpPolicy", envs, **IN_THEIR_WORDS[work.algorithm](config), seed=seed, device="cpu")
    model.learn(work.steps)

    def act(observation: Any) -> Any:
        seen = envs.normalize_obs(observation) if is_normalized else observation
        return model.predict(seen, deterministic=True)[0]

    return act


def sac_in_their_words(config: Mapping[str, Any]) -> dict[str, Any]:
    same = ("learning_rate", "batch_size", "learning_starts")
    layers = {"net_arch": [*config.get("hidden_sizes", (256, 256))]}
    return {
        **{name: config[name] for name in same},
        "buffer_size": config["buffer_capacity"],
        "policy_kwargs": layers,
    }


def ppo_in_their_words(config: Mapping[str, Any]) -> dict[str, Any]:
    """Errors of values are halved in csai only, and its minibatches are counted, not measured."""
    layers = [*config["hidden_sizes"]]
    policy = {"net_arch": {"pi": layers, "vf": layers}, "log_std_init": config["log_std_init"]}
    policy |= {"ortho_init": False, "activation_fn": torch.nn.ReLU}
    same = ("learning_rate", "gamma", "gae_lambda", "clip_range", "max_grad_norm")
    return {
        **{name: config[name] for name in same},
        "n_steps": config["num_steps"],
        "batch_size": config["num_steps"] // config["num_minibatches"],
        "n_epochs": config["num_epochs"],
        "ent_coef": config["entropy_coef"],
        "vf_coef": config["value_coef"] / 2,
        "policy_kwargs": policy,
    }


IN_THEIR_WORDS = {"sac": sac_in_their_words, "ppo": ppo_in_their_words}
PEERS = {"csai": csai, "sb3": sb3}


def settings_of(work: Work) -> Mapping[str, Any]:
    """In csai's words."""
    preset = presets.find(work.environment, work.algorithm) if work.config is None else None
    return (work.config or {}) if preset is None else preset.config


# --- judging


def mean_return(environment: str, act: Act, games: int) -> float:
    """What a policy reaches on average, in games that are the same for every peer."""
    env = gymnasium.make(environment)
    total = 0.0
    for game in range(games):
        observation, _ = env.reset(seed=FIRST_GAME + game)
        is_over = False
        while not is_over:
            observation, reward, terminated, truncated, _ = env.step(act(observation))
            total += float(reward)
            is_over = terminated or truncated
    return total / games


def measure(name: str, work: Work, peer: str, seed: int, results: Path) -> dict[str, float]:
    """One training, judged; kept in a file, which is read where there is one."""
    file = results / f"{name.replace(':', '-')}-{peer}-{seed}.json"
    if not file.exists():
        started = time.process_time()
        act = PEERS[peer](work, seed)
        seconds = time.process_time() - started
        result = {"return": mean_return(work.environment, act, work.games), "cpu_seconds": seconds}
        results.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(result))
        print(f"{name}, {peer}, seed {seed}: {result['return']:.1f}, {seconds:.0f} CPU-seconds", flush=True)
    found: dict[str, float] = json.loads(file.read_text())
    return found


def compare(name: str, work: Work, options: argparse.Namespace) -> list[str]:
    """The rows of a table; seeds go round the peers, so that what was stopped is even."""
    found: dict[str, list[dict[str, float]]] = {peer: [] for peer in options.peers}
    for seed in range(options.seeds):
        for peer in list(found):
            try:
                found[peer].append(measure(name, work, peer, seed, options.results))
            except ModuleNotFoundError as error:
                print(f"{peer}: skipped ({error})")
                del found[peer]
    rows = []
    for peer, results in found.items():
        returns = [result["return"] for result in results]
        seconds = statistics.mean(result["cpu_seconds"] for result in results)
        seeds = " ".join(f"{value:,.0f}" for value in returns)
        steps = f"{work.steps:,}"
        rows.append(
            f"| {name} | {steps} | {peer} | {seeds} | {statistics.mean(returns):,.0f} | {seconds:,.0f} |"
        )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("works", nargs="*", metavar="ID:ALGORITHM", help=", ".join(WORKS))
    parser.add_argument("--seeds", type=int, default=5, metavar="N")
    parser.add_argument("--peers", nargs="+", default=[*PEERS], choices=[*PEERS])
    parser.add_argument("--results", type=Path, default=Path("runs/control"), metavar="FOLDER")
    parser.add_argument(
        "--smallest",
        action="store_true",
        help="the smallest sizes, to see that it runs; its figures mean nothing",
    )
    options = parser.parse_args()
    if unknown := {*options.works} - {*WORKS}:
        parser.error(f"there is no {', '.join(unknown)}; there is {', '.join(WORKS)}")
    torch.set_num_threads(1)
    works = {name: WORKS[name] for name in options.works or WORKS}
    if options.smallest:
        options.seeds, works = 1, {"Pendulum-v1:sac, smallest": SMALLEST}
    lines = ["| work | steps | peer | by seed | mean | CPU-seconds |", "|---|--:|---|---|--:|--:|"]
    for name, work in works.items():
        lines += compare(name, work, options)
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    print("\n".join([*lines, "", f"load {load}"]))


if __name__ == "__main__":
    main()
