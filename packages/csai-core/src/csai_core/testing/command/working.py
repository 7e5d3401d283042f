"""Checks that a command works, where it is said how: unasked, and with JSON that is JSON."""

from __future__ import annotations

import click

from csai_core.testing.command.base import CommandChecks
from csai_core.testing.command.results import check_end, check_json, is_refusal, said
from csai_core.testing.process.effects import generators_left_alone
from csai_core.testing.suite import fail, skip


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

    def test_its_json_is_json(self) -> None:
        """With `--json`, JSON is all that stands on stdout."""
        command = self._command()
        if "--json" not in [name for each in command.params for name in each.opts]:
            skip("it has no option --json")
        words = self.words
        if words is None:
            if any(each.required for each in command.params):
                skip("it needs words; say in `words` with which it works")
            words = ()
        result = self._run([*words, "--json"])
        asked = [each.opts[-1] for each in command.params if isinstance(each, click.Option) and each.prompt]
        if asked and isinstance(result.exception, (click.Abort, SystemExit)) and result.exit_code:
            fail(
                f"`{self._typed(())} --json` asks for {asked[0]} (prompt) where nobody can answer, as a "
                "script calls it. Leave prompt out: make the option required, or give it a default."
            )
        if result.exit_code and self.words is None and is_refusal(result):
            skip(f"it does not work in an empty folder: {said(result)}")
        check_end(result, f"{self._typed(())} {' '.join([*words, '--json'])}")
        check_json(result.stdout, self._typed(()))
