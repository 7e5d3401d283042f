"""Forking a run: the same training up to a step, and from there on with other settings."""

from __future__ import annotations

import itertools
import os
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from csai_core.arguments import check_int, check_path, check_type
from csai_core.errors import ConfigError
from csai_core.options import as_plain
from csai_core.schema import LARGEST_COUNT
from csai_core.terminal import as_typed
from csai_train.algorithms.networks import REPLACED
from csai_train.callbacks.registry import names_of
from csai_train.errors import CheckpointError, TrainingWarning
from csai_train.events import Callback
from csai_train.group import Group
from csai_train.group.joining import find_group
from csai_train.runs.checkpoints import step_of
from csai_train.runs.fork import Change, Fork, create_fork, shown, stages_until
from csai_train.runs.run import Run
from csai_train.runs.stage import Stage
from csai_train.threads import check_threads, limited_threads
from csai_train.training.loop import Training
from csai_train.training.stages import algorithm_of
from csai_train.training.train import resume
from csai_train.training.transfer import transfer

NO_SETTINGS = (
    "algorithm",
    "attributes",
    "backend",
    "device",
    "env",
    "environment",
    "network",
    "seed",
    "wrappers",
)
"""What a run has been begun with once and for all, and people may take for settings."""


def fork(
    run: str | os.PathLike[str] | Run,
    *,
    at: int | str,
    changes: Mapping[str, Any],
    total_steps: int | None = None,
    run_dir: str | os.PathLike[str] | None = None,
    device: str | None = None,
    callbacks: Sequence[Callback] = (),
    threads: int = 1,
    workers: int | None = None,
    health: bool = True,
) -> Training:
    """Train a new run that is the old one, bit for bit, up to a step, and has other settings from there on.

    Where the old run has no checkpoint of that step, the new one is trained with the old settings until then,
    from the newest checkpoint before it or from the start. It holds the events and metrics that both share.

    Args:
        run: the old run or its directory, which is only read.
        at: after how many steps the settings change; or "newest" or "best", where that checkpoint is.
        changes: the settings that differ from there on, by the names of the algorithm's config.
        total_steps: how long the new run is altogether; None as long as the old one was planned to be then.
            What decays over a training is planned by it.
        run_dir: where to keep the new run; must not exist yet. None takes a name beside the old one.
        device: where to compute; None computes where the old run was started.
        callbacks: who else is notified of what happens, besides those the old run was started with by name.
        threads: how many threads numpy and torch may multiply with.
        workers: into how many processes the environments are put; None as the old run was started.
        health: whether rules look after it; see `train`.

    Returns:
        The training; where settings were to be trained until the step, its callbacks were started twice.

    Raises:
        RunError: if it is not a run, or the new one cannot be written.
        UnknownNameError: if a setting does not exist, with the nearest name.
        ConfigError: if a setting cannot have that value, or cannot change in the middle of a training.
        CheckpointError: if there is no such checkpoint.
        CallbackError: if a callback failed; everything is saved.
    """
    check_threads(threads)
    check_type("fork", "health", health, bool, "True or False")
    if not find_group().is_main:
        return resume("", device=device, threads=threads, workers=workers)
    names_of(callbacks, "a run")
    with limited_threads(threads):
        made = open_fork(run, at=at, changes=changes, total_steps=total_steps, run_dir=run_dir, device=device)
    return resume(made, device=device, callbacks=callbacks, threads=threads, workers=workers, health=health)


def open_fork(
    run: str | os.PathLike[str] | Run,
    *,
    at: int | str,
    changes: Mapping[str, Any],
    total_steps: int | None = None,
    run_dir: str | os.PathLike[str] | None = None,
    device: str | None = None,
) -> Run:
    """Make the folder of a fork, for `resume` to train; see `fork` for arguments and errors.

    Of several processes that train it, the first one makes it.
    """
    check_type("fork", "run", run, (str, os.PathLike, Run), "a run or its folder")
    check_type("fork", "changes", changes, Mapping, "a dict of settings by name")
    check_path("fork", "run_dir", run_dir, none=True)
    old = run if isinstance(run, Run) else Run.open(run)
    state = _state_before(old, at)
    begun = 0 if state is None else state["steps"]
    steps = _first_step_from(at, begun, old)
    stages = stages_until(old, steps)
    last = stages[-1]._replace(config=as_plain(old.configure(stages[-1].config)))
    total_steps = last.total_steps if total_steps is None else _checked_total(total_steps)
    _require_steps_around(old, at, steps, last, total_steps)
    config = as_plain(_changed(old, last, changes))
    new_stage = Stage(
        None, config, total_steps, last.total_episodes if total_steps == last.total_steps else None
    )
    _require_transfer(old, last, new_stage, state, device)
    return create_fork(
        old,
        unused_path(old.path) if run_dir is None else Path(run_dir),
        Fork(old.path.name, steps, begun or None, _differences(last, new_stage)),
        stages=stages,
        config=config,
        total_steps=total_steps,
        total_episodes=new_stage.total_episodes,
        state=state,
        processes=find_group().size,
    )


def _state_before(run: Run, at: int | str) -> dict[str, Any] | None:
    """What all processes have in the newest good checkpoint that comes no later; None where there is none."""
    if at in ("newest", "best"):
        return run.checkpoints.load(at, whole=True)
    steps = check_int("fork", "at", at, least=1, most=LARGEST_COUNT)
    for path in run.checkpoints.saved():
        if step_of(path) > steps:
            continue
        try:
            return run.checkpoints.load(step_of(path), whole=True)
        except CheckpointError as error:
            warnings.warn(f"{error} An earlier one is taken.", TrainingWarning, stacklevel=4)
    return None


def _first_step_from(at: int | str, begun: int, run: Run) -> int:
    """After how many steps the settings change: all environments take a step at once."""
    if isinstance(at, str):
        return begun
    num_envs: int = run.settings.num_envs
    return begun + -(-(at - begun) // num_envs) * num_envs


def _checked_total(total_steps: int) -> int:
    return check_int("fork", "total_steps", total_steps, least=1, most=LARGEST_COUNT)


def _require_steps_around(run: Run, at: int | str, steps: int, stage: Stage, total_steps: int) -> None:
    """Refuse to change anything where the old run would be over, or the new one.

    Raises:
        ConfigError: saying which steps would work.
    """
    num_envs = run.settings.num_envs
    end = -(-stage.total_steps // num_envs) * num_envs
    if steps > end:
        raise ConfigError(
            f"{run.path} is planned for {stage.total_steps:,} steps, so that it cannot be forked after "
            f"{steps if isinstance(at, str) else at:,}. Name a step before its end."
        )
    if total_steps <= steps:
        raise ConfigError(
            f"A fork of {run.path} after {steps:,} steps would be over at once, as it ends after "
            f"{total_steps:,}. Fork it earlier, or give total_steps (--total-steps), such as {2 * steps}."
        )


def _changed(run: Run, stage: Stage, changes: Mapping[str, Any]) -> Any:
    """The settings with changes.

    Raises:
        ConfigError: if one of them cannot change in a run.
        UnknownNameError: if one of them does not exist.
    """
    for name in changes:
        if name == "total_steps":
            raise ConfigError(
                "total_steps is no setting of the algorithm; give it by itself, as --total-steps."
            )
        if name in NO_SETTINGS and name not in stage.config:
            raise ConfigError(f"{name} cannot change in the middle of a training. {_anew(run)}")
    before = run.configure(stage.config)
    after = run.configure({**stage.config, **changes})
    if after.num_envs != before.num_envs:
        raise ConfigError(
            f"num_envs cannot change in the middle of a training: {before.num_envs} games are under way. "
            f"{_anew(run)}"
        )
    for name in changes:
        if getattr(after, name) == getattr(before, name):
            _tell(f"{name} is {shown(getattr(after, name))} in {run.path} already, so that changes nothing.")
        elif name in REPLACED and run.config.get("network") is not None:
            _tell(f"{run.path} was given a network of its own, so that {name} changes nothing.")
    return after


def _tell(message: str) -> None:
    warnings.warn(message, TrainingWarning, stacklevel=5)


def _anew(run: Run) -> str:
    return (
        f"csai train begins another training; --start-from {as_typed(run.path)} begins it with what was "
        "learned, where that fits."
    )


def _differences(before: Stage, after: Stage) -> dict[str, Change]:
    """What differs between two stages, by the names of the settings."""
    changes = {
        name: Change(before.config[name], value)
        for name, value in after.config.items()
        if before.config[name] != value
    }
    if before.total_steps != after.total_steps:
        changes["total_steps"] = Change(before.total_steps, after.total_steps)
    return changes


def _require_transfer(
    run: Run, before: Stage, after: Stage, state: Mapping[str, Any] | None, device: str | None
) -> None:
    """Refuse changes with which the algorithm cannot go on, by trying it.

    Raises:
        ConfigError: naming the settings, and why.
    """
    why = _trouble(run, before, after, state, device)
    if not why:
        return
    changed = [name for name in _differences(before, after) if name != "total_steps"]
    alone = [before._replace(config={**before.config, name: after.config[name]}) for name in changed]
    guilty = [
        name
        for name, stage in zip(changed, alone, strict=True)
        if _trouble(run, before, stage, state, device)
    ]
    names = " and ".join(guilty or changed) or "This"
    raise ConfigError(f"{names} cannot change in the middle of a training: {why}. {_anew(run)}")


def _trouble(
    run: Run, before: Stage, after: Stage, state: Mapping[str, Any] | None, device: str | None
) -> str:
    """Why an algorithm of one stage cannot go on where that of another is; empty where it can.

    Asked of the part of a first process, as that of others is of the same form.
    """
    group = Group(size=find_group().size if state is None else state.get("num_processes", 1))
    old = algorithm_of(run, device, before, group)
    try:
        new = algorithm_of(run, device, after, group)
        transfer(old.state_dict() if state is None else state["algorithm"], old, new)
    except ConfigError as error:
        return str(error).rstrip(".")
    return ""


def unused_path(path: Path) -> Path:
    """A name beside a run's for a fork of it."""
    names = itertools.chain(
        [f"{path.name}-fork"], (f"{path.name}-fork-{number}" for number in itertools.count(2))
    )
    return next(place for place in map(path.with_name, names) if not os.path.exists(place))
