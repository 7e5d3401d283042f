"""What it costs to keep each picture once: a replay buffer of stacked pictures beside one that keeps stacks.

    OMP_NUM_THREADS=1 python benchmarks/buffers.py

Both are given the same steps of games that show their newest four pictures of 84 x 84, in episodes of 200
steps. The one that keeps stacks is given their bytes as int8, in which a buffer sees no pictures. Storing a
step and drawing a batch are measured in turns, round after round, in processor time; shown are the medians,
and the median of the rounds' ratios. The goal is to draw in at most 1.5 times the time.

    python benchmarks/buffers.py --memory 1000000

fills a buffer of so many transitions, with a tenth more than it remembers, and tells by how much the memory
of the process has grown at most.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from csai_core.algorithm import Step
from csai_train import ReplayBuffer

STACKED, SIDE = 4, 84
EPISODE = 200
BATCH_SIZES = (32, 128)
NUM_ENVS = (1, 8)
GOAL = 1.5


def play(num_envs: int, count: int) -> Iterator[Step]:
    """Steps of games of which no picture is like another."""
    random = np.random.default_rng(0)
    noise = random.integers(0, 256, SIDE * SIDE + 2**16, dtype=np.uint8)
    seen = np.zeros((num_envs, STACKED, SIDE, SIDE), np.uint8)
    no = np.zeros(num_envs, np.bool_)

    def show() -> None:
        seen[:, :-1] = seen[:, 1:]
        for stack in seen:
            start = random.integers(2**16)
            stack[-1] = noise[start : start + SIDE * SIDE].reshape(SIDE, SIDE)
            stack[-1, 0, :8] = np.frombuffer(random.bytes(8), np.uint8)

    for number in range(count):
        if number % EPISODE == 0:
            show()
            seen[:] = seen[:, -1:]
        before = seen.copy()
        show()
        ends = no | (number % EPISODE == EPISODE - 1)
        yield Step(before, np.zeros(num_envs, np.int64), np.zeros(num_envs), ends, no, seen.copy())


def as_numbers(step: Step) -> Step:
    """The same bytes, in which no pictures are seen."""
    return step._replace(
        observation=step.observation.view(np.int8), next_observation=step.next_observation.view(np.int8)
    )


def seconds(call: Callable[[], Any]) -> float:
    started = time.process_time()
    call()
    return time.process_time() - started


def show_row(name: str, stacks: list[float], pictures: list[float], per: int = 1) -> float:
    """Print one row of the table; its ratio."""
    ratio = statistics.median(one / other for one, other in zip(pictures, stacks, strict=True))
    times = (statistics.median(each) * 1e6 / per for each in (stacks, pictures))
    print(f"| {name} | {next(times):.1f} | {next(times):.1f} | {ratio:.2f} |", flush=True)
    return ratio


def compare(capacity: int, rounds: int) -> float:
    """Print the table; the largest ratio of drawing."""
    ratios = []
    print("| what is done | stacks, µs | pictures once, µs | ratio |")
    print("|---|---:|---:|---:|")
    for num_envs in NUM_ENVS:
        stacks, pictures = (ReplayBuffer(capacity=capacity, seed=0) for _ in range(2))
        times: tuple[list[float], list[float]] = ([], [])
        for step in play(num_envs, 3 * capacity // 2 // num_envs):
            numbers = as_numbers(step)
            times[0].append(seconds(lambda: stacks.extend(numbers)))  # noqa: B023 (called at once)
            times[1].append(seconds(lambda: pictures.extend(step)))  # noqa: B023
        show_row(f"a transition stored, {num_envs} at once", *times, per=num_envs)
    for batch_size in BATCH_SIZES:
        times = ([], [])
        for _ in range(rounds):
            times[0].append(seconds(lambda: stacks.sample(batch_size)))  # noqa: B023
            times[1].append(seconds(lambda: pictures.sample(batch_size)))  # noqa: B023
        ratios.append(show_row(f"{batch_size} transitions drawn", *times))
    one, other = pictures.sample(100), stacks.sample(100)
    assert np.array_equal(one.next_observation.view(np.int8), other.next_observation)
    return max(ratios)


def peak() -> int:
    """Bytes of memory that this process has had at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def measure_memory(capacity: int) -> None:
    """Print how much memory a full buffer takes."""
    buffer, before = ReplayBuffer(capacity=capacity), peak()
    for step in play(8, capacity * 11 // 80):
        buffer.extend(step)
    stacks = 2 * STACKED * SIDE * SIDE * capacity
    print(
        f"{buffer.size():,} transitions take {(peak() - before) / 2**30:.2f} GiB; "
        f"the stacks alone would be {stacks / 2**30:.2f} GiB."
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--capacity", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=501)
    parser.add_argument("--memory", type=int, help="fill a buffer of so many transitions instead")
    parser.add_argument(
        "--smallest",
        action="store_true",
        help="the smallest sizes, to see that it runs; its figures mean nothing",
    )
    arguments = parser.parse_args()
    if arguments.memory:
        measure_memory(1_000 if arguments.smallest else arguments.memory)
    else:
        if arguments.smallest:
            arguments.capacity, arguments.rounds = 200, 3
        ratio = compare(arguments.capacity, arguments.rounds)
        print(f"\nLargest ratio of drawing: {ratio:.2f} (goal: at most {GOAL}).")
