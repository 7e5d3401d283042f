"""Processes that train together: what they tell each other, how one joins them, and how they are launched.

Only this folder speaks to `torch.distributed`; a training of one process imports nothing of it but `Group`.
"""

from csai_train.group.group import Group

__all__ = ["Group"]
