"""Configuration dataclasses that explain themselves: each field's docstring is its help text.

@dataclass(frozen=True, kw_only=True)
class PPOConfig:
    gamma: float = 0.99
    \"\"\"Discount. Nearer 1 looks further ahead and learns more slowly; usual 0.95 to 0.999.\"\"\"
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import itertools
import math
import textwrap
import threading
import typing
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from csai_core.arguments import is_integer, is_number
from csai_core.errors import ConfigError, CsaiError, UnknownNameError
from csai_core.ranges import RANGE, Choices, Range
from csai_core.schedules import CHANGING, EXAMPLES, Schedule, is_schedule, schedules_of

_one_at_a_time = threading.Lock()
"""Held while sources are parsed: two threads that do so at once make Python 3.11 raise SystemError."""


@dataclasses.dataclass(frozen=True)
class Option:
    """One field of a configuration: its name, type, default and explanation."""

    name: str
    type: Any
    default: Any
    explanation: str
    kind: str = ""
    """The kind of what it names, such as "buffers", as the field says in its metadata; else empty."""
    may_change: bool = False
    """Whether it takes a schedule too, by which it changes over a training."""
    range: Range | Choices | None = None
    """Where `csai tune` searches for it, as the field says in its metadata; None where nobody does."""


def describe(config_class: type) -> list[Option]:
    """The options of a configuration dataclass, in the order of its fields.

    Raises:
        ConfigError: if it is no dataclass, a field has no default, one is said to change that is no float, or
            its range is none, or one of numbers where it is no number.
    """
    if not dataclasses.is_dataclass(config_class):
        raise ConfigError(f"{config_class!r} is given as a configuration; it must be a dataclass.")
    types = typing.get_type_hints(config_class)
    explanations = _field_docstrings(config_class)
    return [
        Option(
            field.name,
            types[field.name],
            _default(config_class, field),
            explanations.get(field.name, ""),
            str(field.metadata.get("kind", "")),
            _may_change(config_class, field, types[field.name]),
            _range(config_class, field, types[field.name]),
        )
        for field in dataclasses.fields(config_class)
    ]


def build(config_class: type, values: Mapping[str, Any]) -> Any:
    """A configuration with some of its fields given.

    Raises:
        UnknownNameError: if a field does not exist, with the nearest name.
        ConfigError: if a value has the wrong type or cannot work.
    """
    options = {option.name: option for option in describe(config_class)}
    for name in values:
        if name not in options:
            raise UnknownNameError.of(f"option of {config_class.__name__}", name, options)
    made = config_class(
        **{
            name: _taken(config_class, name, value, options[name].type, may_change=options[name].may_change)
            for name, value in values.items()
        }
    )
    _check_ends(made)
    return made


def check_types(config: Any) -> None:
    """Refuse a configuration with a value of another type than its field says, first in `__post_init__`.

    Numbers of numpy become those of Python, integers where a float is wanted floats, lists tuples, and
    texts that say a schedule schedules, at both ends of which the configuration must work.

    Raises:
        ConfigError: naming the field and what it must be. A float must be finite.
    """
    config_class = type(config)
    types = typing.get_type_hints(config_class)
    for field in dataclasses.fields(config):
        value = _taken(
            config_class,
            field.name,
            getattr(config, field.name),
            types[field.name],
            may_change=CHANGING in field.metadata,
        )
        object.__setattr__(config, field.name, value)  # it may be frozen
    _check_ends(config)


def as_plain(config: Any) -> dict[str, Any]:
    """The fields of a configuration by name, as files hold them: schedules as text, which `build` takes."""

    def plain(fields: list[tuple[str, Any]]) -> dict[str, Any]:
        return {name: str(value) if isinstance(value, Schedule) else value for name, value in fields}

    return dataclasses.asdict(config, dict_factory=plain)


def configure(config_class: type, config: Any) -> Any:
    """The configuration that somebody means: one that is made already, a dict of some fields, or None.

    Raises:
        UnknownNameError, ConfigError: as `build`.
        ConfigError: if it is a configuration of something else.
    """
    if config is None or isinstance(config, Mapping):
        return build(config_class, config or {})
    if not isinstance(config, config_class):
        raise ConfigError(
            f"The config is {config!r}; it must be a {config_class.__name__}, or a dict of its fields."
        )
    return config


def require(condition: bool, config: object, name: str, requirement: str) -> None:
    """Refuse a configuration value that cannot work; for use in `__post_init__`.

    Raises:
        ConfigError: unless `condition` holds, naming the field, its value and the requirement.
    """
    if not condition:
        raise ConfigError(
            f"{type(config).__name__}.{name} is {getattr(config, name)!r}; it must be {requirement}."
        )


def _check_ends(config: Any) -> None:
    """Refuse schedules at whose ends a configuration cannot work.

    What must be above a limit may end at it, as a learning rate does at 0: it comes as near as numbers can.

    Raises:
        ConfigError: naming the field and its schedule.
    """
    schedules = schedules_of(config)
    if not schedules:
        return
    almost = {name: math.nextafter(each.end, each.start) for name, each in schedules.items()}
    with suppress(ValueError):
        dataclasses.replace(config, **{name: each.end for name, each in schedules.items()})
        return
    try:
        dataclasses.replace(config, **almost)
    except ValueError as error:
        for name, schedule in schedules.items():
            if f".{name} is " in str(error):
                told = str(error).replace(repr(almost[name]), repr(schedule.end))
                raise ConfigError(f"{told} That is where {schedule} ends.") from None
        raise


def _default(config_class: type, field: dataclasses.Field[Any]) -> Any:
    if field.default is not dataclasses.MISSING:
        return field.default
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    raise ConfigError(f"{config_class.__name__}.{field.name} has no default; every option needs one.")


def _may_change(config_class: type, field: dataclasses.Field[Any], kind: Any) -> bool:
    """Whether a field takes a schedule.

    Raises:
        ConfigError: if it says so, and holds no float.
    """
    may_change = CHANGING in field.metadata
    if may_change and float not in _alternatives(kind):
        raise ConfigError(
            f"{config_class.__name__}.{field.name} is said to change, but is {_in_words(kind)}; only a float "
            "or float | None can change over a training."
        )
    return may_change


def _range(config_class: type, field: dataclasses.Field[Any], kind: Any) -> Range | Choices | None:
    """Where a field is searched for.

    Raises:
        ConfigError: if what it says is no range, or one of numbers that the field does not hold.
    """
    found: object = field.metadata.get(RANGE)
    kinds = _alternatives(kind)
    is_whole = isinstance(found, Range) and is_integer(found.low) and is_integer(found.high)
    if found is None or isinstance(found, Choices) or (isinstance(found, Range) and float in kinds):
        return found
    if isinstance(found, Range) and int in kinds and is_whole:
        return found
    raise ConfigError(
        f"{config_class.__name__}.{field.name} is {_in_words(kind)} and has the range {str(found)!r}; give a "
        "csai_core.ranges.Range to a number, with whole ends to an integer, and Choices to anything else."
    )


def _field_docstrings(config_class: type) -> dict[str, str]:
    """Field name -> the string literal that stands right below it in the source."""
    found: dict[str, str] = {}
    for cls in reversed(config_class.__mro__[:-1]):
        body = _class_body(cls)
        for statement, following in itertools.pairwise(body):
            if (
                isinstance(statement, ast.AnnAssign)
                and isinstance(statement.target, ast.Name)
                and isinstance(following, ast.Expr)
                and isinstance(following.value, ast.Constant)
                and isinstance(following.value.value, str)
            ):
                found[statement.target.id] = inspect.cleandoc(following.value.value)
    return found


def _class_body(cls: type) -> list[ast.stmt]:
    """The statements of a class; none where its source is not at hand, as in an interactive session."""
    try:
        with _one_at_a_time:
            source = inspect.getsource(cls)
    except (OSError, TypeError):
        return []
    with _one_at_a_time:
        tree = ast.parse(textwrap.dedent(source)).body[0]
    return tree.body if isinstance(tree, ast.ClassDef) else []


def _alternatives(kind: Any) -> tuple[Any, ...]:
    return typing.get_args(kind) if typing.get_origin(kind) in _UNIONS else (kind,)


def _taken(config_class: type, name: str, value: Any, kind: Any, *, may_change: bool) -> Any:
    """A value as its field holds it.

    Raises:
        ConfigError: if it is of another type, or a schedule where nothing may change.
    """
    given, why = repr(value), ""
    if may_change and isinstance(value, str):
        try:
            value = Schedule.parse(value)
        except CsaiError as error:
            why = f" {error}" if is_schedule(value) else ""
    if may_change and isinstance(value, Schedule):
        return value
    if _is_instance(value, kind):
        return _coerce(value, kind)
    wanted = _in_words(kind)
    if may_change:
        wanted += f", or a schedule such as {EXAMPLES}"
    elif is_schedule(value):
        why = f" It cannot change over a training; {_what_may_change(config_class)}."
    raise ConfigError(f"{config_class.__name__}.{name} was given {given}; it must be {wanted}.{why}")


def _what_may_change(config_class: type) -> str:
    names = [option.name for option in describe(config_class) if option.may_change]
    return f"what may is {', '.join(names)}" if names else f"nothing of {config_class.__name__} may"


def _is_instance(value: Any, kind: Any) -> bool:
    return any(_is_one_of(value, each) for each in _alternatives(kind))


def _is_one_of(value: Any, kind: Any) -> bool:
    origin = typing.get_origin(kind)
    if origin is typing.Literal:
        return any(type(value) is type(each) and value == each for each in typing.get_args(kind))
    if origin is tuple:
        return isinstance(value, (list, tuple)) and _are_instances(value, typing.get_args(kind))
    if kind in _CHECKS:
        return _CHECKS[kind](value)
    return kind is Any or isinstance(value, origin or kind)


def _are_instances(values: Sequence[Any], kinds: tuple[Any, ...]) -> bool:
    """Whether the items of a tuple are what `tuple[int, ...]` or `tuple[int, float]` says."""
    if kinds[-1] is Ellipsis:
        kinds = (kinds[0],) * len(values)
    return len(values) == len(kinds) and all(map(_is_instance, values, kinds))


def _coerce(value: Any, kind: Any) -> Any:
    kinds = _alternatives(kind)
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, (list, tuple)) and any(typing.get_origin(each) is tuple for each in kinds):
        return tuple(each.item() if isinstance(each, np.generic) else each for each in value)
    if isinstance(value, int) and not isinstance(value, bool) and float in kinds and int not in kinds:
        return float(value)
    return value


def _in_words(kind: Any) -> str:
    names = []
    for each in _alternatives(kind):
        if typing.get_origin(each) is typing.Literal:
            names += [repr(value) for value in typing.get_args(each)]
        else:
            plain = isinstance(each, type) and not typing.get_args(each)
            names.append(_WORDS.get(each) or (each.__name__ if plain else str(each)))
    return " or ".join(names)


_CHECKS: dict[Any, Callable[[object], bool]] = {
    int: is_integer,
    float: is_number,
    bool: lambda value: isinstance(value, (bool, np.bool_)),
}
_WORDS = {
    int: "an integer",
    float: "a finite number",
    bool: "True or False",
    str: "a text",
    type(None): "None",
    tuple[int, ...]: "several integers, such as (64, 64)",
    tuple[str, ...]: "several texts",
}
_UNIONS = (typing.Union, type(int | str))
