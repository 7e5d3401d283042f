"""Conformance suites: what everything that plugins offer should pass.

In a test file of your own:

    from csai_core.testing import EnvironmentSuite

    class TestMaze(EnvironmentSuite):
        environment_id = "acme/Maze-v0"

The command `csai check acme/Maze-v0` runs the same checks. pytest is not needed for either; a failed
check raises `ConformanceError`, whose message says in plain words what to change. `csai_core.testing.toys`
holds tiny environments with known answers.
"""

from csai_core.errors import ConformanceError
from csai_core.testing.agent import AgentSuite
from csai_core.testing.algorithm import AlgorithmSuite
from csai_core.testing.buffer import BufferSuite
from csai_core.testing.command import CommandSuite
from csai_core.testing.environment import EnvironmentSuite
from csai_core.testing.plugin import PluginSuite
from csai_core.testing.process.effects import generators_left_alone, nothing_printed
from csai_core.testing.suite import Outcome, Suite, fail, skip
from csai_core.testing.wrapper import WrapperSuite

__all__ = [
    "AgentSuite",
    "AlgorithmSuite",
    "BufferSuite",
    "CommandSuite",
    "ConformanceError",
    "EnvironmentSuite",
    "Outcome",
    "PluginSuite",
    "Suite",
    "WrapperSuite",
    "fail",
    "generators_left_alone",
    "nothing_printed",
    "skip",
]
