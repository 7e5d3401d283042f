"""Spaces in words, exact enough to tell whether two are the same."""

from __future__ import annotations

import hashlib
from typing import Any

from gymnasium import spaces


def describe(space: spaces.Space[Any]) -> str:
    """A space as it prints, with a digest of what that leaves out: every bound of every Box."""
    digest = hashlib.sha256()
    for box in _boxes(space):
        digest.update(box.low.tobytes() + box.high.tobytes())
    return f"{space} #{digest.hexdigest()[:8]}"


def _boxes(space: spaces.Space[Any]) -> list[spaces.Box]:
    if isinstance(space, spaces.Box):
        return [space]
    parts: Any = ()
    if isinstance(space, spaces.Dict):
        parts = space.spaces.values()
    elif isinstance(space, spaces.Tuple):
        parts = space.spaces
    return [box for part in parts for box in _boxes(part)]
