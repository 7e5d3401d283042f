"""What ends because time is up is truncated, not terminated, unless the time can be seen."""

from __future__ import annotations

import copy
import re
import time
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from csai_core.testing.compare import difference, leaves
from csai_core.testing.environment.actions import ActionSource
from csai_core.testing.environment.making import Maker
from csai_core.testing.environment.rollout import Moment, play
from csai_core.testing.process.effects import nothing_printed
from csai_core.testing.suite import fail

_EPISODES, _MOST_STEPS, _LONGEST = 60, 2500, 500
"""So many episodes, or steps of all together, are looked at, none further than so many steps."""
_SECONDS = 5.0
"""After which no more episodes are played."""
_FEW, _MANY, _SHORT = 3, 6, 10
"""So many ends at the limit are no chance; of a limit that is not registered more, and not of short ones."""
_LIMITS = re.compile("max|limit|horizon|length|duration|steps|patience", re.IGNORECASE)
"""How authors call the variable that holds a limit."""


def check_time_limit(make: Maker, seed: int) -> None:
    """What ends at a time limit is truncated, not terminated, unless it can be seen."""
    limit = make.spec.max_episode_steps if make.spec else None
    episodes = _played(make, limit, seed)
    wall = limit or max(len(each) - 1 for each in episodes)
    at_wall = [each for each in episodes if len(each) == wall + 1 and each[-1].terminated]
    is_reached = any(len(each) > wall for each in episodes)
    if is_reached and any(len(each) > wall + 1 for each in episodes):
        return
    if len(at_wall) < (_FEW if limit else _MANY) or (limit is None and wall < _SHORT):
        if not is_reached or limit is None:
            _check_counter(make, limit, seed)
        return
    if _mask_is_empty(at_wall[0][-1]):
        return
    if _ends_unseen(episodes, at_wall) or not (_tells_time(episodes) or _is_told(episodes, at_wall)):
        whose = "which is the time limit of its registration (max_episode_steps), is" if limit else "is"
        fail(
            f"Step {wall}, {whose} terminated=True in {len(at_wall)} of {len(episodes)} episodes, and none "
            f"goes on, though nothing that is observed tells it from other steps. {_CURE}"
        )


_CURE = (
    "Terminated says that the game itself has ended; that time is up, truncated says: leave the limit to the "
    "registration (max_episode_steps)."
)


def _played(make: Maker, limit: int | None, seed: int) -> list[list[Moment]]:
    episodes: list[list[Moment]] = []
    until = time.monotonic() + _SECONDS
    with nothing_printed("In one of many episodes, the environment"), make.made() as env:
        while len(episodes) < _EPISODES and sum(map(len, episodes)) < _MOST_STEPS:
            if episodes and time.monotonic() > until:
                break
            longest = min(limit or _LONGEST, _LONGEST)
            episodes.append(_episode(env.unwrapped, longest, seed + len(episodes)))
    return episodes


def _episode(env: Any, limit: int, seed: int) -> list[Moment]:
    """An episode of the environment without its wrappers, a step longer than the limit at most."""
    kept: list[Moment] = []
    for moment in play(env, limit + 1, seed):
        kept.append(moment.copied())
        if moment.is_over:
            break
    return kept


def _mask_is_empty(moment: Moment) -> bool:
    """Whether nothing more can be done, as in a game whose board is full."""
    mask = moment.info.get("action_mask") if isinstance(moment.info, dict) else None
    return mask is not None and not any(
        bool(leaf.any()) for _, leaf in leaves(mask, "") if hasattr(leaf, "any")
    )


# --- whether the time, or the end, can be seen

_PIXELS = 1024
"""So many numbers of an array are looked at."""


def _tells_time(episodes: list[list[Moment]]) -> bool:
    """Whether what is the same at the same step of all long episodes says how many steps were taken."""
    longest = sorted(episodes, key=len)[-4:]
    if len(longest) < 2:
        return False
    rows = [_table(moment.observation for moment in each[: len(longest[0])]) for each in longest]
    if len({row.shape for row in rows}) > 1:
        return True  # what has no form is not judged
    is_same = np.all([rows[0] == row for row in rows[1:]], axis=(0, 1))
    times = {row.tobytes() for row in rows[0][:, is_same]}
    return len(times) > len(longest[0]) // 2 + 1


def _is_told(episodes: list[list[Moment]], at_wall: list[list[Moment]]) -> bool:
    """Whether some number that is observed tells the ends of episodes at the limit from all else."""
    ends = _table(each[-1].observation for each in at_wall)
    others = _table(moment.observation for each in episodes for moment in each if not moment.is_over)
    if ends.shape[1:] != others.shape[1:] or not ends.size:
        return True
    for end, other in zip(ends.T, others.T, strict=True):
        if end.min() > other.max() or end.max() < other.min():
            return True
        values = set(other.tolist())
        if 2 * len(values) < len(other) and not values & set(end.tolist()):
            return True
    return False


def _table(observations: Iterable[Any]) -> NDArray[np.float64]:
    """(moments, numbers); empty where observations have different numbers of parts."""
    rows = [list(_features(each)) for each in observations]
    return np.array(rows if len(set(map(len, rows))) == 1 else [], np.float64)


def _features(observation: Any) -> Iterator[float]:
    """The numbers of an observation, and of each array its sum, how much is not zero and how much differs."""
    for _, leaf in leaves(observation, ""):
        numbers = np.asarray(leaf)
        if numbers.dtype.kind in "biuf":
            yield from numbers.ravel()[:: 1 + numbers.size // _PIXELS].astype(np.float64)
            if numbers.ndim:
                yield from (float(numbers.sum()), float(np.count_nonzero(numbers)))
                yield float(len(np.unique(numbers)))


def _ends_unseen(episodes: list[list[Moment]], at_wall: list[list[Moment]]) -> bool:
    """Whether observations that end episodes at the limit are seen in the midst of episodes too."""
    if _tells_time(episodes):
        return False
    going_on = {_key(moment) for each in episodes for moment in each if not moment.is_over}
    return sum(_key(each[-1]) in going_on for each in at_wall) >= _FEW


def _key(moment: Moment) -> str:
    return repr(list(leaves(moment.observation, "")))


# --- limits that random play does not reach

_Path = tuple[str, ...]
"""The names that lead from an environment to a variable."""


def _check_counter(make: Maker, limit: int | None, seed: int) -> None:
    """Refuse an environment in which nothing but the count of steps, which is not seen, ends an episode."""
    with make.made() as env:
        inner = env.unwrapped
        for path, wall in _counters(inner, limit, seed):
            if all(_is_ended_by(inner, path, wall, seed + i) for i in range(_FEW)):
                fail(
                    f"In an episode whose count of steps ({'.'.join(path)}) is put to {wall - 1}, the "
                    "next step is terminated=True, and with any other count it is not, though nothing that "
                    f"is observed tells them apart: it is terminated where time is up. {_CURE}"
                )


def _counters(env: Any, limit: int | None, seed: int) -> list[tuple[_Path, int]]:
    """The variables that count the steps of an episode, each with limits that other variables say."""
    counts: set[_Path] | None = None
    number = 0
    for moment in play(env, 40, seed):
        if isinstance(moment.info, dict) and "action_mask" in moment.info:
            return []  # a board game's moves are counted by its board
        number = 0 if moment.action is None else number + 1
        equal = {path for path, value in _whole_numbers(env) if value == number}
        counts = equal if counts is None else counts & equal
    said = [
        value
        for path, value in [*_whole_numbers(env), *_class_numbers(env)]
        if _LIMITS.search(path[-1]) and value >= _SHORT and path not in (counts or ())
    ]
    walls = [limit] if limit else list(dict.fromkeys(said))
    return [(path, wall) for path in sorted(counts or ()) for wall in walls]


def _whole_numbers(env: Any) -> Iterator[tuple[_Path, int]]:
    """The whole numbers among the variables of an object, and of the objects among them."""
    for name, value in vars(env).items():
        if type(value) is int:
            yield (name,), value
        elif (
            hasattr(value, "__dict__") and not isinstance(value, (type, spaces.Space)) and not callable(value)
        ):
            yield from (((name, inner), each) for inner, each in vars(value).items() if type(each) is int)


def _class_numbers(env: Any) -> Iterator[tuple[_Path, int]]:
    for each in type(env).__mro__:
        yield from (((name,), value) for name, value in vars(each).items() if type(value) is int)


def _is_ended_by(env: Any, path: _Path, wall: int, seed: int) -> bool:
    """Whether an episode that goes on ends where its count of steps is another, and looks the same."""
    moments = [moment for moment in play(env, 3, seed) if not moment.is_over]
    action = ActionSource(env.action_space, seed).draw(moments[-1].info)
    try:
        plain, late = copy.deepcopy(env), copy.deepcopy(env)
        owner = late
        for name in path[:-1]:
            owner = getattr(owner, name)
        setattr(owner, path[-1], wall - 1)
        seen, _, terminated, *_ = plain.step(action)
        seen_late, _, terminated_late, *_ = late.step(action)
    except Exception:
        return False  # it cannot be copied, or is over
    return bool(terminated_late) and not terminated and not difference(seen, seen_late, "")
