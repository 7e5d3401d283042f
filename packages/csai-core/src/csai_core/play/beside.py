"""What an agent thinks beside the game in a window: drawn again only where it has changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from csai_core.overlays.overlay import Clickable, Overlay, SessionView
from csai_core.overlays.sizes import enlarged
from csai_core.play.screen import Rect, panel_area
from csai_core.thoughts import Mind, draw_panel

if TYPE_CHECKING:
    from csai_core.play.session import Session


OffersOverlays = Callable[[SessionView], Sequence[Overlay]]
"""What can be painted over the pictures of a game, in the order in which a key goes through them."""


class Beside:
    """The panel beside a game, and what is painted over its picture.

    Args:
        mind: of the agent, whose thoughts it shows.
        is_on: whether the panel is seen at first.
        offers: tells what can be painted over the picture of the game.
        paints: whether the first of it is painted at first.
    """

    def __init__(
        self, mind: Mind, is_on: bool, offers: OffersOverlays | None = None, *, paints: bool = False
    ) -> None:
        self.mind = mind
        self.mind.is_asked = self.is_on = is_on
        self.overlay: Overlay | None = None
        """What is painted over the game's picture."""
        self._offers = offers
        self._is_to_paint = paints
        self._overlays: Sequence[Overlay] | None = None
        self._painted: NDArray[np.uint8]
        self._painted_for: Any = None
        self._drawn: NDArray[np.uint8]
        self._drawn_for: Any = None

    def begin(self, session: Session) -> None:
        """Think of the first state of a game."""
        self.mind.begin(session.game)
        if self._is_to_paint:
            self._is_to_paint = False
            session.notice = self.next_overlay(session)

    def ask_as_needed(self, session: Session) -> None:
        """Ask the agent of the present state and of all to come, if anybody sees what it thinks."""
        self.mind.is_asked = self.is_on or self.overlay is not None or session.is_steered
        if self.mind.is_asked:
            self.mind.look(session.game)

    def next_overlay(self, session: Session) -> str:
        """Paint the next overlay, or none after the last; in words where there is nothing to paint."""
        if self._overlays is None:
            self._overlays = () if self._offers is None else self._offers(self._view(session))
        if not self._overlays:
            return "No overlay says anything true of this game and agent"
        order = [*self._overlays, None]
        self.overlay = order[order.index(self.overlay) + 1] if self.overlay is not None else order[0]
        self.ask_as_needed(session)
        return ""

    def painted(self, session: Session) -> NDArray[np.uint8] | None:
        """The picture of the game with the overlay on it; None where there is none."""
        if self.overlay is None:
            return None
        frame, history = session.picture.frame, self.mind.history
        wanted = (frame, self.overlay, history, history.present, _width(session))
        if self._painted_for is None or not all(map(_is_same, wanted, self._painted_for)):
            self._painted = self.overlay.paint(enlarged(frame, _width(session)), self._view(session))
            self._painted_for = wanted
        return self._painted

    def click(self, session: Session, position: tuple[float, float]) -> str:
        """Let the overlay answer a click at a place in the window; empty where it does not."""
        place = _within(session.board, position)
        if place is None or not isinstance(self.overlay, Clickable):
            return ""
        frame = enlarged(session.picture.frame, _width(session))
        scale = frame.shape[1] / session.board[2]
        self._painted_for = None
        return self.overlay.click(frame, (scale * place[0], scale * place[1]), self._view(session))

    def _view(self, session: Session) -> SessionView:
        game = session.game
        agent = game.present(self.mind.agent)
        return SessionView(session.env, agent.explain_all, game.observation, game.info, self.mind.history)

    def area(self, session: Session, num_rows: int) -> Rect | None:
        """Where in the window it is; None while it is not seen."""
        return panel_area(session.window.size, num_rows) if self.is_on else None

    def frame(self, session: Session, num_rows: int) -> NDArray[np.uint8] | None:
        """What it shows now, (height, width, 3); None while it is not seen."""
        area = self.area(session, num_rows)
        if area is None:
            return None
        pointer, history = _within(area, session.pointer), self.mind.history
        wanted = (area, pointer, session.is_steered, history, history.present, len(history.moments))
        if self._drawn_for is None or not all(map(_is_same, wanted, self._drawn_for)):
            self._drawn = draw_panel(
                (int(area[2]), int(area[3])),
                history,
                self.mind.scale,
                is_ghost=session.is_steered,
                pointer=pointer,
            )
            self._drawn_for = wanted
        return self._drawn


def _width(session: Session) -> int:
    """Of the picture that is painted over, so that what is written on it can be read."""
    return max(round(session.board[2]), int(session.picture.frame.shape[1]))


def _within(area: Rect, pointer: tuple[float, float] | None) -> tuple[float, float] | None:
    """Where in an area the mouse is; None outside of it."""
    if pointer is None:
        return None
    x, y = pointer[0] - area[0], pointer[1] - area[1]
    return (x, y) if 0 <= x < area[2] and 0 <= y < area[3] else None


def _is_same(one: Any, other: Any) -> bool:
    return one is other or (isinstance(one, (tuple, int)) and one == other)
