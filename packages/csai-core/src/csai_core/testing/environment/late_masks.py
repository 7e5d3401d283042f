"""Action masks that come a step late, where nothing that is done shows it: by what is seen with them."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import NamedTuple

import numpy as np

from csai_core.testing.compare import leaves
from csai_core.testing.environment.making import Maker
from csai_core.testing.environment.parts import parts_of
from csai_core.testing.environment.rollout import play
from csai_core.testing.suite import fail

_EPISODES, _STEPS = 12, 30
_FEW = 6
"""So often at least a mask must be that of the state before, and not that of its own."""
_AGAIN = 5
"""So many times on average each part must be seen for a rule about it to be more than chance."""


class _Shown(NamedTuple):
    """A mask, and what was seen of one part of the world before and with it; before a reset, nothing."""

    before: Hashable
    now: Hashable
    mask: bytes
    is_reset: bool


def check_lateness(make: Maker, seed: int) -> None:
    """Refuse masks that follow from what was seen a step before, and after a reset from what is seen then."""
    shown = _shown(make, seed)
    if any(_follows(each, lambda one: one.now) for each in shown.values()):
        return
    for path, each in shown.items():
        late = [one for one in each if not one.is_reset and one.before != one.now]
        if not _follows(each, lambda one: one.now if one.is_reset else one.before) or len(late) < _FEW:
            continue
        rule = {one.now if one.is_reset else one.before: one.mask for one in each}
        wrong = [one for one in late if rule.get(one.now, one.mask) != one.mask]
        if len(wrong) >= _FEW and len({one.mask for one in each if one.is_reset}) > 1:
            fail(
                "Its action masks come a step late: after each of "
                f"{len(late)} steps that changed {path}, the mask is the one that belongs to what {path} was "
                "before the step, and only after a reset to what it is now. Compute the mask after the world "
                "has moved on."
            )


def _follows(shown: list[_Shown], key: Callable[[_Shown], Hashable]) -> bool:
    """Whether the mask follows from something that is seen often, and is not always the same."""
    rule: dict[Hashable, bytes] = {}
    if any(rule.setdefault(key(one), one.mask) != one.mask for one in shown):
        return False
    return len(set(rule.values())) > 1 and len(shown) >= _AGAIN * len(rule)


def _shown(make: Maker, seed: int) -> dict[str, list[_Shown]]:
    """What was seen of each part of the observation along with masks, in some episodes."""
    found: dict[str, list[_Shown]] = {}
    with make.made() as env:
        for number in range(_EPISODES):
            before: dict[str, Hashable] = {}
            for moment in play(env, _STEPS, seed + number):
                mask = moment.info.get("action_mask") if isinstance(moment.info, dict) else None
                now = dict(parts_of(moment.observation))
                if mask is not None and not moment.is_over:
                    told = b"".join(np.asarray(part).tobytes() for _, part in leaves(mask, "mask"))
                    is_reset = moment.action is None
                    for path, part in now.items():
                        found.setdefault(path, []).append(_Shown(before.get(path), part, told, is_reset))
                before = now
    return found
