"""Command line options made from an algorithm's config dataclass."""

from __future__ import annotations

import types
import typing
from typing import Any

import click

from csai_core.commands.typed import entry_of
from csai_core.commands.values import Number, Whole
from csai_core.options import Option, describe
from csai_core.schedules import is_schedule


class _Numbers(click.ParamType[Any]):
    """Several integers with commas between them, such as 64,64."""

    name = "numbers"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Turn "64,64" into (64, 64)."""
        if isinstance(value, tuple):
            return value
        try:
            return tuple(int(part) for part in str(value).split(","))
        except ValueError:
            self.fail(f"{value!r} is not a list of integers such as 64,64.", param, ctx)


class _OrSchedule(click.ParamType[Any]):
    """A number, or a schedule as text; the config says which of its numbers may change, and which may not.

    Args:
        number: takes what is no schedule.
    """

    def __init__(self, number: click.ParamType[Any]) -> None:
        self._number = number
        self.name = number.name

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Leave a schedule as it is, and let the other take everything else."""
        return value if is_schedule(value) else self._number.convert(value, param, ctx)


class _Words(click.ParamType[Any]):
    """Several words with commas between them, such as crop,flip."""

    name = "words"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Turn "crop,flip" into ("crop", "flip")."""
        return value if isinstance(value, tuple) else tuple(filter(None, str(value).split(",")))


def options_for(config_class: type) -> list[click.Parameter]:
    """One option for each field, with the field's explanation as its help."""
    return [_option(option) for option in describe(config_class)]


def value_for(option: Option, text: str) -> Any:
    """What was typed as a field's value: a number or schedule, `yes` or `no`, some with commas, or `none`.

    Raises:
        BadParameter: if it is none.
    """
    kind = _without_none(option.type)
    if text.lower() == "none" and kind is not option.type:
        return None
    wanted = click.types.convert_type(click.BOOL if kind is bool else _click_type(kind))
    return wanted.convert(text, None, None)


def _option(option: Option) -> click.Option:
    flag = f"--{option.name.replace('_', '-')}"
    said = [f"default: {_show(option.default)}"]
    said += ["may change"] if option.may_change else []
    said += [] if option.range is None else [f"searched: {option.range}"]
    text = f"{option.explanation} [{'; '.join(said)}]"
    kind = _without_none(option.type)
    if kind is bool:
        return click.Option([f"{flag}/--no-{flag[2:]}"], default=None, help=text)
    if option.kind:
        return click.Option([flag], type=entry_of(option.kind), metavar="NAME", default=None, help=text)
    return click.Option([flag], type=_click_type(kind), default=None, help=text)


def _click_type(kind: Any) -> Any:
    if typing.get_origin(kind) is typing.Literal:
        return click.Choice(typing.get_args(kind))
    if typing.get_origin(kind) is tuple:
        return _Words() if str in typing.get_args(kind) else _Numbers()
    return {int: _OrSchedule(Whole()), float: _OrSchedule(Number())}.get(kind, kind)


def _without_none(kind: Any) -> Any:
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        return next(each for each in typing.get_args(kind) if each is not type(None))
    return kind


def _show(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
