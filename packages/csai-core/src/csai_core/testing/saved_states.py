"""What a saved state must be: storable without pickle, and nobody's memory but its own."""

from __future__ import annotations

from typing import Any

import numpy as np

from csai_core.testing.compare import difference
from csai_core.testing.suite import fail


def check_plain(value: Any, path: str) -> None:
    """Refuse a saved state that could not be stored without pickle."""
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                fail(f"{path} has the key {key!r}; use texts as keys, so that any format can store it.")
            check_plain(item, f"{path}[{key!r}]")
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            check_plain(item, f"{path}[{index}]")
    elif isinstance(value, np.ndarray):
        if value.dtype.kind not in "biufc":
            fail(f"{path} is an array of {value.dtype}; keep numbers in it.")
    elif not isinstance(value, (bool, int, float, str, np.generic, type(None))):
        fail(
            f"{path} is a {type(value).__name__}; state_dict holds only numbers, texts, lists, dicts and "
            "arrays, so that it can be stored without pickle."
        )


def check_given_stays(then: Any, now: Any) -> None:
    """Refuse a state that was given by `state_dict` and is another by now."""
    if found := difference(then, now, "state_dict()"):
        fail(f"A saved state was changed by later steps: {found}. Put copies into it.")


def check_taken_stays(then: Any, now: Any) -> None:
    """Refuse a state that was taken by `load_state_dict` and is another by now."""
    if found := difference(then, now, "the state"):
        fail(f"A state that was loaded is changed by later steps: {found}. Take copies of it.")
