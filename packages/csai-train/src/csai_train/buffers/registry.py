"""Replay buffers by the name they are registered under."""

from __future__ import annotations

from csai_core.errors import ConfigError
from csai_core.plugins import installed
from csai_train.buffers.prioritized import PrioritizedReplayBuffer
from csai_train.buffers.replay import ReplayBuffer


def registered_name(buffer: ReplayBuffer) -> str | None:
    """The full name under which the class of a buffer is registered; None where it is not."""
    target = f"{type(buffer).__module__}:{type(buffer).__qualname__}"
    entries = installed().entries("buffers").values()
    return next((entry.full_name for entry in entries if entry.target == target), None)


def find_replay_buffer(name: str | None, *, prioritized: bool = False) -> type[ReplayBuffer]:
    """The class of buffer to draw batches from.

    Args:
        name: as `csai list buffers` shows it; None takes one for any observations.
        prioritized: whether it must draw those transitions more often that surprised.

    Raises:
        UnknownNameError: if there is no such buffer, with the nearest name.
        ConfigError: if it is not derived from `ReplayBuffer`, or draws evenly but must not.
    """
    if name is None:
        return PrioritizedReplayBuffer if prioritized else ReplayBuffer
    found = installed().find("buffers", name).load()
    if not (isinstance(found, type) and issubclass(found, ReplayBuffer)):
        raise ConfigError(
            f"The buffer {name!r} is not a class derived from csai_train.ReplayBuffer, which is what batches "
            "are drawn from here; derive it, or choose another: csai list buffers."
        )
    if prioritized and not issubclass(found, PrioritizedReplayBuffer):
        raise ConfigError(
            f"prioritized was asked for along with the buffer {name!r}, which draws evenly; leave one out."
        )
    return found
