"""Datasets."""

from __future__ import annotations

import random
import socket

import numpy as np
import torch

from csai_train.datasets import Dataset, DatasetOrigin
from csai_train.testing import DatasetSuite
from planted.specimens import planted, sound


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


def _suite(dataset):
    return lambda self: dataset()


class _FromOne(_Clouds):
    num_classes = 4

    def __init__(self):
        super().__init__()
        self.trainset = self.trainset[0], self.trainset[1] + 1
        self.testset = self.testset[0], self.testset[1] + 1


@planted("label 0|from 0")
class LabelsFromOne(DatasetSuite):
    """Its labels begin at 1."""

    make = _suite(_FromOne)


class _TooFew(_Clouds):
    num_classes = 2


@planted("label")
class TooFewClasses(DatasetSuite):
    """It has a label more than classes."""

    make = _suite(_TooFew)


class _NoNumber(_Clouds):
    num_classes = "3"


@planted("num_classes")
class ClassesAsText(DatasetSuite):
    """Its number of classes is a text."""

    make = _suite(_NoNumber)


class _NoTest:
    num_classes = 3

    def __init__(self):
        self.trainset = _points()


@planted("testset")
class NoTestSet(DatasetSuite):
    """It has nothing to be tested on."""

    make = _suite(_NoTest)


class _Sorted(_Clouds):
    def __init__(self):
        inputs, labels = _points()
        order = np.argsort(labels, kind="stable")
        inputs, labels = inputs[order], labels[order]
        self.trainset = inputs[:80], labels[:80]
        self.testset = inputs[80:], labels[80:]


@planted("label|class|shuffl")
class SortedByLabel(DatasetSuite):
    """It was cut in two while it was sorted by label."""

    make = _suite(_Sorted)


class _Leaks(_Clouds):
    def __init__(self):
        inputs, labels = _points()
        self.trainset = inputs, labels
        self.testset = inputs[90:], labels[90:]


@planted("both|training set|train")
class TestsOnTraining(DatasetSuite):
    """What it is tested on, it has been trained on."""

    make = _suite(_Leaks)


class _Infinite(_Clouds):
    def __init__(self):
        super().__init__()
        self.trainset[0][7, 2] = np.nan


@planted("NaN")
class NotANumber(DatasetSuite):
    """One of its inputs is not a number."""

    make = _suite(_Infinite)


class _Unseeded(_Clouds):
    def __init__(self):
        inputs, labels = _points()
        order = np.random.default_rng().permutation(len(labels))
        inputs, labels = inputs[order], labels[order]
        self.trainset = inputs[:90], labels[:90]
        self.testset = inputs[90:], labels[90:]


@planted("seed|made twice|differ|again")
class UnseededSplit(DatasetSuite):
    """Each time that it is made, it is cut in two otherwise."""

    make = _suite(_Unseeded)


class _Seeds(_Clouds):
    def __init__(self):
        np.random.seed(0)  # noqa: NPY002
        super().__init__()


@planted("generator")
class SeedsNumpy(DatasetSuite):
    """It seeds numpy's generator, for everybody."""

    make = _suite(_Seeds)


class _Shuffles(_Clouds):
    def __init__(self):
        inputs, labels = _points()
        order = list(range(len(labels)))
        random.Random(0).shuffle(order)
        random.shuffle(order)
        self.trainset = inputs[order[:90]], labels[order[:90]]
        self.testset = inputs[order[90:]], labels[order[90:]]


@planted("generator")
class ShufflesByPython(DatasetSuite):
    """Python's generator shuffles it."""

    make = _suite(_Shuffles)


class _Uneven(_Clouds):
    def __init__(self):
        super().__init__()
        self.trainset = self.trainset[0], self.trainset[1][:-1]


@planted("labels")
class FewerLabels(DatasetSuite):
    """It has an input more than labels."""

    make = _suite(_Uneven)


class _OneHot(_Clouds):
    def __init__(self):
        super().__init__()
        eye = np.eye(3, dtype=np.int64)
        self.trainset = self.trainset[0], eye[self.trainset[1]]
        self.testset = self.testset[0], eye[self.testset[1]]


@planted("labels.*shape|one-hot|argmax")
class OneHot(DatasetSuite):
    """Its labels are rows of ones and zeros."""

    make = _suite(_OneHot)


class _Generator(_Clouds):
    def __init__(self):
        super().__init__()
        self.trainset = zip(*self.trainset, strict=True)


@planted("length|len")
class AnIterator(DatasetSuite):
    """Its training set can be gone through once, and has no length."""

    make = _suite(_Generator)


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


class _TooLong(_OneByOne):
    class examples(_Examples):  # noqa: N801
        def __len__(self):
            return len(self.labels) + 1


@planted("length|len|IndexError")
class OneTooLong(DatasetSuite):
    """It says that it has one example more than there are."""

    make = _suite(_TooLong)


class _Swaps(_OneByOne):
    class examples(_Examples):  # noqa: N801
        def __getitem__(self, index):
            value, label = super().__getitem__(index)
            return label, value


@planted("label")
class LabelFirst(DatasetSuite):
    """It gives the label first, and then the input."""

    make = _suite(_Swaps)


class _Wraps(_OneByOne):
    class examples(_Examples):  # noqa: N801
        def __getitem__(self, index):
            return super().__getitem__(index % len(self))


@planted("IndexError|end")
class NeverEnds(DatasetSuite):
    """Beyond its end it begins again, so that going through it never ends."""

    make = _suite(_Wraps)


class _Wanders(_OneByOne):
    class examples(_Examples):  # noqa: N801
        def __init__(self, inputs, labels):
            super().__init__(inputs, labels)
            self.count = 0

        def __getitem__(self, index):
            self.count += 1
            return super().__getitem__((index + self.count) % len(self))


@planted("twice|same|differ|again|IndexError")
class GivesOthers(DatasetSuite):
    """Asked for the same example twice, it gives two."""

    make = _suite(_Wanders)


class _Noisy(_OneByOne):
    class examples(_Examples):  # noqa: N801
        def __getitem__(self, index):
            value, label = super().__getitem__(index)
            return value + torch.randn(4), label


@planted("test")
class NoisyTests(DatasetSuite):
    """Noise is added to what it is tested on, too."""

    make = _suite(_Noisy)


class _Shapes(_OneByOne):
    class examples(_Examples):  # noqa: N801
        def __getitem__(self, index):
            value, label = super().__getitem__(index)
            return value[: 4 - index % 2], label


@planted("shape")
class OtherShapes(DatasetSuite):
    """Its inputs have two shapes."""

    make = _suite(_Shapes)


class _Lambda(_OneByOne):
    def __init__(self):
        super().__init__()
        self.trainset.change = lambda value: value


@planted("pickle|process|worker")
class CannotBeSent(DatasetSuite):
    """A function without a name keeps it from the processes that prepare examples."""

    make = _suite(_Lambda)


class _Downloads(_Clouds):
    def __init__(self):
        socket.create_connection(("127.0.0.1", 9), timeout=0.01)
        super().__init__()


@planted("network|download")
class DownloadsAlways(DatasetSuite):
    """It goes to the network whenever it is made."""

    make = _suite(_Downloads)


class _Empty(_Clouds):
    def __init__(self):
        super().__init__()
        self.testset = self.testset[0][:0], self.testset[1][:0]


@planted("empty|nothing")
class EmptyTestSet(DatasetSuite):
    """There is nothing in its test set."""

    make = _suite(_Empty)


class _Named(_Clouds):
    def __init__(self):
        names = ["ant", "bee", "cow", "dog", "elk", "fox", "gnu", "hen"]
        found = list(set(names))
        inputs, labels = _points(classes=8, size=160)
        numbers = np.array([found.index(names[label]) for label in labels])
        self.trainset = inputs[:120], numbers[:120]
        self.testset = inputs[120:], numbers[120:]

    num_classes = 8


@planted("process|set|sort|PYTHONHASHSEED")
class NumbersASet(DatasetSuite):
    """It numbers names in the order of a set, which is another in each process."""

    make = _suite(_Named)


class _Inherits(Dataset):
    def __init__(self):
        super().__init__(DatasetOrigin.CUSTOM)

    def _load_data(self):
        inputs, labels = _points()
        self.trainset = inputs, labels
        self.num_classes = 3


@planted("testset")
class ForgetsTestSet(DatasetSuite):
    """A Dataset that sets no testset."""

    make = _suite(_Inherits)


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


@sound
class Clouds(DatasetSuite):
    """Pairs of arrays."""

    make = _suite(_Clouds)


@sound
class OneByOne(DatasetSuite):
    """Examples one by one, in torch's form."""

    make = _suite(_OneByOne)


class _Augments(_OneByOne):
    class noisy(_Examples):  # noqa: N801
        def __getitem__(self, index):
            value, label = super().__getitem__(index)
            return value + 0.1 * torch.randn(4), label

    def __init__(self):
        super().__init__()
        self.trainset = self.noisy(self.trainset.inputs, self.trainset.labels)


@sound
class AugmentsTraining(DatasetSuite):
    """Adds noise, from torch's generator, which trainings seed, to what is learned from alone."""

    make = _suite(_Augments)


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


class _Whole(_Clouds):
    def __init__(self):
        drawn = np.random.default_rng(0)
        inputs = drawn.integers(0, 2, (400, 3))
        labels = inputs.sum(axis=1) % 2
        self.trainset = [(each, int(label)) for each, label in zip(inputs[:300], labels[:300], strict=True)]
        self.testset = [(each, int(label)) for each, label in zip(inputs[300:], labels[300:], strict=True)]

    num_classes = 2


@sound
class FewInputsThereAre(DatasetSuite):
    """There are eight inputs in all, and so the same are in both sets."""

    make = _suite(_Whole)


class _Words(_Clouds):
    def __init__(self):
        super().__init__()
        names = np.array(["ant", "bee", "cow"])
        self.trainset = self.trainset[0], names[self.trainset[1]]
        self.testset = self.testset[0], names[self.testset[1]]


@planted("labels?")
class LabelsAreWords(DatasetSuite):
    """Its labels are words."""

    make = _suite(_Words)


class _Constant(_Clouds):
    def __init__(self):
        super().__init__()
        self.trainset = np.zeros_like(self.trainset[0]), self.trainset[1]
        self.testset = np.zeros_like(self.testset[0]), self.testset[1]


@planted("same|alike|0")
class AllAlike(DatasetSuite):
    """All of its inputs are 0, as something has divided by too much."""

    make = _suite(_Constant)


class _Ragged(_Clouds):
    def __init__(self):
        super().__init__()
        self.trainset = [
            (each[: 2 + index % 3], int(label))
            for index, (each, label) in enumerate(zip(*self.trainset, strict=True))
        ]
        self.testset = [(each, int(label)) for each, label in zip(*self.testset, strict=True)]


@planted("shape")
class RaggedList(DatasetSuite):
    """A list of inputs of several lengths."""

    make = _suite(_Ragged)


class _Triples(_Clouds):
    def __init__(self):
        super().__init__()
        self.trainset = [
            (each, int(label), index) for index, (each, label) in enumerate(zip(*self.trainset, strict=True))
        ]


@planted("pairs|\\(input, label\\)")
class Triples(DatasetSuite):
    """Its examples have three parts."""

    make = _suite(_Triples)


class _Chatty(_Clouds):
    def __init__(self):
        super().__init__()
        print("Loaded 120 points.")


@planted("print")
class TellsWhatItLoads(DatasetSuite):
    """It prints how much it has loaded."""

    make = _suite(_Chatty)


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


@planted("test set none.*shuffle")
class CutWhileSorted(DatasetSuite):
    """Examples in the order of their labels are cut in two, so that only the last is tested."""

    def make(self):
        class Mine(_Clouds):
            def __init__(self):
                inputs, labels = _points(300)
                order = np.argsort(labels, kind="stable")
                inputs, labels = inputs[order], labels[order]
                self.trainset = inputs[:250], labels[:250]
                self.testset = inputs[250:], labels[250:]

        return Mine()


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


@planted("inputs shuffled, sorted or cut apart")
class ShuffledApart(DatasetSuite):
    """Inputs and labels are shuffled one after the other, by the same generator."""

    def make(self):
        class Mine(_ManyClouds):
            def mixed(self, inputs, labels):
                random = np.random.default_rng(0)
                return random.permutation(inputs), random.permutation(labels)

        return Mine()


@planted("inputs shuffled, sorted or cut apart")
class LabelsOneBehind(DatasetSuite):
    """A heading was read as an input, so that every label is that of the next."""

    def make(self):
        class Mine(_ManyClouds):
            def mixed(self, inputs, labels):
                return inputs, np.roll(labels, 1)

        return Mine()


@planted("inputs shuffled, sorted or cut apart")
class PicturesShuffledApart(DatasetSuite):
    """Pictures of bright halves, in a list whose labels were shuffled."""

    def make(self):
        class Mine(_Clouds):
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

        return Mine()


@planted("labels of the test set those of its inputs")
class TestSetShuffledApart(DatasetSuite):
    """The test set alone was shuffled apart."""

    def make(self):
        class Mine(_ManyClouds):
            def __init__(self):
                super().__init__()
                inputs, labels = self.testset
                self.testset = np.random.default_rng(1).permutation(inputs), labels

        return Mine()


@planted("labels of the test set those of its inputs")
class TestLabelsSorted(DatasetSuite):
    """The labels of the test set come in the order of their classes."""

    def make(self):
        class Mine(_ManyClouds):
            def __init__(self):
                super().__init__()
                self.testset = self.testset[0], np.sort(self.testset[1])

        return Mine()


@sound
class ClearClouds(DatasetSuite):
    """Points whose place tells the label."""

    make = _suite(_ManyClouds)


@sound
class Parity(DatasetSuite):
    """Rows of ten bits, labeled by whether a pair of them differs: no single bit tells anything."""

    def make(self):
        class Mine:
            num_classes = 2

            def __init__(self):
                bits = np.random.default_rng(0).integers(0, 2, (1000, 10))
                labels = bits[:, 3] ^ bits[:, 7]
                inputs = bits.astype(np.float32)
                self.trainset, self.testset = (inputs[:800], labels[:800]), (inputs[800:], labels[800:])

        return Mine()


@sound
class NoisyLabels(DatasetSuite):
    """A third of the labels is wrong, as where people were asked."""

    def make(self):
        class Mine(_ManyClouds):
            size = 900

            def mixed(self, inputs, labels):
                random = np.random.default_rng(0)
                wrong = random.random(len(labels)) < 0.33
                return inputs, np.where(wrong, random.integers(0, 3, len(labels)), labels)

        return Mine()


@sound
class CountsSpots(DatasetSuite):
    """Pictures with one to four spots anywhere, labeled by how many."""

    def make(self):
        class Mine:
            num_classes = 4

            def __init__(self):
                random = np.random.default_rng(0)
                labels = random.integers(4, size=600)
                pictures = np.zeros((600, 12, 12), np.float32)
                for picture, label in zip(pictures, labels, strict=True):
                    picture.ravel()[random.choice(144, label + 1, replace=False)] = 1
                self.trainset, self.testset = (pictures[:450], labels[:450]), (pictures[450:], labels[450:])

        return Mine()


@sound
class Tones(DatasetSuite):
    """Waves of three frequencies, which begin anywhere."""

    def make(self):
        class Mine:
            num_classes = 3

            def __init__(self):
                random = np.random.default_rng(0)
                labels = random.integers(3, size=500)
                times, starts = np.arange(64), random.uniform(0, 6.28, 500)
                waves = np.sin((labels[:, None] + 2) * times / 5 + starts[:, None])
                inputs = (waves + random.normal(0, 0.3, waves.shape)).astype(np.float32)
                self.trainset, self.testset = (inputs[:400], labels[:400]), (inputs[400:], labels[400:])

        return Mine()


# --- as strangers write them


@planted("one whole number")
class LabelsInARow(DatasetSuite):
    """Labels are vectors with a 1."""

    def make(self):
        class Mine(_Clouds):
            def __init__(self):
                super().__init__()
                eye = np.eye(3)
                self.trainset, self.testset = (
                    [(each, eye[label]) for each, label in zip(*part, strict=True)]
                    for part in (self.trainset, self.testset)
                )

        return Mine()


@planted("in the training set too")
class CutTooLate(DatasetSuite):
    """The training set ends after the test set has begun."""

    def make(self):
        class Mine(_Clouds):
            def __init__(self):
                inputs, labels = _points(400)
                self.trainset, self.testset = (
                    (inputs[:350], labels[:350]),
                    (inputs[300:], labels[300:]),
                )

        return Mine()


class _OpenFile(_Clouds):
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


@planted("pickled")
class KeepsAFileOpen(DatasetSuite):
    """Its examples hold on to an open file, in a class that is written in a function."""

    make = _suite(_OpenFile)


class _OneInBoth(_ManyClouds):
    def __init__(self):
        super().__init__()
        inputs, labels = self.trainset
        self.testset = (
            np.concatenate([inputs[-1:], self.testset[0]]),
            np.concatenate([labels[-1:], self.testset[1]]),
        )


@planted("1 of the .* in the training set too")
class CutOneTooEarly(DatasetSuite):
    """The last example to train on is the first to test on."""

    make = _suite(_OneInBoth)


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


class _OneTooMany(_ManyClouds):
    num_classes = 4


@planted("num_classes is 4, and no example has the label 3")
class OneClassTooMany(DatasetSuite):
    """It counts a class that there is not."""

    make = _suite(_OneTooMany)


class _TwoNames(_Clouds):
    classes = ("low", "high")


@planted("2 names.*num_classes is 3")
class NamesForTwo(DatasetSuite):
    """Its three classes have two names."""

    make = _suite(_TwoNames)


class _Scaled(_ManyClouds):
    def __init__(self):
        super().__init__()
        self.trainset = self.trainset[0] * 255, self.trainset[1]


@planted("another scale")
class ScaledForTraining(DatasetSuite):
    """What it trains on is 255 times what it tests on."""

    make = _suite(_Scaled)


class _HalfScaled(_Bytes):
    def __init__(self):
        super().__init__()
        self.testset = (self.testset[0] / 255).astype(np.float32), self.testset[1]


@planted("uint8.*float32.*prepare both alike")
class BytesAndFractions(DatasetSuite):
    """Pictures to train on are bytes, and those to test on fractions."""

    make = _suite(_HalfScaled)


@sound
class PicturesAsBytes(DatasetSuite):
    """Pictures as bytes, in both sets."""

    make = _suite(_Bytes)


class _HalvesItself(_OneByOne):
    def __init__(self):
        super().__init__()
        for name in ("trainset", "testset"):
            setattr(self, name, _Halving(getattr(self, name)))


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


@planted(r"changes self\.inputs.*copy")
class ScaledAtEachLook(DatasetSuite):
    """It halves an input in place each time that it is taken."""

    make = _suite(_HalvesItself)


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
