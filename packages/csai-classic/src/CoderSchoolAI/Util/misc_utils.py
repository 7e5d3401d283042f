"""Swapping a method of one object, as lessons do."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from types import MethodType
from typing import Any


def register_function(instance: Any, method_name: str, new_method: Callable[..., Any]) -> None:
    """Give one object a method of its own, such as `render_env`; others of its class keep theirs.

    Args:
        instance: the object.
        method_name: what the method is called.
        new_method: the function; it is given the object first, as methods are.
    """
    is_static = isinstance(inspect.getattr_static(type(instance), method_name, None), staticmethod)
    setattr(instance, method_name, new_method if is_static else MethodType(new_method, instance))
