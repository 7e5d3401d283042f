"""What training on images costs: csai against the plain loop with torchvision and a DataLoader.

    OMP_NUM_THREADS=1 python benchmarks/datasets.py

Generated images in MNIST's files are read by both, and the same network learns from them in batches of the
same size, one thread each. The two run in turns, round after round; the medians of images per second of
processor time are printed, and the medians of the rounds' ratios. The last column compares with the same
trainer fed one constant batch over and over, which nothing can beat: what is missing to 100 % is the price of
the data.

    python benchmarks/datasets.py --mnist FOLDER

instead trains the seed's network for five epochs on the real MNIST in FOLDER, and prints its accuracy.
"""

from __future__ import annotations

import argparse
import os
import statistics
import struct
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from csai_core import BoxType, ObsAttribute
from csai_core.errors import MissingExtraError
from csai_neural import ConvBlock, InputBlock, Net, OutputBlock
from csai_train import ProgressBar
from csai_train.datasets import MNISTDataset, Trainer, train_on_dataset
from csai_train.datasets.learning.epoch_order import shuffled
from csai_train.datasets.learning.make_loaders import make_loaders
from csai_train.datasets.sources.torchvision_import import import_torchvision
from csai_train.threads import limited_threads

CPU = torch.device("cpu")


class Sizes(NamedTuple):
    """How many images there are, and how many a training is measured on."""

    all: int = 60_000
    plain: int = 4_096
    """Fewer, as the plain loop takes longer for each."""
    ours: int = 8_192


SMALLEST = Sizes(256, 64, 64)


def seed_net() -> nn.Module:
    """The network of the seed's example."""
    image = ObsAttribute(name="img", space=BoxType(-1, 1, shape=(1, 28, 28)))
    input_block = InputBlock(in_attribute=image)
    conv_block = ConvBlock(input_shape=input_block.in_attribute.space.shape, num_channels=1, depth=4)
    net = Net()
    for block in (input_block, conv_block, OutputBlock(input_size=conv_block.output_size, num_classes=10)):
        net.add_block(block)
    net.compile()
    return net


def strided_net() -> nn.Module:
    """A small network with strides instead of pooling."""
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Conv2d(16, 32, 3, stride=2, padding=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(32 * 7 * 7, 64),
        nn.ReLU(),
        nn.Linear(64, 10),
    )


WORK: dict[str, Callable[[], nn.Module] | None] = {
    "delivering batches": None,
    "training a small strided network": strided_net,
    "training the seed's network": seed_net,
}


def write_images(root: Path, count: int) -> None:
    """Random images in MNIST's files, unpacked, as both read them."""
    folder = root / "MNIST" / "raw"
    folder.mkdir(parents=True)
    random = np.random.default_rng(0)
    for part, number in (("train", count), ("t10k", 256)):
        images = random.integers(0, 256, (number, 28, 28), dtype=np.uint8)
        labels = random.integers(0, 10, number, dtype=np.uint8)
        for name, array in (("images-idx3", images), ("labels-idx1", labels)):
            header = bytes([0, 0, 8, array.ndim]) + b"".join(struct.pack(">I", size) for size in array.shape)
            (folder / f"{part}-{name}-ubyte").write_bytes(header + array.tobytes())


def has_torchvision() -> bool:
    """Whether the plain loop can run here."""
    try:
        import_torchvision("The plain loop")
    except MissingExtraError:
        return False
    return True


def plain_loader(root: Path, batch_size: int) -> Iterable[tuple[Tensor, Tensor]]:
    """Batches as everybody makes them: torchvision's dataset and transforms, in a DataLoader."""
    torchvision = import_torchvision("The plain loop")
    transforms = torchvision.transforms
    transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,), (0.5,))])
    dataset = torchvision.datasets.MNIST(str(root), train=True, transform=transform)
    return torch.utils.data.DataLoader(dataset, batch_size=batch_size, shuffle=True)


def plain_training(net: nn.Module, batches: Iterator[tuple[Tensor, Tensor]]) -> int:
    """The loop that everybody writes; how many images it has seen."""
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    criterion = nn.CrossEntropyLoss()
    count = 0
    net.train()
    for inputs, labels in batches:
        optimizer.zero_grad()
        loss = criterion(net(inputs), labels)
        loss.backward()
        optimizer.step()
        count += len(labels)
    return count


def rate(work: Callable[[], int]) -> float:
    """Images per second of processor time."""
    started = time.process_time()
    count = work()
    return count / (time.process_time() - started)


class Comparison:
    """One network, or none, and one size of batches, with the data read beforehand."""

    def __init__(
        self, root: Path, make_net: Callable[[], nn.Module] | None, batch_size: int, sizes: Sizes
    ) -> None:
        self.make_net, self.batch_size, self.sizes = make_net, batch_size, sizes
        self.loader = plain_loader(root, batch_size) if has_torchvision() else None
        self.dataset = MNISTDataset(root=root, download=False)
        if make_net is not None:
            images = self.dataset.trainset
            images.images, images.labels = images.images[: sizes.ours], images.labels[: sizes.ours]

    def plain(self) -> int:
        """The plain loop; how many images it has seen."""
        batches = islice(iter(self.loader or []), self.sizes.plain // self.batch_size)
        if self.make_net is None:
            return sum(len(labels) for _, labels in batches)
        return plain_training(self.make_net(), batches)

    def ours(self) -> int:
        """The same with csai, from beginning to end."""
        if self.make_net is None:
            train, _ = make_loaders(self.dataset, CPU, warn=print)
            order = shuffled(len(train), self.batch_size, seed=0, epoch=0)
            return sum(len(labels) for _, labels in train.batches(order))
        config = {"batch_size": self.batch_size}
        train_on_dataset(self.make_net(), self.dataset, epochs=1, seed=0, config=config)
        return self.sizes.ours

    def constant(self) -> int:
        """The same learning and testing, from one batch over and over."""
        trainer = Trainer(self.make_net() if self.make_net else nn.Identity())
        train, test = make_loaders(self.dataset, CPU, warn=print)
        batch = next(train.batches(shuffled(len(train), self.batch_size, seed=0, epoch=0)))
        trainer.train_epoch(batch for _ in range(self.sizes.ours // self.batch_size))
        trainer.evaluate([next(test.test_batches())])
        return self.sizes.ours


def compare(name: str, comparison: Comparison, rounds: int) -> None:
    names = ["ours"] if comparison.loader is None else ["plain", "ours"]
    names += [] if comparison.make_net is None else ["constant"]
    rates: dict[str, list[float]] = {each: [] for each in names}
    for number in range(rounds + 1):
        for each in names if number % 2 else reversed(names):
            measured = rate(getattr(comparison, each))
            if number:  # the first round warms up
                rates[each].append(measured)
    plain, ours = (f"{statistics.median(rates[n]):,.0f}" if n in rates else "" for n in ("plain", "ours"))
    gain = f"{ratio(rates, 'plain'):.2f}x" if "plain" in rates else ""
    share = f"{ratio(rates, 'constant'):.1%}" if "constant" in rates else ""
    print(f"{name:<34}{comparison.batch_size:>6}{plain:>12}{ours:>12}{gain:>10}{share:>14}", flush=True)


def ratio(rates: dict[str, list[float]], other: str) -> float:
    """The median over the rounds of what csai is times the other."""
    return statistics.median(o / p for o, p in zip(rates["ours"], rates[other], strict=True))


def compare_all(rounds: int, batch_sizes: list[int], sizes: Sizes) -> None:
    print(
        f"{'images per CPU-second':<34}{'batch':>6}{'plain':>12}{'csai':>12}{'gain':>10}{'of constant':>14}"
    )
    if not has_torchvision():
        print("The plain loop is left out, as there is no torchvision: pip install 'csai-train[datasets]'")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_images(root, sizes.all)
        for name, make_net in WORK.items():
            for batch_size in batch_sizes:
                compare(name, Comparison(root, make_net, batch_size, sizes), rounds)


def train_on_mnist(root: Path, epochs: int) -> None:
    torch.manual_seed(0)
    started = time.process_time()
    dataset = MNISTDataset(root=root, download=False)
    training = train_on_dataset(seed_net(), dataset, epochs=epochs, seed=0, callbacks=[ProgressBar()])
    print(training.history)
    print(f"{time.process_time() - started:.0f} CPU-seconds, {len(dataset.trainset):,} images to learn from")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--batch-size", type=int, nargs="+", default=[64])
    parser.add_argument("--mnist", type=Path, metavar="FOLDER", help="train on the real MNIST instead")
    parser.add_argument(
        "--smallest",
        action="store_true",
        help="the smallest sizes, to see that it runs; its figures mean nothing",
    )
    options = parser.parse_args()
    with limited_threads(1):
        if options.mnist is not None:
            train_on_mnist(options.mnist, epochs=1 if options.smallest else 5)
        elif options.smallest:
            compare_all(1, options.batch_size, SMALLEST)
        else:
            compare_all(options.rounds, options.batch_size, Sizes())
    print(f"torch {torch.__version__}, load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
