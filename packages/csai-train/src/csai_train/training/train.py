"""Starting a training and continuing one: what `csai train` calls, and what programs call."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import gymnasium
from gymnasium import Space
from gymnasium.envs.registration import EnvSpec, WrapperSpec
from gymnasium.vector import VectorEnv

import csai_neural
from csai_core import options, presets
from csai_core.arguments import check_int, check_path, check_type, drawn_seed
from csai_core.environments import find_spec
from csai_core.errors import ConfigError
from csai_core.wrapping import check_wrappers
from csai_core.wrapping.texts import admitted
from csai_neural.files import kind_of
from csai_train.algorithms.networks import REPLACED
from csai_train.algorithms.registry import configure, full_name_of, make_algorithm
from csai_train.callbacks.registry import attach, names_of
from csai_train.environments.kept_spec import kept_spec
from csai_train.environments.make import Environment, check_environment, close, open_environments, specify
from csai_train.events import Callback
from csai_train.group import Group
from csai_train.group.joining import find_group
from csai_train.group.shares import own_seed, own_share
from csai_train.runs import checkpoint
from csai_train.runs.copies import known_to_all
from csai_train.runs.directory import removed_on_failure
from csai_train.runs.lock import locked
from csai_train.runs.misfits import going_on
from csai_train.runs.run import Run
from csai_train.threads import check_threads, limited_threads
from csai_train.training.length import planned_steps
from csai_train.training.loop import Training
from csai_train.training.opening import open_for, require_id, trouble_with_resuming
from csai_train.training.preset_network import network_of
from csai_train.training.shared import make_training
from csai_train.training.signals import stop_on_signals
from csai_train.training.stages import open_training, run_stages
from csai_train.training.start import Start
from csai_train.training.train_text import keep_train_file


def train(
    algorithm: str,
    environment: Environment,
    *,
    total_steps: int | None = None,
    seed: int | None = None,
    config: Any = None,
    preset: str | None = "auto",
    network: Any = None,
    device: str = "auto",
    backend: str = "auto",
    run_dir: str | os.PathLike[str] | None = None,
    callbacks: Sequence[Callback | str] = (),
    checkpoint_every: int | None = None,
    threads: int = 1,
    workers: int | None = None,
    start_from: str | os.PathLike[str] | Run | Start | None = None,
    wrappers: Sequence[str | WrapperSpec] = (),
    health: bool = True,
) -> Training:
    """Train an algorithm in an environment.

    Args:
        algorithm: its name, such as "deep_q_learning".
        environment: an id, a specification, a Gymnasium environment, a list of them, or a vector
            environment.
        total_steps: how long, counted over all environments; None takes it from the preset.
        seed: decides everything random, so that the same seed gives the same result; None draws one.
        config: the algorithm's config dataclass, or a dict of those of its fields that shall differ from the
            preset's, or from the defaults where there is no preset.
        preset: settings known to work in this environment: "auto" takes those of the algorithm if there are
            any, a name those of that name, a file (.toml) those in it, None none. An environment that is
            given as an id is made with the preset's options, and wrapped as it says where `wrappers` says
            nothing; environments that are made already have no preset.
        network: what takes in the observations, as `csai_neural.load_network` finds it: a Net, a file, the
            name of a registered network, or any torch module; the algorithm puts its heads on it. Or a whole
            ActorCritic. None takes the preset's, or builds one.
        device: where the network is computed: "cpu", "cuda" or "mps"; "auto" chooses.
        backend: who computes it: "numpy" or "torch"; "auto" chooses.
        run_dir: where to keep the run; must not exist yet. None keeps nothing.
        callbacks: who else is notified of what happens: callbacks, and names of registered ones.
        checkpoint_every: keep a checkpoint every so many steps; None saves ten times and keeps the
            newest two and the best.
        threads: how many threads numpy and torch may multiply with. One is the fastest for small networks.
        workers: into how many processes the environments are put, for those whose steps are slow; the result
            is the same. `training.envs.describe_gain()` says what they gained. In a script, call this below
            `if __name__ == "__main__":` then. None keeps all in this process.
        start_from: a run, or its directory, whose weights or table this training starts with, and whose
            scaling of observations; optimizer, counters and memory are new. Its newest checkpoint is taken,
            or another with `Start.open(run, "best")`. Where nothing else is said, the same algorithm has that
            run's config and length, and the same environment id its options and wrappers.
        wrappers: what an environment that is given as an id is wrapped in, from the inside out: names with
            settings, such as "TimeLimit:max_episode_steps=50", of wrappers that plugins offer, of Gymnasium's
            or of the environment's own package; "module:Class"; or WrapperSpecs. They are kept in the run.
        health: whether rules look after it, and say in plain words what is wrong; see `docs/health.md`. It
            changes nothing that is learned.

    Returns:
        The training; `.algorithm` is the trained algorithm, `.findings` what `health` has found. After
            Ctrl-C or SIGTERM it has taken fewer than `total_steps` steps.

    Raises:
        UnknownNameError: if there is no such algorithm, environment, preset, callback, or config field.
        ConfigError: if the algorithm cannot work in this environment, or a value cannot work, or what another
            run has learned fits neither of them.
        RunError: if the run cannot be written, or what to start from is no run.
        CheckpointError: if that run has no such checkpoint.
        CallbackError: if a callback failed; everything is saved.
    """
    group = find_group()
    if not group.is_main:
        run_dir, callbacks, health = None, (), False
    algorithm = full_name_of(algorithm)
    check_threads(threads)
    check_path("train", "run_dir", run_dir, none=True)
    check_environment("train", environment)
    check_wrappers("train", wrappers)
    names = names_of(callbacks, run_dir)
    check_type("train", "health", health, bool, "True or False")
    check_type("train", "start_from", start_from, (str, os.PathLike, Run, Start), "a run", none=True)
    start = start_from if start_from is None or isinstance(start_from, Start) else Start.open(start_from)
    given = {"network": network, **(config if isinstance(config, Mapping) else {})}
    found = find_preset(environment, algorithm, preset, start)
    total_steps = planned_steps(total_steps, found, algorithm)
    if checkpoint_every is not None:
        checkpoint_every = check_int("train", "checkpoint_every", checkpoint_every, least=1)
    _require_no_layers(network, config)
    is_tried_out = network is None and found is not None  # what a preset builds needs no warning
    network = network_of(found, config) if network is None and start is None else network
    config = _configure(algorithm, config, found)
    seed = group.broadcast_state(drawn_seed("train", seed))
    own = own_share(config, group)
    require_id(environment, group)
    if isinstance(environment, str):
        environment = specification(environment, found, start, wrappers)
    elif wrappers:
        raise ConfigError(
            f"train was given wrappers={wrappers!r} with an environment that is made already; wrap that, or "
            "give its id."
        )
    envs, about_texts = open_for(algorithm, environment, own.num_envs, workers)
    if not group.is_shared:
        config = own = replace(config, num_envs=envs.num_envs)
    spaces = envs.single_observation_space, envs.single_action_space
    with _closing(envs, environment), limited_threads(threads):
        if start is not None:
            start.require_fitting(algorithm, spaces, given)
            network = start.learned.network
        network = _open_network(network, spaces[0], seed)
        asked = {"network": network, "device": device, "backend": backend}
        drawn = own_seed(seed, group)
        made = make_algorithm(algorithm, *spaces, own, total_steps=total_steps, seed=drawn, **asked)
        if start is not None:
            start.hand_over(made)
        training = make_training(made, envs, group, total_steps=total_steps, seed=seed)
        training.require_update(algorithm)
        note = made.describe().get("note") or " ".join(getattr(network, "notes", ()))
        kept = None if run_dir is None else kept_spec(envs)
        about_run = "" if kept is None else trouble_with_resuming(envs)
        for each in filter(None, (about_texts, "" if is_tried_out else note, about_run)):
            training.warn(each)
        run = None
        if run_dir is not None and kept is not None:
            run = Run.create(
                run_dir,
                algorithm=algorithm,
                environment=kept,
                config=config,
                total_steps=total_steps,
                seed=seed,
                callbacks=names,
                checkpoint_every=checkpoint_every,
                computing=made.describe(),
                workers=workers,
                processes=group.size if group.is_shared else None,
                preset=(found.full_name or None) if found else None,
                started_from=None if start is None else start.describe(),
                start_state=None if start is None else start.learned.state,
                **asked,
            )
            with removed_on_failure(run):
                keep_train_file(run, kept, threads)
        carry_out(training, run, callbacks, health=health, is_told=group.is_main)
    return training


def carry_out(
    training: Training,
    run: Run | None,
    callbacks: Sequence[Callback | str],
    *,
    health: bool = True,
    is_told: bool = True,
) -> None:
    """Take a new training to its end; it is written to its run, if it has one.

    Args:
        training: which.
        run: where it is kept.
        callbacks: who else is told of it.
        health: whether rules look after it.
        is_told: whether anybody is told of it at all: of several processes, the first one tells.

    Raises:
        UnsavableError: if the run could not keep the algorithm's state.
        CallbackError: if a callback failed; everything is saved.
    """
    with removed_on_failure(run):
        if run is not None:
            checkpoint.require_savable(training.state_dict(), run.algorithm_name)
        if is_told:
            attach(training, run, callbacks, health=health)
    with locked(run.path) if run is not None else nullcontext(), stop_on_signals(training):
        training.run()


def resume(
    run_dir: str | os.PathLike[str] | Run,
    *,
    total_steps: int | None = None,
    device: str | None = None,
    callbacks: Sequence[Callback] = (),
    threads: int = 1,
    workers: int | None = None,
    health: bool = True,
) -> Training:
    """Continue a run from its newest good checkpoint; from its beginning where it has none yet.

    It goes on exactly as if it had never stopped. Where that cannot be promised, a TrainingWarning says
    why, and it goes on with new episodes.

    Args:
        run_dir: the run or its directory.
        total_steps: a later end than was planned; None keeps to the plan.
        device: where to go on; None goes on where the run was started. Another device rounds otherwise.
        callbacks: who else is notified of what happens, besides those the run was started with by name.
        threads: how many threads numpy and torch may multiply with.
        workers: into how many processes the environments are put; None as the run was started.
        health: whether rules look after it; see `train`.

    Raises:
        RunError: if it is not a run, or another process is training it.
        CheckpointError: if none of its checkpoints can be used.
        ConfigError: if `threads` or a callback cannot work.
        CallbackError: if a callback failed; everything is saved.
    """
    check_type("resume", "run_dir", run_dir, (str, os.PathLike, Run), "a run or its folder")
    check_threads(threads)
    check_type("resume", "health", health, bool, "True or False")
    if total_steps is not None:
        total_steps = check_int("resume", "total_steps", total_steps, least=1)
    group = find_group()
    if not group.is_main:
        return _follow(group, device, threads, workers)
    run = run_dir if isinstance(run_dir, Run) else Run.open(run_dir)
    names_of(callbacks, run.path)
    with locked(run.path):
        run.require_plugins()
        if total_steps is not None:
            run = run.extend(total_steps)
        with known_to_all(run, group), _opened(run, group, device, threads, workers) as training:
            attach(training, run, [*run.callbacks, *callbacks], health=health)
            with going_on(run.path), stop_on_signals(training):
                run_stages(training, run, device, group)
    return training


def _follow(group: Group, device: str | None, threads: int, workers: int | None) -> Training:
    """What other processes than the first do of a run that goes on."""
    with (
        known_to_all(None, group) as run,
        _opened(run, group, device, threads, workers) as training,
        stop_on_signals(training),
    ):
        run_stages(training, run, device, group)
    return training


@contextmanager
def _opened(
    run: Run, group: Group, device: str | None, threads: int, workers: int | None
) -> Iterator[Training]:
    """The training of a run as its newest checkpoint has it, in this process's environments."""
    own = own_share(run.settings, group)
    envs = open_environments(run.environment, own.num_envs, workers or run.workers)
    with _closing(envs, run.environment), limited_threads(threads):
        has_state = group.is_main and run.checkpoints.saved()
        state = run.checkpoints.load("newest", whole=True) if has_state else None
        training, problem = open_training(run, envs, state, device, group)
        if problem and group.is_main:
            training.warn(f"{run.path} cannot be continued exactly: {problem}. It goes on with new episodes.")
        yield training


def find_preset(
    environment: Environment, algorithm: str | None, preset: str | None, start: Start | None = None
) -> presets.Preset | None:
    """The preset for an environment, as `train` takes it; see `presets.choose`.

    Where a training starts from another run, "auto" takes the settings of that run; see `Start.settings`.

    Raises:
        UnknownNameError: if there is no such environment, or it has no preset of that name.
        ConfigError: if the preset is for another algorithm, or the environment is made already.
    """
    check_type("train", "preset", preset, str, "a preset's name, 'auto' or None", none=True)
    if isinstance(environment, (str, EnvSpec)):
        spec = find_spec(environment) if isinstance(environment, str) else environment
        if start is not None and preset == "auto":
            return start.settings(algorithm or start.run.algorithm_entry.full_name, spec.id)
        return presets.choose(spec.id, algorithm=algorithm, preset=preset)
    if preset in ("auto", None):
        return start.settings(algorithm, None) if start and algorithm and preset else None
    raise ConfigError(
        f"The preset {preset!r} was asked for an environment that is made already; give the environment's id."
    )


def specification(
    environment_id: str,
    preset: presets.Preset | None,
    start: Start | None,
    wrappers: Sequence[str | WrapperSpec] = (),
    options: Mapping[str, Any] | None = None,
) -> EnvSpec:
    """The environment that a training is given by its id.

    Args:
        environment_id: its id.
        preset: what it keeps to; its options come first, and its wrappers where no others are given.
        start: what it starts from, whose wrappers are taken in place of the preset's.
        wrappers: what it is wrapped in, from the inside out.
        options: further options.

    Raises:
        CsaiError: as `specify`.
    """
    if not wrappers and start is not None:
        wrappers = start.wrappers(environment_id)
    elif not wrappers and preset is not None:
        wrappers = preset.wrappers
        if not preset.plugin:  # it is from a file, which is not believed in what to import
            wrappers = [admitted(each, find_spec(environment_id)) for each in wrappers]
    return specify(environment_id, {**(preset.environment if preset else {}), **(options or {})}, wrappers)


def _require_no_layers(network: Any, config: Any) -> None:
    """Refuse settings that say how layers are built along with a network, which has its own."""
    if network is None or config is None:
        return
    said = config
    if not isinstance(config, Mapping):
        described = options.describe(type(config))
        said = [each.name for each in described if getattr(config, each.name) != each.default]
    if both := [name for name in REPLACED if name in said]:
        raise ConfigError(
            f"{' and '.join(both)} was given along with a network, which has layers of its own; leave out "
            "one of them."
        )


def _open_network(network: Any, observation_space: Space[Any], seed: int) -> Any:
    """The network that was given; an ActorCritic is whole, and anything else is made a body."""
    if network is None or isinstance(network, csai_neural.ActorCritic):
        return network
    if isinstance(network, (str, Path)) and kind_of(network) == csai_neural.ActorCritic.kind:
        return csai_neural.ActorCritic.load(network)
    return csai_neural.load_network(network, observation_space, seed=seed)


def _configure(algorithm: str, config: Any, preset: presets.Preset | None) -> Any:
    """The config that was given; what it leaves open is the preset's, and then the algorithm's default."""
    if preset is not None and (config is None or isinstance(config, Mapping)):
        config = {**preset.config, **(config or {})}
    return configure(algorithm, config)


@contextmanager
def _closing(envs: VectorEnv[Any, Any, Any], given: Environment) -> Iterator[None]:
    """Close environments that were made here; those that were given are the giver's to close."""
    try:
        yield
    finally:
        if not isinstance(given, (gymnasium.Env, list, VectorEnv)):
            close(envs)
