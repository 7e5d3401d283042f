"""Draws that a seed decides, and that every reset after it makes again instead of drawing on."""

from __future__ import annotations

from typing import Any

from csai_core.testing.environment.making import Maker
from csai_core.testing.environment.parts import parts_of
from csai_core.testing.environment.rollout import start
from csai_core.testing.suite import fail

_SEEDS, _VALUES = 8, 4
"""Of so many seeds, so many must give a part of an observation other values, for it to be drawn from many."""
_RESETS = 200
"""So many resets that all give it the same value are no chance, also where one value is the usual one."""


def check_kept_draws(make: Maker, seed: int) -> None:
    """What differs from seed to seed also differs from reset to reset, without a seed."""
    make.skip_if_nondeterministic()
    with make.made() as env:
        seeded = [_started(env, seed + other) for other in range(_SEEDS)]
        first = _started(env, None)
        kept = {name for name in first if len({each.get(name) for each in seeded}) >= _VALUES}
        for _ in range(_RESETS):
            if not kept:
                return
            now = _started(env, None)
            kept = {name for name in kept if now.get(name) == first[name]}
    name = next(each for each in first if each in kept)
    fail(
        f"Without a seed, {name} starts the same in each of {_RESETS} resets, though seeds start it in at "
        f"least {_VALUES} ways: it is drawn by the last seed that was given, not by where the generator is. "
        "Draw it from self.np_random in every reset; self.np_random_seed stays as it is without a seed."
    )


def _started(env: Any, seed: int | None) -> dict[str, Any]:
    """What a reset shows, by part."""
    return dict(parts_of(start(env, f"reset(seed={seed})", seed).observation))
