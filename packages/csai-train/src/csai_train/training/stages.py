"""Taking a training through the stages of its run, from wherever it stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gymnasium.vector import VectorEnv

from csai_core.algorithm import Algorithm
from csai_train.group import Group
from csai_train.runs.misfits import fitting
from csai_train.runs.run import Run
from csai_train.runs.stage import Stage
from csai_train.training.loop import Training
from csai_train.training.redealing import as_begun_again, as_dealt
from csai_train.training.shared import make_training
from csai_train.training.transfer import transfer


def open_training(
    run: Run,
    envs: VectorEnv[Any, Any, Any],
    state: Mapping[str, Any] | None,
    device: str | None = None,
    group: Group | None = None,
) -> tuple[Training, str]:
    """A run's training as a checkpoint has it.

    Args:
        run: which.
        envs: its environments, of this process.
        state: what the checkpoint holds, in the first of several processes with that of all; None begins at
            the start.
        device: where to compute; None computes where the run was started.
        group: the processes that train together; None is this one alone.

    Returns:
        The training, and why it does not go on exactly as it would have; empty where it does.

    Raises:
        CheckpointError: if the state does not fit.
    """
    group = Group() if group is None else group
    state, problem = as_dealt(state, group)
    stage = _stage_of(run, 0 if state is None else state.get("steps", 0))
    training = make_training(
        run.make_algorithm(device, stage, group),
        envs,
        group,
        total_steps=stage.total_steps,
        total_episodes=stage.total_episodes,
        seed=run.seed,
    )
    if state is None:
        return training, ""
    with fitting(run.path):
        if problem:
            state = as_begun_again(state, training.algorithm, [run.seed, state["steps"], group.rank])
        found = training.load_state_dict(state)
    return training, problem or found


def run_stages(training: Training, run: Run, device: str | None = None, group: Group | None = None) -> None:
    """Go on until the end, until asked to stop, or until something fails, as `Training.run` does.

    Args:
        training: of this process.
        run: which it is kept in.
        device: where to compute; None computes where the run was started.
        group: the processes that train together; None is this one alone.

    Raises:
        CheckpointError: if what was learned does not fit the settings of the next stage.
    """
    stage = _stage_of(run, training.steps)
    while True:
        if stage.until is None:
            training.run()
            return
        training.pause_at = stage.until
        if training.steps < stage.until:
            training.run()
        training.pause_at = float("inf")
        if training.is_stopping or training.steps < stage.until:
            return
        stage = _enter_next(training, run, stage, device, Group() if group is None else group)


def _stage_of(run: Run, steps: int) -> Stage:
    """The stage in which the step came that was the last of so many."""
    return run.stages[0] if steps == 0 else run.stage_at(steps - 1)


def _enter_next(training: Training, run: Run, stage: Stage, device: str | None, group: Group) -> Stage:
    """Let the training go on with the settings of the stage after one."""
    following = run.stages[run.stages.index(stage) + 1]
    with fitting(run.path):
        before, after = (algorithm_of(run, device, each, group) for each in (stage, following))
        transfer(training.algorithm.state_dict(), before, after)
    training.go_on_with(after, following.total_steps, following.total_episodes)
    return following


def algorithm_of(run: Run, device: str | None, stage: Stage, group: Group) -> Algorithm:
    """A new algorithm of a stage, which knows the processes that it is trained by."""
    made = run.make_algorithm(device, stage, group)
    if group.is_shared:
        made.set_group(group)
    return made
