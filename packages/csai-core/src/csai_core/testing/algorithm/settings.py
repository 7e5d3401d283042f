"""A check that every setting of an algorithm is read by it: one that nobody reads has no effect."""

from __future__ import annotations

import contextlib
import dataclasses
import inspect
import sys
from collections.abc import Callable, Iterator
from types import CodeType, FrameType, FunctionType
from typing import Any

import numpy as np

from csai_core.testing.algorithm.acting import batch
from csai_core.testing.algorithm.base import AlgorithmChecks
from csai_core.testing.algorithm.session import Session
from csai_core.testing.suite import fail

_NOT_ITS_OWN = ("num_envs",)
"""What the training reads for it."""


class SettingsChecks(AlgorithmChecks):
    """What it makes of its settings."""

    def test_every_setting_is_read(self) -> None:
        """Each field of the config is asked for while it is made, acts and learns, or could be."""
        config = self.config_class()
        if not dataclasses.is_dataclass(config):
            return  # another check says so
        names = [field.name for field in dataclasses.fields(config) if field.init]
        left = [name for name in names if name not in _NOT_ITS_OWN]
        with _reads(config) as read:
            for spaces in self.few:
                session = self.session(spaces)
                _use(session, self.wait(spaces) + 3)
                left = [name for name in left if name not in read]
                if not left:
                    return
        mentioned = names_used_by(type(session.algorithm), config)  # as where another setting says so
        if left := [name for name in left if name not in mentioned]:
            fail(
                f"Its config has {left[0]}, which nobody reads while it is made, acts and learns: whatever "
                f"is set there has no effect. Read config.{left[0]} where it counts, or leave it out of the "
                "config."
            )


def _use(session: Session, num_steps: int) -> None:
    """Do with one whatever may be done; what goes wrong is other checks' business."""
    algorithm = session.algorithm
    uses: tuple[Callable[[], Any], ...] = (
        lambda: session.go(num_steps),
        session.thinks,
        session.state,
        lambda: algorithm.sample(batch(session, 3), np.random.default_rng(5)),
        algorithm.describe,
        algorithm.first_update,
        algorithm.cut_episodes,
        algorithm.learned,
    )
    for use in uses:
        with contextlib.suppress(Exception):
            use()


def names_used_by(kind: type, config: Any) -> set[str]:
    """All names and texts in the code of a class, and in what of its package it calls; not in mere checks."""
    package, found = kind.__module__.partition(".")[0], set[str]()
    check = getattr(config, "__post_init__", None)
    is_check = isinstance(check, FunctionType) and not _names_in(check.__code__) & {"__setattr__", "setattr"}
    seen: set[Any] = {check} if is_check else set()
    waiting: list[Any] = [kind, config]
    while waiting:
        each = waiting.pop()
        if isinstance(each, type):
            waiting += [function for function in _functions_of(each) if function not in seen]
            continue
        seen.add(each)
        names = _names_in(each.__code__)
        found |= names
        for name in names & each.__globals__.keys():
            used = each.__globals__[name]
            parts = [vars(used).get(part) for part in names] if inspect.ismodule(used) else [used]
            for part in parts:
                is_code = isinstance(part, (type, FunctionType)) and part not in seen
                if is_code and part.__module__.partition(".")[0] == package:
                    waiting.append(part)
                    seen.update([part] if isinstance(part, type) else [])
    return found


def _functions_of(kind: type) -> list[FunctionType]:
    """The functions of a class, and those of the same name above it that they may call by `super`.

    What a dataclass is given, such as __init__ and __eq__, names all of its fields, and is left out.
    """
    found: list[FunctionType] = []
    for name in dir(kind):
        for each in kind.__mro__:
            function = _plain(vars(each).get(name))
            if function is None or function.__code__.co_filename == "<string>":
                continue
            found.append(function)
            if "super" not in function.__code__.co_names:
                break
    return found


def _plain(value: Any) -> FunctionType | None:
    """The function of a method, property or cached property."""
    for part in ("__func__", "fget", "func"):
        value = getattr(value, part, value)
    return value if isinstance(value, FunctionType) else None


def _names_in(code: CodeType) -> set[str]:
    inner = [each for each in code.co_consts if isinstance(each, CodeType)]
    texts = {each for each in code.co_consts if isinstance(each, str)}
    return set(code.co_names) | texts | {name for each in inner for name in _names_in(each)}


@contextlib.contextmanager
def _reads(kind: Any) -> Iterator[set[str]]:
    """Which fields of a dataclass are read meanwhile, but where all are gone through, or only checked."""
    names = {field.name for field in dataclasses.fields(kind)}
    read: set[str] = set()
    own, usual = vars(kind).get("__getattribute__"), kind.__getattribute__

    def noting(self: Any, name: str) -> Any:
        if name in names or name == "__dict__":
            frame = sys._getframe(1)
            if _gives_all_away(frame, name):
                read.update(names)
            elif name in names and not _goes_through_all(frame):
                read.add(name)
        return usual(self, name)

    kind.__getattribute__ = noting
    try:
        yield read
    finally:
        if own is None:
            del kind.__getattribute__
        else:
            kind.__getattribute__ = own


def _gives_all_away(frame: FrameType, name: str) -> bool:
    """Whether somebody takes all settings as a dict or tuple, so that what is read of them cannot be told."""
    module = str(frame.f_globals.get("__name__"))
    if module == "dataclasses":
        return "replace" not in frame.f_code.co_name and not _is_ours(frame.f_back)
    return name == "__dict__" and module != "copy" and not _is_ours(frame)


def _goes_through_all(frame: FrameType) -> bool:
    """Whether a field is read as every field is: to be copied, shown, compared or checked."""
    return (
        frame.f_globals.get("__name__") in ("dataclasses", "copy")
        or _is_ours(frame)
        or frame.f_code.co_filename == "<string>"  # what dataclass() writes: __repr__, __eq__, __hash__
        or frame.f_code.co_name == "__post_init__"
    )


def _is_ours(frame: FrameType | None) -> bool:
    while frame is not None and frame.f_globals.get("__name__") == "dataclasses":
        frame = frame.f_back
    return frame is not None and str(frame.f_globals.get("__name__")).startswith("csai_core.")
