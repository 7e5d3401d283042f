"""Checks that a dataset is the same again: looked at twice, made again, and in other processes."""

from __future__ import annotations

import inspect
import json
import pickle
from collections.abc import Mapping
from typing import Any

from csai_core.errors import CsaiError
from csai_core.testing import fail, skip
from csai_core.testing.process.elsewhere import found_elsewhere
from csai_core.testing.unread_settings import dropped_arguments
from csai_train.testing.dataset.base import DatasetChecks, offline
from csai_train.testing.dataset.examples import SETS, check_unchanged, seeded_digests


class RepeatingChecks(DatasetChecks):
    """What stays as it is."""

    def test_it_is_the_same_each_time(self) -> None:
        """An example stays as it is, and a dataset that is made again has the same ones."""
        dataset = self._made()
        for name, words in SETS.items():
            for seed in (1, 2):
                first, second = (seeded_digests(getattr(dataset, name), seed) for _ in range(2))
                if first != second:
                    check_unchanged(getattr(self._made(), name), words)
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
        self._require_options_of_others(dataset, dict(options))

    def _require_options_of_others(self, dataset: Any, options: Mapping[str, Any]) -> None:
        """That the options of a dataset with another setting name that, where it decides the examples."""
        target = self._target() if self.entry_name else type(dataset)
        parameters = inspect.signature(target).parameters
        given = {"download": False} if "download" in parameters else {}
        for name, parameter in parameters.items():
            for value in _others(parameter.default) if name != "download" else ():
                try:
                    with offline():
                        other = target(**{**options, **given, name: value})
                        if other.options.get(name) == value or self.digest(other) == self.digest(dataset):
                            continue
                        again = target(**{**other.options, **given})
                except (CsaiError, TypeError, ValueError):
                    continue
                if self.digest(again) != self.digest(other):
                    fail(
                        f"Made with {name}={value!r}, its options are {other.options!r}, which make one with "
                        "other examples, so that a run could not be resumed. Let options name all that it "
                        f'was made with: "{name}": self.{name}.'
                    )

    def test_every_setting_counts(self) -> None:
        """It reads all that it takes, and another seed gives other examples."""
        dataset = self._made()
        target = self._target() if self.entry_name else type(dataset)
        if names := dropped_arguments(target):
            fail(
                f"It takes {names[0]} and never reads it, so that whoever sets it gets what is there without "
                "it. Use it, or leave it out."
            )
        seed = inspect.signature(target).parameters.get("seed")
        if seed is None or not isinstance(seed.default, int):
            skip("it has no seed")
        try:
            with offline():
                other = target(seed=seed.default + 1)
        except (CsaiError, TypeError) as error:
            skip(str(error))
        if self.digest(other) == self.digest(dataset):
            fail(
                f"With seed={seed.default + 1} it holds the very examples that it holds with "
                f"seed={seed.default}; draw with a generator of the seed: np.random.default_rng(seed)."
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
        here, there = self.made_digest(), found_elsewhere(self, "made_digest", 2)
        if not there:
            skip("its suite cannot be imported in another process")
        if {*there} != {here}:
            fail(
                "In another process it holds other examples, or other labels; go through sets and folders in "
                "sorted order: sorted(names)."
            )

    def made_digest(self) -> str:
        """Of the examples of the dataset, made once more."""
        return self.digest(self._made())


def _others(value: Any) -> list[Any]:
    """Another value for a setting, by its default; none where nobody can tell."""
    if isinstance(value, bool):
        return [not value]
    return [2 * value + 1] if isinstance(value, (int, float)) else []
