"""What a notebook shows of a shell and of its attributes."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np

from csai_core import notebooks
from csai_core.errors import CsaiError

if TYPE_CHECKING:
    from csai_core.shell.attributes import Attribute
    from csai_core.shell.shell import Shell

_MOST_NUMBERS = 8


def shell_card(shell: Shell) -> str:
    """Its name, its attributes with their spaces and values, and its picture where it can be drawn now."""
    facts: dict[str, object] = {}
    with suppress(CsaiError):  # as of a shell that has no attributes yet
        facts |= {"observations": shell.observation_space, "actions": shell.action_space}
    facts |= {f"· {each.name}": f"{value_in_words(each)}, in {each.space}" for each in shell._attributes}
    return notebooks.card(shell.environment_name, facts, _picture(shell))


def attribute_card(attribute: Attribute) -> str:
    """Its name, its space and its value."""
    facts = {"space": attribute.space, "value": value_in_words(attribute)}
    return notebooks.card(f"{type(attribute).__name__} {attribute.name}", facts)


def value_in_words(attribute: Attribute) -> str:
    """The present value, of large arrays the form; whatever keeps it from being read says that."""
    try:
        value: Any = attribute.data
    except Exception as error:
        return f"cannot be read now: {type(error).__name__}"
    if np.size(value) <= _MOST_NUMBERS:
        return str(value.tolist() if isinstance(value, np.ndarray) else value)
    array = np.asarray(value)
    return f"{' x '.join(map(str, array.shape))} numbers from {array.min():g} to {array.max():g}"


def _picture(shell: Shell) -> str:
    """The frame that a person would see; empty where there is none, as before the first reset."""
    with suppress(Exception):
        if shell.has_frames:
            frame = np.ascontiguousarray(shell.render_frame(), np.uint8)
            return notebooks.image(notebooks.png(frame), "png", f"{shell.environment_name} as it is now")
    return ""
