"""Starting a training and continuing one: what `csai train` calls, and what programs call."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector import VectorEnv

from csai_core import options
from csai_core.errors import ConfigError
from csai_core.plugins import installed
from csai_train import opening
from csai_train.callbacks.callback import Callback
from csai_train.callbacks.checkpoints import Checkpoints
from csai_train.callbacks.records import EventLog, MetricsTable
from csai_train.errors import RunError
from csai_train.interrupts import stop_on_signals
from csai_train.runs.run import Run, make_learner
from csai_train.threads import torch_threads
from csai_train.training import Training


def train(
    algorithm: str,
    environment: opening.Environment,
    *,
    total_steps: int,
    seed: int | None = None,
    config: Any = None,
    run_dir: str | os.PathLike[str] | None = None,
    callbacks: Sequence[Callback] = (),
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
        callbacks: who else is told of what happens.
        threads: how many threads torch may use. One is the fastest for small networks.

    Returns:
        The training; `.learner` is the trained algorithm. After Ctrl-C or SIGTERM it has taken fewer
        than `total_steps` steps.

    Raises:
        UnknownNameError: if there is no such algorithm or environment, or config field.
        ConfigError: if the algorithm cannot work in this environment, or a value cannot work.
        RunError: if the run cannot be written.
    """
    if total_steps < 1:
        raise ConfigError(f"train was given total_steps={total_steps}; it must be at least 1.")
    config = _configure(algorithm, config)
    seed = int(np.random.SeedSequence().generate_state(1)[0]) if seed is None else seed
    if isinstance(environment, str):
        environment = opening.specify(environment)
    envs = opening.open_environments(environment, config.num_envs)
    config = replace(config, num_envs=envs.num_envs)
    with torch_threads(threads):
        learner = make_learner(
            algorithm,
            envs.single_observation_space,
            envs.single_action_space,
            config,
            total_steps=total_steps,
            seed=seed,
        )
        training = Training(learner, envs, total_steps=total_steps, seed=seed, callbacks=callbacks)
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
            )
            training.callbacks += _record(run)
    _go_on(training, threads, close=not isinstance(environment, (gymnasium.Env, list, VectorEnv)))
    return training


def resume(
    run_dir: str | os.PathLike[str] | Run, *, callbacks: Sequence[Callback] = (), threads: int = 1
) -> Training:
    """Continue a run from its newest good checkpoint.

    Args:
        run_dir: the run or its directory.
        callbacks: who else is told of what happens.
        threads: how many threads torch may use.

    Raises:
        RunError: if it is not a run.
        CheckpointError: if it holds no usable checkpoint.
    """
    run = run_dir if isinstance(run_dir, Run) else Run.open(run_dir)
    envs = opening.open_environments(run.environment, run.settings.num_envs)
    with torch_threads(threads):
        training = Training(
            run.make_learner(), envs, total_steps=run.total_steps, seed=run.seed, callbacks=callbacks
        )
        training.load_state_dict(run.load_newest())
    training.callbacks += _record(run)
    _go_on(training, threads, close=True)
    return training


def _configure(algorithm: str, config: Any) -> Any:
    entry = installed().find("algorithms", algorithm)
    config_class = entry.load_config()
    if config_class is None:
        raise ConfigError(f"The algorithm {algorithm!r} of plugin {entry.plugin!r} has no config class.")
    if config is None or isinstance(config, Mapping):
        return options.build(config_class, config or {})
    if not isinstance(config, config_class):
        raise ConfigError(f"{algorithm} takes a {config_class.__name__}, not {config!r}.")
    return config


def _record(run: Run) -> list[Callback]:
    return [EventLog(run.path), MetricsTable(run.path), Checkpoints(run)]


def _go_on(training: Training, threads: int, *, close: bool) -> None:
    try:
        with torch_threads(threads), stop_on_signals(training):
            training.run()
    finally:
        if close:
            training.envs.close()
