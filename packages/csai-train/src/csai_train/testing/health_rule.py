"""What every rule of health should do: look at any checkup, say little, and change nothing."""

from __future__ import annotations

import copy
import difflib
import functools
import itertools
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any
from unittest import mock

from csai_core.options import describe
from csai_core.plugins import installed
from csai_core.testing import ConformanceError, Suite, fail, generators_left_alone, nothing_printed
from csai_core.testing.suite import called
from csai_train.health.checkup import Checkup, Mark, RandomPlay, Subject
from csai_train.health.finding import Symptom
from csai_train.testing.callback.base import new_folder

_SIGNED = ("reward_lowest", "reward_highest", "value", "start_value")
_UNSIGNED = ("observation_spread", "observation_largest", "value_largest", "indecision", "weights_moved")
_MEASURED = ("loss", "kl", "entropy", "clip_fraction", "explained_variance", "epsilon", "value")
_LONGEST = 400
"""Characters of one text."""
_FORGETFUL = (
    "It says one thing, then another, of the same checkup; keep nothing between calls, and draw nothing."
)
_MOST_LINES = 20_000
"""Of Python, run for one question about fifty checks; ours run a few hundred."""


class HealthRuleSuite(Suite):
    """Checks one rule of health on checkups of every kind; a subclass names the entry, or writes `make`.

    class TestStickyFloor(HealthRuleSuite):
        entry_name = "sticky_floor"
    """

    def make(self) -> Any:
        """The rule."""
        if not self.entry_name:
            return super().make()
        return installed().find("health_rules", self.entry_name).load()

    def test_it_can_be_made(self) -> None:
        """It is a function of the checkup alone."""
        rule = self.make()
        if not callable(rule):
            fail(f"It is a {type(rule).__name__}; make it a function of a Checkup.")
        self._asked(next(checkups()))

    def test_it_looks_at_whatever_there_is(self) -> None:
        """No metric, no episode and no setting is always there: what is not known, it says nothing of."""
        first, second = ([self._asked(checkup) for checkup in checkups()] for _ in range(2))
        if first != second:
            fail(_FORGETFUL)

    def test_it_is_quiet_where_nothing_is_known(self) -> None:
        """Of a training that has just begun there is nothing to say."""
        subject = Subject(algorithm="", environment="", total_steps=1000)
        if (symptom := self._asked(Checkup(subject, []))) is not None:
            often = ", and of a healthy training too: it always fires" if self._asked(healthy(30)) else ""
            fail(
                f"Before the first mark it says {symptom.seen!r}{often}; wait until there is something to "
                "see."
            )

    def test_it_warns_of_nothing_where_all_is_well(self) -> None:
        """A training that learns as it should gets no warning; notes may be."""
        for count in range(1, 51):
            checkup = healthy(count)
            if (symptom := self._asked(checkup)) is not None and symptom.level != "note":
                fail(
                    f"Of a healthy training it says {symptom.seen!r}, with the level {symptom.level!r}; have "
                    'it look at more before it warns, or give the level "note".'
                )

    def test_it_leaves_the_checkup_alone(self) -> None:
        """Other rules look at the same one."""
        for checkup in checkups():
            before = copy.deepcopy(checkup)
            self._asked(checkup)
            if before != checkup:
                fail("It changed the checkup, which others look at too; copy what you change.")

    def test_it_says_the_same_of_the_same(self) -> None:
        """What it says follows from the checkup: a run is judged again as it was judged in training."""
        for checkup in checkups():
            if self._asked(checkup) != self._asked(checkup):
                fail(_FORGETFUL)

    def test_it_says_it_in_few_words(self) -> None:
        """Each of its texts is a sentence or two, on one line."""
        for checkup in checkups():
            symptom = self._asked(checkup)
            for text in (symptom.seen, symptom.means, symptom.try_first) if symptom else ():
                if "\n" in text or len(text) > _LONGEST:
                    fail(f"It says {text[:60]!r}…; keep to one line of at most {_LONGEST} characters.")
                if re.search(r"\b(nan|None)\b", text) and not checkup.error:
                    fail(f"It says {text!r}; say nothing of what is not known.")

    def test_it_says_what_it_saw_and_what_to_try(self) -> None:
        """What was seen has numbers in it, and the options to try first are options of `csai train`."""
        known = _options()
        for checkup in checkups():
            symptom = self._asked(checkup)
            if symptom is None:
                continue
            if not checkup.error and not any(letter.isdigit() for letter in symptom.seen):
                fail(
                    f"What it has seen is {symptom.seen!r}, without a number; say how much it was, so that "
                    "others can judge."
                )
            typed = re.findall(r"(?<![\w-])--[a-z][\w-]*", symptom.try_first)
            if wrong := [option for option in typed if option not in known]:
                near = difflib.get_close_matches(wrong[0], known, n=1)
                meant = f"; did you mean {near[0]}?" if near else "."
                fail(f"What to try_first has {wrong[0]}, which is no option of csai train{meant}")

    def test_it_does_nothing_else(self) -> None:
        """It prints and writes nothing, and leaves global generators alone."""
        with new_folder() as folder, nothing_printed("It"), generators_left_alone("It"):
            for checkup in checkups():
                self._asked(checkup)
            if written := sorted(path.name for path in folder.iterdir()):
                fail(
                    f"It writes {written[0]} where the program happens to be; what it has to say, it gives "
                    "as a Symptom."
                )

    def test_it_is_quick(self) -> None:
        """The training waits for it at every check, and so does whoever judges a run again."""
        checkup = healthy(50)
        rule = self.make()
        with _watched() as counted:
            self._asked(checkup, rule)
        if counted["sleeps"]:
            fail("It sleeps (time.sleep), and the whole training waits for it. Leave that out.")
        if counted["lines"] > _MOST_LINES:
            fail(
                f"Asked about fifty checks, it runs more than {_MOST_LINES:,} lines of Python; look at the "
                "last checks alone, or at checkup.recent() and checkup.best(), worked out once for all."
            )

    def _asked(self, checkup: Checkup, rule: Any = None) -> Symptom | None:
        """What the rule says of a training; makes the rule where none is given."""
        try:
            symptom = called(functools.partial(rule or self.make(), checkup), "Asked about a training, it")
        except ConformanceError as error:
            if "NoneType" in str(error):
                fail(f"{error}. What is not known is None, at first everything: ask before you count on it.")
            raise
        if symptom is not None and not isinstance(symptom, Symptom):
            fail(f"It gave a {type(symptom).__name__}; give a csai_train.health.Symptom, or None.")
        return symptom


def checkups() -> Iterator[Checkup]:
    """Trainings of every kind: with much and little known, healthy and not, begun and done."""
    for total_steps in (2_000, 20_000):
        for subject in _subjects(total_steps):
            for marks in _histories():
                for play in (None, RandomPlay(20.0, None, 10), RandomPlay(-5.0, 1.0, 100, 2.0)):
                    yield Checkup(subject, marks, play)
    yield Checkup(next(_subjects(1000)), [Mark(10)], None, "NonFiniteError: the loss is nan")


def _options() -> set[str]:
    """The options of `csai train`, with every algorithm that is installed."""
    found = {name for each in installed().find("commands", "train").load().params for name in each.opts}
    for entry in installed().entries("algorithms").values():
        config_class = entry.load_config()
        for option in () if config_class is None else describe(config_class):
            name = option.name.replace("_", "-")
            found |= {f"--{name}", f"--no-{name}"}
    return found


def healthy(count: int) -> Checkup:
    """A training of fifty checks that learns to catch a ball, after so many of them."""

    def mark(i: int) -> Mark:
        learned = 1 - 2 ** (-i / 6)
        caught = -0.7 + 1.65 * learned
        episodes = {
            "count": 40,
            "mean_return": caught,
            "std_return": (1 - caught * caught) ** 0.5,
            "lowest_return": -1.0,
            "highest_return": 1.0,
            "mean_length": 10.0,
            "shortest": 10,
            "longest": 10,
            "mean_score": None,
            "num_cut": 0,
            "num_moments": 37,
        }
        metrics = {
            "loss": 0.3 * 2 ** (-i / 8) + 0.01,
            "policy_loss": -0.01,
            "value_loss": 0.3 * 2 ** (-i / 8) + 0.01,
            "entropy": 1.09 - 0.9 * learned,
            "kl": 0.008,
            "clip_fraction": 0.1,
            "explained_variance": 0.95 * learned,
        }
        vitals = {
            "reward_lowest": -1.0,
            "reward_highest": 1.0,
            "reward_share": 0.1,
            "observation_largest": 1.0,
            "observation_spread": 0.4,
            "observation_constant": 0.0,
            "observation_parts": 10.0,
            "observation_seen": 64.0 * i,
            "starts_alike": 0.0,
            "value": 0.9 * caught,
            "value_largest": 0.99,
            "start_value": 0.9 * caught,
            "answers_differ": 0.6,
            "indecision": 1 - 0.85 * learned,
            "weights_moved": 0.02,
            "seconds_a_step": 1e-4,
        }
        return Mark(400 * i, episodes, metrics, vitals)

    settings = {"learning_rate": 1e-3, "gamma": 0.95, "entropy_coef": 0.01}
    subject = Subject("mine", "Catch-v0", 20_000, 8, settings, num_actions=3, max_episode_steps=200, goal=0.9)
    return Checkup(subject, [mark(i) for i in range(1, count + 1)], RandomPlay(-0.7, None, 100, 0.7))


@contextmanager
def _watched() -> Iterator[dict[str, int]]:
    """Counts the lines of Python that are run inside, until they are too many, and how often it sleeps."""
    counted = {"lines": 0, "sleeps": 0}

    def count(frame: FrameType, event: str, argument: Any) -> Any:
        counted["lines"] += 1
        return count if counted["lines"] <= _MOST_LINES else None

    def slept(seconds: float) -> None:
        counted["sleeps"] += 1

    before = sys.gettrace()
    with mock.patch.object(time, "sleep", slept):
        sys.settrace(count)
        try:
            yield counted
        finally:
            sys.settrace(before)


def _subjects(total_steps: int) -> Iterator[Subject]:
    plain = {"algorithm": "mine", "environment": "Mine-v0", "total_steps": total_steps}
    yield Subject(**plain)  # type: ignore[arg-type]
    settings = {"learning_rate": 1e-3, "gamma": 0.99, "entropy_coef": 0.01, "epsilon_end": 0.05}
    yield Subject(**plain, num_envs=4, config=settings, num_actions=2, max_episode_steps=500, goal=475.0)  # type: ignore[arg-type]


def _histories() -> Iterator[list[Mark]]:
    yield []
    yield [Mark(100 * i) for i in range(1, 21)]
    for value in (0.0, 0.5, 1e6, -3.0):
        metrics = dict.fromkeys(_MEASURED, value)
        vitals = dict.fromkeys(_SIGNED, value) | dict.fromkeys(_UNSIGNED, abs(value))
        episodes = {"count": 10, "mean_return": value, "mean_length": 9.0}
        yield [Mark(100 * i, episodes, metrics, vitals) for i in range(1, 21)]
    for length, worth in itertools.product((1.5, 1 / 1.5), repeat=2):
        yield [_swinging(i, length**i, worth**i) for i in range(1, 21)]


def _swinging(i: int, length: float, worth: float) -> Mark:
    """A mark of a training in which lengths, and all that is measured, grow or shrink a thousandfold."""
    steps = max(1.0, 3 * length if length > 1 else 3000 * length)
    value = 0.01 * worth if worth > 1 else 100 * worth
    episodes = {
        "count": 40,
        "mean_return": value,
        "std_return": 0.1 * value,
        "lowest_return": 0.8 * value,
        "highest_return": 1.2 * value,
        "mean_length": steps,
        "shortest": steps,
        "longest": steps,
        "mean_score": None,
        "num_cut": 0,
        "num_moments": 37,
    }
    metrics = dict.fromkeys(_MEASURED, value)
    return Mark(100 * i, episodes, metrics, dict.fromkeys((*_SIGNED, *_UNSIGNED), value))
