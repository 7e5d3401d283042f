"""As releases up to 0.0.9 name it."""

from CoderSchoolAI.Environments.Shell import Shell

__all__ = ["Shell"]
