"""What every dataset should hold: examples that can be learned from, and others to be tested on."""

from __future__ import annotations

import contextlib
import hashlib
import inspect
import json
import math
import os
import pickle
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar
from unittest import mock

import numpy as np
import torch

from csai_core.errors import CsaiError, MissingExtraError
from csai_core.plugins import installed
from csai_core.testing import ConformanceError, Suite, fail, skip
from csai_core.testing.process.effects import generators_left_alone, nothing_printed
from csai_train.datasets import train_on_dataset
from csai_train.datasets.errors import MissingFilesError
from csai_train.datasets.learning.loaders import is_number_tensor
from csai_train.datasets.learning.make_loaders import make_loaders
from csai_train.testing.dependence import MOST, Examples, examples_of, is_related, told
from csai_train.testing.examples import (
    SETS,
    Part,
    changed_by_looking,
    check_finite,
    check_indices,
    check_kept,
    check_label,
    count_of,
    digest,
    is_one_by_one,
    labels,
    sample,
    seeded_digests,
)
from csai_train.testing.two_sets import (
    check_alike,
    check_apart,
    check_class_names,
    check_every_class,
    repeats,
)

_ENOUGH_TO_TELL, _ENOUGH_TO_TEST = 200, 40
"""Examples from which on it can be told whether labels have to do with inputs; of the test set."""
_CLEARLY, _BY_CHANCE = 8.0, 3.0
"""Standard deviations of chance by which labels are told clearly, and by which they are not told."""
_ENOUGH = 10
"""Examples for each class, from which on every class should be among them."""
_MORE = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
_HASH_SEEDS = (1, 2)
"""Of processes in which sets of texts have other orders."""
_CPU = torch.device("cpu")


class DatasetSuite(Suite):
    """Checks one dataset; a subclass names the entry, or writes `make`.

    class TestBlobs(DatasetSuite):
        entry_name = "blobs"

    class TestPages(DatasetSuite):
        def make(self, **settings):
            return PagesDataset(root=folder_of_the_test, download=False, **settings)

    Nothing is downloaded: a dataset whose files are not there is made with `download=False` if it takes that,
    and says so with a `MissingFilesError`.
    """

    num_examples: ClassVar[int] = 64
    """How many of its examples a network is trained on for an epoch."""

    def make(self, **settings: Any) -> Any:
        """Make the dataset."""
        if not self.entry_name:
            return super().make()
        target = installed().find("datasets", self.entry_name).load()
        parameters = inspect.signature(target).parameters
        if "download" in parameters:
            settings.setdefault("download", False)
        _require_arguments(parameters.values(), settings)
        return target(**settings)

    def test_it_can_be_made(self) -> None:
        """It is made without a network, quietly, and without touching global generators."""
        what = "The dataset"
        with _offline(), nothing_printed(what), generators_left_alone(what):
            self._made()

    def test_it_has_two_sets_and_a_number_of_classes(self) -> None:
        """`trainset`, `testset` and `num_classes` are there, and of the right kind."""
        dataset = self._made()
        for name in (*SETS, "num_classes"):
            try:
                getattr(dataset, name)
            except (AttributeError, CsaiError) as error:
                fail(f"It has no {name}: {error}. A dataset has trainset, testset and num_classes.")
        for name, words in SETS.items():
            examples = getattr(dataset, name)
            if isinstance(examples, Iterator) or not hasattr(examples, "__len__"):
                fail(
                    f"Its {name} is a {type(examples).__name__}, which has no length; give a list of (input, "
                    "label), a pair of arrays, or a dataset of torch."
                )
            if not count_of(examples):
                fail(f"There is nothing in {words}: its {name} is empty.")
        check_class_names(dataset)

    def test_its_examples_can_be_taken_one_by_one(self) -> None:
        """There are as many as it says, and beyond the last one is an IndexError."""
        dataset = self._made()
        for name, words in SETS.items():
            examples = getattr(dataset, name)
            if not is_one_by_one(examples):
                continue
            check_indices(examples, words)
            check_kept(examples, words)

    def test_it_can_be_read_by_a_training(self) -> None:
        """Inputs are numbers of one shape, and labels whole numbers below the number of classes."""
        dataset = self._made()
        for name, words in SETS.items():
            for index, (_, label) in sample(getattr(dataset, name)):
                if isinstance(label, (str, bytes)):
                    fail(
                        f"Example {index} of {words} has the label {label!r}; labels are numbers from 0 on, "
                        "and `classes` can say what they mean."
                    )
                check_label(label, dataset.num_classes, f"Example {index} of {words}")
        make_loaders(dataset, _CPU, warn=lambda message: None)
        for name, words in SETS.items():
            shapes, different = set(), set()
            for index, (value, label) in sample(getattr(dataset, name)):
                check_label(label, dataset.num_classes, f"Example {index} of {words}")
                shapes.add(np.shape(value))
                check_finite(value, f"The input of example {index} of {words}")
                different.add(digest((value, 0)))
            if len(different) == 1 and len(labels(getattr(dataset, name))) > 1:
                fail(f"All inputs of {words} are the same, so that there is nothing to learn from them.")
            if len(shapes) > 1:
                one, other, *_ = sorted(shapes, key=str)
                fail(
                    f"The inputs of {words} have more than one shape, such as {one} and {other}; bring them "
                    "to one."
                )

    def test_its_sets_are_alike(self) -> None:
        """Inputs of both sets are of one kind, and of one scale."""
        check_alike(self._made())

    def test_its_labels_are_shared_by_both_sets(self) -> None:
        """Labels begin at 0, and what is tested was learned."""
        dataset = self._made()
        train, test = (labels(getattr(dataset, name)) for name in SETS)
        if len(train) < _ENOUGH * dataset.num_classes:
            skip("there are few examples of each class")
        if only := sorted(set(test) - set(train)):
            fail(
                f"The test set has examples of label {only[0]}, and the training set none; shuffle the "
                "examples, by a seed of your own, before you cut them in two."
            )
        untested = sorted(set(train) - set(test))
        if len(test) >= _ENOUGH * dataset.num_classes and 2 * len(untested) >= dataset.num_classes:
            fail(
                f"The training set has examples of label {untested[0]}, and the test set none; shuffle the "
                "examples, by a seed of your own, before you cut them in two."
            )
        if 0 not in train and 0 not in test:
            fail(
                f"No example has label 0, and the largest is {max(train)}; labels go from 0 to num_classes - "
                "1, so take 1 from each."
            )
        check_every_class(dataset)

    def test_it_is_tested_on_what_it_has_not_learned(self) -> None:
        """The test set is no part of the training set."""
        dataset = self._made()
        if repeats(dataset.testset):
            skip("there are few inputs, so that some come again")
        check_apart(dataset)

    def test_its_labels_belong_to_its_inputs(self) -> None:
        """Something in the inputs tells the labels, in both sets, as far as simple learners can see."""
        dataset = self._made()
        train, test = (
            examples_of([each for _, each in sample(getattr(dataset, name), MOST)]) for name in SETS
        )
        if train is None or len(train.labels) < _ENOUGH_TO_TELL or len(np.unique(train.labels)) < 2:
            skip("there are few examples, or they are no numbers")
        if not is_related(train):
            fail(
                f"Nothing in {len(train.labels)} inputs of the training set tells their labels better than "
                "chance does: were the inputs shuffled, sorted or cut apart from their labels? Do the same "
                "with "
                "both: order = rng.permutation(count); inputs, labels = inputs[order], labels[order]."
            )
        if test is None or len(test.labels) < _ENOUGH_TO_TEST or test.shape != train.shape:
            return
        if told(*_parts(train, len(test.labels))) > _CLEARLY and told(train, test) < _BY_CHANCE:
            fail(
                "What can be learned of the training set tells the labels of other examples of it, and "
                "those of "
                "the test set no better than chance does: are the labels of the test set those of its "
                "inputs, "
                "in their order?"
            )

    def test_it_is_the_same_each_time(self) -> None:
        """An example stays as it is, and a dataset that is made again has the same ones."""
        dataset = self._made()
        for name, words in SETS.items():
            for seed in (1, 2):
                first, second = (seeded_digests(getattr(dataset, name), seed) for _ in range(2))
                if first != second:
                    if changed := changed_by_looking(getattr(self._made(), name)):
                        fail(
                            f"Taking an example of {words} changes {changed}, which holds the examples, so "
                            "that each look gives another; work on a copy: self.inputs[index].copy()."
                        )
                    fail(
                        f"Taken twice, examples of {words} are not the same; what is drawn at random for "
                        "them must come from torch's generator, which trainings seed."
                    )
            if name == "testset" and seeded_digests(dataset.testset, 1) != seeded_digests(dataset.testset, 2):
                fail("Examples of the test set change at random; augment the training set alone.")
        again = self._made()
        if self.digest(dataset) != self.digest(again):
            fail(
                "Made twice, it holds other examples, so that no run could be continued; shuffle by a seed, "
                "such as np.random.default_rng(0).permutation(count)."
            )

    def test_its_transform_is_done(self) -> None:
        """Where it takes a transform, images pass through it."""
        if not self._takes("transform"):
            skip("it takes no transform")
        try:
            dataset = self._made(transform=_seven)
        except TypeError as error:
            if "unexpected keyword argument 'transform'" not in str(error) or self._says_its_settings():
                raise
            skip("it takes no transform")
        for loader in make_loaders(dataset, _CPU, warn=lambda message: None):
            inputs, _ = next(loader.test_batches())
            if not bool((inputs == 7).all()) and not is_number_tensor(next(sample(dataset.trainset))[1][0]):
                fail(
                    f"Made with a transform, {loader.name} is what it was without; hand it to Dataset: "
                    "super().__init__(origin, transform)."
                )

    def test_it_can_be_learned(self) -> None:
        """An epoch of training goes through, and its loss is a number."""
        dataset = Part(self._made(), self.num_examples)
        training = train_on_dataset("linear", dataset, 1, seed=1, device="cpu")
        if not math.isfinite(training.history.epochs[-1].loss):
            fail(f"After an epoch the loss is {training.history.epochs[-1].loss}; bring inputs near -1 to 1.")

    def test_it_can_be_made_again_for_a_run(self) -> None:
        """Its `options`, if it has any, are plain, and make the same dataset."""
        dataset = self._made()
        options = getattr(dataset, "options", None)
        if not options:
            skip("it has no options")
        try:
            json.dumps(options)
        except (TypeError, ValueError) as error:
            fail(f"Its options are {options!r}, which no run can keep: {error}.")
        if self.entry_name and self.digest(self._made(**options)) != self.digest(dataset):
            fail(
                f"Made with its options, {options!r}, it holds other examples; let them say what it was made "
                "with."
            )

    def test_it_can_be_sent_to_workers(self) -> None:
        """Examples that are prepared one by one can be so in other processes."""
        dataset = self._made()
        for name, words in SETS.items():
            try:
                pickle.dumps(getattr(dataset, name))
            except Exception as error:
                fail(
                    f"{words.capitalize()} cannot be pickled for worker processes: {type(error).__name__}: "
                    f"{error}. Write functions outside of others, without lambda, and open files where they "
                    "are read."
                )

    def test_it_is_the_same_in_every_process(self) -> None:
        """In another process it holds the same examples in the same order."""
        here, there = self.digest(self._made()), _digests_elsewhere(type(self), self.entry_name)
        if not there:
            skip("its suite cannot be imported in another process")
        if there != {here}:
            fail(
                "In another process it holds other examples, or other labels; go through sets and folders in "
                "sorted order: sorted(names)."
            )

    def digest(self, dataset: Any) -> str:
        """Of its examples, as far as they are looked at."""
        parts = [str(dataset.num_classes)]
        for name in SETS:
            parts += seeded_digests(getattr(dataset, name), 1)
        return hashlib.sha256(" ".join(parts).encode()).hexdigest()

    # --- inner workings

    def _made(self, **settings: Any) -> Any:
        """The dataset; skips the check where its files are not here."""
        try:
            with _offline():
                return self.make(**settings)
        except (MissingFilesError, MissingExtraError) as error:
            skip(str(error))

    def _takes(self, setting: str) -> bool:
        return not self._says_its_settings() or setting in self._parameters()

    def _says_its_settings(self) -> bool:
        """Whether the names of its settings can be told: not where `make` hands on whatever it is given."""
        is_handed_on = any(each.kind is each.VAR_KEYWORD for each in self._parameters().values())
        return type(self).make is DatasetSuite.make or not is_handed_on

    def _parameters(self) -> Mapping[str, inspect.Parameter]:
        is_own = type(self).make is not DatasetSuite.make
        target = self.make if is_own else installed().find("datasets", self.entry_name).load()
        return inspect.signature(target).parameters


def _parts(examples: Examples, count: int) -> tuple[Examples, Examples]:
    """Examples in two parts, of which the second has so many at most, and the first the rest."""
    order = np.random.default_rng(1).permutation(len(examples.labels))
    cut = max(len(order) - count, len(order) // 2)
    parts = order[:cut], order[cut : cut + count]
    first, second = (examples._replace(inputs=examples.inputs[i], labels=examples.labels[i]) for i in parts)
    return first, second


def _require_arguments(parameters: Iterable[inspect.Parameter], given: Mapping[str, Any]) -> None:
    """Refuse a dataset that cannot be made without arguments; whose folder nobody has said, skip."""
    needed = [each.name for each in parameters if each.default is each.empty and each.kind not in _MORE]
    lacking = [name for name in needed if name not in given]
    if lacking == ["root"]:
        skip("it needs the folder of its files: give it root, in a DatasetSuite of your own")
    if lacking:
        fail(
            f"Made without arguments, it needs {' and '.join(lacking)}; give defaults, so that its name will "
            "do."
        )


def _seven(image: Any) -> torch.Tensor:
    """A transform that no picture looks like."""
    return torch.full((1, *np.shape(image)[:2]), 7.0)


@contextlib.contextmanager
def _offline() -> Iterator[None]:
    """Let nobody reach the network meanwhile."""

    def refuse(*arguments: Any, **settings: Any) -> Any:
        raise ConformanceError(
            "It reaches for the network when it is made; take download=False, and raise a MissingFilesError "
            "that says where to put the files."
        )

    with (
        mock.patch.object(socket.socket, "connect", refuse),
        mock.patch.object(socket, "create_connection", refuse),
    ):
        yield


_ELSEWHERE = """
import importlib, json, sys
sys.path[:] = json.loads(sys.argv[1])
suite = importlib.import_module(sys.argv[2])
for name in sys.argv[3].split("."):
    suite = getattr(suite, name)
suite = suite.of(sys.argv[4])
print(suite.digest(suite.make()))
"""


def _digests_elsewhere(suite: type, entry_name: str) -> set[str]:
    """The digests that new processes find, in each of which texts have other hashes; none where they fail."""
    words = [json.dumps(sys.path), suite.__module__, suite.__qualname__, entry_name]
    running = [
        subprocess.Popen(
            [sys.executable, "-c", _ELSEWHERE, *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "PYTHONHASHSEED": str(seed), "CUDA_VISIBLE_DEVICES": ""},
        )
        for seed in _HASH_SEEDS
    ]
    said = [each.communicate()[0].split() for each in running]
    return {words[-1] for each, words in zip(running, said, strict=True) if each.returncode == 0 and words}
