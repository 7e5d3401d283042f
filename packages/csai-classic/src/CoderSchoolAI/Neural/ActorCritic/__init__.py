"""Networks that act and judge."""

from csai_neural import ActorCritic

__all__ = ["ActorCritic"]
