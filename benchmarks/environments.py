"""How many steps a second the environments make, beside their peers.

    python benchmarks/environments.py --rounds 3
    python benchmarks/environments.py --jumanji-python ~/venvs/jumanji/bin/python

Steps per CPU-second of one thread, random actions drawn beforehand; Snake shows its "board". Everything is
measured in turn, round after round, and a ratio is the median of the rounds' ratios, so that a busy machine
disturbs both sides alike. jumanji runs in an interpreter of its own, where it is installed; without one it is
left out.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import click
import gymnasium
import numpy as np

import csai_envs  # noqa: F401  registers the games

JUMANJI_PROGRAM = """
import json, os, sys, time
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
import jax, jumanji
from jumanji.wrappers import AutoResetWrapper
num_envs, num_steps = int(sys.argv[1]), int(sys.argv[2])
env = AutoResetWrapper(jumanji.make("Snake-v1"))
state, timestep = jax.vmap(env.reset)(jax.random.split(jax.random.PRNGKey(0), num_envs))
def step(state, actions):
    state, timestep = jax.vmap(env.step)(state, actions)
    return state, timestep.reward.sum() + timestep.observation.grid.sum()
run = jax.jit(lambda state, actions: jax.lax.scan(step, state, actions))
drawn = [jax.random.randint(jax.random.PRNGKey(key), (num_steps, num_envs), 0, 4) for key in (1, 2)]
jax.block_until_ready(run(state, jax.block_until_ready(drawn)[0]))
start = time.process_time()
jax.block_until_ready(run(state, drawn[1]))
print(json.dumps(num_envs * num_steps / (time.process_time() - start)))
"""


def single(environment_id: str, num_steps: int, **options: object) -> float:
    """Steps per CPU-second of one environment through `gymnasium.make`."""
    env = gymnasium.make(environment_id, **options)
    actions = np.random.default_rng(0).integers(env.action_space.n, size=num_steps).tolist()
    env.reset(seed=0)
    start = time.process_time()
    for action in actions:
        _, _, terminated, truncated, _ = env.step(action)
        if terminated or truncated:
            env.reset()
    return num_steps / (time.process_time() - start)


def batched(environment_id: str, num_envs: int, num_steps: int, **options: object) -> float:
    """Steps per CPU-second of a batch through `gymnasium.make_vec`."""
    envs = gymnasium.make_vec(environment_id, num_envs, vectorization_mode="vector_entry_point", **options)
    actions = np.random.default_rng(0).integers(envs.single_action_space.n, size=(64, num_envs))
    envs.reset(seed=0)
    for step in range(50):
        envs.step(actions[step])
    start = time.process_time()
    for step in range(num_steps):
        envs.step(actions[step % 64])
    return num_envs * num_steps / (time.process_time() - start)


def jumanji(python: str, num_envs: int, num_steps: int) -> float:
    """Steps per CPU-second of jumanji's Snake (12 x 12, its only size by that id)."""
    result = subprocess.run(
        [python, "-c", JUMANJI_PROGRAM, str(num_envs), str(num_steps)],
        capture_output=True,
        text=True,
        check=True,
    )
    return float(json.loads(result.stdout.strip().splitlines()[-1]))


def why_no_jumanji(python: str) -> str:
    """Empty where an interpreter can import jumanji, otherwise why not."""
    try:
        done = subprocess.run([python, "-c", "import jumanji"], capture_output=True, text=True, check=False)
    except OSError as error:
        return str(error)
    return "" if done.returncode == 0 else done.stderr.strip().splitlines()[-1]


def import_seconds(module: str) -> float:
    """CPU-seconds that importing a module takes in a fresh interpreter.

    numpy's BLAS has one thread there: others would spin a while without work and be counted.
    """
    program = f"import time; s = time.process_time(); import {module}; print(time.process_time() - s)"
    one_thread = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-c", program]
    return float(subprocess.run(command, capture_output=True, check=True, env=one_thread).stdout)


def works(jumanji_python: str | None, divisor: int) -> dict[str, Callable[[], float]]:
    """Everything that is measured, by name; the steps are divided by `divisor`."""
    snake, board = "CSAI/Snake-v0", {"attributes": "board", "copy": False}
    found: dict[str, Callable[[], float]] = {
        "CartPole-v1": lambda: single("CartPole-v1", 20_000 // divisor),
        "CSAI/CartPole-v0": lambda: single("CSAI/CartPole-v0", 40_000 // divisor),
        snake: lambda: single(snake, 60_000 // divisor, attributes="board"),
        f"{snake} copy=False": lambda: single(snake, 60_000 // divisor, **board),
    }
    for num, steps in ((1024, 400 // divisor), (8192, 100 // divisor)):
        found[f"{snake} x {num}"] = lambda n=num, s=steps: batched(snake, n, s, **board)
        found[f"{snake} x {num} copies"] = lambda n=num, s=steps: batched(snake, n, s, attributes="board")
        if jumanji_python:
            found[f"jumanji Snake x {num}"] = lambda n=num, s=steps: jumanji(jumanji_python, n, s // 4)
    for num, steps in ((8, 3000 // divisor), (64, 1500 // divisor), (1024, 400 // divisor)):
        for name in ("CartPole-v1", "CSAI/CartPole-v0"):
            found[f"{name} x {num}"] = lambda i=name, n=num, s=steps: batched(i, n, s)
    return found


def ratios() -> list[tuple[str, str]]:
    """Pairs (ours, what it is compared with)."""
    snake = "CSAI/Snake-v0"
    pairs = [(snake, "CartPole-v1"), (f"{snake} copy=False", "CartPole-v1")]
    for num in (1024, 8192):
        pairs += [(f"{snake} x {num}", f"jumanji Snake x {num}"), (f"{snake} x {num}", snake)]
    pairs += [("CSAI/CartPole-v0", "CartPole-v1")]
    return pairs + [(f"CSAI/CartPole-v0 x {num}", f"CartPole-v1 x {num}") for num in (8, 64, 1024)]


@click.command()
@click.option("--rounds", default=3, show_default=True, help="How often everything is measured.")
@click.option("--jumanji-python", help="An interpreter that has jumanji.")
@click.option(
    "--smallest", is_flag=True, help="the smallest sizes, to see that it runs; its figures mean nothing"
)
def main(rounds: int, jumanji_python: str | None, smallest: bool) -> None:
    """Measure the environments beside their peers."""
    if jumanji_python and (problem := why_no_jumanji(jumanji_python)):
        click.echo(f"jumanji is left out: {problem}")
        jumanji_python = None
    rounds = 1 if smallest else rounds
    todo = works(jumanji_python, divisor=100 if smallest else 1)
    measured: dict[str, list[float]] = {name: [] for name in todo}
    for _ in range(rounds):
        for name, work in todo.items():
            measured[name].append(work())
    click.echo(
        f"Python {platform.python_version()}, numpy {np.__version__}, {rounds} rounds, steps per CPU-second"
    )
    for name, rates in measured.items():
        click.echo(f"{name:34} {statistics.median(rates):14,.0f}")
    click.echo("\nmedian ratios")
    for ours, theirs in ratios():
        if theirs not in measured:
            click.echo(f"{ours:34} / {theirs:24} skipped: no jumanji")
            continue
        each = [a / b for a, b in zip(measured[ours], measured[theirs], strict=True)]
        click.echo(f"{ours:34} / {theirs:24} {statistics.median(each):6.2f}")
    extra = [import_seconds("csai_envs") - import_seconds("gymnasium") for _ in range(1 if smallest else 5)]
    click.echo(f"\nimport csai_envs, beyond import gymnasium: {statistics.median(extra):.3f} CPU-seconds")


if __name__ == "__main__":
    main()
