"""Checks that a callback listens, whatever it hears of, and leaves all else alone."""

from __future__ import annotations

from contextlib import suppress
from textwrap import shorten

from csai_core.testing import fail, skip
from csai_core.testing.compare import difference
from csai_train.errors import CallbackError
from csai_train.testing.callback import games
from csai_train.testing.callback.base import STEPS, CallbackChecks, new_folder, require, train_quietly
from csai_train.testing.callback.growth import LEAST
from csai_train.testing.callback.watched import StopAt, Watched

_LONG = 2100
"""Steps of a training that shows whether what grows at first goes on growing."""


class ListeningChecks(CallbackChecks):
    """What it does to trainings and to the program."""

    def test_it_raises_nothing(self) -> None:
        """It hears of everything that can happen, and raises nothing."""
        require(self._of_agent.watched, "raised")

    def test_it_prints_nothing(self) -> None:
        """What it has to say, it writes to its run, or warns of through the training."""
        for kind in ("printed", "warns"):
            require(self._of_agent.watched, kind)

    def test_it_leaves_the_global_generators_alone(self) -> None:
        """What it draws, it draws from a generator of its own."""
        require(self._of_agent.watched, "generators")

    def test_it_leaves_the_program_alone(self) -> None:
        """The folder, Ctrl-C, logging, torch's settings, its class and the time are everybody's."""
        for kind in ("shared", "class", "sleeps"):
            require(self._of_agent.watched, kind)
        if self._of_agent.threads:
            fail(
                f"After the training, a thread of its own runs still: {self._of_agent.threads[0]}. End it in "
                "stop, which comes also where a training fails."
            )

    def test_it_leaves_the_training_alone(self) -> None:
        """Measurements, listeners, modes and state are as they were, and so is what is learned."""
        for kind in ("metrics", "callbacks", "modes", "changed", "stop"):
            require(self._of_agent.watched, kind)
        if self._of_agent.watched.callback is None:
            skip(f"it listens to no agent's training: {self._of_agent.watched.refusal}")
        with new_folder() as folder:
            plain = train_quietly(self.environment, folder / "plain", [StopAt(self._of_agent.steps)])
        if found := difference(plain.state_dict(), self._of_agent.state, "its state"):
            fail(
                f"With it, a training ends otherwise than without it: {shorten(found, 300)}. A callback "
                "listens, and changes nothing."
            )

    def test_it_does_not_keep_more_with_every_step(self) -> None:
        """What it holds does not grow with each step, however long a training is."""
        if self._of_agent.watched.growth.per_step() < LEAST:
            return
        with new_folder() as folder:
            watched, _ = self._trained(folder / "run", [], _LONG)
        if (more := watched.growth.per_step()) >= LEAST:
            fail(
                f"In a training of {_LONG} steps, what it keeps grows by {more:.0f} bytes with each step, "
                f"so by {more / 100:.3g} GB in ten million. Write to a file in run.path as the training goes "
                "on, or keep the newest alone: collections.deque(maxlen=…)."
            )

    def test_it_gets_over_trainings_in_which_nothing_happens(self) -> None:
        """One may be stopped before an episode ends or anything is learned, and one may fail."""
        for words, (watched, _) in self._cut_short.items():
            if message := watched.problems.get("raised"):
                fail(f"In a training that {words}: {message}. What it counts may be 0, and its lists empty.")

    def test_it_listens_whatever_is_played(self) -> None:
        """Ids may have a slash in them, as CSAI/Snake-v0 has, and games may keep a score."""
        with new_folder() as folder, games.registered():
            watched = Watched(self.make, folder / "run")
            with suppress(CallbackError):
                train_quietly(games.SCORED, folder / "run", [watched], STEPS // 3)
            for kind in ("made", "raised"):
                if message := watched.problems.get(kind):
                    fail(
                        f"In a training in {games.SCORED}, whose id has a slash in it and whose episodes "
                        f"have a score (Episode.score, None in others): {message}."
                    )

    def test_it_listens_to_datasets_or_refuses_them(self) -> None:
        """In a training on a dataset it works, or says when it is made that it does not."""
        for kind in ("raised", "changed", "modes", "printed", "generators"):
            if message := self._of_dataset.problems.get(kind):
                fail(
                    f"In a training on a dataset: {message} If it is for agents alone, raise a ConfigError "
                    'in its __init__ where run.kind is not "agent".'
                )
