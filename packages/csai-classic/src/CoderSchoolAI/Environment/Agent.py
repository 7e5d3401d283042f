"""As releases up to 0.0.9 name it."""

from csai_core import Agent

__all__ = ["Agent"]
