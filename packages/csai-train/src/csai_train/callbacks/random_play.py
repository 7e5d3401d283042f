"""Finds out what random actions bring, before the first step, so that curves and views can be compared."""

from __future__ import annotations

from csai_core.errors import CsaiError
from csai_train.evaluation.random_play import play_at_random
from csai_train.events import Callback, Session
from csai_train.runs.evaluation_file import read_random_play, write_random_play
from csai_train.runs.run import Run

_SHARE = 50
"""At most one in so many steps of a training is spent on it, but for the first game."""


class RandomPlay(Callback):
    """Writes what random actions bring to a run that does not know it yet.

    An environment in which that cannot be found out, as it fails or its games do not end, is left for the
    training to tell of.

    Args:
        run: whose environment to play in.
    """

    def __init__(self, run: Run) -> None:
        self._run = run

    def start(self, training: Session) -> None:
        """Play, unless it was done before."""
        if read_random_play(self._run) is not None:
            return
        try:
            most_steps = training.total_steps // _SHARE
            found = play_at_random(self._run.environment, seed=self._run.seed, most_steps=most_steps)
        except CsaiError:
            return
        if found is not None:
            write_random_play(self._run, found)
