"""Random generators that are not the environment's: the global ones, and those of its spaces."""

from __future__ import annotations

from typing import Any

from gymnasium import spaces

from csai_core.testing.compare import difference
from csai_core.testing.environment.making import Maker, without_display
from csai_core.testing.environment.rollout import live
from csai_core.testing.process.effects import advance_generators, shared_generators
from csai_core.testing.suite import fail

_CURE = "Draw from self.np_random, which super().reset(seed=seed) seeds for this environment alone."


def check_global_generators(make: Maker, seed: int) -> None:
    """It neither seeds nor draws from the generators that all code of the process shares."""
    ends = []
    for _ in range(2):
        advance_generators()  # so that what is seeded ends as before, and what is drawn from does not
        before = shared_generators()
        with without_display():
            live(make, seed)
        ends.append((before, shared_generators()))
    (before, after), (_, other) = ends
    for name, state in before.items():
        if not difference(state, after[name], ""):
            continue
        if not difference(after[name], other[name], ""):
            fail(
                f"It seeds {name}'s global generator, and with it the numbers of everybody else in the "
                f"process. Seed nothing global. {_CURE}"
            )
        fail(f"It draws from {name}'s global generator, which no seed of the environment decides. {_CURE}")


def world_generator(env: Any) -> str | None:
    """The state of `self.np_random`; None where nobody has asked for it yet."""
    generator = getattr(env.unwrapped, "_np_random", None)
    return None if generator is None else str(generator.bit_generator.state)


def space_generators(env: Any) -> dict[str, str]:
    """The state of the generator of each space of an environment, by the space's name."""
    found: dict[str, str] = {}
    for name in ("observation_space", "action_space"):
        for number, leaf in enumerate(_leaves(getattr(env, name))):
            generator = leaf._np_random
            found[f"{name}{'' if number == 0 else f' ({number})'}"] = (
                "" if generator is None else str(generator.bit_generator.state)
            )
    return found


def _leaves(space: Any) -> list[Any]:
    if isinstance(space, (spaces.Dict, spaces.Tuple)):
        parts = space.spaces.values() if isinstance(space, spaces.Dict) else space.spaces
        return [leaf for part in parts for leaf in _leaves(part)]
    return [space]
