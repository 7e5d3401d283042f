"""Trying each plugin in a process of its own, which finds those that would stop every command.

Whatever a plugin raises is caught where it is loaded. One that never comes back, or ends Python at once,
cannot be: no command that loads it gets any further. Only `csai doctor` pays for looking.
"""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from csai_core.plugins.discovery import OURS, find_entry_points, named
from csai_core.plugins.record import PluginRecord
from csai_core.plugins.settings import PluginSettings

_PROGRAM = """
import os, signal, sys, threading
if hasattr(signal, "alarm"):
    signal.alarm({seconds})  # where whoever waits was killed, nobody else ends it
sys.path[:] = {path!r}
from csai_core.plugins import PluginManager
PluginManager(environ={{"CSAI_PLUGINS": {name!r}}}).call_all()
for thread in threading.enumerate():
    if thread is not threading.current_thread():
        thread.join({patience})  # what it started may end Python a little later
os.write(1, {done!r}.encode())
"""
_DONE = "\ncsai: all of it came back\n"
_AT_ONCE = 4
_PATIENCE = 1
"""Seconds to wait for a thread that a plugin has started."""


@dataclass(frozen=True, slots=True)
class Stopper:
    """A plugin that stops whatever loads it."""

    record: PluginRecord
    what: str
    """What it does, as a sentence goes on."""

    def __str__(self) -> str:
        """What it does, and what to do about it."""
        name, distribution = self.record.name, self.record.distribution
        uninstall = f", or pip uninstall {distribution}" if distribution else ""
        advice = f"Switch it off: CSAI_DISABLE_PLUGINS={name}{uninstall}"
        return f"{self.what}, and so stops every csai command. {advice}"


def find_stoppers(seconds: float) -> list[Stopper]:
    """The plugins of others that stop whatever loads them and calls their hooks.

    Those that are switched off are not tried.

    Args:
        seconds: how long each may take.
    """
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        tried = pool.map(lambda record: (record, _try(record.name, seconds)), list(_candidates()))
        return [Stopper(record, what) for record, what in tried if what]


def _candidates() -> Iterator[PluginRecord]:
    settings = PluginSettings(os.environ)
    for name, entry_point in named(find_entry_points()).items():
        record = PluginRecord.of(name, entry_point)
        if name not in OURS and not settings.variable_against(record):
            yield record


def _program(name: str, seconds: float) -> str:
    return _PROGRAM.format(
        path=sys.path, name=name, done=_DONE, patience=_PATIENCE, seconds=math.ceil(seconds) + 1
    )


def _try(name: str, seconds: float) -> str:
    """Load a plugin and call its hooks in a new process; what it does, empty if it comes back."""
    try:
        ran = subprocess.run(
            [sys.executable, "-c", _program(name, seconds)],
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=seconds,
        )
    except subprocess.TimeoutExpired:
        return f"does not come back within {seconds:.0f} seconds when its hooks are loaded or called"
    if ran.returncode < 0:
        return f"crashes Python (signal {-ran.returncode}) when its hooks are loaded or called"
    if not ran.stdout.endswith(_DONE.encode()):
        return f"ends Python (exit status {ran.returncode}) when its hooks are loaded or called"
    return ""
