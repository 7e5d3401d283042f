"""The command of a preset: what belongs to a shell or to another program is left alone."""

from __future__ import annotations

import pytest

from csai_core.presets import resolved
from csai_core.presets.file import PresetFile
from csai_core.testing import ConformanceError
from csai_train.algorithms.q_learning import QLearningConfig
from csai_train.testing.preset_command import check_command

FILE = """
algorithm = "q_learning"

[q_learning]
total_steps = 4000
command = "COMMAND"
"""


def check(command):
    file = resolved(PresetFile.parse("FrozenLake-v1.toml", FILE.replace("COMMAND", command)))
    check_command("FrozenLake-v1", file, file.presets["q_learning"], QLearningConfig())


@pytest.mark.parametrize(
    "command",
    [
        "python measure.py FrozenLake-v1",
        "csai compare FrozenLake-v1",
        "csai train FrozenLake-v1 --seed $SEED",
        "csai train FrozenLake-v1 > log.txt",
        "csai train FrozenLake-v1 --import a_package_that_nobody_has",
        "csai train frozen_lake-v1 --algorithm q_learning",
    ],
)
def test_what_may_be_typed_passes(command):
    check(command)


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("csai train 'FrozenLake-v1", "cannot be typed"),
        ("csai train --seed 1", "trains in no environment"),
        ("csai train FrozenLake-v1 --algorithm ppo", "trains with no preset"),
        ("csai train FrozenLake-v1 --env size=3", "size=3, and the preset nothing of it"),
    ],
)
def test_what_trains_otherwise_is_refused(command, why):
    with pytest.raises(ConformanceError, match=why):
        check(command)
