"""Taking a training through the stages of its run, from wherever it stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gymnasium.vector import VectorEnv

from csai_train.runs.misfits import fitting
from csai_train.runs.run import Run
from csai_train.runs.stage import Stage
from csai_train.training.loop import Training
from csai_train.training.transfer import transfer


def open_training(
    run: Run, envs: VectorEnv[Any, Any, Any], state: Mapping[str, Any] | None, device: str | None = None
) -> tuple[Training, str]:
    """A run's training as a checkpoint has it.

    Args:
        run: which.
        envs: its environments.
        state: what the checkpoint holds; None begins at the start.
        device: where to compute; None computes where the run was started.

    Returns:
        The training, and why it does not go on exactly as it would have; empty where it does.

    Raises:
        CheckpointError: if the state does not fit.
    """
    stage = _stage_of(run, 0 if state is None else state.get("steps", 0))
    training = Training(
        run.make_algorithm(device, stage),
        envs,
        total_steps=stage.total_steps,
        total_episodes=stage.total_episodes,
        seed=run.seed,
    )
    if state is None:
        return training, ""
    with fitting(run.path):
        return training, training.load_state_dict(state)


def run_stages(training: Training, run: Run, device: str | None = None) -> None:
    """Go on until the end, until asked to stop, or until something fails, as `Training.run` does.

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
        if training.stop_requested or training.steps < stage.until:
            return
        stage = _enter_next(training, run, stage, device)


def _stage_of(run: Run, steps: int) -> Stage:
    """The stage in which the step came that was the last of so many."""
    return run.stages[0] if steps == 0 else run.stage_at(steps - 1)


def _enter_next(training: Training, run: Run, stage: Stage, device: str | None) -> Stage:
    """Let the training go on with the settings of the stage after one."""
    following = run.stages[run.stages.index(stage) + 1]
    with fitting(run.path):
        after = run.make_algorithm(device, following)
        transfer(training.algorithm.state_dict(), run.make_algorithm(device, stage), after)
    training.go_on_with(after, following.total_steps, following.total_episodes)
    return following
