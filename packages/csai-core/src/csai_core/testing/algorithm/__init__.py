"""What every learning algorithm should do: act within its space, learn when shown, resume, and repeat itself.

An algorithm is made by `target(observation_space, action_space, config, total_steps=…, seed=…)` and has
the methods of `csai_core.algorithm.Algorithm`; its config is a dataclass with a field `num_envs`, whose
fields are explained.
"""

from __future__ import annotations

from collections.abc import Iterator

from csai_core.testing.algorithm.acting import ActingChecks
from csai_core.testing.algorithm.alone import AloneChecks
from csai_core.testing.algorithm.answers import AnswerChecks
from csai_core.testing.algorithm.changing import ChangingChecks
from csai_core.testing.algorithm.elsewhere import ElsewhereChecks
from csai_core.testing.algorithm.ending import EndingChecks
from csai_core.testing.algorithm.explaining import ExplainingChecks
from csai_core.testing.algorithm.lasting import LastingChecks
from csai_core.testing.algorithm.making import MakingChecks
from csai_core.testing.algorithm.pairing import PairingChecks
from csai_core.testing.algorithm.remembering import RememberingChecks
from csai_core.testing.algorithm.repeating import RepeatingChecks
from csai_core.testing.algorithm.rows import RowChecks
from csai_core.testing.algorithm.saving import SavingChecks
from csai_core.testing.algorithm.settings import SettingsChecks
from csai_core.testing.algorithm.steps import StepChecks
from csai_core.testing.algorithm.values import ValueChecks
from csai_core.testing.process.settings import settings_kept
from csai_core.testing.suite import Outcome

__all__ = ["AlgorithmSuite"]


class AlgorithmSuite(
    SettingsChecks,  # the last, as checks go from the base up
    ElsewhereChecks,
    AnswerChecks,
    ValueChecks,
    ChangingChecks,
    SavingChecks,
    LastingChecks,
    AloneChecks,
    EndingChecks,
    RowChecks,
    StepChecks,
    PairingChecks,
    RepeatingChecks,
    ExplainingChecks,
    ActingChecks,
    RememberingChecks,
    MakingChecks,
):
    """Checks one algorithm; a subclass names the entry, or writes `make` and `config_class`.

    class TestMine(AlgorithmSuite):
        entry_name = "my_algorithm"
        config = {"batch_size": 8}      # makes the checks fast
        learning_steps = 4000           # enough to learn which of two actions pays

    An algorithm need not handle every kind of space; it refuses the others with a `CsaiError`.
    """

    def run(self) -> Iterator[Outcome]:
        """Run all checks, and put back what the algorithm has changed of its process."""
        with settings_kept([]):
            yield from super().run()
