"""What an agent thinks of a state: plain values that every view of it draws, and JSON can hold."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from csai_core import trees
from csai_core.algorithm import Outlook
from csai_core.gate import ActionMasks

__all__ = ["Amount", "Explanation", "Options", "explain_batch", "plain_action"]


@dataclass(frozen=True)
class Options:
    """A choice among some: all of a Discrete action, a number of a MultiDiscrete, a bit of a MultiBinary."""

    name: str
    """Which part of the action it is; empty where it is all of it."""
    names: tuple[str, ...]
    """Of what there is to choose from."""
    chosen: int
    """Which is taken, counted from 0."""
    values: tuple[float, ...] | None
    """The return that is expected after each; None where it is not known."""
    chances: tuple[float, ...] | None
    """How often the policy takes each, from 0 to 1; None where it is not known."""
    allowed: tuple[bool, ...]
    """Which are."""


@dataclass(frozen=True)
class Amount:
    """A number of a Box action."""

    name: str
    """Which part of the action it is; empty where it is all of it."""
    chosen: float
    """How much is taken."""
    low: float | None
    """The least that can be taken; None without a bound."""
    high: float | None
    """The most that can be taken; None without a bound."""
    mean: float | None
    """Of the policy's normal distribution; None where it is not known."""
    deviation: float | None
    """Its standard deviation; None where it is not known."""


@dataclass(frozen=True)
class Explanation:
    """What an agent does in a state, and why."""

    action: Any
    """What it does, in plain numbers, lists and dicts."""
    parts: tuple[Options | Amount, ...]
    """Its decisions, one by one: a single one for a Discrete action."""
    value: float | None
    """The return that it expects from here on, discounted; None where it has no opinion."""

    def to_json(self) -> dict[str, Any]:
        """The same in dicts, lists, texts and numbers; each part has the name of its class as "kind"."""
        parts = [{"kind": type(part).__name__.lower(), **asdict(part)} for part in self.parts]
        return {"action": self.action, "parts": parts, "value": self.value}


def explain_batch(
    space: spaces.Space[Any],
    actions: Any,
    outlook: Outlook,
    *,
    action_mask: NDArray[np.int8] | None = None,
    action_names: Sequence[str] | None = None,
) -> list[Explanation]:
    """What an algorithm thinks of some states, one by one, in words and plain numbers.

    Args:
        space: of the actions.
        actions: what is done in each state: a batch of that space.
        outlook: what the algorithm thinks of them.
        action_mask: (number of states, number of actions), 1 where an action is allowed; None when all are.
        action_names: of the actions of a Discrete space; None takes their numbers.
    """
    count = trees.length(actions)
    masks = [None] * count if action_mask is None else list(action_mask.astype(np.bool_))
    return [
        _explain(
            space, trees.take(actions, i), Outlook(*(_row(each, i) for each in outlook)), mask, action_names
        )
        for i, mask in enumerate(masks)
    ]


def _explain(
    space: spaces.Space[Any], action: Any, outlook: Outlook, mask: Any, names: Sequence[str] | None
) -> Explanation:
    """The same of one state; nothing in `outlook` has a batch axis."""
    values = outlook.action_values
    parts = _parts(space, action, outlook.chances, mask, "")
    if isinstance(space, spaces.Discrete) and isinstance(parts[0], Options):
        told = None if values is None else _floats(values)
        parts = [replace(parts[0], names=tuple(names or parts[0].names), values=told)]
    return Explanation(plain_action(action), tuple(parts), _state_value(outlook, mask))


def _state_value(outlook: Outlook, mask: Any) -> float | None:
    """The value that is told, or else that of the best action that is allowed."""
    if outlook.state_value is not None:
        return float(outlook.state_value)
    values = outlook.action_values
    return None if values is None else float(np.max(values if mask is None else values[mask]))


def _parts(
    space: spaces.Space[Any], action: Any, chances: Any, mask: Any, name: str
) -> list[Options | Amount]:
    """The decisions in an action of a space."""
    if isinstance(space, spaces.Dict):
        return _of_dict(space, action, chances, mask, name)
    if isinstance(space, spaces.Discrete):
        names = _numbers(int(space.start), int(space.n))
        return [_options(name, names, int(action) - int(space.start), chances, mask)]
    if isinstance(space, spaces.MultiDiscrete):
        return _of_multi_discrete(space, action, chances, mask, name)
    if isinstance(space, spaces.MultiBinary):
        return _of_multi_binary(space, action, chances, mask, name)
    if isinstance(space, spaces.Box):
        return _of_box(space, action, chances, name)
    return []


def _of_dict(space: spaces.Dict, action: Any, chances: Any, mask: Any, name: str) -> list[Options | Amount]:
    found: list[Options | Amount] = []
    start = 0
    for key, each in space.spaces.items():
        width = ActionMasks(each).num_choices
        own = None if mask is None else mask[start : start + width]
        start += width
        of_part = None if chances is None else chances[key]
        found += _parts(each, action[key], of_part, own if width else None, f"{name} {key}".strip())
    return found


def _of_multi_discrete(
    space: spaces.MultiDiscrete, action: Any, chances: Any, mask: Any, name: str
) -> list[Options | Amount]:
    sizes, starts = space.nvec.ravel(), np.asarray(space.start).ravel()
    chosen = np.asarray(action).ravel() - starts
    edges = np.concatenate([[0], np.cumsum(sizes)])
    return [
        _options(
            f"{name} {i}".strip() if len(sizes) > 1 else name,
            _numbers(int(starts[i]), int(sizes[i])),
            int(chosen[i]),
            None if chances is None else chances[i],
            None if mask is None else mask[edges[i] : edges[i + 1]],
        )
        for i in range(len(sizes))
    ]


def _of_multi_binary(
    space: spaces.MultiBinary, action: Any, chances: Any, mask: Any, name: str
) -> list[Options | Amount]:
    bits = np.asarray(action).ravel()
    ones = None if chances is None else np.asarray(chances).ravel()
    return [
        _options(
            f"{name} {i}".strip() if len(bits) > 1 else name,
            ("0", "1"),
            int(bits[i]),
            None if ones is None else np.array([1.0 - ones[i], ones[i]]),
            None if mask is None else np.array([True, mask[i]]),
        )
        for i in range(len(bits))
    ]


def _of_box(space: spaces.Box, action: Any, chances: Any, name: str) -> list[Options | Amount]:
    numbers = np.asarray(action, np.float64).ravel()
    low, high = (np.broadcast_to(each, space.shape).ravel() for each in (space.low, space.high))
    mean, deviation = (None, None) if chances is None else (each.ravel() for each in chances)
    return [
        Amount(
            f"{name} {i}".strip() if len(numbers) > 1 else name,
            float(numbers[i]),
            _finite(low[i]),
            _finite(high[i]),
            None if mean is None else float(mean[i]),
            None if deviation is None else float(deviation[i]),
        )
        for i in range(len(numbers))
    ]


def _options(name: str, names: tuple[str, ...], chosen: int, chances: Any, mask: Any) -> Options:
    allowed = (True,) * len(names) if mask is None else tuple(bool(each) for each in mask)
    return Options(name, names, chosen, None, None if chances is None else _floats(chances), allowed)


def _row(tree: Any, index: int) -> Any:
    """One row of arrays in dicts and tuples, any of which may be missing."""
    if isinstance(tree, dict):
        return {name: _row(each, index) for name, each in tree.items()}
    if isinstance(tree, tuple):
        return tuple(_row(each, index) for each in tree)
    return None if tree is None else tree[index]


def _numbers(start: int, count: int) -> tuple[str, ...]:
    return tuple(str(start + i) for i in range(count))


def _floats(numbers: Any) -> tuple[float, ...]:
    return tuple(float(each) for each in numbers)


def _finite(bound: Any) -> float | None:
    return float(bound) if math.isfinite(bound) else None


def plain_action(action: Any) -> Any:
    """An action in plain numbers, lists and dicts."""
    if isinstance(action, Mapping):
        return {name: plain_action(each) for name, each in action.items()}
    if isinstance(action, (tuple, list)):
        return [plain_action(each) for each in action]
    return action.tolist() if isinstance(action, (np.ndarray, np.generic)) else action
