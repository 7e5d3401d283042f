"""What every rule of health should do: look at any checkup, say little, and change nothing."""

from __future__ import annotations

import copy
import difflib
import functools
import itertools
import re
from dataclasses import replace
from typing import Any

import click

from csai_core.errors import CsaiError
from csai_core.options import build, describe
from csai_core.plugins import installed
from csai_core.testing import ConformanceError, Suite, fail, generators_left_alone, nothing_printed
from csai_core.testing.suite import called
from csai_train.health.checkup import Checkup, Subject
from csai_train.health.finding import Symptom
from csai_train.testing.callback.base import new_folder
from csai_train.testing.health_rule.trainings import (
    HEALTHY,
    Noting,
    changed,
    checkups,
    healthy,
    rich,
    without,
)
from csai_train.testing.health_rule.watching import MOST_LINES, later, watched

_LONGEST = 400
"""Characters of one text."""
_FORGETFUL = (
    "It says one thing, then another, of the same checkup; keep nothing between calls, and draw nothing."
)
_TYPED = re.compile(r"(--[a-z][\w-]*)[ =](-?\d[\d_]*\.?\d*(?:e-?\d+)?)")
"""An option, and a number given to it."""
_OFTEN = 1000
"""Questions after which nothing may have changed, such as several trainings ask."""


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
        full, rule = healthy(30), self.make()
        for _ in range(_OFTEN):
            self._asked(full, rule)
        if [self._asked(checkup) for checkup in checkups()] != first:
            fail(f"{_FORGETFUL} After {_OFTEN} more questions, what it says is not what it said before.")
        self._require_nothing_needed()

    def _require_nothing_needed(self) -> None:
        """Ask again, without each metric and each vital that it asks for, and without any episodes."""
        for full in (*(task(30) for task in HEALTHY), *rich()):
            asked: set[str] = set()
            self._asked(changed(full, functools.partial(Noting, asked)))
            for name in sorted(asked):
                poorer = changed(full, functools.partial(without, name))
                try:
                    self._asked(poorer)
                except ConformanceError as error:
                    fail(f"{error} Here {name!r} was not known, as not every algorithm measures it.")
            self._asked(replace(full, marks=[replace(mark, episodes={}) for mark in full.marks], memo={}))

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
        for task, count in itertools.product(HEALTHY, range(1, 51)):
            checkup = task(count)
            if (symptom := self._asked(checkup)) is not None and symptom.level != "note":
                fail(
                    f"Of a healthy training in {checkup.subject.environment} it says {symptom.seen!r}, with "
                    f"the level {symptom.level!r}; have it look at more before it warns, or give the level "
                    '"note".'
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
        asked = [*checkups(), *(task(30) for task in HEALTHY)]
        first = [self._asked(checkup) for checkup in asked]
        for hours in (0, 7, 12 + 1 / 3600):
            with later(hours * 3600):
                if [self._asked(checkup) for checkup in asked] != first:
                    fail(
                        "It says one thing, and another at another time of day; judge by checkup.steps and "
                        "checkup.marks alone, so that a run is judged again as it was."
                    )

    def test_it_knows_no_other_training(self) -> None:
        """What it says of a training does not follow from others that it was asked about before."""
        asked = [*checkups(), *(task(count) for task in HEALTHY for count in (10, 30, 50))]
        forward = [self._said_of(checkup, "Forward-v0") for checkup in asked]
        backward = [self._said_of(checkup, "Backward-v0") for checkup in reversed(asked)]
        for one, other in zip(forward, reversed(backward), strict=True):
            if one != other:
                fail(
                    f"Of one and the same training it says {one or 'nothing'!r}, and {other or 'nothing'!r} "
                    "once it was asked about others: something is kept in the module or the class. Take all "
                    "from the checkup; what is worked out of it once is kept in checkup.memo."
                )

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
        known, judged = _options(), set[tuple[str, str]]()
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
            for option, value in {*_TYPED.findall(symptom.try_first)} - judged:
                judged.add((option, value))
                if refusal := _refusal(option, value):
                    fail(f"What to try_first has {option} {value}, which csai train refuses: {refusal}")

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
        with watched() as counted:
            self._asked(checkup, rule)
        if counted["sleeps"]:
            fail("It sleeps (time.sleep), and the whole training waits for it. Leave that out.")
        if counted["lines"] > MOST_LINES:
            fail(
                f"Asked about fifty checks, it runs more than {MOST_LINES:,} lines of Python; look at the "
                "last checks alone, or at checkup.recent() and checkup.best(), worked out once for all."
            )

    def _said_of(self, checkup: Checkup, environment: str) -> str:
        """What it says of a training in an environment of another name, that name left out."""
        subject = replace(checkup.subject, environment=environment)
        symptom = self._asked(replace(checkup, subject=subject, memo={}))
        return "" if symptom is None else symptom.seen.replace(environment, "")

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


def _options() -> set[str]:
    """The options of `csai train`, with every algorithm that is installed."""
    found = {name for each in installed().find("commands", "train").load().params for name in each.opts}
    for entry in installed().entries("algorithms").values():
        config_class = entry.load_config()
        for option in () if config_class is None else describe(config_class):
            name = option.name.replace("_", "-")
            found |= {f"--{name}", f"--no-{name}"}
    return found


def _refused_by(parameter: click.Parameter, value: str) -> str:
    """Why an option of the command refuses a value; empty if it takes it."""
    try:
        parameter.type.convert(value, parameter, None)
    except click.BadParameter as error:
        return error.message
    return ""


def _refusal(option: str, value: str) -> str:
    """Why the command, or most algorithms that have an option, refuse a value; empty if they take it.

    Of csai's own algorithms it is asked first: those of others may check nothing before they are made.
    """
    for parameter in installed().find("commands", "train").load().params:
        if option in parameter.opts:
            return _refused_by(parameter, value)
    name = option.removeprefix("--").replace("-", "_")
    number = float(value) if re.search(r"[.e]", value) else int(value)
    own, others = list[str](), list[str]()
    for entry in installed().entries("algorithms").values():
        config_class = entry.load_config()
        if config_class is None or name not in [each.name for each in describe(config_class)]:
            continue
        said = own if entry.plugin == "csai_train" else others
        try:
            build(config_class, {name: number})
        except CsaiError as error:
            said.append(str(error))
        else:
            said.append("")
    judges = own or others
    reasons = [each for each in judges if each]
    return reasons[0] if 2 * len(reasons) > len(judges) else ""
