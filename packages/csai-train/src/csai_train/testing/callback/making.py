"""Checks of what a callback is: made for a run, and with methods that somebody calls."""

from __future__ import annotations

import inspect
from typing import Any

from csai_core.testing import fail, skip
from csai_train.events import Callback
from csai_train.testing.callback.base import CallbackChecks, require
from csai_train.testing.callback.watched import EVENTS


class MakingChecks(CallbackChecks):
    """What a callback is."""

    def test_it_can_be_made(self) -> None:
        """It is made with a run of one kind at least, and is a Callback."""
        for watched in (self._of_agent.watched, self._of_dataset):
            if watched.lacks_extra:
                skip(watched.refusal)
            require(watched, "made")
            if watched.callback is not None and not isinstance(watched.callback, Callback):
                fail(
                    f"What was made is a {type(watched.callback).__name__}; derive its class from "
                    "csai_train.Callback."
                )
        if self._of_agent.watched.callback is None and self._of_dataset.callback is None:
            fail(f"It listens to no training. {self._of_agent.watched.refusal} {self._of_dataset.refusal}")

    def test_it_listens_to_what_there_is(self) -> None:
        """Its methods have the names and arguments of events."""
        callback = self._of_agent.watched.callback or self._of_dataset.callback
        if not isinstance(callback, Callback):
            skip("it cannot be made")
        heard = [name for name in EVENTS if getattr(type(callback), name) is not getattr(Callback, name)]
        for name in _own_methods(callback):
            if meant := next((event for event in EVENTS if is_meant(name, event)), None):
                fail(f"Nobody calls its method {name}; is it {meant}? What is called is {', '.join(EVENTS)}.")
        if not heard:
            fail(f"It listens to nothing: override one of {', '.join(EVENTS)}.")
        for name in heard:
            arguments = list(inspect.signature(getattr(Callback, name)).parameters)[1:]
            try:
                inspect.signature(getattr(callback, name)).bind(*arguments)
            except TypeError as error:
                fail(f"Its method {name} is called with ({', '.join(arguments)}), and cannot be: {error}.")


def _own_methods(callback: Any) -> list[str]:
    """The public methods that its classes below Callback have, and that are no events."""
    found = []
    for each in type(callback).__mro__:
        if each is Callback:
            break
        found += [name for name, value in vars(each).items() if name[0] != "_" and inspect.isfunction(value)]
    return [name for name in found if name not in EVENTS]


def is_meant(name: str, event: str) -> bool:
    """Whether a method's name is an event's, mistyped or as other libraries have it."""
    if name.startswith("on_"):
        return event in name
    if event in name or abs(len(name) - len(event)) > 1:
        return False
    if sorted(name) == sorted(event):
        return True
    shorter, longer = sorted((name, event), key=len)
    drops = [longer[:i] + longer[i + 1 :] for i in range(len(longer))]
    changes = sum(a != b for a, b in zip(name, event, strict=False))
    return shorter in drops if len(name) != len(event) else changes == 1
