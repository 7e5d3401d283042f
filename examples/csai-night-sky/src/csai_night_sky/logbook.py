"""The callback: keeps a logbook, as at sea."""

from __future__ import annotations

from csai_train import Callback, Run, Training
from csai_train.events import Epoch

_ENTRIES = 10
"""How many entries a training has on the way."""


class Logbook(Callback):
    """Writes the story of a training into logbook.md, in the run's folder; a resumed run goes on with it.

    Args:
        run: the run that is told of.
    """

    def __init__(self, run: Run) -> None:
        self.path = run.path / "logbook.md"
        self.written = 0

    def start(self, training: Training) -> None:
        """Note the departure, or that the journey goes on."""
        self.written = self.entry_of(training)
        if training.steps:
            self.write(f"At {training.steps:,} of {training.total_steps:,} steps it goes on.")
        else:
            self.write(f"# Logbook\n\nA journey of {training.total_steps:,} steps begins.")

    def mark(self, training: Training) -> None:
        """Write an entry, if it is time to, by what a resumed training knows as well."""
        brought = training.recent_return()
        if brought is None or self.entry_of(training) == self.written:
            return
        self.write(f"Step {training.steps:,}: of late a game brings {brought:g}.")
        self.written = self.entry_of(training)

    def epoch(self, training: object, epoch: Epoch) -> None:
        """Write down what was right after an epoch of examples."""
        self.write(f"Epoch {epoch.epoch}: {epoch.test_accuracy:.1%} of the test is right.")

    def stop(self, training: Training) -> None:
        """Note how the journey ended."""
        if training.failure is not None:
            self.write(f"Stranded at step {training.steps:,}: {training.failure}")
        elif training.is_complete:
            self.write("Arrived.")
        else:
            self.write(f"At anchor, {training.steps:,} steps from home.")

    def entry_of(self, training: Training) -> int:
        """How many entries are due so far."""
        return training.steps * _ENTRIES // training.total_steps

    def write(self, text: str) -> None:
        """Add a paragraph."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write(f"{text}\n\n")
