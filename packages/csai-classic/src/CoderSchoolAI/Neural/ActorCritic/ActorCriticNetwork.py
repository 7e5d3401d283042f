"""The network that acts and judges, by its old path."""

from csai_neural import ActorCritic

__all__ = ["ActorCritic"]
