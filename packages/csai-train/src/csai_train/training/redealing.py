"""Going on with as many processes as a checkpoint comes from, exactly, or with others, from new episodes.

With as many, each process has its own part again. With others, what all of them know, such as weights and
optimizer, is taken from the first; what replay memories hold is dealt again; what depends on which
environments a process has, such as episodes and rollouts under way, begins again; and so do random numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from csai_core import trees
from csai_core.algorithm import Algorithm
from csai_train.errors import CheckpointError
from csai_train.group import Group
from csai_train.runs.checkpoint import PROCESSES

_REPLAY = {"capacity", "columns", "drawable", "total", "waiting", "generator"}
"""What a replay buffer keeps that can be dealt."""
_OF_ENVIRONMENTS = ("rollout", "joiner")
"""What belongs to the environments of one process."""


def as_dealt(state: Mapping[str, Any] | None, group: Group) -> tuple[Mapping[str, Any] | None, str]:
    """This process's part of what a checkpoint holds.

    Args:
        state: the checkpoint's; only the first process has it.
        group: the processes that go on with it.

    Returns:
        It, and why the training does not go on exactly; empty where it does.

    Raises:
        CheckpointError: if a replay memory cannot be dealt to other processes.
    """
    known = None if state is None else state.get("num_processes", 1)
    before = group.broadcast_state(known)
    if before is None:
        return None, ""
    parts: list[Mapping[str, Any]] = []
    if state is not None:
        first = {name: part for name, part in state.items() if name != PROCESSES}
        parts = [first, *state.get(PROCESSES, ())]
    if before == group.size:
        return group.scatter_states(parts), ""
    own = group.scatter_states(_dealt(parts, group.size) if parts else [])
    trained_by = (
        f"it was trained by {before} process{'es' if before > 1 else ''}, and goes on with {group.size}"
    )
    return own, f"{trained_by}; what was not learned from yet is left out, and random numbers begin again"


def as_begun_again(state: Mapping[str, Any], algorithm: Algorithm, entropy: Sequence[int]) -> dict[str, Any]:
    """A state for an algorithm in other environments than those that it comes from.

    Args:
        state: of a training.
        algorithm: a new one.
        entropy: decides its random numbers.
    """
    fitted = _Fitted(np.random.SeedSequence(entropy)).to(state["algorithm"], algorithm.state_dict())
    return {**state, "algorithm": fitted, "environments": None, "memory": None}


class _Fitted:
    """Fits states to new ones.

    Args:
        seeds: of generators.
    """

    def __init__(self, seeds: np.random.SeedSequence) -> None:
        self._seeds = seeds

    def to(self, state: Any, new: Any) -> Any:
        """A state with what is another's in the place of what does not fit."""
        if isinstance(state, Mapping) and isinstance(new, Mapping):
            if _is_replay(state) and _is_replay(new):
                return _newest(state, new)
            if "bit_generator" in state:
                return self._generator(state)
            return {
                name: new[name]
                if name in _OF_ENVIRONMENTS and name in new
                else self.to(part, new.get(name, part))
                for name, part in state.items()
            }
        return new if getattr(state, "shape", ()) != getattr(new, "shape", ()) else state

    def _generator(self, state: Mapping[str, Any]) -> Mapping[str, Any]:
        kind = getattr(np.random, str(state["bit_generator"]), None)
        if not (isinstance(kind, type) and issubclass(kind, np.random.BitGenerator)):
            return state
        made: Any = kind
        found: Mapping[str, Any] = made(self._seeds.spawn(1)[0]).state
        return found


def _is_replay(state: Any) -> bool:
    return isinstance(state, Mapping) and state.keys() >= _REPLAY


def _dealt(parts: Sequence[Mapping[str, Any]], size: int) -> list[dict[str, Any]]:
    """The first part for each of so many processes, with what is its share of all replay memories."""
    dealt = []
    for rank in range(size):
        algorithm = dict(parts[0]["algorithm"])
        for place in _replays(algorithm):
            memories = [_at(part["algorithm"], place) for part in parts]
            algorithm = _with(algorithm, place, _share(memories, rank, size))
        dealt.append({**parts[0], "algorithm": algorithm})
    return dealt


def _replays(state: Mapping[str, Any], place: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Where replay memories are in a state."""
    for name, part in state.items():
        if _is_replay(part):
            yield (*place, name)
        elif isinstance(part, Mapping):
            yield from _replays(part, (*place, name))


def _at(state: Any, place: Sequence[str]) -> Any:
    for name in place:
        state = state[name]
    return state


def _with(state: Mapping[str, Any], place: Sequence[str], value: Any) -> dict[str, Any]:
    first, *rest = place
    return {**state, first: _with(state[first], rest, value) if rest else value}


def _share(memories: Sequence[Mapping[str, Any]], rank: int, size: int) -> dict[str, Any]:
    """Every so many-th transition of all memories, the oldest first."""
    if not all(map(_is_plain, memories)):
        raise CheckpointError(
            "What these replay memories hold, of priorities, pictures or sequences, cannot be dealt to "
            f"another number of processes than {len(memories)}; go on with --processes {len(memories)}."
        )
    columns: Any = {}
    count = 0
    for memory in memories:
        chosen = _order(memory)[rank::size]
        count += len(chosen)
        if len(chosen):
            own = trees.take(memory["columns"], chosen)
            columns = trees.join(columns, own) if columns else own
    return {**memories[0], "columns": columns, "drawable": count, "total": count}


def _is_plain(memory: Mapping[str, Any]) -> bool:
    """Whether a memory holds transitions alone, in arrays, and all of them are complete."""
    columns: list[Any] = []
    trees.apply(columns.append, memory["columns"])
    are_arrays = all(isinstance(column, np.ndarray) for column in columns)
    return are_arrays and memory.keys() == _REPLAY and memory["waiting"] is None


def _order(memory: Mapping[str, Any]) -> Any:
    """Where the transitions of a memory lie, the oldest first."""
    count = memory["drawable"]
    first = memory["total"] if count == memory["capacity"] else 0
    return (np.arange(count) + first) % max(1, count)


def _newest(memory: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """As much of a memory as a new one has room for."""
    count = min(memory["drawable"], new["capacity"])
    columns = trees.apply(lambda column: column[len(column) - count :], memory["columns"])
    return {**new, "columns": columns, "drawable": count, "total": count}
