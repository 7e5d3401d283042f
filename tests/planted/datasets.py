"""Datasets."""

from __future__ import annotations

import os
import random
import socket
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch

from csai_train.datasets import Dataset, DatasetOrigin
from csai_train.testing import DatasetSuite
from planted.specimens import planted, sound


class Suites:
    """The suites of the datasets below, by their names; other processes find them here."""


def fault(reason):
    """Plant a dataset's class, whose docstring says what is wrong with it."""
    return lambda dataset: _with_suite(dataset, planted(reason))


def right(dataset):
    """Count a dataset's class as sound."""
    return _with_suite(dataset, sound)


def _with_suite(dataset, count):
    name = dataset.__name__
    content = {
        "__doc__": dataset.__doc__,
        "__module__": __name__,
        "__qualname__": f"Suites.{name}",
        "make": lambda self: dataset(),
    }
    setattr(Suites, name, count(type(name, (DatasetSuite,), content)))
    return dataset


def _points(size=120, seed=0, classes=3):
    """Points around as many places as there are classes, shuffled."""
    drawn = np.random.default_rng(seed)
    labels = drawn.permutation(np.arange(size) % classes)
    return (drawn.normal(0, 0.3, (size, 4)) + labels[:, None]).astype(np.float32), labels


class _Clouds:
    """Clouds of points, as they should be."""

    num_classes = 3

    def __init__(self):
        inputs, labels = _points()
        self.trainset = inputs[:90], labels[:90]
        self.testset = inputs[90:], labels[90:]


@fault("label 0|from 0")
class LabelsFromOne(_Clouds):
    """Its labels begin at 1."""

    num_classes = 4

    def __init__(self):
        super().__init__()
        self.trainset = self.trainset[0], self.trainset[1] + 1
        self.testset = self.testset[0], self.testset[1] + 1


@fault("label")
class TooFewClasses(_Clouds):
    """It has a label more than classes."""

    num_classes = 2


@fault("num_classes")
class ClassesAsText(_Clouds):
    """Its number of classes is a text."""

    num_classes = "3"


@fault("has no testset")
class NoTestSet:
    """It has nothing to be tested on."""

    num_classes = 3

    def __init__(self):
        self.trainset = _points()


@fault("label|class|shuffl")
class SortedByLabel(_Clouds):
    """It was cut in two while it was sorted by label."""

    def __init__(self):
        inputs, labels = _points()
        order = np.argsort(labels, kind="stable")
        inputs, labels = inputs[order], labels[order]
        self.trainset = inputs[:80], labels[:80]
        self.testset = inputs[80:], labels[80:]


@fault("both|training set|train")
class TestsOnTraining(_Clouds):
    """What it is tested on, it has been trained on."""

    def __init__(self):
        inputs, labels = _points()
        self.trainset = inputs, labels
        self.testset = inputs[90:], labels[90:]


@fault("NaN")
class NotANumber(_Clouds):
    """One of its inputs is not a number."""

    def __init__(self):
        super().__init__()
        self.trainset[0][7, 2] = np.nan


@fault("seed|made twice|differ|again")
class UnseededSplit(_Clouds):
    """Each time that it is made, it is cut in two otherwise."""

    def __init__(self):
        inputs, labels = _points()
        order = np.random.default_rng().permutation(len(labels))
        inputs, labels = inputs[order], labels[order]
        self.trainset = inputs[:90], labels[:90]
        self.testset = inputs[90:], labels[90:]


@fault("generator")
class SeedsNumpy(_Clouds):
    """It seeds numpy's generator, for everybody."""

    def __init__(self):
        np.random.seed(0)  # noqa: NPY002
        super().__init__()


@fault("generator")
class ShufflesByPython(_Clouds):
    """Python's generator shuffles it."""

    def __init__(self):
        inputs, labels = _points()
        order = list(range(len(labels)))
        random.Random(0).shuffle(order)
        random.shuffle(order)
        self.trainset = inputs[order[:90]], labels[order[:90]]
        self.testset = inputs[order[90:]], labels[order[90:]]


@fault("labels")
class FewerLabels(_Clouds):
    """It has an input more than labels."""

    def __init__(self):
        super().__init__()
        self.trainset = self.trainset[0], self.trainset[1][:-1]


@fault("labels.*shape|one-hot|argmax")
class OneHot(_Clouds):
    """Its labels are rows of ones and zeros."""

    def __init__(self):
        super().__init__()
        eye = np.eye(3, dtype=np.int64)
        self.trainset = self.trainset[0], eye[self.trainset[1]]
        self.testset = self.testset[0], eye[self.testset[1]]


@fault("length|len")
class AnIterator(_Clouds):
    """Its training set can be gone through once, and has no length."""

    def __init__(self):
        super().__init__()
        self.trainset = zip(*self.trainset, strict=True)


class _Examples:
    """Examples one by one, as torch has them."""

    transform = staticmethod(torch.as_tensor)

    def __init__(self, inputs, labels):
        self.inputs, self.labels = inputs, labels

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        return torch.as_tensor(self.inputs[index]), int(self.labels[index])


class _OneByOne(_Clouds):
    """Clouds that are given one by one."""

    examples = _Examples

    def __init__(self):
        super().__init__()
        self.trainset = self.examples(*self.trainset)
        self.testset = self.examples(*self.testset)


@fault("length|len|IndexError")
class OneTooLong(_OneByOne):
    """It says that it has one example more than there are."""

    class examples(_Examples):  # noqa: N801
        def __len__(self):
            return len(self.labels) + 1


@fault("label")
class LabelFirst(_OneByOne):
    """It gives the label first, and then the input."""

    class examples(_Examples):  # noqa: N801
        def __getitem__(self, index):
            value, label = super().__getitem__(index)
            return label, value


@fault("IndexError|end")
class NeverEnds(_OneByOne):
    """Beyond its end it begins again, so that going through it never ends."""

    class examples(_Examples):  # noqa: N801
        def __getitem__(self, index):
            return super().__getitem__(index % len(self))


@fault("twice|same|differ|again|IndexError")
class GivesOthers(_OneByOne):
    """Asked for the same example twice, it gives two."""

    class examples(_Examples):  # noqa: N801
        def __init__(self, inputs, labels):
            super().__init__(inputs, labels)
            self.count = 0

        def __getitem__(self, index):
            self.count += 1
            return super().__getitem__((index + self.count) % len(self))


@fault("test")
class NoisyTests(_OneByOne):
    """Noise is added to what it is tested on, too."""

    class examples(_Examples):  # noqa: N801
        def __getitem__(self, index):
            value, label = super().__getitem__(index)
            return value + torch.randn(4), label


@fault("shape")
class OtherShapes(_OneByOne):
    """Its inputs have two shapes."""

    class examples(_Examples):  # noqa: N801
        def __getitem__(self, index):
            value, label = super().__getitem__(index)
            return value[: 4 - index % 2], label


@fault("pickle|process|worker")
class CannotBeSent(_OneByOne):
    """A function without a name keeps it from the processes that prepare examples."""

    def __init__(self):
        super().__init__()
        self.trainset.change = lambda value: value


@fault("network|download")
class DownloadsAlways(_Clouds):
    """It goes to the network whenever it is made."""

    def __init__(self):
        socket.create_connection(("127.0.0.1", 9), timeout=0.01)
        super().__init__()


@fault("empty|nothing")
class EmptyTestSet(_Clouds):
    """There is nothing in its test set."""

    def __init__(self):
        super().__init__()
        self.testset = self.testset[0][:0], self.testset[1][:0]


@fault("process|set|sort|PYTHONHASHSEED")
class NumbersASet(_Clouds):
    """It numbers names in the order of a set, which is another in each process."""

    def __init__(self):
        names = ["ant", "bee", "cow", "dog", "elk", "fox", "gnu", "hen"]
        found = list(set(names))
        inputs, labels = _points(classes=8, size=160)
        numbers = np.array([found.index(names[label]) for label in labels])
        self.trainset = inputs[:120], numbers[:120]
        self.testset = inputs[120:], numbers[120:]

    num_classes = 8


@fault("has no testset")
class ForgetsTestSet(Dataset):
    """A Dataset that sets no testset."""

    def __init__(self):
        super().__init__(DatasetOrigin.CUSTOM)

    def _load_data(self):
        inputs, labels = _points()
        self.trainset = inputs, labels
        self.num_classes = 3


class _NoTransform(Dataset):
    def __init__(self, transform=None):
        super().__init__(DatasetOrigin.CUSTOM)

    def _load_data(self):
        drawn = np.random.default_rng(0)
        labels = np.arange(80) % 4
        images = drawn.integers(0, 200, (80, 8, 8), dtype=np.uint8) + labels[:, None, None].astype(np.uint8)
        self.trainset = images[:60], labels[:60]
        self.testset = images[60:], labels[60:]
        self.num_classes = 4


@planted("transform")
class ForgetsTransform(DatasetSuite):
    """It takes a transform, and does nothing with it."""

    def make(self, **settings):
        return _NoTransform(**settings)


@right
class Clouds(_Clouds):
    """Pairs of arrays."""


@right
class OneByOne(_OneByOne):
    """Examples one by one, in torch's form."""


@right
class AugmentsTraining(_OneByOne):
    """Adds noise, from torch's generator, which trainings seed, to what is learned from alone."""

    class noisy(_Examples):  # noqa: N801
        def __getitem__(self, index):
            value, label = super().__getitem__(index)
            return value + 0.1 * torch.randn(4), label

    def __init__(self):
        super().__init__()
        self.trainset = self.noisy(self.trainset.inputs, self.trainset.labels)


class _Images(Dataset):
    def __init__(self, transform=None):
        super().__init__(DatasetOrigin.CUSTOM, transform)

    def _load_data(self):
        drawn = np.random.default_rng(0)
        labels = drawn.permutation(np.arange(80) % 4)
        images = drawn.integers(0, 200, (80, 8, 8), dtype=np.uint8) + 10 * labels[:, None, None].astype(
            np.uint8
        )
        self.trainset = images[:60], labels[:60]
        self.testset = images[60:], labels[60:]
        self.num_classes = 4


@sound
class Images(DatasetSuite):
    """Pictures as bytes, with a transform if one is given."""

    def make(self, **settings):
        return _Images(**settings)


@right
class FewInputsThereAre(_Clouds):
    """There are eight inputs in all, and so the same are in both sets."""

    def __init__(self):
        drawn = np.random.default_rng(0)
        inputs = drawn.integers(0, 2, (400, 3))
        labels = inputs.sum(axis=1) % 2
        self.trainset = [(each, int(label)) for each, label in zip(inputs[:300], labels[:300], strict=True)]
        self.testset = [(each, int(label)) for each, label in zip(inputs[300:], labels[300:], strict=True)]

    num_classes = 2


@fault("labels?")
class LabelsAreWords(_Clouds):
    """Its labels are words."""

    def __init__(self):
        super().__init__()
        names = np.array(["ant", "bee", "cow"])
        self.trainset = self.trainset[0], names[self.trainset[1]]
        self.testset = self.testset[0], names[self.testset[1]]


@fault("same|alike|0")
class AllAlike(_Clouds):
    """All of its inputs are 0, as something has divided by too much."""

    def __init__(self):
        super().__init__()
        self.trainset = np.zeros_like(self.trainset[0]), self.trainset[1]
        self.testset = np.zeros_like(self.testset[0]), self.testset[1]


@fault("shape")
class RaggedList(_Clouds):
    """A list of inputs of several lengths."""

    def __init__(self):
        super().__init__()
        self.trainset = [
            (each[: 2 + index % 3], int(label))
            for index, (each, label) in enumerate(zip(*self.trainset, strict=True))
        ]
        self.testset = [(each, int(label)) for each, label in zip(*self.testset, strict=True)]


@fault("pairs|\\(input, label\\)")
class Triples(_Clouds):
    """Its examples have three parts."""

    def __init__(self):
        super().__init__()
        self.trainset = [
            (each, int(label), index) for index, (each, label) in enumerate(zip(*self.trainset, strict=True))
        ]


@fault("print")
class TellsWhatItLoads(_Clouds):
    """It prints how much it has loaded."""

    def __init__(self):
        super().__init__()
        print("Loaded 120 points.")


@sound
class HandsOnSettings(DatasetSuite):
    """Whatever settings its suite is given it hands on, and the dataset takes none but its size."""

    def make(self, **settings):
        class Mine(_Clouds):
            def __init__(self, size=120):
                inputs, labels = _points(size)
                self.trainset = inputs[:90], labels[:90]
                self.testset = inputs[90:], labels[90:]

        return Mine(**settings)


@fault("test set none.*shuffle")
class CutWhileSorted(_Clouds):
    """Examples in the order of their labels are cut in two, so that only the last is tested."""

    def __init__(self):
        inputs, labels = _points(300)
        order = np.argsort(labels, kind="stable")
        inputs, labels = inputs[order], labels[order]
        self.trainset = inputs[:250], labels[:250]
        self.testset = inputs[250:], labels[250:]


class _ManyClouds(_Clouds):
    """Enough points to tell that labels belong to inputs."""

    size = 600

    def __init__(self):
        inputs, labels = self.mixed(*_points(self.size))
        cut = self.size * 4 // 5
        self.trainset = inputs[:cut], labels[:cut]
        self.testset = inputs[cut:], labels[cut:]

    def mixed(self, inputs, labels):
        return inputs, labels


@fault("inputs shuffled, sorted or cut apart")
class ShuffledApart(_ManyClouds):
    """Inputs and labels are shuffled one after the other, by the same generator."""

    def mixed(self, inputs, labels):
        random = np.random.default_rng(0)
        return random.permutation(inputs), random.permutation(labels)


@fault("inputs shuffled, sorted or cut apart")
class LabelsOneBehind(_ManyClouds):
    """A heading was read as an input, so that every label is that of the next."""

    def mixed(self, inputs, labels):
        return inputs, np.roll(labels, 1)


@fault("inputs shuffled, sorted or cut apart")
class PicturesShuffledApart(_Clouds):
    """Pictures of bright halves, in a list whose labels were shuffled."""

    num_classes = 2

    def __init__(self):
        random = np.random.default_rng(0)
        labels = random.integers(2, size=400)
        pictures = random.integers(0, 60, (400, 8, 8)).astype(np.uint8)
        for picture, label in zip(pictures, labels, strict=True):
            picture[4 * label : 4 * label + 4] += 150
        random.shuffle(labels)
        pairs = [(each, int(label)) for each, label in zip(pictures, labels, strict=True)]
        self.trainset, self.testset = pairs[:300], pairs[300:]


@fault("labels of the test set those of its inputs")
class TestSetShuffledApart(_ManyClouds):
    """The test set alone was shuffled apart."""

    def __init__(self):
        super().__init__()
        inputs, labels = self.testset
        self.testset = np.random.default_rng(1).permutation(inputs), labels


@fault("labels of the test set those of its inputs")
class TestLabelsSorted(_ManyClouds):
    """The labels of the test set come in the order of their classes."""

    def __init__(self):
        super().__init__()
        self.testset = self.testset[0], np.sort(self.testset[1])


@right
class ClearClouds(_ManyClouds):
    """Points whose place tells the label."""


@right
class Parity:
    """Rows of ten bits, labeled by whether a pair of them differs: no single bit tells anything."""

    num_classes = 2

    def __init__(self):
        bits = np.random.default_rng(0).integers(0, 2, (1000, 10))
        labels = bits[:, 3] ^ bits[:, 7]
        inputs = bits.astype(np.float32)
        self.trainset, self.testset = (inputs[:800], labels[:800]), (inputs[800:], labels[800:])


@right
class NoisyLabels(_ManyClouds):
    """A third of the labels is wrong, as where people were asked."""

    size = 900

    def mixed(self, inputs, labels):
        random = np.random.default_rng(0)
        wrong = random.random(len(labels)) < 0.33
        return inputs, np.where(wrong, random.integers(0, 3, len(labels)), labels)


@right
class CountsSpots:
    """Pictures with one to four spots anywhere, labeled by how many."""

    num_classes = 4

    def __init__(self):
        random = np.random.default_rng(0)
        labels = random.integers(4, size=600)
        pictures = np.zeros((600, 12, 12), np.float32)
        for picture, label in zip(pictures, labels, strict=True):
            picture.ravel()[random.choice(144, label + 1, replace=False)] = 1
        self.trainset, self.testset = (pictures[:450], labels[:450]), (pictures[450:], labels[450:])


@right
class Tones:
    """Waves of three frequencies, which begin anywhere."""

    num_classes = 3

    def __init__(self):
        random = np.random.default_rng(0)
        labels = random.integers(3, size=500)
        times, starts = np.arange(64), random.uniform(0, 6.28, 500)
        waves = np.sin((labels[:, None] + 2) * times / 5 + starts[:, None])
        inputs = (waves + random.normal(0, 0.3, waves.shape)).astype(np.float32)
        self.trainset, self.testset = (inputs[:400], labels[:400]), (inputs[400:], labels[400:])


# --- as strangers write them


@fault("one whole number")
class LabelsInARow(_Clouds):
    """Labels are vectors with a 1."""

    def __init__(self):
        super().__init__()
        eye = np.eye(3)
        self.trainset, self.testset = (
            [(each, eye[label]) for each, label in zip(*part, strict=True)]
            for part in (self.trainset, self.testset)
        )


@fault("in the training set too")
class CutTooLate(_Clouds):
    """The training set ends after the test set has begun."""

    def __init__(self):
        inputs, labels = _points(400)
        self.trainset, self.testset = (
            (inputs[:350], labels[:350]),
            (inputs[300:], labels[300:]),
        )


@fault("pickled")
class KeepsAFileOpen(_Clouds):
    """Its examples hold on to an open file, in a class that is written in a function."""

    def __init__(self):
        super().__init__()
        handle = open(__file__)  # noqa: SIM115
        pairs = list(zip(*self.trainset, strict=True))

        class Examples:
            def __len__(self):
                return len(pairs)

            def __getitem__(self, index):
                handle.seek(0)
                return pairs[index]

        self.trainset = Examples()


@fault("1 of the .* in the training set too")
class CutOneTooEarly(_ManyClouds):
    """The last example to train on is the first to test on."""

    def __init__(self):
        super().__init__()
        inputs, labels = self.trainset
        self.testset = (
            np.concatenate([inputs[-1:], self.testset[0]]),
            np.concatenate([labels[-1:], self.testset[1]]),
        )


@planted("1 of the .* in the training set too")
class OnePictureInBoth(DatasetSuite):
    """One picture of bytes is in both sets."""

    def make(self):
        pictures = _Bytes()
        pictures.testset[0][0], pictures.testset[1][0] = pictures.trainset[0][-1], pictures.trainset[1][-1]
        return pictures


class _Bytes(_Clouds):
    """Noisy pictures, brighter by class, as bytes."""

    def __init__(self):
        labels = _points(300)[1]
        noise = np.random.default_rng(1).normal(0, 20, (300, 8, 8))
        inputs = np.clip(noise + 60 * labels[:, None, None] + 40, 0, 255).astype(np.uint8)
        self.trainset = inputs[:200], labels[:200]
        self.testset = inputs[200:], labels[200:]


@sound
class MeasuredByHand(DatasetSuite):
    """Two numbers of one decimal: a few inputs are in both sets, as others were measured alike."""

    def make(self):
        clouds = _Clouds()
        inputs, labels = _points(300, seed=2)
        inputs = inputs[:, :3].round(1)
        clouds.trainset, clouds.testset = (inputs[:200], labels[:200]), (inputs[200:], labels[200:])
        return clouds


@fault("num_classes is 4, and no example has the label 3")
class OneClassTooMany(_ManyClouds):
    """It counts a class that there is not."""

    num_classes = 4


@fault("2 names.*num_classes is 3")
class NamesForTwo(_Clouds):
    """Its three classes have two names."""

    classes = ("low", "high")


@fault("another scale")
class ScaledForTraining(_ManyClouds):
    """What it trains on is 255 times what it tests on."""

    def __init__(self):
        super().__init__()
        self.trainset = self.trainset[0] * 255, self.trainset[1]


@fault("uint8.*float32.*prepare both alike")
class BytesAndFractions(_Bytes):
    """Pictures to train on are bytes, and those to test on fractions."""

    def __init__(self):
        super().__init__()
        self.testset = (self.testset[0] / 255).astype(np.float32), self.testset[1]


@right
class PicturesAsBytes(_Bytes):
    """Pictures as bytes, in both sets."""


class _Halving:
    def __init__(self, examples):
        self.inputs = np.stack([np.asarray(examples[i][0]) for i in range(len(examples))])
        self.labels = [int(examples[i][1]) for i in range(len(examples))]

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        if index >= len(self):
            raise IndexError(index)
        self.inputs[index] /= 2
        return self.inputs[index].copy(), self.labels[index]


@fault(r"changes self\.inputs.*copy")
class ScaledAtEachLook(_OneByOne):
    """It halves an input in place each time that it is taken."""

    def __init__(self):
        super().__init__()
        self.trainset, self.testset = _Halving(self.trainset), _Halving(self.testset)


class _Lends(_Halving):
    def __init__(self, examples):
        super().__init__(examples)
        self.lent = np.zeros(4, np.float32)

    def __getitem__(self, index):
        if index >= len(self):
            raise IndexError(index)
        self.lent[:] = self.inputs[index]
        return self.lent, self.labels[index]


@planted("became another when a later one was taken")
class LendsOneArray(DatasetSuite):
    """All of its examples are given in one array."""

    def make(self):
        clouds = _OneByOne()
        clouds.trainset, clouds.testset = _Lends(clouds.trainset), _Lends(clouds.testset)
        return clouds


@fault("is the label itself")
class LabelAmongTheInputs(_Clouds):
    """The column of the labels was left in the table."""

    def __init__(self):
        super().__init__()
        self.trainset, self.testset = (_with_labels(*each) for each in (self.trainset, self.testset))


def _with_labels(inputs, labels):
    return np.concatenate([inputs, labels[:, None].astype(np.float32)], axis=1), labels


# --- what only a look at every example, in any order, shows


class _Lamps:
    """Rows of lamps, labeled by whether they are bright, as they should be."""

    num_classes = 2

    def __init__(self, size=2000, seed=0):
        drawn = np.random.default_rng(seed)
        lamps = drawn.normal(size=(size, 5)).astype(np.float32)
        labels = (lamps.sum(axis=1) > 0).astype(np.int64)
        part = size * 3 // 5
        self.trainset = lamps[:part], labels[:part]
        self.testset = lamps[part:], labels[part:]


@fault("more than one shape, .* of example 501")
class OneIsLarger(_Lamps):
    """One example, far back in a list, has more numbers than the others."""

    def __init__(self, size=2000, seed=0):
        super().__init__(size, seed)
        self.trainset = [(row, int(label)) for row, label in zip(*self.trainset, strict=True)]
        self.trainset[501] = np.zeros(6, np.float32), 0


@fault("Of the training set, examples .* labels moved")
class ShiftedFromTheMiddle(_Lamps):
    """Labels of the second half of the training set are those of the examples before."""

    def __init__(self, size=2000, seed=0):
        super().__init__(size, seed)
        self.trainset[1][600:] = np.roll(self.trainset[1][600:], 1)


@fault("Of the test set, examples .* filled in")
class FilledFromTheMiddle(_Lamps):
    """The second half of the test set has the label 0 whatever it is."""

    def __init__(self, size=2000, seed=0):
        super().__init__(size, seed)
        self.testset[1][400:] = 0


@right
class SortedByClass(_Lamps):
    """Its examples stand in the order of their labels."""

    def __init__(self, size=2000, seed=0):
        super().__init__(size, seed)
        for inputs, labels in (self.trainset, self.testset):
            order = np.argsort(labels, kind="stable")
            inputs[:], labels[:] = inputs[order], labels[order]


class _Remembered(torch.utils.data.Dataset):
    """Rows that are kept once they were made, by a key."""

    def __init__(self, inputs, labels, key, kept):
        self.inputs, self.labels, self.key, self.kept = inputs, labels, key, kept

    def __len__(self):
        return len(self.inputs)

    def __getitem__(self, index):
        if index >= len(self.inputs):
            raise IndexError(index)
        index %= len(self.inputs)
        key = index % self.key
        if key not in self.kept:
            self.kept[key] = torch.from_numpy(self.inputs[index].copy()), int(self.labels[index])
        return self.kept[key]


@fault("another one where those behind it were taken first")
class RemembersByAWrongKey(_Lamps):
    """Keeps examples by their index modulo 512."""

    def __init__(self, size=2000, seed=0):
        super().__init__(size, seed)
        self.trainset = _Remembered(*self.trainset, 512, {})


@right
class RemembersByTheIndex(_Lamps):
    """Keeps examples by their index."""

    def __init__(self, size=2000, seed=0):
        super().__init__(size, seed)
        self.trainset = _Remembered(*self.trainset, 10_000, {})


class _OfOneClass(_Remembered):
    """Rows whose cache stands in the class."""

    kept: ClassVar[dict] = {}

    def __init__(self, inputs, labels):
        self.inputs, self.labels, self.key = inputs, labels, 10_000


@fault("stands in the class")
class RemembersInTheClass(_Lamps):
    """Both of its sets have one cache."""

    def __init__(self, size=2000, seed=0):
        super().__init__(size, seed)
        self.trainset, self.testset = _OfOneClass(*self.trainset), _OfOneClass(*self.testset)


@fault("takes seed and never reads it")
class TakesASeed(_Lamps):
    """Takes a seed, and is the same with any."""

    def __init__(self, size=2000, seed=0):
        super().__init__(size)


@fault("With seed=1 it holds the very examples")
class KeepsASeed(_Lamps):
    """Keeps a seed, and is the same with any."""

    def __init__(self, size=2000, seed=0):
        super().__init__(size)
        self.seed = seed


@fault("takes size and never reads it")
class TakesASize(_Lamps):
    """Takes a size, and has always as many examples."""

    def __init__(self, size=2000, seed=0):
        super().__init__(1000, seed)


@fault("moved by a pixel or mirrored")
class LearnsMovedTests:
    """Has its test pictures, moved by a pixel, in the training set."""

    num_classes = 2

    def __init__(self):
        drawn = np.random.default_rng(0)
        labels = drawn.integers(2, size=300)
        pictures = drawn.integers(0, 100, (300, 10, 10)).astype(np.uint8)
        pictures[labels == 1, :5] += 120
        self.testset = pictures[200:], labels[200:]
        moved = np.roll(pictures[200:], 1, axis=2)
        self.trainset = np.concatenate([pictures[:200], moved]), np.concatenate([labels[:200], labels[200:]])


@fault("sorted order")
class ListsAFolder(_Clouds):
    """It takes its examples from files as its disk lists them."""

    def __init__(self):
        inputs, labels = _points()
        folder = Path("clouds")
        folder.mkdir(exist_ok=True)
        for number, (row, label) in enumerate(zip(inputs, labels, strict=True)):
            np.save(folder / f"{number:03}-{label}.npy", row)
        files = [*folder.iterdir()]
        inputs = np.stack([np.load(each) for each in files])
        labels = np.array([int(each.stem[-1]) for each in files])
        self.trainset = inputs[:90], labels[:90]
        self.testset = inputs[90:], labels[90:]


@right
class ListsAFolderInOrder(_Clouds):
    """It takes its examples from files by their names."""

    def __init__(self):
        inputs, labels = _points()
        folder = Path("clouds")
        folder.mkdir(exist_ok=True)
        for number, (row, label) in enumerate(zip(inputs, labels, strict=True)):
            np.save(folder / f"{number:03}-{label}.npy", row)
        with os.scandir(folder) as found:
            files = sorted(each.name for each in found)
        self.trainset, self.testset = (
            (np.stack([np.load(folder / each) for each in part]), np.array([int(each[4]) for each in part]))
            for part in (files[:90], files[90:])
        )


@fault("the test set none")
class TestsTwoOfThree(_Clouds):
    """Of one of its classes, all examples are in the training set."""

    def __init__(self):
        inputs, labels = _points(size=400)
        tested = (labels != 1) & (np.arange(400) % 3 == 0)
        self.trainset = inputs[~tested], labels[~tested]
        self.testset = inputs[tested], labels[tested]


@fault(r"Made with spread=1.0, its options are .*\"spread\": self.spread")
class KeepsHalfOfItsOptions(_Clouds):
    """Of its two settings, its options name one."""

    def __init__(self, size=120, spread=0.0):
        self.size = size
        inputs, labels = _points(size)
        inputs += np.random.default_rng(1).normal(0, 1, inputs.shape).astype(np.float32) * spread
        self.trainset = inputs[: size * 3 // 4], labels[: size * 3 // 4]
        self.testset = inputs[size * 3 // 4 :], labels[size * 3 // 4 :]

    @property
    def options(self):
        return {"size": self.size}


@right
class NamesWhatDecides(_Clouds):
    """Its options leave out what changes nothing of its examples."""

    def __init__(self, size=120, says_more=False):
        self.options = {"size": size}
        self.summary = f"{size} points" if says_more else "points"
        inputs, labels = _points(size)
        self.trainset = inputs[: size * 3 // 4], labels[: size * 3 // 4]
        self.testset = inputs[size * 3 // 4 :], labels[size * 3 // 4 :]


@right
class HardlyTestsTheRare(_Clouds):
    """A class is so rare that the test set has none of it, by chance."""

    def __init__(self):
        inputs, labels = _points(size=400)
        kept = (labels != 2) | (np.arange(400) < 30)
        inputs, labels = inputs[kept], labels[kept]
        self.trainset = inputs[:200], labels[:200]
        self.testset = inputs[200:], labels[200:]
