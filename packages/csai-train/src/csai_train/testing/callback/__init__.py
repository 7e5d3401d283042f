"""What every callback should do: listen, leave the training alone, and go on where a run goes on."""

from __future__ import annotations

from csai_train.testing.callback.files import FileChecks
from csai_train.testing.callback.listening import ListeningChecks
from csai_train.testing.callback.making import MakingChecks

__all__ = ["CallbackSuite"]


class CallbackSuite(FileChecks, ListeningChecks, MakingChecks):
    """Checks one callback; a subclass names the entry, or writes `make`.

    class TestBestGame(CallbackSuite):
        entry_name = "best_game"

    It listens to short trainings, of REINFORCE in CartPole and of a network on points. One that does not
    listen to trainings of a kind refuses them with a `CsaiError` when it is made.
    """
