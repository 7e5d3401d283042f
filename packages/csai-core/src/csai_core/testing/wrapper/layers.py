"""The layers of a wrapper: what each remembers and records, so that it can be made and resumed again."""

from __future__ import annotations

import inspect
import json
from typing import Any

import gymnasium
from gymnasium.utils import RecordConstructorArgs
from gymnasium.wrappers import PassiveEnvChecker

from csai_core import tree_codec
from csai_core.errors import CsaiError
from csai_core.testing.suite import called, fail
from csai_core.wrapper_memory import memory_of, remind, says_itself


def layers(wrapper: Any) -> list[Any]:
    """The wrappers from the outside in, without those that a run does not save."""
    found = []
    while isinstance(wrapper, gymnasium.Wrapper):
        if not isinstance(wrapper, PassiveEnvChecker):
            found.append(wrapper)
        wrapper = wrapper.env
    return found


def are_gymnasiums(wrapper: Any) -> bool:
    """Whether all layers are Gymnasium's own, which nobody here can change."""
    return all(type(layer).__module__.startswith("gymnasium.") for layer in layers(wrapper))


def through_a_file(layer: Any) -> dict[str, Any]:
    """What it remembers, as a checkpoint gives it back."""
    try:
        memory: dict[str, Any] = tree_codec.decode(*tree_codec.encode(memory_of(layer)))
    except CsaiError as error:
        what = "what its state_dict gives" if says_itself(layer) else "what it remembers"
        fail(f"{type(layer).__name__} cannot be saved: {error} Keep to plain values in {what}.")
    return memory


def remind_layer(layer: Any, memory: dict[str, Any]) -> None:
    """Give a layer back what was saved of it."""
    called(lambda: remind(layer, memory), f"Giving {type(layer).__name__} back what was saved of it")


def advice(lost: list[str]) -> str:
    """What to change where a resumed run goes on otherwise; `lost` is what could not be saved."""
    if not lost:
        return (
            "What it remembers must stand in variables of its own, as numbers, arrays, lists or dicts; or "
            "write state_dict() and load_state_dict(state)."
        )
    return (
        f"It keeps {' and '.join(lost)}, which cannot be saved: keep numbers, arrays of them, lists or "
        "dicts, or write state_dict() and load_state_dict(state)."
    )


def check_recorded(layer: Any) -> None:
    """Refuse a layer that records its settings, and not all of them, or not as plain values."""
    if not issubclass(type(layer), RecordConstructorArgs) or type(layer).__module__[:9] == "gymnasium":
        return
    make, env = type(layer), layer.env
    name, recorded = make.__name__, dict(layer._saved_kwargs)
    recorded.pop("env", None)
    parameters = list(inspect.signature(type(layer).__init__).parameters.values())[2:]
    named = [each.name for each in parameters if each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD)]
    if missing := [each for each in named if each not in recorded]:
        given = ", ".join(f"{each}={each}" for each in named)
        fail(
            f"{name} does not record its setting {' and '.join(missing)}, so that it would be made again "
            f"without; write RecordConstructorArgs.__init__(self, {given})."
        )
    for setting, value in recorded.items():
        try:
            json.dumps(value)
        except (TypeError, ValueError) as error:
            fail(
                f"{name} records its setting {setting} as {value!r}, which no run can keep: {error}. Take "
                "numbers, texts and lists as settings."
            )
    again = called(lambda: make(env, **recorded), f"Making {name} again with {recorded}")
    for space in ("observation_space", "action_space"):
        if getattr(again, space) != getattr(layer, space):
            fail(f"Made again with {recorded}, {name} has another {space}; record what it was made with.")
