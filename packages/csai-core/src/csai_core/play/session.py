"""A session of play in a window: one game after the other, until the window is closed."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import gymnasium

from csai_core.agents import Agent, KeyboardAgent
from csai_core.play import controls, telling
from csai_core.play.demonstration import Recorder
from csai_core.play.episode import Game
from csai_core.play.person import Person
from csai_core.play.picture import GLIDE_SECONDS, Picture
from csai_core.play.screen import board_area, compose, footer_top, window_size
from csai_core.shell.target import Target
from csai_core.shell.window import Window

_SCREEN_FPS = 60.0
"""How often the window is drawn, and the keyboard asked."""
_MOST_SECONDS_UNDRAWN = 0.25
_REST_SECONDS = 1.5
"""How long the end of an agent's game is shown."""
_MOST_SECONDS_BEHIND = 0.1
"""A game that falls behind its speed, because the machine does, goes on from there."""
_MIN_FPS, _MAX_FPS, _FASTER = 0.5, 240.0, 1.25


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
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.env = env
        self.title = title
        self.fps = fps
        self.episodes = episodes
        self.games: list[Game] = []
        self.person = Person(env, player, clock) if isinstance(player, KeyboardAgent) else None
        """Who plays, if a person does."""
        self.is_paused = False
        self.is_helping = False
        """Whether all keys are told; the game stands still for it."""
        self.has_begun = False
        """Whether the present game has; before, a person is waited for."""
        self.is_refused = False
        """Whether what a person last asked for is not allowed now."""
        self.window: Window
        self._player = player
        self._recorder = recorder
        self._clock = clock
        is_slow = fps <= 1.0 / GLIDE_SECONDS or (self.person is not None and self.person.takes_turns)
        self._picture = Picture(env, glides and is_slow)
        self._stepped_at = clock()
        self._due_at: float | None = None
        """When the next step is due; None where nothing moves."""
        self._wants_new_game = False
        self._shown_frame: Any = None
        self._shown_around: Any = None
        self._shown_at = 0.0

    @property
    def game(self) -> Game:
        """The present game."""
        return self.games[-1]

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
    def target(self) -> Target | None:
        """What a click would mean where the mouse is now."""
        if self.person is None or self.is_paused or self.is_helping or self.game.is_over:
            return None
        frame = self._picture.frame
        area = board_area(self.window.size, frame, len(telling.screen(self).rows))
        return self.person.target(self.game.info, frame, area)

    def run(self, seed: int | None = None) -> list[Game]:
        """Play until the window is closed, or to the end of the last game.

        Args:
            seed: game i starts from seed + i; None makes them random.

        Returns:
            The games that were begun.
        """
        self._seed = seed
        self._start()
        self.window = Window(self.title, window_size(self._picture.frame))
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
        frame = self._picture.after(now - self._stepped_at)
        size, screen, target = around = self.window.size, telling.screen(self), self.target
        is_same = frame is self._shown_frame and around == self._shown_around
        if not is_same or now >= self._shown_at + _MOST_SECONDS_UNDRAWN:
            self.window.show(compose(size, frame, screen, target))
            self._shown_frame, self._shown_around, self._shown_at = frame, around, now

    def _move_on(self) -> None:
        now = self._clock()
        if self.person is not None:
            self.person.repeat(self.fps)
        if self._wants_new_game or (self.person is None and self._has_rested(now)):
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
            self._step()
            # Where a press is a move, moves may come as fast as they are asked for.
            due_at += 0.0 if self.person is not None and self.person.takes_turns else 1.0 / self.fps
        self._due_at = due_at

    def _next_game(self) -> None:
        if self.is_last_game:
            self.window.close()
        else:
            self._start()

    def _start(self) -> None:
        if self.games and self._recorder is not None:
            self._recorder.give_up()
        self._wants_new_game = self.is_refused = self.is_paused = False
        seed = None if self._seed is None else self._seed + len(self.games)
        self.games.append(Game(self.env, seed))
        self.has_begun = self.person is None
        if self.person is not None:
            self.person.forget_keys()
        self._picture.update(is_new_game=True)
        self._due_at = None

    def _step(self) -> None:
        action = self.game.choose(self._player)
        self.is_refused = self.person is not None and not self.person.may(action, self.game.info)
        if self.is_refused:
            return
        self.game.step(action)
        if self._recorder is not None and self.game.transition is not None:
            self._recorder.note(self.game.transition)
        self._picture.update(is_new_game=False)
        self._stepped_at = self._clock()

    def _on_key(self, key: str, is_down: bool) -> None:
        if self.person is not None and self.person.plays_with(key):
            if not is_down:
                self.person.release(key)
            elif not (self.is_paused or self.is_helping or self.game.is_over):
                self.has_begun = True
                self.person.press(key)
            elif self.game.is_over and key in controls.NEXT_GAME:
                self._wants_new_game = True
        elif is_down:
            self._control(key)

    def _on_pointer(self, position: tuple[float, float] | None, is_clicked: bool) -> None:
        if self.person is None:
            return
        self.person.pointer = position
        if not is_clicked or position is None:
            return
        if self.game.is_over:
            num_rows = len(telling.screen(self).rows)
            self._wants_new_game = position[1] >= footer_top(self.window.size, num_rows)
        elif (target := self.target) is not None:
            self.has_begun = True
            self.person.click(target.action)

    def _control(self, key: str) -> None:
        is_a_persons = self.person is not None
        if (key in controls.NEXT_GAME and self.game.is_over and is_a_persons) or key in controls.RESTART:
            self._wants_new_game = True
        elif key in controls.NEXT_GAME and not self.has_begun:
            self.has_begun = True
        elif key in controls.HELP:
            self.is_helping = not self.is_helping
        elif key in controls.LEAVE:
            self._leave()
        elif key in controls.PAUSE:
            self.is_paused = not self.is_paused and not (self.game.is_over and is_a_persons)
        elif key in controls.STEP:
            self._step_once()
        elif key in controls.FASTER:
            self.fps = min(_MAX_FPS, self.fps * _FASTER)
        elif key in controls.SLOWER:
            self.fps = max(_MIN_FPS, self.fps / _FASTER)

    def _leave(self) -> None:
        """Close the help; else pause; else, where nothing moves, close the window."""
        if self.is_helping:
            self.is_helping = False
        elif self.is_still:
            self.window.close()
        else:
            self.is_paused = True

    def _step_once(self) -> None:
        if not self.game.is_over:
            self.is_paused = self.has_begun = True
            if not self.is_persons_turn:
                self._step()
