"""Every error by its name, and what its class says of it: `csai docs RunError` and the site read it here."""

from __future__ import annotations

import importlib

from csai_core.docstrings import prose
from csai_core.errors import CsaiError
from csai_core.plugins import installed


def known_errors() -> dict[str, type[CsaiError]]:
    """The errors that the modules `errors` of all plugins' packages define, ours among them."""
    found: dict[str, type[CsaiError]] = {}
    for package in sorted({record.module.partition(".")[0] for record in installed().records}):
        try:
            module = importlib.import_module(f"{package}.errors")
        except ImportError:
            continue
        for name, value in vars(module).items():
            is_error = isinstance(value, type) and issubclass(value, CsaiError)
            if is_error and value.__module__ == module.__name__:
                found.setdefault(name, value)
    return found


def explained(error: type[CsaiError]) -> list[str]:
    """What an error means, what usually causes it and what helps, a paragraph each, as its class says."""
    return [" ".join(paragraph.split()) for paragraph in prose(error.__doc__ or "").split("\n\n")]
