"""Attributes that always read the game, so that a step need not tell them that it changed something."""

from __future__ import annotations

from typing import Any

from csai_core.shell import ActionAttribute, ObsAttribute


class LiveObservation(ObsAttribute):
    """An observation attribute that reads its environment each time it is looked at."""

    def update(self, data: Any) -> None:
        """Take a value until the next look; see `Attribute.update`."""
        super().update(data)
        self.is_stale = True


class LiveAction(ActionAttribute):
    """An action attribute that reads the last action each time it is looked at."""

    def update(self, data: Any) -> None:
        """Take a value until the next look; see `Attribute.update`."""
        super().update(data)
        self.is_stale = True
