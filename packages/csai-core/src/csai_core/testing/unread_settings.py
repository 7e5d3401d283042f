"""Settings that a constructor takes and that decide nothing, as the code of their class shows."""

from __future__ import annotations

import ast
import inspect
import re
import sys
import textwrap
import types
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from csai_core.testing.suite import fail

_NOT_ITS_OWN = ("gymnasium", "csai_core", "builtins", "typing")
"""Packages whose classes are not looked into."""
_ASKED_BY_OTHERS = frozenset({"env", "num_envs", "render_mode"})
"""What Gymnasium hands over, whether it means something or not."""
_CONVERSIONS = frozenset({"bool", "float", "int"})
_FORWARDS = frozenset({"locals", "vars"})


def check_settings(made: type, whose: str) -> None:
    """Refuse a class whose constructor takes a setting that nothing reads.

    Args:
        made: the class.
        whose: constructor it is, as a message begins.

    Raises:
        ConformanceError: naming the setting.
    """
    for name in unread_settings(made):
        fail(
            f"{whose} __init__, of {made.__name__}, takes {name}, and nothing reads it, so that whoever "
            f"sets it changes nothing. Let {name} decide what its name says, or do not take it."
        )


def unread_settings(made: type) -> list[str]:
    """The arguments of a class's constructor that it drops, or keeps in a variable that no code reads.

    Whatever is done with an argument besides keeping it counts as reading; texts may be names for people.
    """
    init: Any = made.__init__  # type: ignore[misc]
    if not isinstance(init, types.FunctionType) or _is_of_others(init):
        return []
    tree = _parsed(init)
    if tree is None:
        return []
    uses, found = _uses(tree), []
    for each in list(inspect.signature(init).parameters.values())[1:]:
        if each.name in _ASKED_BY_OTHERS or not _is_setting(each) or isinstance(each.default, str):
            continue
        kept = _kept_as(tree, each.name)
        if uses[each.name] == len(kept) and not any(_is_read(made, tree, variable) for variable in kept):
            found.append(each.name)
    return found


def dropped_arguments(target: Callable[..., Any]) -> list[str]:
    """The arguments that a function, or the constructor of a class, takes and never names again."""
    function: Any = inspect.unwrap(target.__init__ if isinstance(target, type) else target)  # type: ignore[misc]
    tree = _parsed(function)
    if tree is None:
        return []
    uses, parameters = _uses(tree), inspect.signature(target).parameters.values()
    return [each.name for each in parameters if _is_setting(each) and not uses[each.name]]


def _is_of_others(thing: Any) -> bool:
    """Whether a class or function is of a package that is not looked into; code without a file is of none."""
    return str(thing.__module__).partition(".")[0] in _NOT_ITS_OWN


def _is_setting(parameter: inspect.Parameter) -> bool:
    return parameter.kind in _NAMED and parameter.name[0] != "_"


_NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


def _parsed(function: Any) -> ast.AST | None:
    """The code of a function; None where it is not to be had, or hands on whatever it was given."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return None
    return None if _FORWARDS & _uses(tree).keys() else tree


def _uses(tree: ast.AST) -> Counter[str]:
    """How often code reads each name."""
    names = (each for each in ast.walk(tree) if isinstance(each, ast.Name))
    return Counter(each.id for each in names if not isinstance(each.ctx, ast.Store))


def _kept_as(tree: ast.AST, parameter: str) -> list[str]:
    """The variables of self that an argument is put into as it is, once for each time."""
    kept = []
    for each in ast.walk(tree):
        value = each.value if isinstance(each, (ast.Assign, ast.AnnAssign)) else None
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and len(value.args) == 1:
            value = value.args[0] if value.func.id in _CONVERSIONS else None
        if isinstance(value, ast.Name) and value.id == parameter:
            targets = each.targets if isinstance(each, ast.Assign) else [each.target]  # type: ignore[attr-defined]
            kept += [target.attr for target in targets if isinstance(target, ast.Attribute)][:1]
    return kept


def _is_read(made: type, init: ast.AST, variable: str) -> bool:
    """Whether any code that may run reads a variable of an object."""
    if any(
        isinstance(each, ast.Attribute) and each.attr == variable and isinstance(each.ctx, ast.Load)
        for each in ast.walk(init)
    ):
        return True
    if any(_mentions(code, variable) for code in _codes_that_run(made)):
        return True
    own = {each.__module__ for each in made.__mro__}
    return any(
        re.search(rf"\b{re.escape(variable)}\b", file.read_text(encoding="utf-8", errors="replace"))
        for file in _files_beside(sys.modules.get(made.__module__))
        if not any(getattr(sys.modules.get(name), "__file__", None) == str(file) for name in own)
    )


def _codes_that_run(made: type) -> Iterator[types.CodeType]:
    """The methods that calls reach, and the functions and unrelated classes of their modules."""
    related = {each for each in made.__mro__ if not _is_of_others(each)}
    for name in dir(made):
        for each in made.__mro__:
            if name in vars(each) and name != "__init__":
                codes = list(_codes_in(vars(each)[name]))
                yield from codes
                if not any("super" in code.co_names for code in codes):
                    break
    for module in {each.__module__ for each in related}:
        for value in vars(sys.modules.get(module, object)).values():
            if isinstance(value, type) and value.__module__ == module and not related & {*value.__mro__}:
                for each in vars(value).values():
                    yield from _codes_in(each)
            elif isinstance(value, types.FunctionType):
                yield from _codes_in(value)


def _codes_in(member: Any) -> Iterator[types.CodeType]:
    for each in (member, *(getattr(member, name, None) for name in ("fget", "fset", "func", "__func__"))):
        code = getattr(inspect.unwrap(each) if callable(each) else each, "__code__", None)
        if isinstance(code, types.CodeType):
            yield code


def _mentions(code: types.CodeType, name: str) -> bool:
    """Whether code has a name, as a variable of something or as a text."""
    if name in code.co_names or name in code.co_consts:
        return True
    return any(_mentions(each, name) for each in code.co_consts if isinstance(each, types.CodeType))


def _files_beside(module: types.ModuleType | None) -> list[Path]:
    """The files of the package in whose folder a module is; none where it is in no package."""
    file = getattr(module, "__file__", None)
    if module is None or file is None or "." not in module.__name__:
        return []
    return sorted(Path(file).parent.rglob("*.py"))
