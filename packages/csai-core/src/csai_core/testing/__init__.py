"""Conformance suites: what every plugin's environment, buffer and algorithm should pass.

In a test file of your own:

    from csai_core.testing import EnvironmentSuite

    class TestMaze(EnvironmentSuite):
        environment_id = "acme/Maze-v0"

The command `csai check acme/Maze-v0` runs the same checks. pytest is not needed for either; a failed
check raises `ConformanceError`, whose message says in plain words what to change. `csai_core.testing.toys`
holds tiny environments with known answers.
"""

from csai_core.testing.algorithm import AlgorithmSuite
from csai_core.testing.buffer import BufferSuite
from csai_core.testing.environment import EnvironmentSuite
from csai_core.testing.suite import ConformanceError, Outcome, Suite

__all__ = [
    "AlgorithmSuite",
    "BufferSuite",
    "ConformanceError",
    "EnvironmentSuite",
    "Outcome",
    "Suite",
]
