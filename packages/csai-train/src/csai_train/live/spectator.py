"""Somebody who watches a training from outside: reads its feed, and lets its newest agent play."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import gymnasium
import numpy as np
from numpy.typing import NDArray

from csai_core.play import Game, longest_episode
from csai_core.play.picture import picture_of
from csai_core.thoughts import Mind, draw_beside
from csai_train.environments.make import close, make_single, render_modes
from csai_train.errors import RunError
from csai_train.live.account import Account
from csai_train.live.facts import facts_of
from csai_train.live.playback import Playback
from csai_train.live.terminal import Scene
from csai_train.live.weights import Handed, Kept, Pupil
from csai_train.runs.audience import say_watching
from csai_train.runs.directory import RunDirectory
from csai_train.runs.events_file import Event, FeedReader, read_events
from csai_train.runs.lock import is_locked
from csai_train.runs.run import Run
from csai_train.runs.status import status_of

_LOOK_SECONDS = 1.0
"""How often the feed and the weights are looked at, and the training is told that somebody watches."""
_GRACE_SECONDS = 3.0
"""How long a training may be neither under way nor ended, as between its start and its first event."""

_PARTS = 200
"""In about so many parts the events are read that are there already, where each part is told of."""


class Feed(Protocol):
    """Gives events as they come."""

    def new_events(self) -> Sequence[Event]:
        """Those since the last call."""


class Spectator:
    """Watches a training that is under way, or one that is over as if it were.

    Args:
        run: whose.
        speed: how many times as fast as it was a training that is over is told; None chooses.
        is_patient: whether somebody sees it being told; else all of it is told at once where nobody says how
            fast.
        clock: tells the time in seconds.
    """

    def __init__(
        self,
        run: RunDirectory,
        speed: float | None = None,
        *,
        is_patient: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.run = run
        self.facts = facts_of(run)
        self.account = Account()
        self.is_live = speed is None and is_locked(run.path)
        self._clock = clock
        if speed is None and not is_patient:
            speed = math.inf
        self.feed: Feed = FeedReader(run.path) if self.is_live else Playback(read_events(run.path), speed)
        self._looked_at = self._idle_since = -1e9
        self.pupil: Pupil | None = None

    def look(self, tell: Callable[[], object] | None = None) -> bool:
        """Read what is new, about once a second.

        Args:
            tell: called after each of the parts in which it is read, for whoever tells how it went; None
                reads it as one.

        Returns:
            Whether it was time to.
        """
        now = self._clock()
        if now < self._looked_at + _LOOK_SECONDS * self.is_live:
            return False
        self._looked_at = now
        if self.is_live:
            if self.pupil is not None:
                say_watching(self.run.path)
            is_under_way = is_locked(self.run.path)
            self._include(tell)
            self._note_death(now, is_under_way)
        else:
            self._include(tell)
            if self.is_over and not self.account.is_over and status_of(self.run).state == "killed":
                self.account.state = "killed"
        if self.pupil is not None:
            self.pupil.refresh(self.account.steps)
        return True

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come."""
        if isinstance(self.feed, Playback):
            return self.feed.is_over
        return self.account.is_over

    @property
    def told_in_words(self) -> str:
        """That a training is seen which is over, and how fast; empty of one that is under way."""
        if not isinstance(self.feed, Playback):
            return ""
        if math.isinf(self.feed.speed) or self.feed.speed == 1.0:
            return "Played again as it was."
        return f"Played again {self.feed.speed:.3g} times as fast as it was."

    def let_play(self) -> None:
        """Have the agent play; before, only the feed is read.

        Raises:
            CsaiError: if its algorithm or environment cannot be made here, or it is a run of no agent.
        """
        if not isinstance(self.run, Run):
            raise RunError(f"{self.run.path} is a run of a network on a dataset: there is no game.")
        self.pupil = Pupil(self.run, Handed(self.run) if self.is_live else Kept(self.run))
        self.pupil.refresh(self.account.steps)

    def _include(self, tell: Callable[[], object] | None) -> None:
        events = self.feed.new_events()
        size = len(events) if tell is None else len(events) // _PARTS
        for start in range(0, len(events), max(size, 1)):
            self.account.include(events[start : start + max(size, 1)])
            if tell is not None:
                tell()

    def _note_death(self, now: float, is_under_way: bool) -> None:
        """Notice a training that was killed, and says nothing more."""
        if is_under_way or self.account.is_over:
            self._idle_since = now
        elif now > self._idle_since + _GRACE_SECONDS:
            self.account.state = "killed"


class Match:
    """Games of a pupil, one after the other, in an environment of their own.

    Args:
        pupil: who plays.
        seed: of the first game; the next ones count up.
        modes: how the game is to be shown; the first that the environment has.

    Raises:
        CsaiError: if the environment cannot be made here.
    """

    def __init__(self, pupil: Pupil, seed: int, modes: Sequence[str] = ("ansi",)) -> None:
        environment = pupil.run.environment
        mode = next((each for each in modes if each in render_modes(environment)), None)
        self.env: gymnasium.Env[Any, Any] = make_single(environment, render_mode=mode)
        self.mind = Mind(pupil.agent)
        self._pupil = pupil
        self._seed = seed
        self._number = 0
        self.game = self._next_game()

    def step(self) -> None:
        """Take a step, or begin the next game where this one is over."""
        if self.game.is_over:
            self._number += 1
            self.game = self._next_game()
        else:
            self.game.step(self.game.choose(self._pupil.agent))
            self.mind.note(self.game)

    def scene(self) -> Scene:
        """What there is to see of it now."""
        game = self.game
        text = str(self.env.render()) if self.env.render_mode == "ansi" else ""
        state = "over" if game.is_over else f"step {game.num_steps}"
        score = () if game.score is None else (f"score {game.score:g}",)
        words = (f"game {self._number + 1}", state, *score, f"return {game.total_reward:.4g}")
        return Scene(text, words, self._pupil.age, self.mind)

    def picture(self) -> NDArray[np.uint8] | None:
        """The game with what the agent thinks beside it; None where the environment shows nothing."""
        if self.env.render_mode is None:
            return None
        return draw_beside(picture_of(self.env), self.mind.history, self.mind.scale)

    def close(self) -> None:
        """Close the environment."""
        close(self.env)

    def _next_game(self) -> Game:
        game = Game(self.env, self._seed + self._number, longest_episode(self.env))
        self.mind.begin(game)
        return game
