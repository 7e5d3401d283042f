"""A session of play in a window: one game after the other, until the window is closed."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import gymnasium
import numpy as np
from numpy.typing import NDArray

from csai_core.agents import Agent
from csai_core.play import controls, telling
from csai_core.play.beside import Beside, OffersOverlays
from csai_core.play.console import Console
from csai_core.play.demonstration import Recorder
from csai_core.play.episode import Game
from csai_core.play.person import Person
from csai_core.play.picture import GLIDE_SECONDS, Picture
from csai_core.play.recording import Recording
from csai_core.play.rewind import Rewind
from csai_core.play.screen import Rect, board_area, compose, footer_top, window_size
from csai_core.play.steering import Steering
from csai_core.shell.target import Target
from csai_core.shell.window import Window
from csai_core.thoughts import Mind

_SCREEN_FPS = 60.0
"""How often the window is drawn, and the keyboard asked."""
_MOST_SECONDS_UNDRAWN = 0.25
_REST_SECONDS = 1.5
"""How long the end of an agent's game is shown."""
_MOST_SECONDS_BEHIND = 0.1
"""A game that falls behind its speed, because the machine does, goes on from there."""


class Session:
    """Plays an environment in a window.

    A game of a person begins with the first key, or the first click where the game takes clicks, and after
    its end waits for Enter, or a click on what is said of it; agents play on. What other keys do stands in
    `controls`, and is told by H.

    Args:
        env: made with render mode "rgb_array" or "ansi".
        player: who plays; a `KeyboardAgent` hears the keys.
        title: what stands in the title bar before the score.
        fps: steps a second.
        episodes: how many games are played; None plays on until the window is closed.
        recorder: notes every step, if given.
        glides: whether pieces glide from cell to cell.
        thinks: whether what an agent thinks is beside the game from the first; V switches it.
        overlays: tells, given the first state of the first game, what can be painted over its picture.
        paints: whether the first of these is painted from the first.
        records_agent: whether the recorder also notes what the agent does; else only who takes over from it.
        make_window: opens the window, of a title and a size, where it shows more around what is played; None
            opens a plain one.
        clock: tells the time in seconds.
    """

    def __init__(
        self,
        env: gymnasium.Env[Any, Any],
        player: Agent,
        *,
        title: str,
        fps: float,
        episodes: int | None = None,
        recorder: Recorder | None = None,
        glides: bool = True,
        thinks: bool = False,
        overlays: OffersOverlays | None = None,
        paints: bool = False,
        records_agent: bool = True,
        make_window: Callable[[str, tuple[int, int]], Window] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rewind = Rewind(env)
        self.env = self._rewind.env
        self.title = title
        self.fps = fps
        self.episodes = episodes
        self.games: list[Game] = []
        self.steering = Steering(self.env, player, clock)
        agent = self.steering.agent
        self.beside = None if agent is None else Beside(Mind(agent), thinks, overlays, paints=paints)
        """What the agent thinks, where there is one."""
        self.pointer: tuple[float, float] | None = None
        """Where in the window the mouse is, in pixels."""
        self.is_paused = False
        self.is_helping = False
        """Whether all keys are told; the game stands still for it."""
        self.has_begun = False
        """Whether the present game has; before, a person is waited for."""
        self.is_refused = False
        """Whether what a person last asked for is not allowed now."""
        self.notice = ""
        """What else a person must be told, until the next key."""
        self.window: Window
        self._make_window = make_window or Window
        self.recording = Recording(recorder, records_agent)
        self._clock = clock
        is_slow = fps <= 1.0 / GLIDE_SECONDS or (self.person is not None and self.person.takes_turns)
        self.picture = Picture(self.env, glides, is_slow)
        self._stepped_at = clock()
        self._due_at: float | None = None
        """When the next step is due; None where nothing moves."""
        self.wants_new_game = False
        """Whether the next game is to begin."""
        self.console = Console(self)
        """Answers the keys that are not the game's."""
        self._shown_frame: Any = None
        self._shown_around: Any = None
        self._shown_at = 0.0

    @property
    def game(self) -> Game:
        """The present game."""
        return self.games[-1]

    @property
    def person(self) -> Person | None:
        """Who steers, if a person does."""
        return self.steering.person

    @property
    def agreement(self) -> tuple[int, int, int]:
        """Steps of a person in the agent's place; those it would have an answer to; those it agrees with."""
        if self.beside is None:
            return 0, 0, 0
        return self.steering.agreement.counts(self.beside.mind.history)

    @property
    def is_last_game(self) -> bool:
        """Whether no game follows this one."""
        return self.episodes is not None and len(self.games) >= self.episodes

    @property
    def is_persons_turn(self) -> bool:
        """Whether the game waits for a person's next move."""
        return self.person is not None and self.person.is_awaited

    @property
    def is_still(self) -> bool:
        """Whether nothing moves, whoever plays: it is over, or stopped, or has not begun."""
        return self.is_paused or self.is_helping or self.game.is_over or not self.has_begun

    @property
    def is_steered(self) -> bool:
        """Whether a person plays in the agent's place."""
        return self.beside is not None and self.person is not None

    @property
    def _is_panel_on(self) -> bool:
        return self.beside is not None and self.beside.is_on

    @property
    def board(self) -> Rect:
        """Where in the window the game's picture is."""
        num_rows = len(telling.screen(self).rows)
        return board_area(self.window.size, self.picture.frame, num_rows, has_panel=self._is_panel_on)

    @property
    def target(self) -> Target | None:
        """What a click would mean where the mouse is now."""
        if self.person is None or self.is_paused or self.is_helping or self.game.is_over:
            return None
        return self.person.target(self.game.info, self.picture.frame, self.board)

    def run(self, seed: int | None = None) -> list[Game]:
        """Play until the window is closed, or to the end of the last game.

        Args:
            seed: game i starts from seed + i; None makes them random.

        Returns:
            The games that were begun.
        """
        self._seed = seed
        self._start()
        self.window = self._make_window(
            self.title, window_size(self.picture.frame, has_panel=self._is_panel_on)
        )
        try:
            while not self.window.is_closed:
                self.advance()
        finally:
            self.window.close()
        return [game for game in self.games if game.num_steps]

    def advance(self) -> None:
        """Show what there is to see now, hear the keys, and move on unless somebody is waited for."""
        self.window.retitle(telling.title(self))
        self._show()
        self.window.wait(_SCREEN_FPS, self._on_key, self._on_pointer)
        if not self.window.is_closed:
            self._move_on()

    def _show(self) -> None:
        """Draw the window where something in it has changed, and now and then, as others may cover it."""
        now = self._clock()
        frame = self._picture(now)
        size, screen, target = self.window.size, telling.screen(self), self.target
        panel = None if self.beside is None else self.beside.frame(self, len(screen.rows))
        around = size, screen, target, id(panel)
        is_same = frame is self._shown_frame and around == self._shown_around
        if not is_same or now >= self._shown_at + _MOST_SECONDS_UNDRAWN:
            self.window.show(compose(size, frame, screen, target, panel))
            self._shown_frame, self._shown_around, self._shown_at = frame, around, now

    def _picture(self, now: float) -> NDArray[np.uint8]:
        """The game with what is painted over it, or gliding where nothing is."""
        painted = None if self.beside is None else self.beside.painted(self)
        return self.picture.after(now - self._stepped_at) if painted is None else painted

    def _move_on(self) -> None:
        now = self._clock()
        if self.person is not None:
            self.person.repeat(self.fps)
        if self.wants_new_game or (self.person is None and self._has_rested(now)):
            self._next_game()
        elif self.is_still or self.is_persons_turn:
            self._due_at = None
        else:
            self._take_due_steps(now)

    def _has_rested(self, now: float) -> bool:
        """Whether the end of a game was shown for long enough."""
        is_held_up = self.is_paused or self.is_helping
        return self.game.is_over and not is_held_up and now >= self._stepped_at + _REST_SECONDS

    def _take_due_steps(self, now: float) -> None:
        due_at = now if self._due_at is None else max(self._due_at, now - _MOST_SECONDS_BEHIND)
        while due_at <= now and not (self.is_still or self.is_persons_turn):
            self.step()
            # Where a press is a move, moves may come as fast as they are asked for.
            due_at += 0.0 if self.person is not None and self.person.takes_turns else 1.0 / self.fps
        self._due_at = due_at

    def _next_game(self) -> None:
        if self.is_last_game:
            self.window.close()
        else:
            self._start()

    def _start(self) -> None:
        self.recording.begin()
        if self.beside is not None:
            self.steering.agreement.keep(self.beside.mind.history)
        self.wants_new_game = self.is_refused = self.is_paused = False
        self.notice = ""
        seed = None if self._seed is None else self._seed + len(self.games)
        self.games.append(Game(self.env, seed))
        self._rewind.begin(self.game)
        if self.beside is not None:
            self.beside.begin(self)
        self.has_begun = self.person is None
        if self.person is not None:
            self.person.forget_keys()
        self.picture.update(is_new_game=True)
        self._due_at = None

    def step(self) -> None:
        """Let whoever steers take one step, unless that is not allowed."""
        action = self.game.choose(self.steering.player)
        self.is_refused = self.person is not None and not self.person.may(action, self.game.info)
        if self.is_refused:
            return
        self.game.step(action)
        self._rewind.note(self.game)
        self.recording.note(self.game, is_persons=self.person is not None)
        if self.beside is not None:
            self.beside.mind.note(self.game, is_persons=self.person is not None)
        self.picture.update(is_new_game=False)
        self._stepped_at = self._clock()

    def step_back(self) -> str:
        """Bring the game to before its last step, and stay there.

        Returns:
            Empty, or in words why it cannot.
        """
        if not self.game.num_steps:
            return "This is the start of the game"
        if why := self._rewind.why_not():
            return f"This game cannot go back: {why}"
        if why := self._rewind.back(self.game):
            self._start()
            return f"That game could not go back: {why}. This is a new one"
        self.recording.take_back()
        if self.beside is not None:
            self.beside.mind.history.take_back()
            self.beside.ask_as_needed(self)
        if self.person is not None:
            self.person.forget_keys()
        self.is_refused = False
        self.is_paused = self.person is None or not self.person.takes_turns
        self.picture.update(is_new_game=True)
        return ""

    def _on_key(self, key: str, is_down: bool) -> None:
        if self.person is not None and self.person.plays_with(key):
            if not is_down:
                self.person.release(key)
            elif not (self.is_paused or self.is_helping or self.game.is_over):
                self.has_begun = True
                self.person.press(key)
            elif self.game.is_over and key in controls.NEXT_GAME:
                self.wants_new_game = True
        elif is_down:
            self.console.press(key)

    def _on_pointer(self, position: tuple[float, float] | None, is_clicked: bool) -> None:
        self.pointer = position
        if self.person is not None:
            self.person.pointer = position
        if not is_clicked or position is None:
            return
        num_rows = len(telling.screen(self).rows)
        if (target := self.target) is not None and self.person is not None:
            self.has_begun = True
            self.person.click(target.action)
        elif self.game.is_over and position[1] >= footer_top(self.window.size, num_rows):
            self.wants_new_game = self.person is not None
        elif self.beside is not None and (answer := self.beside.click(self, position)):
            self.is_paused, self.notice = True, answer
