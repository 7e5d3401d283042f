"""What several processes have to save, brought to the first one at a step that they agree on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from csai_train.group.group import Group


class Gathering:
    """The states of all processes after a step, and who waits to save them.

    Args:
        group: the processes.
    """

    def __init__(self, group: Group) -> None:
        self._group = group
        self._waiting: list[Callable[[], None]] = []
        self._states: list[Mapping[str, Any]] = []
        self._steps = -1

    @property
    def is_wished(self) -> bool:
        """Whether somebody in this process waits to save."""
        return bool(self._waiting)

    @property
    def of_others(self) -> list[Mapping[str, Any]]:
        """In the first process, what was brought of each of the others."""
        return self._states[1:]

    def is_of(self, steps: int) -> bool:
        """Whether what is here is from after so many steps."""
        return self._steps == steps

    def ask(self, save: Callable[[], None]) -> None:
        """Have `save` called when all is here."""
        self._waiting.append(save)

    def bring(self, state: Mapping[str, Any], steps: int) -> None:
        """Bring what each process has to the first one, and let save who waits; all call it together."""
        self._states = self._group.gather_states(state)
        self._steps = steps
        while self._waiting:
            self._waiting.pop(0)()

    def let_go(self) -> None:
        """Hold nothing of what was brought, as it may be large."""
        self._states, self._steps = [], -1
