"""As releases up to 0.0.9 name it."""

from CoderSchoolAI.Environments.CoderSchoolEnvironments.SnakeEnvironment import SnakeAgent, SnakeEnv

__all__ = ["SnakeAgent", "SnakeEnv"]
