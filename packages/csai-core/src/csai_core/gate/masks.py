"""Action masks: what is taken for one, and in what form everybody else gets it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from csai_core.gate.arrays import shortened
from csai_core.gate.values import Improper

Masks = NDArray[np.int8]


class ActionMasks:
    """Reads the masks of environments with one action space as rows of ones and zeros, a number a choice.

    A row has the choices of a Discrete; those of all components of a MultiDiscrete, one after the other; the
    bits of a MultiBinary that may be one; and those of all parts of a Dict or Tuple, in their order. A Box
    has none. An environment may give such a row; or a tuple with a mask for each component of a
    MultiDiscrete, a dict or tuple with one for each part of a Dict or Tuple, as Gymnasium's `Space.sample`
    takes them. A part without a mask allows everything, and so does an environment that gives none.

    Args:
        space: of the actions of one environment.

    Attributes:
        num_choices: how long a row is.
    """

    def __init__(self, space: spaces.Space[Any]) -> None:
        self._space = space
        self.num_choices = _num_choices(space)
        self._one_of = _one_of(space, 0)

    def read(self, mask: Any, index: int | None = None) -> Masks:
        """One mask as a row, a copy: (num_choices,).

        Raises:
            Improper: if it is none for the space.
        """
        return _read(self._space, mask, "action mask", index)

    def stack(self, masks: Sequence[Any]) -> Masks | None:
        """Masks of some environments as rows, of which None allows everything; None if all are.

        Raises:
            Improper: if one is none for the space, with its position.
        """
        if all(mask is None for mask in masks):
            return None
        rows = np.ones((len(masks), self.num_choices), np.int8)
        for i, mask in enumerate(masks):
            if mask is not None:
                rows[i] = self.read(mask, i)
        return rows

    def batch(self, info: Mapping[str, Any], count: int) -> Masks | None:
        """The masks in the info of a vector environment, (count, num_choices); None if there are none.

        Raises:
            Improper: if one is none for the space.
        """
        given = info.get("action_mask")
        if given is None:
            return None
        present = np.asarray(info.get("_action_mask", np.ones(count, np.bool_)))
        if present.shape != (count,) or present.dtype != np.bool_:
            raise Improper(
                f'Its info["_action_mask"] is {shortened(info["_action_mask"])}; it must be an array of '
                f"{count} bools, which say whose mask is there."
            )
        if (
            isinstance(given, np.ndarray)
            and given.dtype == np.int8
            and given.shape == (count, self.num_choices)
        ):
            rows = np.where(present[:, None], given, np.int8(1))
            if rows.view(np.uint8).max(initial=0) <= 1:
                return rows
        return self.stack(_rows(given, present, count))

    def with_choices(self, rows: Masks, are_over: NDArray[np.bool_] | None) -> Masks:
        """The rows; those that forbid everything allow all where an episode is over: nothing is chosen there.

        Raises:
            Improper: if an episode that goes on has no choice.
        """
        for part in self._one_of:
            for i in np.flatnonzero(~rows[:, part].any(axis=1)):
                if are_over is None or not are_over[i]:
                    raise Improper(
                        f"Its action mask {rows[i].tolist()} forbids every action. Allow at least one, or "
                        "end the episode there.",
                        int(i),
                    )
                rows[i, part] = 1
        return rows


def _num_choices(space: spaces.Space[Any]) -> int:
    if isinstance(space, spaces.Discrete):
        return int(space.n)
    if isinstance(space, spaces.MultiDiscrete):
        return int(space.nvec.sum())
    if isinstance(space, spaces.MultiBinary):
        return int(np.prod(space.shape))
    return sum(_num_choices(part) for _, part in _parts(space))


def choices_of(space: spaces.Space[Any], action: Any, start: int = 0) -> list[int]:
    """The columns of a mask of which all must be allowed for an action to be; of a Box there are none.

    Args:
        space: of the actions.
        action: one of them.
        start: which column the space begins at.
    """
    if isinstance(space, spaces.Discrete):
        return [start + int(action) - int(space.start)]
    if isinstance(space, spaces.MultiDiscrete):
        sizes, begins = space.nvec.ravel(), np.ravel(space.start)
        firsts = start + np.cumsum(sizes) - sizes
        return (firsts + np.ravel(action) - begins).astype(int).tolist()  # type: ignore[no-any-return]
    if isinstance(space, spaces.MultiBinary):
        return (start + np.flatnonzero(np.ravel(action))).tolist()
    columns: list[int] = []
    for name, part in _parts(space):
        columns += choices_of(part, action[name], start)
        start += _num_choices(part)
    return columns


def _one_of(space: spaces.Space[Any], start: int) -> list[slice]:
    """The columns in each of which at least one choice must be allowed."""
    if isinstance(space, spaces.Discrete):
        return [slice(start, start + int(space.n))]
    if isinstance(space, spaces.MultiDiscrete):
        ends = start + np.cumsum(space.nvec.ravel())
        return [slice(int(end - n), int(end)) for n, end in zip(space.nvec.ravel(), ends, strict=True)]
    found = []
    for _, part in _parts(space):
        found += _one_of(part, start)
        start += _num_choices(part)
    return found


def _parts(space: spaces.Space[Any]) -> list[tuple[Any, spaces.Space[Any]]]:
    if isinstance(space, spaces.Dict):
        return list(space.spaces.items())
    return list(enumerate(space.spaces)) if isinstance(space, spaces.Tuple) else []


def _read(space: spaces.Space[Any], mask: Any, path: str, index: int | None) -> Masks:
    parts, size = _parts(space), _num_choices(space)
    if isinstance(space, spaces.Dict) and isinstance(mask, Mapping):
        if unknown := [name for name in mask if name not in space.spaces]:
            names = ", ".join(map(repr, space.spaces))
            raise Improper(f"Its {path} has a part {unknown[0]!r}; the action has {names}.", index)
        masks = [mask.get(name) for name, _ in parts]
    elif isinstance(space, spaces.Tuple) and isinstance(mask, tuple) and len(mask) == len(parts):
        masks = list(mask)
    else:
        return _row(mask, size, space, path, index)
    rows = [
        np.ones(_num_choices(part), np.int8)
        if each is None
        else _read(part, each, f"{path}[{name!r}]", index)
        for each, (name, part) in zip(masks, parts, strict=True)
    ]
    return np.concatenate(rows)


def _row(mask: Any, size: int, space: spaces.Space[Any], path: str, index: int | None) -> Masks:
    if size == 0:
        raise Improper(f"It gave an {path}, but actions of {space} are numbers and take none.", index)
    try:
        if isinstance(space, spaces.MultiDiscrete) and isinstance(mask, tuple):
            mask = np.concatenate([np.ravel(each) for each in mask])
        row = np.asarray(mask)
    except (ValueError, TypeError, RuntimeError):
        row = np.zeros(0)
    if row.size != size or row.dtype.kind not in "biuf" or not ((row == 0) | (row == 1)).all():
        raise Improper(
            f"Its {path} is {shortened(mask)}; for {space} it must be an array of {size} ones and zeros, 1 "
            "where a choice is allowed.",
            index,
        )
    return row.reshape(size).astype(np.int8)


def _rows(given: Any, present: Any, count: int) -> list[Any]:
    """The masks of the single environments, as infos of vector environments keep them; None where none is."""
    if isinstance(given, Mapping):
        names = [name for name in given if f"_{name}" in given]
        parts = {name: _rows(given[name], given[f"_{name}"], count) for name in names}
        return [{name: rows[i] for name, rows in parts.items()} if present[i] else None for i in range(count)]
    if not hasattr(given, "__len__") or len(given) != count:
        raise Improper(f'Its info["action_mask"] is {shortened(given)}; it must have {count} rows.')
    return [given[i] if present[i] else None for i in range(count)]
