"""As releases up to 0.0.9 name it."""

from CoderSchoolAI.Environments.CoderSchoolEnvironments.FrozenLakeEnvironment import FrozenLakeEnv

__all__ = ["FrozenLakeEnv"]
