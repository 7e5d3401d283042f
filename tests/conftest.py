"""What holds for the tests of every package."""

from __future__ import annotations

import os
import signal
import sys
import tempfile

import pytest
from hypothesis import settings

# Whoever is started in the background of a script ignores Ctrl-C, and so would every program the tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# What tests type is not trusted by whoever runs them.
_SETTINGS = tempfile.TemporaryDirectory(prefix="csai-settings-")
os.environ["XDG_CONFIG_HOME"] = _SETTINGS.name

# How long an example takes says more about what else the machine does than about the code.
settings.register_profile("csai", deadline=None)
settings.load_profile("csai")


@pytest.fixture(autouse=True)
def shut_display():
    """Each test starts without the display of the one before; a process has only one."""
    yield
    if "pygame" in sys.modules and (display := sys.modules["pygame"].display).get_init():
        display.quit()
