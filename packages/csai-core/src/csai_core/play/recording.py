"""Which steps of a session are recorded: all, or those that a person takes in an agent's place."""

from __future__ import annotations

from csai_core.play.demonstration import Recorder
from csai_core.play.episode import Game


class Recording:
    """Notes the steps of games for a demonstration, and forgets those that are taken back.

    Args:
        recorder: what notes them; None where nothing is recorded.
        records_agent: whether what an agent does is recorded too.
    """

    def __init__(self, recorder: Recorder | None, records_agent: bool) -> None:
        self._recorder = recorder
        self._records_agent = records_agent
        self._is_noted: list[bool] = []
        """Of each step of the present game, whether it is recorded."""

    def begin(self) -> None:
        """A new game begins; the one before does not go on."""
        if self._recorder is not None:
            self._recorder.give_up()
        self._is_noted = []

    def note(self, game: Game, *, is_persons: bool) -> None:
        """A game has taken a step, by a person or an agent."""
        is_wanted = self._recorder is not None and (is_persons or self._records_agent)
        self._is_noted.append(is_wanted)
        if is_wanted and self._recorder is not None and game.transition is not None:
            self._recorder.note(game.transition)

    def take_back(self) -> None:
        """The last step is taken back."""
        if self._is_noted.pop() and self._recorder is not None:
            self._recorder.take_back()

    def break_off(self) -> None:
        """The agent goes on in a person's place; where it is not recorded, the record ends here."""
        if self._recorder is not None and not self._records_agent:
            self._recorder.give_up()
