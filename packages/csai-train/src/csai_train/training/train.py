"""Starting a training and continuing one: what `csai train` calls, and what programs call."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector import VectorEnv

from csai_core import options
from csai_core.arguments import check_int
from csai_core.errors import ConfigError
from csai_core.plugins import installed
from csai_train.callbacks.registry import attach, names_of
from csai_train.environments.make import Environment, open_environments, specify
from csai_train.errors import RunError
from csai_train.events import Callback
from csai_train.runs.directory import fitting, removed_on_failure
from csai_train.runs.lock import locked
from csai_train.runs.run import Run, make_algorithm
from csai_train.threads import limited_threads
from csai_train.training.loop import Training
from csai_train.training.signals import stop_on_signals


def train(
    algorithm: str,
    environment: Environment,
    *,
    total_steps: int,
    seed: int | None = None,
    config: Any = None,
    run_dir: str | os.PathLike[str] | None = None,
    callbacks: Sequence[Callback | str] = (),
    checkpoint_every: int | None = None,
    threads: int = 1,
) -> Training:
    """Train an algorithm in an environment.

    Args:
        algorithm: its name, such as "deep_q_learning".
        environment: an id, a specification, a Gymnasium environment, a list of them, or a vector
            environment.
        total_steps: how long, counted over all environments.
        seed: decides everything random, so that the same seed gives the same result; None draws one.
        config: the algorithm's config dataclass, or a dict of its fields; None takes the defaults.
        run_dir: where to keep the run; must not exist yet. None keeps nothing.
        callbacks: who else is told of what happens: callbacks, and names of registered ones.
        checkpoint_every: keep a checkpoint every so many steps; None saves ten times and keeps the
            newest two and the best.
        threads: how many threads numpy and torch may multiply with. One is the fastest for small networks.

    Returns:
        The training; `.algorithm` is the trained algorithm. After Ctrl-C or SIGTERM it has taken fewer
        than `total_steps` steps.

    Raises:
        UnknownNameError: if there is no such algorithm, environment, callback, or config field.
        ConfigError: if the algorithm cannot work in this environment, or a value cannot work.
        RunError: if the run cannot be written.
        CallbackError: if a callback failed; everything is saved.
    """
    check_int("train", "total_steps", total_steps, least=1)
    if checkpoint_every is not None:
        check_int("train", "checkpoint_every", checkpoint_every, least=1)
    config = _configure(algorithm, config)
    names = names_of(callbacks, run_dir)
    seed = int(np.random.SeedSequence().generate_state(1)[0]) if seed is None else seed
    if isinstance(environment, str):
        environment = specify(environment)
    envs = open_environments(environment, config.num_envs)
    config = replace(config, num_envs=envs.num_envs)
    spaces = envs.single_observation_space, envs.single_action_space
    with _closing(envs, environment), limited_threads(threads):
        made = make_algorithm(algorithm, *spaces, config, total_steps=total_steps, seed=seed)
        training = Training(made, envs, total_steps=total_steps, seed=seed)
        run = None
        if run_dir is not None:
            if envs.spec is None:
                raise RunError("This environment is not registered, so a run of it cannot be kept.")
            run = Run.create(
                run_dir,
                algorithm=algorithm,
                environment=envs.spec,
                config=config,
                total_steps=total_steps,
                seed=seed,
                callbacks=names,
                checkpoint_every=checkpoint_every,
            )
        with removed_on_failure(run):
            attach(training, run, callbacks)
        with locked(run.path) if run is not None else nullcontext():
            _go_on(training)
    return training


def resume(
    run_dir: str | os.PathLike[str] | Run,
    *,
    total_steps: int | None = None,
    callbacks: Sequence[Callback] = (),
    threads: int = 1,
) -> Training:
    """Continue a run from its newest good checkpoint; from its beginning where it has none yet.

    It goes on exactly as if it had never stopped. Where that cannot be promised, a TrainingWarning says
    why, and it goes on with new episodes.

    Args:
        run_dir: the run or its directory.
        total_steps: a later end than was planned; None keeps to the plan.
        callbacks: who else is told of what happens, besides those the run was started with by name.
        threads: how many threads numpy and torch may multiply with.

    Raises:
        RunError: if it is not a run, or another process is training it.
        CheckpointError: if none of its checkpoints can be used.
        CallbackError: if a callback failed; everything is saved.
    """
    run = run_dir if isinstance(run_dir, Run) else Run.open(run_dir)
    with locked(run.path):
        if total_steps is not None:
            run = run.extend(total_steps)
        envs = open_environments(run.environment, run.settings.num_envs)
        with _closing(envs, run.environment), limited_threads(threads):
            training = Training(run.make_algorithm(), envs, total_steps=run.total_steps, seed=run.seed)
            problem = restore(training, run)
            if problem:
                training.warn(
                    f"{run.path} cannot be continued exactly: {problem}. It goes on with new episodes."
                )
            attach(training, run, [*run.callbacks, *callbacks])
            _go_on(training)
    return training


def restore(training: Training, run: Run) -> str:
    """Bring a training to where its run's newest good checkpoint is; see `Training.load_state_dict`."""
    if not run.checkpoints.saved():
        return ""
    state = run.checkpoints.load("newest")
    with fitting(run.path):
        return training.load_state_dict(state)


def _configure(algorithm: str, config: Any) -> Any:
    entry = installed().find("algorithms", algorithm)
    config_class = entry.load_config()
    if config_class is None:
        raise ConfigError(f"The algorithm {algorithm!r} of plugin {entry.plugin!r} has no config class.")
    return options.configure(config_class, config)


@contextmanager
def _closing(envs: VectorEnv[Any, Any, Any], given: Environment) -> Iterator[None]:
    """Close environments that were made here; those that were given are the giver's to close."""
    try:
        yield
    finally:
        if not isinstance(given, (gymnasium.Env, list, VectorEnv)):
            envs.close()


def _go_on(training: Training) -> None:
    with stop_on_signals(training):
        training.run()
