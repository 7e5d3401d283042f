"""A display that nobody sees, for programs that open windows."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

NEEDED = [
    pytest.mark.skipif(
        shutil.which("Xvfb") is None or shutil.which("xdotool") is None, reason="needs Xvfb and xdotool"
    ),
    pytest.mark.skipif(sys.platform != "linux", reason="needs X11"),
]
"""Marks for tests that need one."""


def wait_for(condition, what, patience, every=0.05):
    """The first true value of a condition, which is asked again and again."""
    give_up_at = time.monotonic() + patience
    while not (value := condition()):
        assert time.monotonic() < give_up_at, f"waited for {what} in vain"
        time.sleep(every)
    return value


@contextmanager
def virtual_display(size):
    """The environment variables of programs on a display of their own, of a size such as "800x700"."""
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{size}x24"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as chosen:
        number = chosen.readline().strip()  # the first that is free, once it can be used
    try:
        yield {**os.environ, "DISPLAY": f":{number}", "SDL_VIDEODRIVER": "x11"}
    finally:
        server.terminate()
        server.wait()
