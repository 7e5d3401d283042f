"""Whether the command of a preset measures this preset, as `csai train` itself understands it."""

from __future__ import annotations

import io
import shlex
from collections.abc import Mapping
from contextlib import redirect_stderr
from typing import Any

import click

from csai_core.commands.resolver import matches
from csai_core.environments import find_spec, options_of
from csai_core.errors import CsaiError
from csai_core.plugins import installed
from csai_core.presets.file import Preset, PresetFile
from csai_core.testing import fail

_ENDS = ("&&", "||", "|", ";", ">", ">>", "2>")
"""Where a shell begins something else."""
_OF_A_SHELL = set("$*{}<")
"""What makes other words of a word."""
_TRAINS_OTHERWISE = {"network": "--net", "attributes": "--attributes"}
"""What the result depends on, by parameter, besides what a preset says."""
_LEFT_OUT = ("--import",)
"""What has effects when it is parsed."""


def check_command(environment_id: str, file: PresetFile, preset: Preset, config: Any) -> None:
    """Refuse a command of `csai train` that cannot be called, or that trains with something else.

    Args:
        environment_id: what the preset is for.
        file: where it stands, with algorithms by their full names.
        preset: of which the command is.
        config: the algorithm's, with the preset's settings.
    """
    which = f"The command of the preset {preset.name!r} of {environment_id}, {preset.command!r},"
    words = _words(which, preset.command)
    if words is None:
        return
    named, words = _without("--preset", words)
    for option in _LEFT_OUT:
        _, words = _without(option, words)
    is_by_algorithm = _without("--algorithm", words)[0] is not None
    if not is_by_algorithm:
        words = [*words, "--algorithm", preset.algorithm]
    params, algorithm = _parsed(which, words)
    _check_environment(which, params, environment_id)
    trained = _preset_meant(file, named, algorithm if is_by_algorithm else None)
    whose = (named or "").rpartition(":")[0]
    others = {each.plugin for each in installed().entries("presets").values()} - {preset.plugin}
    if whose in others:
        fail(f"{which} trains with a preset of the plugin {whose}; write --preset {preset.full_name}.")
    if named is not None and trained is None:
        fail(f"{which} names the preset {named!r}, which there is not; write --preset {preset.name}.")
    if trained != preset.name:
        takes = f"the preset {trained!r}" if trained else "no preset"
        fail(f"{which} trains with {takes}; write --preset {preset.name}.")
    if is_by_algorithm and algorithm != preset.algorithm:
        fail(f"{which} says --algorithm {algorithm}, and the preset {preset.algorithm}; leave it out.")
    _check_settings(which, params, environment_id, preset, config)


def _words(which: str, command: str) -> list[str] | None:
    """What follows `csai train` in a command; None where it is another, or a shell's."""
    try:
        words = shlex.split(command)
    except ValueError as error:
        fail(f"{which} cannot be typed: {error}.")
    if words[:2] != ["csai", "train"]:
        return None
    end = next((place for place, word in enumerate(words) if word in _ENDS), None)
    found = words[2:end]
    return None if any(_OF_A_SHELL & set(word) for word in found) else found


def _without(option: str, words: list[str]) -> tuple[str | None, list[str]]:
    """The value of an option that takes one, and the words without it."""
    value, others = None, []
    following = iter(words)
    for word in following:
        if word == option:
            value = next(following, "")
        elif word.startswith(f"{option}="):
            value = word.partition("=")[2]
        else:
            others.append(word)
    return value, others


def _parsed(which: str, words: list[str]) -> tuple[Mapping[str, Any], str | None]:
    """What `csai train` understands, and the algorithm."""
    command = installed().find("commands", "train").load()
    try:
        with redirect_stderr(io.StringIO()), command.make_context("csai train", list(words)) as context:
            return context.params, context.meta.get("algorithm")
    except click.ClickException as error:
        fail(f"{which} cannot be called: {error.format_message()}")
    except CsaiError as error:
        fail(f"{which} cannot be called: {error}")


def _check_environment(which: str, params: Mapping[str, Any], environment_id: str) -> None:
    meant = str(params["environment"]).rpartition(":")[2]
    if meant != environment_id and not params.get("start_from"):
        told = "in no environment" if params["environment"] is None else f"in {meant}"
        fail(f"{which} trains {told}; write csai train {environment_id}.")


def _preset_meant(file: PresetFile, named: str | None, algorithm: str | None) -> str | None:
    """The name of the preset that a training takes; None for none of the file."""
    if named is not None:
        found = matches(named.rpartition(":")[2], dict.fromkeys(file.presets, ()))
        return found[0] if len(found) == 1 else None
    if algorithm is None:
        return file.usual
    own = algorithm.rpartition(":")[2]
    return own if own in file.presets and file.presets[own].algorithm == algorithm else None


def _check_settings(
    which: str, params: Mapping[str, Any], environment_id: str, preset: Preset, config: Any
) -> None:
    ours = {name: getattr(config, name) for name in params if hasattr(config, name)}
    ours["total_steps"] = preset.total_steps
    for name, value in ours.items():
        if params.get(name) is not None and _differ(params[name], value):
            flag = f"--{name.replace('_', '-')}"
            fail(f"{which} says {flag} {params[name]}, and the preset {value}; leave {flag} out.")
    if params["wrappers"] and list(params["wrappers"]) != list(preset.wrappers):
        fail(
            f"{which} says --wrap {' --wrap '.join(params['wrappers'])}, and the preset has "
            f"wrappers = {list(preset.wrappers)}; write the same there, or leave it out."
        )
    for name, flag in _TRAINS_OTHERWISE.items():
        if params.get(name):
            fail(f"{which} says {flag} {params[name]}, which no preset can say; leave {flag} out.")
    usual = options_of(find_spec(environment_id)) | dict(preset.environment)
    for name, value in params["env_options"].items():
        if name not in usual or _differ(usual[name], value):
            said = usual.get(name, "nothing of it")
            fail(
                f"{which} says --env {name}={value}, and the preset {said}; write environment = "
                f"{{ {name} = … }} in the preset."
            )


def _differ(one: Any, two: Any) -> bool:
    """Whether two settings are not the same; lists and tuples are one."""
    plain = (list(each) if isinstance(each, tuple) else each for each in (one, two))
    return len({repr(float(each)) if isinstance(each, int) else repr(each) for each in plain}) == 2
