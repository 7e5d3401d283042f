"""Plugins that stop whatever loads them, which only another process can find out."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from csai_core.plugins.trial import _program, find_stoppers

SECONDS = 10
STOPPERS = {
    "hangs": ("import time\ntime.sleep(600)\n", f"does not come back within {SECONDS} seconds"),
    "hangs_late": (
        "from csai_core import hookimpl\n@hookimpl\ndef csai_blocks():\n    while True: pass\n",
        f"does not come back within {SECONDS} seconds",
    ),
    "ends": ("import os\nos._exit(0)\n", "ends Python (exit status 0)"),
    "ends_later": (
        "import os, threading, time\n"
        "threading.Thread(target=lambda: (time.sleep(0.2), os._exit(4)), daemon=True).start()\n",
        "ends Python (exit status 4)",
    ),
    "ends_badly": ("import os\nos._exit(3)\n", "ends Python (exit status 3)"),
}
CAUGHT = {
    "raises": "1 / 0\n",
    "exits": "import sys\nsys.exit(4)\n",
    "closes": "import sys\nprint('hello')\nsys.stdout.close()\nsys.__stdout__ = None\n",
}


@pytest.fixture
def plugins(site):
    for name, (source, _) in STOPPERS.items():
        site.install(name, source)
    for name, source in CAUGHT.items():
        site.install(name, source)
    site.install_block("sound", "first")


def test_each_is_found_and_no_other(plugins, monkeypatch):
    monkeypatch.setenv("CSAI_DISABLE_PLUGINS", "ends_badly")
    found = {each.record.name: each for each in find_stoppers(SECONDS)}
    assert found.keys() == STOPPERS.keys() - {"ends_badly"}
    for name, stopper in found.items():
        assert stopper.what.startswith(STOPPERS[name][1])
        assert str(stopper).endswith(f"CSAI_DISABLE_PLUGINS={name}, or pip uninstall csai-{name}")
    assert not any(module.startswith("csai_hangs") for module in sys.modules)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no signals of that kind")
def test_one_that_crashes_is_named_with_the_signal(site):
    site.install("crashes", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n")
    (stopper,) = find_stoppers(60)
    assert stopper.what.startswith("crashes Python (signal 9)")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no signals of that kind")
def test_what_hangs_ends_by_itself_where_whoever_waited_for_it_is_gone(site):
    site.install("hangs_late", STOPPERS["hangs_late"][0])
    ran = subprocess.run([sys.executable, "-c", _program("hangs_late", 1)], timeout=200, check=False)
    assert ran.returncode == -signal.SIGALRM
