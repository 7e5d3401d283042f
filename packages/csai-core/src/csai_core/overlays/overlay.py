"""What is painted on a game's picture: the seam between the player and whoever draws over it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, runtime_checkable

import gymnasium
import numpy as np
from numpy.typing import NDArray

from csai_core.explanation import Explanation
from csai_core.thoughts.history import History

ExplainAll = Callable[[Sequence[Any], Sequence[Any] | None], Sequence[Explanation | None]]
"""What an agent thinks of several states: `Agent.explain_all`, given observations and action masks."""


class SessionView(NamedTuple):
    """What an overlay may look at; it changes nothing of it."""

    env: gymnasium.Env[Any, Any]
    """Where the game is played, in the state that is shown. Not to be stepped or reset."""
    explain_all: ExplainAll
    """What the agent thinks of any states; each answer is None where it tells nothing."""
    observation: Any
    """Of the present state."""
    info: Mapping[str, Any]
    """What the environment told last."""
    history: History
    """What the agent thought, expected and got in this game so far."""


class Overlay(Protocol):
    """Paints something over a game's picture.

    One is shown at a time, or several by a `Painter`; the key `o` goes to the next.
    """

    @property
    def name(self) -> str:
        """What it shows, in a few words: "values of actions". The window tells it while it is on."""
        ...

    def paint(self, frame: NDArray[np.uint8], view: SessionView) -> NDArray[np.uint8]:
        """The picture with this painted over it, of the same shape; `frame` itself stays as it is.

        It is called once for each state that is shown, not for each time the window is drawn.

        Args:
            frame: what the environment renders, (height, width, 3), enlarged to the width it is shown in.
            view: what there is to look at.
        """
        ...


@runtime_checkable
class Clickable(Overlay, Protocol):
    """An overlay that answers clicks on its picture; the game stands still for that."""

    @property
    def hint(self) -> str:
        """What a click does, in a few words: "click a cell to hide it"."""
        ...

    def click(self, frame: NDArray[np.uint8], place: tuple[float, float], view: SessionView) -> str:
        """Answer a click; the picture is painted again after it.

        Args:
            frame: what `paint` was given.
            place: (x, y) on it, in pixels.
            view: what there is to look at.

        Returns:
            The answer, which is told below the board; empty where a click means nothing.
        """
        ...
