"""The agent of a run as it was at moments of its training: before it, and where a state of it was kept."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from csai_train.agent import TrainedAgent
from csai_train.errors import CheckpointError, TrainingWarning
from csai_train.runs import snapshot
from csai_train.runs.checkpoints import step_of
from csai_train.runs.misfits import fitting
from csai_train.runs.run import Run
from csai_train.runs.snapshots import SnapshotFolder


class EarlierAgent(NamedTuple):
    """An agent at a moment of its training."""

    steps: int
    episodes: int
    agent: TrainedAgent


def known_steps(run: Run) -> list[int]:
    """After how many steps the agent of a run is known: 0, then where a snapshot or a checkpoint was kept."""
    kept = SnapshotFolder(run.path).steps()
    return sorted({0, *kept, *map(step_of, run.checkpoints.saved())})


def open_earlier_agent(run: Run, steps: int) -> EarlierAgent:
    """The agent as it was after so many steps; where a snapshot is damaged, from a checkpoint of that moment.

    Raises:
        CheckpointError: if nothing of it was kept there, or that is damaged.
    """
    agent = run.untrained_agent()
    if steps == 0:
        return EarlierAgent(0, 0, agent)
    folder = SnapshotFolder(run.path)
    if steps in folder.steps():
        try:
            found = folder.read(steps)
            snapshot.apply(found, agent.algorithm, run.path)
        except CheckpointError:
            if steps not in map(step_of, run.checkpoints.saved()):
                raise
        else:
            return EarlierAgent(steps, found.episodes, agent)
    state = run.checkpoints.load(steps)
    with fitting(run.path):
        agent.algorithm.load_state_dict(state["algorithm"])
        return EarlierAgent(steps, int(state["num_episodes"]), agent)


def open_earlier_agents(run: Run, chosen: Iterable[int]) -> Iterator[EarlierAgent]:
    """Some stages, one by one; what is damaged is warned of and left out.

    Raises:
        CheckpointError: after the last of them, if fewer than two are left.
    """
    num_opened, damage = 0, ""
    for steps in chosen:
        try:
            stage = open_earlier_agent(run, steps)
        except CheckpointError as error:
            damage = str(error)
            warnings.warn(f"{damage} It is left out.", TrainingWarning, stacklevel=2)
            continue
        num_opened += 1
        yield stage
    if damage and num_opened < 2:
        raise CheckpointError(f"No growth can be shown, as too little is whole. {damage}")


def spread(known: Sequence[int], count: int) -> list[int]:
    """So many of some stages, from the first to the last, spread evenly among them.

    Args:
        known: in their order.
        count: how many, at least 2; all where there are no more.

    Raises:
        CheckpointError: if only the first is known.
    """
    if len(known) < 2:
        raise CheckpointError("Nothing was kept of this training yet, so that no growth can be shown.")
    if count >= len(known):
        return list(known)
    return [known[round(i * (len(known) - 1) / (count - 1))] for i in range(count)]
