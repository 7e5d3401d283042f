"""The train.toml of a run: what makes it again, weight for weight."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from typing import Any

from gymnasium.envs.registration import EnvSpec

from csai_core import options, storage
from csai_core.environments import find_spec, registrar_of
from csai_core.errors import CodecError
from csai_core.toml_text import to_toml
from csai_core.wrapping.texts import as_text
from csai_train.errors import RunError, TrainingWarning
from csai_train.runs.network import NETWORK
from csai_train.runs.run import Run
from csai_train.training.start import SHAPING
from csai_train.training.train_file import NO_PRESET
from csai_train.training.training_file import TRAIN_FILE

_HEADING = "# csai train {name}   makes this training again, weight for weight.\n"
_OF_PRESET = "# It began with the settings of the preset {preset}.\n"
_NOT_TYPED = ("render_mode",)
"""Options of environments that trainings choose."""


def keep_train_file(run: Run, spec: EnvSpec, threads: int) -> None:
    """Write the train.toml of a new run; where nothing that can be typed would make it again, that is told.

    Args:
        run: which.
        spec: of its environment.
        threads: how many threads it is computed with.

    Raises:
        RunError: if it cannot be written.
    """
    try:
        text = train_text(run, spec, threads)
    except CodecError as error:
        told = f"{run.path} gets no {TRAIN_FILE}, as no file would make it again: {error}"
        warnings.warn(told, TrainingWarning, stacklevel=2)
        return
    try:
        storage.write(run.path / TRAIN_FILE, text)
    except OSError as error:
        raise RunError(f"The run cannot be written to {run.path}: {error}") from error


def train_text(run: Run, spec: EnvSpec, threads: int) -> str:
    """What train.toml says; see `keep_train_file`.

    Raises:
        CodecError: if the environment is none that is made by its id, options and wrappers.
    """
    preset = run.config.get("preset")
    heading = _HEADING.format(name=TRAIN_FILE) + (_OF_PRESET.format(preset=preset) if preset else "")
    said = {
        "environment": _environment_id(spec),
        "algorithm": run.algorithm_name,
        **_beginning(run),
        "total_steps": run.total_steps,
        "seed": run.seed,
        **{name: _computed(run, name) for name in ("backend", "device")},
        "workers": run.workers,
        "threads": threads if threads > 1 else None,
        "processes": run.processes if run.processes > 1 else None,
        "checkpoint_every": run.checkpoint_every,
        "callbacks": list(run.callbacks),
        "wrappers": list(wrappers_of(spec)),
        "environment_options": options_of(spec),
        "config": _config(run),
    }
    return heading + to_toml({name: value for name, value in said.items() if value not in (None, [], {})})


def _beginning(run: Run) -> dict[str, Any]:
    """What it begins with: settings that are all said, a network, or what another run had learned.

    What it began with from elsewhere is kept in the run itself.
    """
    if run.config.get("started_from") is not None:
        return {"start_from": ".", "start_checkpoint": 0}
    network = None if run.config.get("network") is None else NETWORK
    return {"preset": NO_PRESET, "network": network}


def _computed(run: Run, name: str) -> str | None:
    """What computes it, as "auto" may choose otherwise elsewhere; None where the algorithm has no choice."""
    asked: str = run.config[name]
    return run.computing.get(name) if asked == "auto" else asked


def _config(run: Run) -> dict[str, Any]:
    """The settings, but for those that say nothing where a network is given, and are refused there."""
    has_network = run.config.get("network") is not None or run.config.get("started_from") is not None
    left_out = SHAPING if has_network else ()
    defaults = {each.name: each.default for each in options.describe(type(run.settings))}
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in run.config["config"].items()
        if name not in left_out and not (value is None and defaults[name] is None)
    }


def _environment_id(spec: EnvSpec) -> str:
    module = registrar_of(spec)
    return f"{module}:{spec.id}" if module else spec.id


def options_of(spec: EnvSpec) -> dict[str, Any]:
    """What of an environment differs from how it is registered, as options of `gymnasium.make`.

    Raises:
        CodecError: if it cannot be made by options.
    """
    registered = find_spec(spec.id)
    if lacking := sorted(registered.kwargs.keys() - spec.kwargs.keys()):
        raise CodecError(f"the environment was made without {lacking[0]}, with which it is registered.")
    if (spec.order_enforce, spec.disable_env_checker) != (
        registered.order_enforce,
        registered.disable_env_checker,
    ):
        raise CodecError("the environment was made with other checks than it is registered with.")
    return _differing(spec.kwargs, registered.kwargs) | _limit(spec, registered)


def _differing(kwargs: Mapping[str, Any], registered: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in kwargs.items()
        if name not in _NOT_TYPED and (name not in registered or repr(value) != repr(registered[name]))
    }


def _limit(spec: EnvSpec, registered: EnvSpec) -> dict[str, Any]:
    if spec.max_episode_steps == registered.max_episode_steps:
        return {}
    if spec.max_episode_steps is None:
        raise CodecError("the environment was made without the limit of steps that it is registered with.")
    return {"max_episode_steps": spec.max_episode_steps}


def wrappers_of(spec: EnvSpec) -> Iterator[str]:
    """What an environment is wrapped in besides what it is registered with, as texts.

    Raises:
        CodecError: if it cannot be typed.
    """
    registered = find_spec(spec.id).additional_wrappers
    count = len(registered)
    if spec.additional_wrappers[:count] != registered:
        raise CodecError("the environment was made without a wrapper that it is registered with.")
    for wrapper in spec.additional_wrappers[count:]:
        yield as_text(wrapper, spec)
