"""Sick trainings and healthy ones: does `csai doctor` name what is wrong, and keep still where nothing is?

    python benchmarks/health.py                 # trains what is missing, then prints the table
    python benchmarks/health.py --seeds 10 11   # other seeds, as thresholds are tuned with
    python benchmarks/health.py --only healthy  # some of them
    python benchmarks/health.py --more          # faults that were thought of after the rules
    python benchmarks/health.py --cost          # how much processor time looking takes

Each training is one line of benchmarks/results/health.jsonl, so that it goes on where it stopped.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
from torch import nn

from csai_train import Callback, train

RESULTS = Path(__file__).parent / "results" / "health.jsonl"
SEEDS = (0, 1, 2)
STEPS = {"deep_q_learning": 12_000, "ppo": 40_000, "a2c": 40_000}
"""How long the sick trainings are: a few seconds each."""
CONFIGS: dict[str, dict[str, Any]] = {
    "deep_q_learning": {"num_envs": 4, "learning_starts": 500, "target_every": 500},
    "ppo": {"num_envs": 8, "num_steps": 64},
    "a2c": {"num_envs": 8},
}


# --- faults in the environment


class Changed(gymnasium.Wrapper):
    """CartPole with one thing wrong with it."""

    def __init__(self, env: gymnasium.Env, **faults: Any) -> None:
        super().__init__(env)
        self.faults = faults
        self.random = np.random.default_rng(0)
        self.count, self.unpaid = 0, 0.0
        if faults.get("observed") or faults.get("endless"):
            low, high = np.full(4, -np.inf, np.float32), np.full(4, np.inf, np.float32)
            self.observation_space = gymnasium.spaces.Box(low, high)

    def reset(self, *, seed: int | None = None, options: Any = None) -> Any:
        """Begin, always alike where that is the fault."""
        if seed is not None:
            self.random = np.random.default_rng(seed)
        self.count, self.unpaid = 0, 0.0
        observation, info = self.env.reset(seed=7 if self.faults.get("alike") else seed, options=options)
        return self.seen(observation), info

    def step(self, action: Any) -> Any:
        """Take a step, with the fault."""
        if self.faults.get("ignored"):
            action = int(self.random.integers(2))
        observation, reward, terminated, truncated, info = self.env.step(action)
        self.count += 1
        reward = reward * self.faults.get("times", 1.0) + self.faults.get("shift", 0.0)
        if self.faults.get("delayed"):
            reward, self.unpaid = self.unpaid, reward
        if self.faults.get("by_chance"):
            reward = float(self.random.normal())
        if self.faults.get("cut"):
            terminated, truncated = False, terminated or truncated
        if self.faults.get("alike"):
            terminated, truncated = False, self.count >= 40
        if self.faults.get("endless") and (terminated or truncated):
            observation, _ = self.env.reset()
            terminated = truncated = False
        return self.seen(observation), reward, terminated, truncated, info

    def seen(self, observation: Any) -> Any:
        """What is observed."""
        if self.faults.get("frozen"):
            return np.full(4, 0.02, np.float32)
        if self.faults.get("noise"):
            return self.random.uniform(-0.05, 0.05, 4).astype(np.float32)
        return observation * np.float32(self.faults.get("observed", 1.0))


def cart_poles(count: int, **faults: Any) -> list[gymnasium.Env]:
    """So many of them, each with the fault."""
    made = []
    for _ in range(count):
        env = gymnasium.make("CartPole-v1")
        made.append(Changed(env, **faults) if faults else env)
    return made


# --- faults in what learns


class Freeze(Callback):
    """Takes away from the optimizer whatever it would do."""

    def start(self, training: Any) -> None:
        """Have it do nothing."""
        training.algorithm.optimizer.step = lambda *args, **kwargs: None


class Harden(Callback):
    """Makes the first policy sure of one action, whatever it sees."""

    def start(self, training: Any) -> None:
        """Add to that action's score."""
        network = training.algorithm.net
        outputs = [
            each for each in network.modules() if isinstance(each, nn.Linear) and each.out_features == 2
        ]
        for layer in outputs:
            layer.bias.data[0] += 30.0


class Kill(Callback):
    """Leaves a tenth of the units of each layer alive."""

    def start(self, training: Any) -> None:
        """Give the others a bias that nothing overcomes."""
        algorithm = training.algorithm
        network = getattr(algorithm, "net", None) or algorithm.q_network
        for layer in network.modules():
            if isinstance(layer, nn.Linear) and layer.out_features > 2:
                layer.bias.data[layer.out_features // 10 :] = -100.0


class Repeat(Callback):
    """Has the replay memory give the same batch for ever."""

    def start(self, training: Any) -> None:
        """Keep the first."""
        buffer = training.algorithm.buffer
        draw, kept = buffer.sample, []

        def sample(n: int | None = None) -> Any:
            if not kept:
                kept.append(draw(n))
            return kept[0]

        buffer.sample = sample


@dataclass(frozen=True)
class Fault:
    """Something wrong, and the rules that are right to name it."""

    right: tuple[str, ...]
    environment: dict[str, Any] = field(default_factory=dict)
    config: Callable[[str], dict[str, Any]] = lambda algorithm: {}
    callbacks: Callable[[str], Sequence[Callback]] = lambda algorithm: ()
    algorithms: tuple[str, ...] = tuple(STEPS)


TOO_FAST = (
    "policy_jumps",
    "weights_jump",
    "clipped_too_often",
    "values_impossible",
    "decided_too_soon",
    "network_blind",
)
FAULTS = {
    "reward off": Fault(("reward_never_changes",), {"times": 0.0}),
    "observations x1000": Fault(("observations_too_large",), {"observed": 1000.0}),
    "learning rate x1000": Fault(
        TOO_FAST,
        config=lambda algorithm: {
            "learning_rate": {"deep_q_learning": 0.5, "ppo": 0.25, "a2c": 3.0}[algorithm]
        },
    ),
    "truncated for terminated": Fault(("cut_before_its_time",), {"cut": True}),
    "no exploring": Fault(
        ("exploring_ended_early", "decided_too_soon"),
        config=lambda algorithm: (
            {"epsilon_start": 0.0, "epsilon_end": 0.0} if algorithm == "deep_q_learning" else {}
        ),
        callbacks=lambda algorithm: [] if algorithm == "deep_q_learning" else [Harden()],
    ),
    "network frozen": Fault(("weights_frozen",), callbacks=lambda algorithm: [Freeze()]),
    "rewards shifted": Fault(("quitting_pays",), {"shift": -2.0}),
    "rewards x1000": Fault(("rewards_too_large",), {"times": 1000.0}),
    "resets in lock-step": Fault(("lock_step",), {"alike": True}),
    "gamma 0": Fault(("short_sighted",), config=lambda algorithm: {"gamma": 0.0}),
    "action ignored": Fault(("undecided", "no_better_than_random"), {"ignored": True}),
    "no ending": Fault(("no_ending",), {"endless": True}),
}
"""Twelve of them, and which rules may name them first: said before any was trained."""
DQN, POLICIES = ("deep_q_learning",), ("ppo", "a2c")
MORE = {
    "observations frozen": Fault(("observation_constant",), {"frozen": True}),
    "observations noise": Fault(("undecided", "no_better_than_random"), {"noise": True}),
    "reward at random": Fault(("no_better_than_random", "values_explain_nothing"), {"by_chance": True}),
    "reward one step late": Fault((), {"delayed": True}),
    "target never copied": Fault(
        ("target_never_copied",), config=lambda _: {"target_every": 10**9}, algorithms=DQN
    ),
    "always exploring": Fault(
        ("exploring_never_ends",), config=lambda _: {"epsilon_end": 1.0}, algorithms=DQN
    ),
    "always the same batch": Fault((), callbacks=lambda _: [Repeat()], algorithms=DQN),
    "entropy coefficient 10": Fault(
        ("undecided",), config=lambda _: {"entropy_coef": 10.0}, algorithms=POLICIES
    ),
    "value coefficient 0": Fault(
        ("values_explain_nothing",), config=lambda _: {"value_coef": 0.0}, algorithms=POLICIES
    ),
    "learning rate 1e-9": Fault(
        ("weights_frozen", "policy_hardly_moves"), config=lambda _: {"learning_rate": 1e-9}
    ),
    "units dead": Fault(("units_idle", "saturated_at_start", "network_blind"), callbacks=lambda _: [Kill()]),
}
"""Faults that were thought of after the rules, some of which were mended by them; two have no rule."""
HEALTHY: tuple[tuple[str, str], ...] = (
    ("CartPole-v1", "ppo"),
    ("CartPole-v1", "deep_q_learning"),
    ("CartPole-v1", "a2c"),
    ("CSAI/CartPole-v0", "ppo"),
    ("CSAI/Catch-v0", "deep_q_learning"),
    ("CSAI/SimpleGrid-v0", "deep_q_learning"),
    ("CSAI/SimpleGrid-v0", "q_learning"),
    ("CSAI/FrozenLake-v0", "q_learning"),
    ("CSAI/Maze-v0", "ppo"),
    ("CSAI/TicTacToe-v0", "q_learning"),
    ("CliffWalking-v1", "q_learning"),
    ("FrozenLake-v1", "q_learning"),
    ("Taxi-v4", "q_learning"),
    ("Pendulum-v1", "ppo"),
)
"""Presets whose whole training takes seconds; those of networks are trained with several seeds."""
MORE_SEEDS = 6
"""Of the first so many, another training with the next seed: twenty in all."""


def sick(fault: str, algorithm: str, seed: int) -> dict[str, Any]:
    """Train with a fault; what was found."""
    planted = (FAULTS | MORE)[fault]
    config = {**CONFIGS[algorithm], **planted.config(algorithm)}
    training = train(
        algorithm,
        cart_poles(config["num_envs"], **planted.environment),
        total_steps=STEPS[algorithm],
        config=config,
        seed=seed,
        callbacks=list(planted.callbacks(algorithm)),
    )
    return told(training)


def healthy(environment: str, algorithm: str, seed: int) -> dict[str, Any]:
    """Train as a preset says; what was found, and the mean return of the last 100 episodes."""
    training = train(algorithm, environment, seed=seed)
    return {**told(training), "return": round(training.recent_return(), 3)}


def told(training: Any) -> dict[str, Any]:
    """What a training was told of its health, and since when it is not seen any more."""
    return {"findings": [[each.rule, each.level, each.steps, each.gone_since] for each in training.findings]}


def jobs(seeds: Sequence[int]) -> list[tuple[str, str, str, int]]:
    """Every training of the corpus: its kind, its fault or environment, algorithm and seed."""
    of_faults = [("sick", fault, name, seed) for fault in FAULTS for name in STEPS for seed in seeds]
    of_presets = [("healthy", *each, seeds[0]) for each in HEALTHY]
    again = [("healthy", *each, seeds[-1] + 1) for each in HEALTHY[:MORE_SEEDS]]
    return of_faults + of_presets + again


def more_jobs(seeds: Sequence[int]) -> list[tuple[str, str, str, int]]:
    """Every training with a fault that is not in the corpus."""
    return [
        ("sick", fault, name, seed) for fault in MORE for name in MORE[fault].algorithms for seed in seeds
    ]


def cost(rounds: int, total_steps: int) -> str:
    """How much processor time looking after trainings takes, in words."""

    def seconds(algorithm: str, environment: str, health: bool) -> float:
        began = time.process_time()
        train(algorithm, environment, total_steps=total_steps, seed=1, preset=None, health=health)
        return time.process_time() - began

    lines = []
    for algorithm, environment in (("ppo", "CartPole-v1"), ("q_learning", "FrozenLake-v1")):
        seconds(algorithm, environment, health=True)
        pairs = [
            [seconds(algorithm, environment, health=health) for health in (False, True)]
            for _ in range(rounds)
        ]
        plain = statistics.median(without for without, _ in pairs)
        more = statistics.median(with_it - without for without, with_it in pairs)
        lines.append(
            f"{algorithm} in {environment}, {total_steps:,} steps: {plain:.2f} s, and {more:.2f} s for its "
            "health"
        )
    return "\n".join(lines)


def main() -> None:
    """Train what is missing, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS))
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--only", nargs="*", default=[], help="words that the job must hold")
    parser.add_argument("--more", action="store_true", help="faults that were thought of after the rules")
    parser.add_argument("--cost", action="store_true", help="measure what looking costs instead")
    parser.add_argument("--smallest", action="store_true", help="two short trainings, to see that it runs")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    if options.cost:
        print(cost(1, 4_096) if options.smallest else cost(7, 20_000))
        return
    options.results.parent.mkdir(exist_ok=True)
    lines = options.results.read_text().splitlines() if options.results.exists() else []
    done = {tuple(each["job"]): each for each in map(json.loads, lines)}
    wanted = [
        job
        for job in (more_jobs if options.more else jobs)(
            options.seeds[:1] if options.smallest else options.seeds
        )
        if all(word in map(str, job) for word in options.only)
    ]
    wanted = wanted[:2] if options.smallest else wanted
    for job in wanted:
        if job in done:
            continue
        began = time.process_time()
        result = (sick if job[0] == "sick" else healthy)(*job[1:])
        done[job] = {"job": job, **result, "seconds": round(time.process_time() - began, 1)}
        with options.results.open("a") as file:
            file.write(json.dumps(done[job]) + "\n")
        print(job, result, flush=True)
    print(table([done[job] for job in wanted]))


def table(results: Sequence[dict[str, Any]]) -> str:
    """The results in Markdown: a row for each fault and algorithm, and the healthy ones."""
    lines = ["| fault | algorithm | named first | by a right rule |", "|---|---|---|---|"]
    right = total = 0
    for fault, planted in (FAULTS | MORE).items():
        for algorithm in planted.algorithms:
            rows = [each for each in results if list(each["job"][:3]) == ["sick", fault, algorithm]]
            firsts = [each["findings"][0][0] if each["findings"] else "nothing" for each in rows]
            good = sum(first in planted.right for first in firsts)
            right, total = right + good, total + len(rows)
            names = ", ".join(dict.fromkeys(firsts))
            lines += [f"| {fault} | {algorithm} | {names} | {good} of {len(rows)} |"] if rows else []
    lines.append(f"\n{right} of {total} sick trainings were named first by a right rule.")
    well = [each for each in results if each["job"][0] == "healthy"]
    for told, what in (
        ()
        if not well
        else ((_standing, "a warning that stands at the end"), (_gone, "one that was taken back"))
    ):
        those = [each for each in well if told(each)]
        lines.append(f"Of {len(well)} healthy ones, {len(those)} had {what}{':' if those else '.'}")
        lines += [f"- {' '.join(map(str, each['job'][1:]))}: {', '.join(told(each))}" for each in those]
    return "\n".join([*lines, f"\n{sum(each['seconds'] for each in results):,.0f} CPU-seconds."])


def _standing(result: dict[str, Any]) -> list[str]:
    """The rules whose warnings are still seen."""
    return [rule for rule, level, _, gone in result["findings"] if level != "note" and gone is None]


def _gone(result: dict[str, Any]) -> list[str]:
    """The rules whose warnings are not seen any more."""
    gone = [rule for rule, level, _, gone in result["findings"] if level != "note" and gone is not None]
    return [rule for rule in dict.fromkeys(gone) if rule not in _standing(result)]


if __name__ == "__main__":
    main()
