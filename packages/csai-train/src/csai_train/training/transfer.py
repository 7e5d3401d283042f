"""Transferring what an algorithm is in the middle of to one with other settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from csai_core.algorithm import Algorithm
from csai_core.decoding import in_words
from csai_core.errors import ConfigError
from csai_train.runs import checkpoint

_PLAIN = (int, float, str, bytes, type(None))


def transfer(state: Mapping[str, Any], before: Algorithm, after: Algorithm) -> None:
    """Let an algorithm go on from the state of one that had other settings.

    Numbers that stand in the state because a setting says so, such as the optimizer's learning rate, are
    those of the new settings; everything else is taken over as it is, or refused.

    Args:
        state: that the algorithm had.
        before: a new one with its settings.
        after: a new one with the other settings.

    Raises:
        ConfigError: if the other one cannot go on from there, saying why.
    """
    old, new = before.state_dict(), after.state_dict()
    if place := _difference_in_form(old, new):
        raise ConfigError(f"its state would have another form, in {place}")
    _load(after, state)
    _load(after, _updated(state, old, new))


def _load(algorithm: Algorithm, state: Mapping[str, Any]) -> None:
    """Load a state, and make sure that all of it was taken over."""
    try:
        algorithm.load_state_dict(state)
    except Exception as error:
        raise ConfigError(f"its state cannot be taken over: {in_words(error)}") from error
    taken = algorithm.state_dict()
    for name, part in state.items():
        if name not in taken or checkpoint.digests({name: part}) != checkpoint.digests({name: taken[name]}):
            raise ConfigError(f"of its state, {name!r} would not be taken over as it is")


def _updated(state: Any, old: Any, new: Any) -> Any:
    """The state, with the new one's plain values in place of those that are still as the old one's were."""
    if isinstance(old, Mapping):
        if not isinstance(state, Mapping):
            return state
        known = {name for name in state if name in old and name in new}
        return {
            name: _updated(part, old[name], new[name]) if name in known else part
            for name, part in state.items()
        }
    if _is_list(old):
        if not _is_list(state) or len(state) != len(old):
            return state
        return type(state)(_updated(*each) for each in zip(state, old, new, strict=True))
    is_setting = isinstance(old, _PLAIN) and isinstance(new, _PLAIN) and old != new
    return new if is_setting and type(state) is type(old) and state == old else state


def _difference_in_form(one: Any, other: Any, place: str = "") -> str:
    """Where two states differ in more than their numbers, such as in shapes; empty where they do not."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        if one.keys() != other.keys():
            return place or "its parts"
        return next(
            filter(None, (_difference_in_form(one[name], other[name], _within(place, name)) for name in one)),
            "",
        )
    if _is_list(one) and _is_list(other):
        if len(one) != len(other):
            return place
        pairs = enumerate(zip(one, other, strict=True))
        return next(filter(None, (_difference_in_form(*each, _within(place, i)) for i, each in pairs)), "")
    if isinstance(one, _PLAIN) and isinstance(other, _PLAIN):
        return ""
    return "" if _form(one) == _form(other) else place


def _within(place: str, name: object) -> str:
    return f"{place}.{name}" if place else str(name)


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes))


def _form(value: Any) -> Any:
    """The type, and of arrays and tensors the shape and the type of their numbers."""
    return type(value), getattr(value, "shape", None), str(getattr(value, "dtype", ""))
