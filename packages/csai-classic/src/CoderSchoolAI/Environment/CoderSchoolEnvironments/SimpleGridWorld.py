"""As releases up to 0.0.9 name it."""

from CoderSchoolAI.Environments.CoderSchoolEnvironments.SimpleGridEnv import SimpleGridEnv

__all__ = ["SimpleGridEnv"]
