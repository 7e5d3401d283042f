"""A session of play in a window: one game after the other, until the window is closed."""

from __future__ import annotations

from typing import Any

import gymnasium

from csai_core.agents import Agent, KeyboardAgent
from csai_core.play.demonstration import Recorder
from csai_core.play.episode import Game
from csai_core.play.picture import announce, picture_of, window_size
from csai_core.shell.window import Window

_PAUSE, _RESTART, _FASTER, _SLOWER = {"p"}, {"r"}, {"+", "=", "[+]"}, {"-", "[-]"}
_NEXT_GAME = {"r", "return", "space"}
_LISTENING_FPS = 60.0
"""How often the keyboard is asked where the game waits for it."""
_REST_SECONDS = 1.0
"""How long the end of an agent's game is shown."""


class Session:
    """Plays an environment in a window.

    P pauses, R starts a new game, + and - change the speed, unless the game has other uses for them.
    A game that waits for its player moves only when a key is pressed; short taps count.

    Args:
        env: made with render mode "rgb_array" or "ansi".
        player: who plays; a `KeyboardAgent` hears the keys.
        title: what stands in the title bar before the score.
        fps: steps a second.
        recorder: notes every step, if given.
    """

    def __init__(
        self,
        env: gymnasium.Env[Any, Any],
        player: Agent,
        *,
        title: str,
        fps: float,
        recorder: Recorder | None = None,
    ) -> None:
        self.fps = fps
        self.is_paused = False
        self.games: list[Game] = []
        self.window: Window
        self._env = env
        self._player = player
        self._title = title
        self._recorder = recorder
        self._wants_new_game = False
        self._frame: Any = None

    @property
    def game(self) -> Game:
        """The present game."""
        return self.games[-1]

    def run(self, seed: int | None = None) -> list[Game]:
        """Play until the window is closed; the games that were begun."""
        self._start(seed)
        self.window = Window(self._title, window_size(self._frame))
        try:
            while not self.window.is_closed:
                self.advance()
        finally:
            self.window.close()
        return [game for game in self.games if game.num_steps]

    def advance(self) -> None:
        """Show the present frame for its time, and move on unless somebody is waited for."""
        words = self._announcement()
        self.window.retitle(self._headline(words))
        self.window.show(announce(self._frame, words[0].upper() + words[1:]) if words else self._frame)
        self.window.wait(self._pace(), self._on_key)
        if self.window.is_closed:
            return
        if self._wants_new_game:
            self._start(None)
        elif self.is_paused or (isinstance(self._player, KeyboardAgent) and self._is_players_turn()):
            return
        elif self.game.is_over:
            self._start(None)  # an agent plays on
        else:
            self._step()

    def _is_players_turn(self) -> bool:
        """Whether a person is waited for: to move, or to start the next game."""
        player = self._player
        return self.game.is_over or (isinstance(player, KeyboardAgent) and player.is_waiting)

    def _pace(self) -> float:
        if isinstance(self._player, KeyboardAgent):
            waits = self._player.idle_action is None or self.game.is_over or self.is_paused
            return _LISTENING_FPS if waits else self.fps
        return 1.0 / _REST_SECONDS if self.game.is_over else self.fps

    def _start(self, seed: int | None) -> None:
        if self.games and self._recorder is not None:
            self._recorder.give_up()
        self._wants_new_game = False
        self.games.append(Game(self._env, seed))
        if isinstance(self._player, KeyboardAgent):
            self._player.forget_keys()
        self._frame = picture_of(self._env)

    def _step(self) -> None:
        self.game.step(self.game.choose(self._player))
        if self._recorder is not None and self.game.transition is not None:
            self._recorder.note(self.game.transition)
        self._frame = picture_of(self._env)

    def _on_key(self, key: str, is_down: bool) -> None:
        is_the_games = isinstance(self._player, KeyboardAgent) and key in self._player.keys_to_action
        if is_down and self.game.is_over and key in _NEXT_GAME:
            self._wants_new_game = True
        elif is_the_games and isinstance(self._player, KeyboardAgent):
            if not (self.is_paused or self.game.is_over) or not is_down:
                self._player.note(key, is_down)
        elif is_down:
            self._control(key)

    def _control(self, key: str) -> None:
        if key in _PAUSE:
            self.is_paused = not self.is_paused
        elif key in _RESTART:
            self._wants_new_game = True
        elif key in _FASTER:
            self.fps = min(240.0, self.fps * 1.25)
        elif key in _SLOWER:
            self.fps = max(0.5, self.fps / 1.25)

    def _announcement(self) -> str:
        """What a person must be told who waits for the game to go on; empty if nothing."""
        if self.is_paused:
            return "paused: P goes on"
        is_a_persons = isinstance(self._player, KeyboardAgent)
        return "game over: R plays again" if self.game.is_over and is_a_persons else ""

    def _headline(self, announcement: str) -> str:
        score = f"score {self.game.score:g}" if self.game.score is not None else ""
        return ", ".join(part for part in (self._title, score, announcement) if part)
