"""Callbacks: told of what happens in a training, so that the loop itself stays free of printing and files."""

from csai_train.callbacks.callback import Callback

__all__ = ["Callback"]
