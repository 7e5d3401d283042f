"""A training of several processes: each steps its own environments, and they agree on everything else.

All take the same steps and the same updates; within these, gradients and statistics meet (`Backend`, the
algorithms). Now and then, at the same steps in all of them, they agree: episodes that ended anywhere count in
all, a wish to stop or to save becomes everybody's, and the first process, which alone has callbacks, tells
them of all that happened since.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np
import torch
from gymnasium.vector import VectorEnv

from csai_core.algorithm import Algorithm
from csai_core.errors import ConfigError, ContractError
from csai_train.episode_window import EpisodeWindow
from csai_train.errors import CallbackError
from csai_train.events import Episode
from csai_train.group import Group
from csai_train.group.gathering import Gathering
from csai_train.marks import Interval
from csai_train.training.loop import Training, environment_seeds

_AGREEMENTS, _LONGEST = 500, 10_000
"""How often processes agree in a training, and after how many steps at the latest. Between these, a wish to
stop or to save travels with the next gradient."""


class SharedTraining(Training):
    """A training of which this process is a part.

    Args:
        algorithm: made with what `csai_train.group.shares` says.
        envs: this process's environments.
        group: the processes.
        **more: as `Training` takes them.

    Raises:
        ConfigError: if the algorithm cannot be trained so.

    Attributes:
        agree_at: after which steps the processes agree besides, as they did where somebody stopped them.
    """

    def __init__(
        self, algorithm: Algorithm, envs: VectorEnv[Any, Any, Any], *, group: Group, **more: Any
    ) -> None:
        super().__init__(algorithm, envs, **more)
        if not self._adapter.takes_every_step:
            raise ConfigError(
                "Environments that reset in a step of their own (NEXT_STEP) cannot be trained in by several "
                "processes, which count their steps alike. Give the environment's id."
            )
        self.group = group
        algorithm.set_group(group)
        shares = group.gather_rows(np.array([[float(envs.num_envs)]]))[:, 0].astype(int)
        self._num_envs = int(shares.sum())
        self._first_env = int(shares[: group.rank].sum())
        elsewhere = self._num_envs - envs.num_envs
        if elsewhere:
            self._adapter.num_elsewhere = np.bincount(
                np.arange(elsewhere) % envs.num_envs, minlength=envs.num_envs
            )
        self.window = EpisodeWindow(self._num_envs)
        self._is_stopping = False
        self._untold: list[list[float]] = []
        """Episodes since processes last agreed: steps, reward, length, score, whether it was cut short."""
        self._agreements = Interval(1)
        self.agree_at: Collection[int] = ()
        self._gathering = Gathering(group)

    @property
    def is_stopping(self) -> bool:
        """Whether all processes know that somebody asked them to stop."""
        return self._is_stopping

    @property
    def can_be_saved(self) -> bool:
        """Whether what all processes have to save is here."""
        is_sound = self.failure is None or isinstance(self.failure, CallbackError)
        return is_sound and self._is_whole and self._gathering.is_of(self.steps)

    def save_with(self, save: Callable[[], None]) -> None:
        """Call `save` when what all have to save is here: now, or where they next agree."""
        if self.can_be_saved:
            save()
        else:
            self._gathering.ask(save)

    def state_dict(self) -> dict[str, Any]:
        """What this process needs to go on; in the first one, with the "processes" beside it."""
        state = {**super().state_dict(), "num_processes": self.group.size}
        return {**state, "processes": self._gathering.of_others} if self.can_be_saved else state

    def finish_mark(self) -> None:
        """Begin the next window of episodes, and make sure that all processes have learned the same.

        Raises:
            ContractError: if they have not.
        """
        self.window = EpisodeWindow(self._num_envs)
        digests = self.group.gather_rows(np.array([[_digest(self.algorithm.learned().network)]]))
        if len({*digests[:, 0]}) > 1:
            raise ContractError(
                f"After {self.steps:,} steps the processes have learned different networks: something that "
                f"{type(self.algorithm).__name__} learns, or goes by, is not that of all of them. Let what "
                "moves weights come from Backend.differentiate, and decide by numbers that all share."
            )

    def run(self) -> None:
        """Go on, with all others, as `Training.run` does; come back when all have.

        Raises:
            ProcessLostError: if another one ends, or does not answer.
        """
        self._is_stopping = False
        self._agreements = Interval(min(self.total_steps // _AGREEMENTS, _LONGEST), self.steps)
        super().run()
        self.group.barrier()

    def describe(self) -> dict[str, str]:
        """How the algorithm computes, and by how many processes."""
        return {**super().describe(), "processes": str(self.group.size)}

    @property
    def _is_at_end(self) -> bool:
        """Whether `run` comes back after this step, whatever anybody wishes."""
        return self.is_complete or self.steps >= self.pause_at

    def _environment_seeds(self, entropy: int | list[int]) -> list[int]:
        """Those that these environments would have among all in one process."""
        return environment_seeds(entropy, self._num_envs)[self._first_env :][: self.envs.num_envs]

    def _include(self, episodes: Sequence[Episode], num_cut: int) -> None:
        for i, each in enumerate(episodes):
            score = np.nan if each.score is None else each.score
            self._untold.append([each.steps, each.total_reward, each.length, score, i < num_cut])

    def _finish_step(self, episodes: Sequence[Episode]) -> None:
        is_due = self._agreements.has_passed(self.steps) or self.steps in self.agree_at
        if is_due or self._is_at_end or self.group.is_wished:
            self._agree()
        self.group.has_wish = self.stop_requested or self._gathering.is_wished

    def _agree(self) -> None:
        """Share what happened, tell of it, and find out what is wanted."""
        rows = self.group.gather_rows(np.array(self._untold, dtype=np.float64).reshape(-1, 5))
        rows = rows[np.argsort(rows[:, 0], kind="stable")]
        self._untold, self.group.is_wished = [], False
        self._gathering.let_go()
        episodes = [_episode(row) for row in rows.tolist()]
        if episodes:
            super()._include(episodes, int(rows[:, 4].sum()))
        for episode in episodes:
            self.emit("episode", episode)
        self.end_step()
        self.stop_requested = self.group.any(self.stop_requested or self._broken is not None)
        self._is_stopping = self.stop_requested
        if self.group.any(self._gathering.is_wished) or self._is_stopping or self._is_at_end:
            self._gathering.bring(super().state_dict(), self.steps)
        self.raise_if_broken()


def make_training(
    algorithm: Algorithm, envs: VectorEnv[Any, Any, Any], group: Group, **more: Any
) -> Training:
    """A training of one process, or of which this process is a part."""
    if group.is_shared:
        return SharedTraining(algorithm, envs, group=group, **more)
    return Training(algorithm, envs, **more)


def _episode(row: list[float]) -> Episode:
    steps, total, length, score, _ = row
    return Episode(int(steps), total, int(length), None if score != score else score)


def _digest(network: Any) -> float:
    """A number that is another for another network; 0 for none."""
    found = 0
    if callable(getattr(network, "parameters", None)):
        for parameter in network.parameters():
            flat = parameter.detach().cpu().contiguous().reshape(-1)
            found = zlib.crc32(flat.view(torch.uint8).numpy().tobytes(), found)
    return float(found)
