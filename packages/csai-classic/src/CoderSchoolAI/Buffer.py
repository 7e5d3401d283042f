"""Buffers, by their old path."""

from csai_train import BasicReplayBuffer, DictReplayBuffer, ReplayBuffer

__all__ = ["BasicReplayBuffer", "DictReplayBuffer", "ReplayBuffer"]
