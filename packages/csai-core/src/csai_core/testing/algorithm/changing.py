"""Checks of the numbers that an algorithm's config declares as changing: whether they follow schedules."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from csai_core import options
from csai_core.errors import CsaiError
from csai_core.schedules import Schedule
from csai_core.testing.algorithm.saving import SavingChecks
from csai_core.testing.compare import difference
from csai_core.testing.suite import fail, skip


class ChangingChecks(SavingChecks):
    """What it does where numbers of its config change."""

    def test_what_may_change_follows_its_schedule(self) -> None:
        """What is declared as `changing` changes what is learned, and goes on from a file where it was."""
        spaces = self.few[0]
        halves = self._halves()
        falling = {name: Schedule("linear", 2 * half, half) for name, half in halves.items()}
        if not halves or self.session_with(falling, spaces) is None:
            skip("its config declares no number above 0 as changing")
        constant, changing = (self._learned(spaces, each) for each in ({}, falling))
        for name in halves:  # alone where it is the only one, and else beside others that do change
            others = {each: falling[each] for each in falling if each != name}
            without = self._learned(spaces, others) if others else constant
            if difference(without, changing, ""):
                continue
            started, halved, ended = (  # the schedule ends before the first update, as later may be too late
                self._learned(spaces, each, is_over=True)
                for each in ({}, {name: halves[name]}, {name: falling[name]})
            )
            if difference(started, halved, "") and not difference(started, ended, ""):
                fail(
                    f"Its config declares {name} as changing, but with a schedule for it it learns as with "
                    "the number that it starts with. Read it from ScheduledConfig(config, total_steps).at("
                    "num_steps), at each act or update; or leave out changing(…)."
                )
        with self.configured(falling):
            self._check_restored(spaces, 0)

    def _halves(self) -> dict[str, float]:
        """Half of each number that may change, where that works."""
        made = options.build(self.config_class(), self.config)
        found = {}
        for option in options.describe(type(made)):
            value = getattr(made, option.name)
            if option.may_change and value is not None and value > 0:
                with suppress(CsaiError):
                    options.build(type(made), {**self.config, option.name: value / 2})
                    found[option.name] = value / 2
        return found

    def _learned(self, spaces: Any, changes: dict[str, Any], *, is_over: bool = False) -> Any:
        """The state after a training, in whose second half schedules are at their end."""
        count = 2 * self.wait(spaces) + 10
        total_steps = 1 if is_over else count * self.num_envs // 2
        session = self.session_with(changes, spaces, total_steps=total_steps)
        if session is None:
            return None
        session.go(count)
        return session.state()
