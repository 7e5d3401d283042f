"""What blocks cost: a `Net` against the same layers in `torch.nn.Sequential`, forwards and backwards.

    OMP_NUM_THREADS=1 python benchmarks/networks.py

For each network and batch size, both run in turns, round after round, and the median of the rounds' ratios
of processor time is printed, so that a busy machine troubles both alike. The goal is a ratio of at most
1.03. Then acting with an `ActorCritic` is set against the same network with `torch.distributions`, and the
default body for images of 4 x 84 x 84 against the NatureCNN, both with the heads of an `ActorCritic`.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from functools import partial

import torch
from gymnasium import spaces
from torch import nn
from torch.distributions import Categorical

from csai_neural import ActorCritic, ConvBlock, InputBlock, LinearBlock, Net, OutputBlock, default_body
from csai_neural.networks import nature_cnn

GOAL = 1.03
BATCH_SIZES = (1, 8, 64, 512)
FEWEST_ROUNDS = 5
SECONDS_PER_TURN = 0.01
SECONDS_PER_COMPARISON = 3.0


def vector_net(hidden_sizes: list[int]) -> Net:
    return _net(spaces.Box(-1, 1, (8,)), LinearBlock(hidden_size=hidden_sizes))


def image_net(depth: int, size: int) -> Net:
    return _net(spaces.Box(0, 1, (3, size, size)), ConvBlock(depth=depth), LinearBlock(hidden_size=[64]))


def _net(space: spaces.Box, *blocks: nn.Module) -> Net:
    net = Net()
    for block in (InputBlock(space), *blocks, OutputBlock(num_classes=4)):
        net.add_block(block)
    net.compile()
    return net


NETS: dict[str, Callable[[], Net]] = {
    "8-64-4": lambda: vector_net([64]),
    "8-64-64-4": lambda: vector_net([64, 64]),
    "8-256-256-4": lambda: vector_net([256, 256]),
    "8-128 x 6-4": lambda: vector_net([128] * 6),
    "3 x 16 x 16, conv 2": lambda: image_net(2, 16),
    "3 x 32 x 32, conv 3": lambda: image_net(3, 32),
}


def forward(module: nn.Module, x: torch.Tensor) -> None:
    with torch.no_grad():
        module(x)


def forward_backward(module: nn.Module, x: torch.Tensor) -> None:
    module(x).sum().backward()


def turn(call: Callable[[], None], repeats: int) -> float:
    """Seconds for one call, from the mean of some."""
    started = time.process_time()
    for _ in range(repeats):
        call()
    return (time.process_time() - started) / repeats


def compare(one: Callable[[], None], other: Callable[[], None], rounds: int) -> tuple[float, float]:
    """The median seconds of `one`, and the median over the rounds of other / one."""
    turn(one, 3)
    seconds = turn(one, 3)
    repeats = max(1, int(SECONDS_PER_TURN / seconds))
    turn(other, repeats)
    rounds = max(FEWEST_ROUNDS, min(rounds, int(SECONDS_PER_COMPARISON / (2 * repeats * seconds))))
    times, ratios = [], []
    for number in range(rounds):
        # Whoever goes second finds a warmer cache, so they take turns at that, too.
        if number % 2:
            second = turn(other, repeats)
            first = turn(one, repeats)
        else:
            first = turn(one, repeats)
            second = turn(other, repeats)
        times.append(first)
        ratios.append(second / first)
    return statistics.median(times), statistics.median(ratios)


def compare_nets(rounds: int) -> list[float]:
    """Print the table of nets; the forward ratios."""
    found = []
    print("| network | batch | Sequential forward, µs | Net / Sequential forward | forward and backward |")
    print("|---|---:|---:|---:|---:|")
    for name, make in NETS.items():
        net = make()
        sequential = nn.Sequential(*(layer for block in [*net.blocks.values()][1:] for layer in block.layers))
        for batch_size in BATCH_SIZES:
            x = torch.randn(batch_size, *net.input_blocks[0].output_shape)
            assert torch.equal(net(x), sequential(x))
            ratios = []
            for run in (forward, forward_backward):
                seconds, ratio = compare(partial(run, sequential, x), partial(run, net, x), rounds)
                ratios.append(ratio)
                if run is forward:
                    microseconds = seconds * 1e6
            found.append(ratios[0])
            print(f"| {name} | {batch_size} | {microseconds:.1f} | {ratios[0]:.3f} | {ratios[1]:.3f} |")
    return found


def compare_acting(rounds: int) -> None:
    """Print how acting compares with `torch.distributions` on the very same network."""
    network = ActorCritic(
        spaces.Box(-1, 1, (8,)), spaces.Discrete(4), net_arch={"pi": [64, 64], "vf": [64, 64]}
    )

    def with_distributions(x: torch.Tensor) -> None:
        with torch.no_grad():
            logits, _value = network(x)
            distribution = Categorical(logits=logits)
            distribution.log_prob(distribution.sample())

    def act(x: torch.Tensor) -> None:
        network.act(x)

    print("\n| acting, batch | with torch.distributions, µs | ActorCritic.act / that |")
    print("|---:|---:|---:|")
    for batch_size in BATCH_SIZES:
        x = torch.randn(batch_size, 8)
        seconds, ratio = compare(partial(with_distributions, x), partial(act, x), rounds)
        print(f"| {batch_size} | {seconds * 1e6:.1f} | {ratio:.3f} |")


def compare_bodies(rounds: int) -> None:
    """Print what the default body for large images costs, set against the NatureCNN."""
    space = spaces.Box(0, 1, (4, 84, 84))
    nature, default = (
        ActorCritic(space, spaces.Discrete(6), body, net_arch)
        for body, net_arch in ((nature_cnn(space), []), (default_body(space), [256, 128]))
    )
    parameters = [network.summary().parameters for network in (nature, default)]
    print(f"\nParameters at 4 x 84 x 84: NatureCNN {parameters[0]:,}, default body {parameters[1]:,}\n")
    print("| 4 x 84 x 84, batch | NatureCNN forward, ms | default / that, forward | forward and backward |")
    print("|---:|---:|---:|---:|")
    for batch_size in BATCH_SIZES[:3]:
        x = torch.rand(batch_size, 4, 84, 84)
        seconds, ratio = compare(partial(forward, nature, x), partial(forward, default, x), rounds)
        _, both = compare(partial(learn, nature, x), partial(learn, default, x), rounds)
        print(f"| {batch_size} | {seconds * 1e3:.2f} | {ratio:.3f} | {both:.3f} |")


def learn(network: ActorCritic, x: torch.Tensor) -> None:
    policy, value = network(x)
    (policy.sum() + value.sum()).backward()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=41)
    parser.add_argument(
        "--smallest",
        action="store_true",
        help="the smallest sizes, to see that it runs; its figures mean nothing",
    )
    arguments = parser.parse_args()
    if arguments.smallest:
        BATCH_SIZES, FEWEST_ROUNDS, SECONDS_PER_TURN, SECONDS_PER_COMPARISON = (1,), 1, 0.0, 0.0
    torch.set_num_threads(1)
    torch.manual_seed(0)
    ratios = compare_nets(arguments.rounds)
    compare_acting(arguments.rounds)
    compare_bodies(arguments.rounds)
    print(f"\nLargest forward ratio: {max(ratios):.3f} (goal: at most {GOAL}).")
