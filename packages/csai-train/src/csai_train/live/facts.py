"""What is known of a run of an agent from its start, and what its numbers mean: for every view of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Protocol

from gymnasium import spaces

from csai_core.errors import CsaiError
from csai_train.live.account import Account
from csai_train.live.reference import Reference
from csai_train.runs.directory import RunDirectory
from csai_train.runs.evaluation_file import read_random_play
from csai_train.runs.run import Run


class RunFacts(Protocol):
    """A run of whatever kind, as far as views tell of it beside its feed."""

    unit: ClassVar[str]
    """What a step is called."""

    @property
    def title(self) -> str:
        """What is trained, and how."""

    def total_steps(self, account: Account) -> int:
        """How long the training is planned to be."""

    def measure(self, account: Account) -> str:
        """Which curve is drawn."""

    def heading(self, account: Account) -> str:
        """What that curve is, in words."""

    def references(self, name: str, account: Account) -> list[Reference]:
        """What a curve is compared with."""

    def numbers(self, account: Account) -> list[str]:
        """How well it does now, in words."""


def facts_of(run: RunDirectory) -> RunFacts:
    """What is known of a run of any kind."""
    if isinstance(run, Run):
        return Facts(run)
    from csai_train.live.dataset_facts import DatasetFacts

    return DatasetFacts(run)


@dataclass
class Facts:
    """A run of an agent; see `RunFacts`."""

    unit: ClassVar[str] = "steps"
    run: Run
    _most_entropy: float | None = None

    def __post_init__(self) -> None:
        """Find out once how large an entropy can be."""
        try:
            self._most_entropy = _most_entropy(self.run.spaces[1])
        except CsaiError:  # the environment is not here
            self._most_entropy = None

    @property
    def title(self) -> str:
        """What is trained where."""
        return f"{self.run.environment_id} by {self.run.algorithm_name}"

    def total_steps(self, account: Account) -> int:
        """How long the training is planned to be, by its feed, or else by its run."""
        return account.total_steps or self.run.total_steps

    def measure(self, account: Account) -> str:
        """Which curve is drawn: the game's score where it keeps one, else the return."""
        return "score" if len(account.curve("score")[0]) else "return"

    def heading(self, account: Account) -> str:
        """What that curve is, in words."""
        name = self.measure(account)
        is_enough = len(account.curve(name)[0]) > 0
        return f"{name}{', mean of the last games' if is_enough else ': not enough games have ended yet'}"

    def references(self, name: str, account: Account | None = None) -> list[Reference]:
        """What a curve is compared with: random play, and the goal of the environment."""
        found = []
        if name == "return" and self.run.goal is not None:
            found.append(Reference("goal", float(self.run.goal), "="))
        random = read_random_play(self.run)
        value = None if random is None else random.mean_score if name == "score" else random.mean_return
        return found if value is None else [*found, Reference("random", value, "-")]

    def numbers(self, account: Account) -> list[str]:
        """How well it does now: means of the last games, what is explored, how many games."""
        exploration = self.exploration(account)
        explores = [] if exploration is None else [f"explores: {exploration}"]
        return [*account.means(), *explores, f"{account.episodes:,} games"]

    def exploration(self, account: Account) -> str | None:
        """How much the agent tries out now, in words; None where its algorithm does not say."""
        epsilon, entropy = account.metrics.get("epsilon"), account.metrics.get("entropy")
        if epsilon is not None:
            return f"{epsilon:.0%} of steps at random"
        if entropy is None:
            return None
        if self._most_entropy is None:
            return f"entropy {entropy:.2f}"
        share = entropy / self._most_entropy
        return f"{share:.0%} (entropy {entropy:.2f} of {self._most_entropy:.2f})"


def _most_entropy(space: spaces.Space[object]) -> float | None:
    """The entropy of choosing evenly; None where there is no most."""
    if isinstance(space, spaces.Discrete):
        return math.log(space.n) or None
    if isinstance(space, spaces.MultiDiscrete):
        return sum(math.log(n) for n in space.nvec.ravel()) or None
    if isinstance(space, spaces.MultiBinary):
        return math.log(2) * math.prod(space.shape)
    return None
