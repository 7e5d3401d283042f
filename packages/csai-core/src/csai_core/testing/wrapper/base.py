"""What the checks of wrappers share: how one is made, what it is tried around, and how it is played."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import gymnasium
import numpy as np
from gymnasium import spaces

from csai_core.plugins import installed
from csai_core.testing.environment.actions import ActionSource
from csai_core.testing.probe import Probe
from csai_core.testing.suite import Suite, called
from csai_core.testing.wrapper.turns import Turn, mask_of, turn_of_reset, turn_of_step

SEED = 3
"""Of the resets, unless a check says another."""
_VECTOR = spaces.Box(-5, 5, (3,), np.float32)
_PAIR = spaces.Dict({"place": _VECTOR, "mood": spaces.Discrete(3)})
_TOYS: tuple[Callable[..., Probe], ...] = (
    lambda **how: Probe(_VECTOR, spaces.Discrete(4), **how),
    lambda **how: Probe(_VECTOR, spaces.Box(-2, 2, (2,), np.float32), **how),
    lambda **how: Probe(spaces.Box(0, 255, (12, 12, 3), np.uint8), spaces.Discrete(3), **how),
    lambda **how: Probe(spaces.Discrete(6), spaces.Discrete(3), **how),
    lambda **how: Probe(_VECTOR, spaces.Discrete(3, start=2), **how),
    lambda **how: Probe(_PAIR, spaces.Discrete(3), **how),
    lambda **how: Probe(_PAIR, spaces.Dict({"push": _VECTOR, "jump": spaces.Discrete(2)}), **how),
    lambda **how: Probe(
        spaces.Tuple((_VECTOR, spaces.Discrete(2))),
        spaces.MultiDiscrete([3, 2]),
        **{**how, "has_masks": False},  # those of dials are no row of actions
    ),
)
Wrapper = gymnasium.Wrapper[Any, Any, Any, Any]


class WrapperChecks(Suite):
    """What a subclass names, and how the wrapper is made and played."""

    settings: ClassVar[dict[str, Any]] = {}
    """What it is made with besides the environment, by name."""
    num_steps: ClassVar[int] = 30
    """How many steps it is played in each environment; episodes of toys end after about twelve."""

    def make(self, env: gymnasium.Env[Any, Any]) -> Any:
        """Wrap an environment."""
        if not self.entry_name:
            return super().make()
        return self._target()(env=env, **self.settings)

    def environments(self, **how: Any) -> list[Probe]:
        """New environments to wrap, made as `Probe` is told."""
        return [toy(**{"render_mode": "rgb_array", **how}) for toy in _TOYS]

    # --- inner workings

    def _target(self) -> Any:
        """What the entry of its name points to."""
        return installed().find("wrappers", self.entry_name).load()

    def _accepted(self, **how: Any) -> Iterator[Probe]:
        """Environments that it wraps."""
        for env, tried in zip(self.environments(**how), self.environments(**how), strict=True):
            with contextlib.suppress(Exception):
                self.make(tried)
                yield env

    def _wrapped(self, **how: Any) -> Iterator[tuple[Wrapper, Probe]]:
        """Environments that it wraps, wrapped."""
        for env in self._accepted(**how):
            yield self.make(env), env

    def _play(
        self, wrapper: Any, *, seed: int = SEED, num_steps: int | None = None, **settings: Any
    ) -> Iterator[Turn]:
        """Reset with the seed, and take random steps."""
        wrapper.action_space.seed(seed)
        turn = turn_of_reset(wrapper, f"reset(seed={seed})", seed=seed, **settings)
        yield turn
        mask = mask_of(turn, wrapper.action_space)
        yield from self._follow(wrapper, num_steps or self.num_steps, mask)

    def _drawn_play(self, wrapper: Any) -> Iterator[Turn]:
        """A play of which each moment is drawn."""
        for turn in self._play(wrapper):
            yield turn
            called(wrapper.render, "render()")

    def _follow(self, wrapper: Any, num_steps: int, mask: Any = None) -> Iterator[Turn]:
        """Take random steps from wherever it is; after an episode that ends comes the next."""
        action_space = wrapper.action_space
        source = ActionSource(action_space, SEED)
        for step in range(1, num_steps + 1):
            action = source.draw_allowed(mask)
            turn = turn_of_step(wrapper, action, f"step {step}")
            yield turn
            mask = mask_of(turn, action_space)
            if (turn.terminated or turn.truncated) and wrapper.unwrapped.is_over:
                turn = turn_of_reset(wrapper, f"the reset before step {step + 1}")
                yield turn
                mask = mask_of(turn, action_space)
