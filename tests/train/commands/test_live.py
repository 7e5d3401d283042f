"""`csai live`: in a pipe, and through a real terminal of several sizes."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner

from csai_core.commands import main
from csai_train import train

CODES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    path = tmp_path_factory.mktemp("live") / "run"
    train("q_learning", "FrozenLake-v1", total_steps=2000, seed=1, run_dir=path, preset=None)
    return path


def test_a_run_that_is_over_is_told_at_once_in_a_pipe(run):
    result = CliRunner().invoke(main, ["live", str(run)])
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert lines[0] == "FrozenLake-v1 by q_learning"
    assert lines[-1] == "complete after 2,000 steps"


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo terminal")
@pytest.mark.parametrize("size", [(60, 30), (120, 40)])
def test_a_terminal_shows_it_until_ctrl_c(run, size):
    import fcntl
    import pty
    import struct
    import termios

    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
    env = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    words = [sys.executable, "-m", "csai_core", "live", str(run), "--text", "--speed", "0.01"]
    viewer = subprocess.Popen(
        words, stdin=slave, stdout=slave, stderr=slave, env={**env, "TERM": "xterm", "PYTHONUTF8": "1"}
    )
    os.close(slave)
    try:
        data, give_up_at = b"", time.monotonic() + 120
        while data.count(b"Ctrl-C leaves.") < 2:
            assert time.monotonic() < give_up_at, data
            data += os.read(master, 65536)
        viewer.send_signal(signal.SIGINT)
        assert viewer.wait(timeout=60) == 0
    finally:
        viewer.kill()
        viewer.wait()
        os.close(master)
    shown = CODES.sub("", data.decode("utf-8", "replace"))
    assert max(map(len, re.split(r"[\r\n]+", shown))) < size[0]
    for told in ("FrozenLake-v1 by q_learning", "game 1", "the agent", "untrained"):
        assert told in shown
    assert "SFFF" in re.sub(r"[\[\] ]", "", shown)  # where the player is stands in brackets
