"""verbose=True is heard: by the person at the terminal, or by whoever handles the logger "csai"."""

from __future__ import annotations

import copy
import logging
import pickle
import subprocess
import sys

import pytest

from csai_core.testing.toys import Walk


class Whole(Walk):
    """Writes step whole."""

    def step(self, action, d_t=None, attributes=None):
        return super().step(action, d_t, attributes)


class Classic(Walk):
    """Writes both for the classic loop."""

    is_classic = True

    def reset(self, attributes=None):
        return super().reset(attributes)[0]

    def step(self, action, d_t, attributes=None):
        state, reward, done, *_ = super().step(action, d_t, attributes)
        return state, reward, done


def play_an_episode(env):
    env.reset()
    for _ in range(4):
        env.step(1)


TOLD = ["The walk: episode 1 starts", "The walk: episode 1 ends after 4 steps, with a return of 0.7"]


@pytest.mark.parametrize("kind", [Walk, Whole, Classic])
def test_episodes_are_reported_at_the_logger_and_on_stderr(kind, caplog, capsys):
    with caplog.at_level(logging.INFO, "csai"):
        play_an_episode(kind())
        play_an_episode(kind(verbose=True, environment_name="The walk"))
    assert [record.getMessage() for record in caplog.records] == TOLD
    assert capsys.readouterr() == ("", "\n".join(TOLD) + "\n")


@pytest.mark.parametrize(
    ("settings", "lines"),
    [
        ("", TOLD),
        (
            "logging.basicConfig(level=logging.DEBUG, format='mine: %(message)s')",
            [f"mine: {each}" for each in TOLD],
        ),
        ("logging.getLogger('csai').setLevel(logging.WARNING)", []),
    ],
)
def test_a_person_reads_each_line_once_and_settings_of_logging_hold(settings, lines):
    code = f"""
import logging
from csai_core.testing.toys import Walk
{settings}
env = Walk(verbose=True, environment_name="The walk")
env.reset()
for _ in range(4):
    env.step(1)
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (ran.stdout, ran.stderr.splitlines()) == ("", lines)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda env: pickle.loads(pickle.dumps(env))])
def test_copies_report_too(copied, caplog):
    env = copied(Walk(verbose=True))
    with caplog.at_level(logging.INFO, "csai"):
        env.reset(seed=3)
    assert [record.getMessage() for record in caplog.records] == ["Walk: episode 1 starts"]
    assert env.np_random_seed == 3
    restored = Walk(verbose=True)
    restored.load_state_dict(env.state_dict())
    assert restored.position == env.position
