"""The table of a Shell that says none, made by trying every action in every state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from gymnasium import spaces

from csai_core.errors import CsaiError
from csai_core.overlays.table import Outcome, Table
from csai_core.shell import Shell

MOST_STATES = 600
"""A game with more is not tried out."""
_PROOF_STEPS = 200
"""So many steps of a game at random are compared with the table."""


class TriedTable(NamedTuple):
    """A table, and which number in it each state has."""

    table: Table
    numbers: Mapping[Any, int]
    """By `key_of` what is observed in the state."""


def tried_table(shell: Shell, states: Mapping[Any, Any]) -> TriedTable | None:
    """The table of a game whose states are the cells of a board, from the present one on.

    None where the game is over or draws from chance, where it has more than `MOST_STATES` cells, leads to
    states that are none of them, or where what is observed does not decide what follows, as where two cells
    look alike. The environment stays as it is: a twin of it is played.

    Args:
        shell: the environment.
        states: what `overlay_states` gives; as long as that is the same, so is the table.
    """
    if len(states) > MOST_STATES or not isinstance(shell.action_space, spaces.Discrete):
        return None
    world = tuple((cell, key_of(state)) for cell, state in states.items())
    if (known := _TRIED.get(shell)) is not None and known[0] == world:
        return known[1]
    if shell.is_episode_over or len({key for _, key in world}) < len(world):
        return None
    try:
        twin = _twin(shell)
        found = _try_all(twin, {key for _, key in world})
        proved = found if found is not None and _holds(twin, shell.state_dict(), found) else None
    except CsaiError:
        proved = None
    _TRIED[shell] = world, proved
    return proved


def key_of(observation: Any) -> Any:
    """What tells observations apart, as a key of a dict."""
    if isinstance(observation, Mapping):
        return tuple((name, key_of(each)) for name, each in sorted(observation.items()))
    if isinstance(observation, tuple):
        return tuple(map(key_of, observation))
    return np.asarray(observation).tobytes()


_TRIED: WeakKeyDictionary[Shell, tuple[Any, TriedTable | None]] = WeakKeyDictionary()


def _twin(shell: Any) -> Any:
    """Another environment in the same state, which shows itself to nobody."""
    args, settings = shell._made_with
    twin = type(shell)(*args, **{**settings, "render_mode": None})
    twin.reset(seed=0)
    twin.load_state_dict(shell.state_dict())
    return twin


def _try_all(twin: Any, cells: set[Any]) -> TriedTable | None:
    saved, actions = [twin.state_dict()], range(int(twin.action_space.n))
    numbers = {key_of(twin.get_observation()): 0}
    over: set[int] = set()
    outcomes: dict[int, dict[int, list[Outcome]]] = {}
    for state, before in enumerate(saved):
        outcomes[state] = {action: [] for action in actions}
        for action in () if state in over else actions:
            twin.load_state_dict(before)
            drawn = _drawn(twin)
            observation, reward, terminated, truncated, _ = twin.step(action + int(twin.action_space.start))
            key = key_of(observation)
            if truncated or key not in cells or _drawn(twin) != drawn:
                return None
            number = numbers.setdefault(key, len(saved))
            if number == len(saved):
                saved.append(twin.state_dict())
                over |= {number} if terminated else set()
            outcomes[state][action] = [(1.0, number, float(reward), bool(terminated))]
    return TriedTable(Table.from_outcomes(outcomes), numbers)


def _drawn(twin: Any) -> Any:
    """Changes whenever the environment draws a random number."""
    keyed = getattr(twin, "keyed_random", None)
    return twin.np_random.bit_generator.state, None if keyed is None else (keyed.key, keyed.num_draws)


def _holds(twin: Any, start: dict[str, Any], found: TriedTable) -> bool:
    """Whether a game at random goes as the table says."""
    random = np.random.default_rng(0)
    twin.load_state_dict(start)
    state = 0
    for _ in range(_PROOF_STEPS):
        action = int(random.integers(twin.action_space.n))
        observation, reward, terminated, _, _ = twin.step(action + int(twin.action_space.start))
        told = (
            found.table.next_states[state, action, 0],
            found.table.rewards[state, action, 0],
            found.table.ends[state, action, 0],
        )
        state = found.numbers.get(key_of(observation), -1)
        if told != (state, float(reward), bool(terminated)):
            return False
        if terminated:
            twin.load_state_dict(start)
            state = 0
    return True
