"""How fast algorithms train: csai beside its peers, with the same network, settings and environments.

    python benchmarks/training.py ppo
    python benchmarks/training.py dqn --rounds 5
    python benchmarks/training.py pendulum
    python benchmarks/training.py choices
    python benchmarks/training.py sac
    python benchmarks/training.py sac-cheetah
    python benchmarks/training.py td3
    python benchmarks/training.py memory
    python benchmarks/training.py ppo-pictures
    python benchmarks/training.py dqn-pictures
    python benchmarks/training.py ppo --python sbx=/venvs/sbx/bin/python cleanrl=/venvs/cleanrl/bin/python
                                      --cleanrl /path/to/a/checkout
    python benchmarks/training.py solve
    python benchmarks/training.py snake
    python benchmarks/training.py comparison

`ppo`, `dqn`, `pendulum` (PPO on Pendulum-v1, whose actions are numbers), `choices` (PPO on FrozenLake-v1,
which observes a Discrete), `sac` and `td3` (on Pendulum-v1, with two layers of 256 and an update of 256
transitions a step), `sac-cheetah` (SAC on HalfCheetah-v5, which needs MuJoCo), `memory` (PPO with an LSTM of
64, which policy and values share, beside sb3-contrib's RecurrentPPO), `ppo-pictures` and `dqn-pictures`
(stacks of four pictures of 84 x 84 from an environment that has them ready, with the network of Mnih et al.
2015) compare steps per CPU-second of the training itself; imports, compilation and a short first training are
left out.
`solve` compares CPU-seconds until the last 100 episodes of CartPole-v1 reached 475 on average, csai with
its own preset and Stable-Baselines3 with the one of rl-zoo. `snake` tells which share of PPO's time on
batched Snake is not the network's own arithmetic. `comparison` tells which share of a training goes into
comparing the derivative that was worked out by hand with autograd's, at its start; in a fresh process, so
that what torch needs once for its first gradient is in it.

Every measurement is a process of its own with one thread. The peers take turns, round after round, so that a
machine that grows slower grows slower for all; a peer that is not installed is skipped with a word. Shown
are the figures of all rounds, their median, and the median over the rounds of the ratio to csai's.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import runpy
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

Training = Callable[[], None]
STEPS = {
    "ppo": 102_400,
    "dqn": 50_000,
    "pendulum": 102_400,
    "choices": 102_400,
    "sac": 3_000,
    "sac-cheetah": 3_000,
    "td3": 3_000,
    "memory": 51_200,
    "ppo-pictures": 2_048,
    "dqn-pictures": 1_500,
    "solve": 100_000,
    "comparison": 100_000,
}
SMALLEST = {**dict.fromkeys(STEPS, 2_048), "dqn": 11_000, "sac": 150, "sac-cheetah": 150, "td3": 150}
SMALLEST |= {"ppo-pictures": 64, "dqn-pictures": 250}
"""Enough for an update."""
MISSING = ("ModuleNotFoundError", "ImportError", "FileNotFoundError")
"""What a peer that is not installed ends in."""
SOLVED = 475.0
DQN = {"learning_rate": 2.5e-4, "batch_size": 128, "learning_starts": 10_000, "gamma": 0.99}


# --- what is compared: each makes everything ready, and gives the training that is to be measured


def csai_ppo(seed: int, steps: int, environment: str = "CartPole-v1") -> Training:
    from csai_train import train

    train("ppo", environment, total_steps=2_048, seed=seed, preset=None)
    return lambda: void(train("ppo", environment, total_steps=steps, seed=seed, preset=None))


def csai_own_ppo(seed: int, steps: int) -> Training:
    return csai_ppo(seed, steps, "CSAI/CartPole-v0")


def csai_pendulum(seed: int, steps: int) -> Training:
    return csai_ppo(seed, steps, "Pendulum-v1")


def csai_choices(seed: int, steps: int) -> Training:
    return csai_ppo(seed, steps, "FrozenLake-v1")


NET_ARCH = {"pi": [64, 64], "vf": [64, 64]}


def stable_ppo(make: Any, seed: int, environment: str = "CartPole-v1") -> Any:
    """A model of Stable-Baselines3, or of sbx, which is used alike."""
    from stable_baselines3.common.env_util import make_vec_env

    return make(
        "MlpPolicy",
        make_vec_env(environment, n_envs=8, seed=seed),
        learning_rate=lambda remaining: 2.5e-4 * remaining,
        n_steps=128,
        batch_size=256,
        n_epochs=4,
        ent_coef=0.01,
        seed=seed,
        device="cpu",
        policy_kwargs={"net_arch": NET_ARCH},
    )


def sb3_ppo(seed: int, steps: int, environment: str = "CartPole-v1") -> Training:
    from stable_baselines3 import PPO

    stable_ppo(PPO, seed, environment).learn(2_048)
    return lambda: void(stable_ppo(PPO, seed, environment).learn(steps))


def sb3_pendulum(seed: int, steps: int) -> Training:
    return sb3_ppo(seed, steps, "Pendulum-v1")


def sb3_choices(seed: int, steps: int) -> Training:
    return sb3_ppo(seed, steps, "FrozenLake-v1")


def csai_memory(seed: int, steps: int) -> Training:
    import gymnasium

    from csai_neural import ActorCritic, InputBlock, Net, RecurrentBlock
    from csai_train import train

    env = gymnasium.make("CartPole-v1")

    def training(total_steps: int) -> None:
        body = Net("lstm")
        for block in (InputBlock(env.observation_space), RecurrentBlock(hidden_size=64, cell="lstm")):
            body.add_block(block)
        net = ActorCritic(
            env.observation_space, env.action_space, body, {"pi": [64], "vf": [64]}, activation_fnc="tanh"
        )
        train("ppo", "CartPole-v1", total_steps=total_steps, seed=seed, preset=None, network=net)

    training(2_048)
    return lambda: training(steps)


def contrib_memory(seed: int, steps: int) -> Training:
    from sb3_contrib import RecurrentPPO

    def make(policy: str, envs: Any, **settings: Any) -> Any:
        settings["policy_kwargs"] = {
            "net_arch": {"pi": [64], "vf": [64]},
            "lstm_hidden_size": 64,
            "shared_lstm": True,
            "enable_critic_lstm": False,
        }
        return RecurrentPPO("MlpLstmPolicy", envs, **settings)

    stable_ppo(make, seed).learn(2_048)
    return lambda: void(stable_ppo(make, seed).learn(steps))


def sbx_ppo(seed: int, steps: int) -> Training:
    """What it compiles belongs to a model, so every training begins with that."""
    from sbx import PPO

    stable_ppo(PPO, seed).learn(2_048)
    return lambda: void(stable_ppo(PPO, seed).learn(steps))


def sbx_compiled_ppo(seed: int, steps: int) -> Training:
    from sbx import PPO

    model = stable_ppo(PPO, seed).learn(2_048)
    return lambda: void(model.learn(steps))


def csai_dqn(seed: int, steps: int) -> Training:
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
    warm = {**config, "learning_starts": 1_000}
    train("deep_q_learning", "CartPole-v1", total_steps=2_000, seed=seed, preset=None, config=warm)
    return lambda: void(
        train("deep_q_learning", "CartPole-v1", total_steps=steps, seed=seed, preset=None, config=config)
    )


def sb3_dqn(seed: int, steps: int) -> Training:
    import stable_baselines3
    from stable_baselines3.common.env_util import make_vec_env

    def make(**changes: Any) -> Any:
        return stable_baselines3.DQN(
            "MlpPolicy",
            make_vec_env("CartPole-v1", n_envs=1, seed=seed),
            **{**DQN, **changes},
            buffer_size=10_000,
            train_freq=10,
            target_update_interval=500,
            exploration_fraction=0.5,
            seed=seed,
            device="cpu",
            policy_kwargs={"net_arch": [120, 84]},
        )

    make(learning_starts=1_000).learn(2_000)
    return lambda: void(make().learn(steps))


CHEETAH = "HalfCheetah-v5"
CONTROL = {"learning_rate": 3e-4, "batch_size": 256, "learning_starts": 100, "gamma": 0.99}


def csai_control(algorithm: str, seed: int, steps: int, environment: str = "Pendulum-v1") -> Training:
    from csai_train import train

    def carry_out(total_steps: int) -> None:
        config = {**CONTROL, "hidden_sizes": (256, 256)}
        train(algorithm, environment, total_steps=total_steps, seed=seed, preset=None, config=config)

    carry_out(120)
    return lambda: carry_out(steps)


def sb3_control(algorithm: str, seed: int, steps: int, environment: str = "Pendulum-v1") -> Training:
    import stable_baselines3
    from stable_baselines3.common.env_util import make_vec_env

    def carry_out(total_steps: int) -> None:
        noise: dict[str, Any] = {}
        if algorithm == "TD3":
            import numpy as np
            from stable_baselines3.common.noise import NormalActionNoise

            noise = {"action_noise": NormalActionNoise(np.zeros(1), np.full(1, 0.1))}
        model = getattr(stable_baselines3, algorithm)(
            "MlpPolicy",
            make_vec_env(environment, n_envs=1, seed=seed),
            **CONTROL,
            **noise,
            seed=seed,
            device="cpu",
            policy_kwargs={"net_arch": [256, 256]},
        )
        model.learn(total_steps)

    carry_out(120)
    return lambda: carry_out(steps)


def register_pictures() -> str:
    """Register an environment whose pictures are ready, so that nearly all time is the training's; its id."""
    import gymnasium
    import numpy as np

    class Pictures(gymnasium.Env[Any, Any]):
        """Stacks of four out of 64 random pictures; action 0 pays; 200 steps an episode."""

        observation_space = gymnasium.spaces.Box(0, 255, (4, 84, 84), np.uint8)
        action_space = gymnasium.spaces.Discrete(6)

        def __init__(self, render_mode: str | None = None) -> None:
            self.pictures = np.random.default_rng(0).integers(0, 256, (64, 84, 84), np.uint8)
            self.clock = 0

        def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
            super().reset(seed=seed)
            self.clock = 0
            return self.stack(), {}

        def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
            self.clock += 1
            return self.stack(), float(action == 0), False, self.clock == 200, {}

        def stack(self) -> Any:
            first = self.clock % 61
            return self.pictures[first : first + 4].copy()

    gymnasium.register("Benchmark/Pictures-v0", entry_point=Pictures)
    return "Benchmark/Pictures-v0"


SEEN_PPO = {"clip_range": 0.1}
SEEN_DQN = {"learning_rate": 1e-4, "batch_size": 32, "learning_starts": 100, "gamma": 0.99}
SEEN_MEMORY = 10_000


def csai_pictures(algorithm: str, seed: int, steps: int) -> Training:
    from csai_train import train

    environment = register_pictures()
    config: dict[str, Any] = {**SEEN_PPO, "share_layers": True, "activation": "relu"}
    if algorithm == "deep_q_learning":
        config = {**SEEN_DQN, "buffer_capacity": SEEN_MEMORY, "train_every": 4, "target_every": 1_000}

    def carry_out(total_steps: int, **changes: Any) -> None:
        settings = {"hidden_sizes": (512,), **config, **changes}
        train(algorithm, environment, total_steps=total_steps, seed=seed, preset=None, config=settings)

    few = {"num_steps": 8} if algorithm == "ppo" else {}
    carry_out(200, **few)
    return lambda: carry_out(steps, **(few if steps < 1_024 else {}))


def sb3_pictures(algorithm: str, seed: int, steps: int) -> Training:
    import stable_baselines3
    from stable_baselines3.common.env_util import make_vec_env

    environment = register_pictures()

    def carry_out(total_steps: int) -> None:
        settings: dict[str, Any] = {"seed": seed, "device": "cpu"}
        if algorithm == "PPO":
            is_short = total_steps < 1_024
            settings |= {"n_steps": 8 if is_short else 128, "batch_size": 16 if is_short else 256}
            settings |= {"n_epochs": 4, "ent_coef": 0.01, **SEEN_PPO}
            settings["learning_rate"] = lambda remaining: 2.5e-4 * remaining
        else:
            settings |= {**SEEN_DQN, "buffer_size": SEEN_MEMORY, "train_freq": 4}
            settings["target_update_interval"] = 1_000
        envs = make_vec_env(environment, n_envs=8 if algorithm == "PPO" else 1, seed=seed)
        getattr(stable_baselines3, algorithm)("CnnPolicy", envs, **settings).learn(total_steps)

    carry_out(200)
    return lambda: carry_out(steps)


def sbx_sac(seed: int, steps: int, environment: str = "Pendulum-v1") -> Training:
    """What it compiles belongs to a model, and was compiled before."""
    from sbx import SAC
    from stable_baselines3.common.env_util import make_vec_env

    settings = {**CONTROL, "policy_kwargs": {"net_arch": [256, 256]}}
    model = SAC("MlpPolicy", make_vec_env(environment, n_envs=1, seed=seed), **settings, seed=seed)
    model.learn(120)
    return lambda: void(model.learn(steps))


def cleanrl(work: str, seed: int, steps: int, checkout: str) -> Training:
    """CleanRL's script, unmodified; its defaults are the settings compared here, but for eight games."""
    script = os.path.join(checkout, "cleanrl", f"{work}.py")
    sys.path.insert(0, checkout)
    os.chdir(tempfile.mkdtemp())  # it writes down what it measures
    options = ["--num-envs=8"] if work == "ppo" else []

    def run(total: int, *more: str) -> None:
        sys.argv = [script, f"--seed={seed}", f"--total-timesteps={total}", "--no-cuda", *options, *more]
        runpy.run_path(script, run_name="__main__")

    run(2_048, *(["--learning-starts=1000"] if work == "dqn" else []))
    return lambda: run(steps)


def void(result: object) -> None:
    """Forget what a training gave."""


# --- until CartPole-v1 is solved


def csai_solve(seed: int, steps: int) -> dict[str, Any]:
    from csai_train import Callback, train

    class UntilSolved(Callback):
        def episode(self, training: Any, episode: Any) -> None:
            if len(training.recent) == 100:
                training.stop_requested = mean(e.total_reward for e in training.recent) >= SOLVED

    planned = None if steps == STEPS["solve"] else steps  # None takes the preset's own
    train("ppo", "CartPole-v1", total_steps=2_048, seed=seed)
    started = time.process_time()
    training = train("ppo", "CartPole-v1", total_steps=planned, seed=seed, callbacks=[UntilSolved()])
    return solved(started, training.steps, training.stop_requested)


def sb3_solve(seed: int, steps: int) -> dict[str, Any]:
    """With the settings of rl-zoo3's hyperparams/ppo.yml."""
    from stable_baselines3 import PPO
    from stable_baselines3.common.callbacks import BaseCallback
    from stable_baselines3.common.env_util import make_vec_env

    class UntilSolved(BaseCallback):
        is_solved = False

        def _on_step(self) -> bool:
            recent = self.model.ep_info_buffer
            if len(recent) == 100 and any(info is not None for info in self.locals["infos"]):
                self.is_solved = mean(info["r"] for info in recent) >= SOLVED
            return not self.is_solved

    def make() -> Any:
        return PPO(
            "MlpPolicy",
            make_vec_env("CartPole-v1", n_envs=8, seed=seed),
            learning_rate=lambda remaining: 1e-3 * remaining,
            clip_range=lambda remaining: 0.2 * remaining,
            n_steps=32,
            batch_size=256,
            n_epochs=20,
            gae_lambda=0.8,
            gamma=0.98,
            ent_coef=0.0,
            seed=seed,
            device="cpu",
        )

    make().learn(2_048)
    until = UntilSolved()
    started = time.process_time()
    model = make().learn(steps, callback=until)
    return solved(started, model.num_timesteps, until.is_solved)


def mean(numbers: Any) -> float:
    numbers = list(numbers)
    return sum(numbers) / len(numbers)


def solved(started: float, steps: int, is_solved: bool) -> dict[str, Any]:
    return {"figure": time.process_time() - started, "steps": steps, "is_solved": is_solved}


# --- how much of the time is the network's

SNAKES: dict[str, tuple[dict[str, Any], int]] = {
    "board, convolutions": ({"attributes": "board"}, 4_096),
    "senses, two layers of 64": ({"attributes": "senses"}, 65_536),
}
"""Options of the environment, and for how many steps; the preset is measured too."""


def snake(*, is_smallest: bool) -> None:
    """PPO on 256 games of Snake: the share of the time that is not spent in the network's layers."""
    import torch

    from csai_core.presets import find
    from csai_neural import ActorCritic
    from csai_train import train
    from csai_train.backends.numpy_layers import NumpyLayers
    from csai_train.environments.make import specify

    torch.set_num_threads(1)
    inside = 0.0

    def timed(method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            nonlocal inside
            started = time.process_time()
            result = method(*arguments, **options)
            inside += time.process_time() - started
            return result

        return call

    layers = [(NumpyLayers, name) for name in ("__call__", "forward", "backward")]
    for owner, name in [*layers, (ActorCritic, "forward"), (ActorCritic, "get_policy_outputs")]:
        setattr(owner, name, timed(getattr(owner, name)))
    torch.Tensor.backward = timed(torch.Tensor.backward)  # type: ignore[method-assign]
    print("| observation, network | steps per CPU-second | outside the network |\n| --- | --- | --- |")
    preset = find("CSAI/Snake-v0", "ppo")
    games = {name: (options, {"num_steps": 16}, steps) for name, (options, steps) in SNAKES.items()}
    games["sight, the preset"] = (preset.environment, preset.config, 262_144)
    for name, (options, settings, steps) in games.items():
        spec, config = specify("CSAI/Snake-v0", options), {"num_envs": 256, **settings}
        config |= {"num_envs": 8} if is_smallest else {}
        rollout = config["num_envs"] * config["num_steps"]
        train("ppo", spec, total_steps=rollout, seed=1, preset=None, config=config)
        total_steps = rollout if is_smallest else steps
        inside, started = 0.0, time.process_time()
        train("ppo", spec, total_steps=total_steps, seed=1, preset=None, config=config)
        total = time.process_time() - started
        print(f"| {name} | {total_steps / total:,.0f} | {100 * (1 - inside / total):.1f} % |")


# --- what it costs to make sure that a derivative is right


def comparison(algorithm: str, seed: int, steps: int) -> dict[str, Any]:
    """CPU-seconds of comparing derivatives, and of the whole training with it."""
    from csai_train import train
    from csai_train.backends.backend import Backend

    compare, seconds = Backend._compare, []

    def timed(*arguments: Any) -> None:
        started = time.process_time()
        compare(*arguments)
        seconds.append(time.process_time() - started)

    Backend._compare = timed  # type: ignore[method-assign]
    started = time.process_time()
    train(algorithm, "CartPole-v1", total_steps=steps, seed=seed, preset=None)
    return {"figure": sum(seconds), "training": time.process_time() - started}


def compare_derivatives(options: argparse.Namespace) -> None:
    """Print the table of `comparison`, medians of the rounds."""
    print("| algorithm | comparing, CPU-seconds | training | share |\n| --- | --- | --- | --- |")
    for algorithm in [*PEERS["comparison"]][: 1 if options.smallest else None]:
        asked = [ask("comparison", algorithm, options.first_seed + i, options) for i in range(options.rounds)]
        rounds = [each for each in asked if each is not None]
        if rounds:
            cost = statistics.median(each["figure"] for each in rounds)
            total = statistics.median(each["training"] for each in rounds)
            share = statistics.median(each["figure"] / each["training"] for each in rounds)
            print(f"| {algorithm} | {cost:.4f} | {total:.1f} | {100 * share:.2f} % |", flush=True)


# --- measuring

PEERS: dict[str, Mapping[str, Callable[..., Any]]] = {
    "ppo": {
        "csai": csai_ppo,
        "csai, own CartPole": csai_own_ppo,
        "sb3": sb3_ppo,
        "sbx": sbx_ppo,
        "sbx, compiled before": sbx_compiled_ppo,
    },
    "dqn": {"csai": csai_dqn, "sb3": sb3_dqn},
    "pendulum": {"csai": csai_pendulum, "sb3": sb3_pendulum},
    "choices": {"csai": csai_choices, "sb3": sb3_choices},
    "sac": {
        "csai": partial(csai_control, "sac"),
        "sb3": partial(sb3_control, "SAC"),
        "sbx": sbx_sac,
    },
    "sac-cheetah": {
        "csai": partial(csai_control, "sac", environment=CHEETAH),
        "sb3": partial(sb3_control, "SAC", environment=CHEETAH),
        "sbx": partial(sbx_sac, environment=CHEETAH),
    },
    "td3": {"csai": partial(csai_control, "td3"), "sb3": partial(sb3_control, "TD3")},
    "memory": {"csai": csai_memory, "sb3-contrib": contrib_memory},
    "ppo-pictures": {"csai": partial(csai_pictures, "ppo"), "sb3": partial(sb3_pictures, "PPO")},
    "dqn-pictures": {"csai": partial(csai_pictures, "deep_q_learning"), "sb3": partial(sb3_pictures, "DQN")},
    "solve": {"csai": csai_solve, "sb3": sb3_solve},
    "comparison": {
        name: partial(comparison, name) for name in ("ppo", "a2c", "reinforce", "deep_q_learning")
    },
}


def measure(work: str, peer: str, seed: int, steps: int, checkout: str) -> None:
    """Run one peer in this process and print what was measured.

    One that is not installed is found missing before anything is imported that takes long.
    """
    if work in ("solve", "comparison"):
        print(json.dumps(PEERS[work][peer](seed, steps)))
        return
    training = cleanrl(work, seed, steps, checkout) if peer == "cleanrl" else PEERS[work][peer](seed, steps)
    started = time.process_time()
    training()
    print(json.dumps({"figure": steps / (time.process_time() - started)}))


def ask(work: str, peer: str, seed: int, options: argparse.Namespace) -> dict[str, Any] | None:
    """Measure one peer in a process of its own; None where it is not installed.

    Raises:
        SystemExit: if it is, and fails.
    """
    python = dict(pair.split("=", 1) for pair in options.python).get(peer.split(",")[0], sys.executable)
    command = [python, os.path.abspath(__file__), work, "--peer", peer, "--seed", str(seed)]
    command += ["--steps", str(options.steps)]
    command += ["--cleanrl", os.path.abspath(options.cleanrl)] if options.cleanrl else []
    one_thread = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
    flags = {"XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"}
    environment = {**os.environ, **dict.fromkeys(one_thread, "1"), **flags}
    try:
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    except OSError as error:
        print(f"{peer}: skipped ({error})")
        return None
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no word"])[-1]
        if not last.startswith(MISSING):
            raise SystemExit(f"{peer} failed.\n{done.stderr}")
        print(f"{peer}: skipped ({last[:90]})")
        return None
    result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


def compare(work: str, options: argparse.Namespace) -> None:
    """Let the peers take turns, and print the table."""
    if work == "sac-cheetah" and importlib.util.find_spec("mujoco") is None:
        print(f'{CHEETAH} is left out; it needs MuJoCo: pip install "csai-train[mujoco]"')
        return
    peers = [*PEERS[work], *(["cleanrl"] if options.cleanrl and work in ("ppo", "dqn") else [])]
    found: dict[str, list[dict[str, Any]]] = {peer: [] for peer in peers}
    for round_number in range(options.rounds):
        for peer in list(found):
            result = ask(work, peer, options.first_seed + round_number, options)
            if result is None:
                del found[peer]
            else:
                found[peer].append(result)
                print(f"round {round_number + 1}, {peer}: {shown(result)}", file=sys.stderr, flush=True)
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    print(f"{work}, {options.steps:,} steps; Python {platform.python_version()}, load {load}")
    unit = "CPU-seconds to 475" if work == "solve" else "steps per CPU-second"
    print(f"| peer | {unit}, by round | median | csai is |\n| --- | --- | --- | --- |")
    for peer, results in found.items():
        ratios = [
            theirs["figure"] / ours["figure"] if work == "solve" else ours["figure"] / theirs["figure"]
            for ours, theirs in zip(found["csai"], results, strict=True)
        ]
        middle = statistics.median(result["figure"] for result in results)
        rounds = " ".join(shown(result) for result in results)
        print(f"| {peer} | {rounds} | {number(middle)} | {statistics.median(ratios):.2f}x |")


def shown(result: Mapping[str, Any]) -> str:
    """One figure; where CartPole was not solved, what was spent in vain."""
    if "steps" not in result:
        return number(result["figure"])
    return f"{'' if result['is_solved'] else '>'}{number(result['figure'])} ({result['steps']:,} steps)"


def number(figure: float) -> str:
    return f"{figure:,.0f}" if figure >= 1_000 else f"{figure:.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("work", choices=[*PEERS, "snake"])
    parser.add_argument("--rounds", type=int, help="5 for solve, otherwise 3")
    parser.add_argument("--steps", type=int, help="how long a training is; the default is what was published")
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--python", nargs="*", default=[], metavar="PEER=PATH")
    parser.add_argument("--cleanrl", metavar="CHECKOUT", help="a checkout of CleanRL, to run its scripts")
    parser.add_argument("--peer", help=argparse.SUPPRESS)
    parser.add_argument("--seed", type=int, help=argparse.SUPPRESS)
    parser.add_argument(
        "--smallest",
        action="store_true",
        help="the smallest sizes, to see that it runs; its figures mean nothing",
    )
    options = parser.parse_args()
    if options.rounds is None:
        options.rounds = 5 if options.work == "solve" else 3
    if options.steps is None:
        options.steps = STEPS.get(options.work)
    if options.smallest:
        options.rounds, options.steps = 1, SMALLEST.get(options.work)
    if options.work == "snake":
        snake(is_smallest=options.smallest)
    elif options.work == "comparison" and options.peer is None:
        compare_derivatives(options)
    elif options.peer is not None:
        measure(options.work, options.peer, options.seed, options.steps, options.cleanrl or "")
    else:
        compare(options.work, options)


if __name__ == "__main__":
    main()
