"""Checks that a command works, where it is said how: unasked, and with JSON that is JSON."""

from __future__ import annotations

import json
import re

import click

from csai_core.testing.command.base import CommandChecks
from csai_core.testing.command.results import check_end, check_json, is_refusal, said
from csai_core.testing.process.effects import generators_left_alone
from csai_core.testing.process.elsewhere import found_elsewhere
from csai_core.testing.suite import fail, skip

_OF_THE_CLOCK = re.compile(
    r"[\d.,]+ ?(?:[nµm]?s|sec\w*|min\w*|h|hours?|[\w ]+(?:/s|per second|a second))\b"
    r"|\d+:\d+(?::[\d.]+)?|\d{4}-\d\d-\d\d\S*|\S*/\S+"
)
"""Durations, speeds, times of day, dates and paths."""


class WorkingChecks(CommandChecks):
    """What it does."""

    def test_it_works_where_nobody_answers(self) -> None:
        """With the words of `words` it works, asks nothing, and leaves the generators of all alone."""
        if self.words is None:
            skip("nobody says in `words` with which words it works")
        what = f"{self._typed(())} {' '.join(self.words)}"
        with generators_left_alone(f"`{what}`"):
            result = self._run(self.words)
        check_end(result, what)
        if "Aborted!" in result.output.splitlines():
            asked = result.stdout.strip().splitlines() or [""]
            fail(
                f"`{what}` asks where nobody can answer, as a script calls it: {asked[-1]!r}. Offer an "
                "option that answers, such as --yes, and say it in `words`."
            )
        if result.exit_code:
            fail(
                f"`{what}` is to work, as `words` says, and ended with status {result.exit_code}: "
                f"{said(result)}"
            )
        if self._went_to:
            fail(
                f"`{what}` leaves the program in another folder (os.chdir), in which whoever has called it "
                "goes on; write paths in full, or go there by contextlib.chdir."
            )

    def test_its_seed_decides(self) -> None:
        """Where it has an option --seed, the same words with a seed say the same again, but for times."""
        if "--seed" not in self._options() or self._working((), self._command()) is None:
            skip("it has no option --seed, or nobody says in `words` with which words it works")
        for words in dict.fromkeys((self._seeded("0"), self._seeded())):
            what = f"`{self._typed(())} {' '.join(words)}`"
            first, second = self._said(words), self._said(words)
            for one, two in zip(first, second, strict=False):
                if one != two:
                    fail(
                        f"{what}, called twice, says {one!r} and then {two!r}. Draw from a generator of the "
                        "seed, 0 too, which is one as any other: np.random.default_rng(seed)."
                    )
        for elsewhere in found_elsewhere(self, "said_with_a_seed"):
            for one, two in zip(first, json.loads(elsewhere), strict=False):
                if one != two:
                    fail(
                        f"{what} says {one!r}, and in another process, in which texts have other hashes, "
                        f"{two!r}. Go through sets of texts in sorted order: sorted(names)."
                    )

    def said_with_a_seed(self) -> str:
        """The lines that it says with a seed, as JSON; none where it does not work so."""
        return json.dumps(self._said(self._seeded()))

    def _said(self, words: tuple[str, ...]) -> list[str]:
        result = self._run(words)
        return [] if result.exit_code else _lines(result.stdout)

    def _seeded(self, seed: str = "3") -> tuple[str, ...]:
        words = tuple(self.words or ())
        return words if "--seed" in words else (*words, "--seed", seed)

    def _options(self) -> list[str]:
        return [name for each in self._command().params for name in each.opts]

    def test_its_json_is_json(self) -> None:
        """With `--json`, JSON is all that stands on stdout."""
        command = self._command()
        if "--json" not in self._options():
            skip("it has no option --json")
        calls = [] if self.words is None else [tuple(self.words)]
        if not any(each.required for each in command.params):
            calls.append(())
        if not calls:
            skip("it needs words; say in `words` with which it works")
        for words in dict.fromkeys(calls):
            self._check_json(command, words)

    def _check_json(self, command: click.Command, words: tuple[str, ...]) -> None:
        result = self._run([*words, "--json"])
        asked = [each.opts[-1] for each in command.params if isinstance(each, click.Option) and each.prompt]
        if asked and isinstance(result.exception, (click.Abort, SystemExit)) and result.exit_code:
            fail(
                f"`{self._typed(())} --json` asks for {asked[0]} (prompt) where nobody can answer, as a "
                "script calls it. Leave prompt out: make the option required, or give it a default."
            )
        if result.exit_code and not words and is_refusal(result):
            skip(f"it does not work in an empty folder: {said(result)}")
        check_end(result, f"{self._typed(())} {' '.join([*words, '--json'])}")
        check_json(result.stdout, self._typed(()))


def _lines(text: str) -> list[str]:
    """Lines without what tells of times, dates, speeds, folders and files, which are others each time."""
    return _OF_THE_CLOCK.sub("…", text).splitlines()
