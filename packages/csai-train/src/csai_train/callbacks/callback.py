"""What a callback may listen to."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from csai_train.training import Episode, Training


class Callback:
    """Told of what happens in a training; a subclass overrides what it wants to hear of."""

    def start(self, training: Training) -> None:
        """The training starts, or goes on after it was stopped."""

    def step(self, training: Training) -> None:
        """Every environment has taken a step."""

    def episode(self, training: Training, episode: Episode) -> None:
        """An episode has ended."""

    def stop(self, training: Training) -> None:
        """The training has come to its end, was asked to stop, or failed."""
