"""What holds for the tests of every package."""

from __future__ import annotations

import signal

from hypothesis import settings

# Whoever is started in the background of a script ignores Ctrl-C, and so would every program the tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# How long an example takes says more about what else the machine does than about the code.
settings.register_profile("csai", deadline=None)
settings.load_profile("csai")
