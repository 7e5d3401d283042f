"""What a shell that was made with `verbose=True` tells the person before it."""

from __future__ import annotations

import functools
import logging
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from csai_core.shell.shell import Shell

log = logging.getLogger("csai")


class EpisodeReports:
    """Reports the start and the end of each episode of a shell, by standing before its `reset` and `step`.

    Shells without reports so do nothing for them.

    Args:
        shell: whose episodes they are.
    """

    def __init__(self, shell: Shell) -> None:
        _be_heard()
        self._shell = shell
        self._count = self._steps = 0
        self._total = 0.0
        reset, step = shell.reset, shell.step

        @functools.wraps(reset, assigned=("__doc__",))
        def reported_reset(*args: Any, **kwargs: Any) -> Any:
            result = reset(*args, **kwargs)
            self._begin()
            return result

        @functools.wraps(step, assigned=("__doc__",))
        def reported_step(*args: Any, **kwargs: Any) -> Any:
            result = step(*args, **kwargs)
            self._note(result)
            return result

        vars(shell).update(reset=reported_reset, step=reported_step)

    def _begin(self) -> None:
        self._count += 1
        self._steps, self._total = 0, 0.0
        self._say("starts")

    def _note(self, result: Any) -> None:
        self._steps += 1
        if isinstance(result, tuple) and len(result) in (3, 5):
            self._total += float(result[1])
        if self._shell.is_episode_over:
            self._say(f"ends after {self._steps} steps, with a return of {self._total:g}")

    def _say(self, what: str) -> None:
        log.info("%s: episode %d %s", self._shell.environment_name, self._count, what)


class _ForThePerson(logging.Handler):
    """Writes on stderr, as it is now, what no other handler writes there or on stdout."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write the message in a line."""
        others = {*logging.getLogger().handlers, *log.handlers} - {self}
        if not any(getattr(each, "stream", None) in (sys.stderr, sys.stdout) for each in others):
            print(self.format(record), file=sys.stderr)


_HANDLER = _ForThePerson()


def _be_heard() -> None:
    """Let what is reported reach the terminal; settings of logging that somebody made stay as they are."""
    log.addHandler(_HANDLER)  # once, however often it is called
    if log.level == logging.NOTSET:
        log.setLevel(logging.INFO)
