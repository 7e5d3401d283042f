"""Shells whose chance is computed from keys, so that batched versions can be the same games."""

from __future__ import annotations

from typing import Any

from csai_core.games.keyed_random import Fate
from csai_core.shell import Shell
from csai_core.shell.attribute_table import AttributeNames


class FatedShell(Shell):
    """A Shell that draws its random numbers by `self.fate.draw`.

    Args:
        **settings: those of `Shell`.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.fate = Fate()

    def reset(
        self,
        attributes: AttributeNames | None = None,
        *,
        seed: int | None = None,
        options: dict[str, Any] | None = None,
    ) -> tuple[Any, dict[str, Any]]:
        """Start an episode; see `Shell.reset`."""
        if seed is not None:
            self.fate.forget()
        return super().reset(attributes, seed=seed, options=options)

    def start_episode(self, options: dict[str, Any]) -> None:
        """Turn to the chance of the next game."""
        self.fate.turn(self.np_random)
