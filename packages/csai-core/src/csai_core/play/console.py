"""What the keys of the player itself do in a session: pause, step, go back, take over, show, leave."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from csai_core.errors import CsaiError
from csai_core.play import controls
from csai_core.play.beside import Beside
from csai_core.play.screen import window_size
from csai_core.thoughts.panel import WIDTH

if TYPE_CHECKING:
    from csai_core.play.session import Session

_MIN_FPS, _MAX_FPS, _FASTER = 0.5, 240.0, 1.25


class Console:
    """Answers the keys that are not the game's.

    Args:
        session: what they act on.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._uses: list[tuple[controls.Control, Callable[[], None]]] = [
            (controls.HELP, self._help),
            (controls.LEAVE, self._leave),
            (controls.PAUSE, self._pause),
            (controls.STEP, self._step),
            (controls.BACK, self._step_back),
            (controls.FASTER, self._faster),
            (controls.SLOWER, self._slower),
        ]
        if (beside := session.beside) is not None:
            self._uses += [
                (controls.THINK, lambda: self._show_thoughts(beside)),
                (controls.OVERLAY, lambda: self._show_overlay(beside)),
                (controls.TAKE_OVER, lambda: self._take_over(beside)),
            ]

    def press(self, key: str) -> None:
        """Do what a key means now, if anything."""
        session = self._session
        session.notice = ""
        is_answer = key in controls.NEXT_GAME and session.game.is_over and session.person is not None
        if is_answer or key in controls.RESTART:
            session.wants_new_game = True
        elif key in controls.NEXT_GAME and not session.has_begun:
            session.has_begun = True
        else:
            use = next((use for control, use in self._uses if key in control), None)
            if use is not None:
                use()

    def _help(self) -> None:
        self._session.is_helping = not self._session.is_helping

    def _leave(self) -> None:
        """Close the help; else pause; else, where nothing moves, close the window."""
        session = self._session
        if session.is_helping:
            session.is_helping = False
        elif session.is_still:
            session.window.close()
        else:
            session.is_paused = True

    def _pause(self) -> None:
        session = self._session
        is_answered = session.game.is_over and session.person is not None
        session.is_paused = not session.is_paused and not is_answered

    def _step(self) -> None:
        session = self._session
        if not session.game.is_over:
            session.is_paused = session.has_begun = True
            if not session.is_persons_turn:
                session.step()

    def _step_back(self) -> None:
        self._session.notice = self._session.step_back()

    def _faster(self) -> None:
        self._session.fps = min(_MAX_FPS, self._session.fps * _FASTER)

    def _slower(self) -> None:
        self._session.fps = max(_MIN_FPS, self._session.fps / _FASTER)

    def _show_thoughts(self, beside: Beside) -> None:
        """Switch the panel on or off; the window makes room for it."""
        session = self._session
        beside.is_on = not beside.is_on
        beside.ask_as_needed(session)
        width, height = session.window.size
        if beside.is_on:
            height = max(height, window_size(session.picture.frame, has_panel=True)[1])
        session.window.resize((max(width + (WIDTH if beside.is_on else -WIDTH), WIDTH), height))

    def _show_overlay(self, beside: Beside) -> None:
        self._session.notice = beside.next_overlay(self._session)

    def _take_over(self, beside: Beside) -> None:
        """Let a person steer in the agent's place, from the next key on, or the agent again."""
        session = self._session
        if session.is_steered:
            session.steering.hand_back()
            session.recording.break_off()
            session.has_begun = True
        else:
            try:
                session.steering.take_over()
            except CsaiError as error:
                session.notice = f"Nobody can take over: {error}"
                return
            session.has_begun = session.is_paused = False
        beside.ask_as_needed(session)
