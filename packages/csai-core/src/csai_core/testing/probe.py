"""An environment of any spaces that notes how it is used, for checks of what stands before it."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Mapping
from typing import Any, NamedTuple

import gymnasium
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from csai_core.gate.masks import choices_of
from csai_core.testing.compare import difference, snapshot

_END = 0.08
"""How likely an episode is to end in a step."""
_AT_BOUNDS = 0.2
"""How many numbers lie at a bound, if they have any: there, whatever is added leaves the space."""
_RANGE = 3.0
"""How far numbers without bounds go."""


class Forbidden(NamedTuple):
    """An action against a mask."""

    action: Any
    mask: list[int]
    step: int
    """Of the episode, from 1."""


class Probe(gymnasium.Env[Any, Any]):
    """Shows what is random, takes any action of its space, and notes what it would not have.

    Args:
        observation_space: what it shows.
        action_space: what it takes.
        has_masks: whether its infos say which actions are allowed; for `Discrete` and `MultiDiscrete` ones.
        end: what becomes true where an episode ends at random; None never ends one.
        render_mode: how it is drawn.
    """

    metadata = {"render_modes": ["rgb_array", "ansi"], "render_fps": 10}  # noqa: RUF012

    def __init__(
        self,
        observation_space: spaces.Space[Any],
        action_space: spaces.Space[Any],
        *,
        has_masks: bool = False,
        end: str | None = "terminated",
        render_mode: str | None = None,
    ) -> None:
        self.observation_space = copy.deepcopy(observation_space)
        self.action_space = copy.deepcopy(action_space)
        self.render_mode = render_mode
        self.complaint = ""
        """What was first done with it that it would not have; empty where all is well."""
        self.resets: list[tuple[int | None, Any]] = []
        """The seeds and options of its resets."""
        self.num_steps = 0
        """How often it was stepped in all."""
        self.num_pictures = 0
        """How often it was drawn."""
        self.last_action: Any = None
        self.is_closed = False
        self.failure: Exception | None = None
        """What its next steps raise."""
        self.told: frozenset[str] = frozenset()
        """What its last info held."""
        self.has_just_ended = False
        """Whether its last step ended an episode."""
        self.forbidden: list[Forbidden] = []
        """The actions that reached it against its masks."""
        self.end = end
        """What becomes true where an episode ends."""
        self.is_over = True
        """Whether there is no episode to go on with."""
        self._has_masks = has_masks
        self._mask: NDArray[np.int8] | None = None
        self._handed_out: list[tuple[str, Any, Any]] = []
        self._clock = 0

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Begin an episode."""
        super().reset(seed=seed)
        self.resets.append((seed, options))
        self._look_back()
        self.is_over, self._clock = False, 0
        return self._shown()

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Take a step."""
        if self.failure is not None:
            raise self.failure
        if self.is_over:
            self._complain("It was stepped after its episode had ended, without a reset")
        if not self.action_space.contains(action):
            self._complain(f"The action {action!r} reached it, which does not lie in {self.action_space}")
        self._look_back()
        self.last_action = copy.deepcopy(action)
        self._look_at_the_mask(action)
        self.num_steps += 1
        self._clock += 1
        observation, info = self._shown()
        reward = float(self.np_random.normal())
        self.is_over = bool(self.end and self.np_random.random() < _END)
        self.has_just_ended = self.is_over
        ends = (self.is_over and self.end == each for each in ("terminated", "truncated"))
        return observation, reward, *ends, info

    def render(self) -> Any:
        """A picture of its clock, or the clock as text."""
        self.num_pictures += 1
        if self.render_mode == "rgb_array":
            return self._given("picture", np.full((8, 8, 3), self._clock % 256, np.uint8))
        return str(self._clock) if self.render_mode == "ansi" else None

    def close(self) -> None:
        """Note that it was closed."""
        self.is_closed = True

    def state_dict(self) -> dict[str, Any]:
        """All that decides how it goes on."""
        return {
            "generator": copy.deepcopy(self.np_random.bit_generator.state),
            "clock": self._clock,
            "is_over": self.is_over,
            "mask": None if self._mask is None else self._mask.copy(),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `state_dict` gave."""
        self.np_random.bit_generator.state = copy.deepcopy(state["generator"])
        self._clock, self.is_over = state["clock"], state["is_over"]
        self._mask = None if state["mask"] is None else state["mask"].copy()

    def _shown(self) -> tuple[Any, dict[str, Any]]:
        observation = self._given("observation", draw(self.observation_space, self.np_random))
        info: dict[str, Any] = {"clock": self._clock}
        if self._has_masks and isinstance(self.action_space, (spaces.Discrete, spaces.MultiDiscrete)):
            self._mask = _drawn_mask(self.action_space, self.np_random)
            info["action_mask"] = self._given("action mask", self._mask.copy())
        self.told = frozenset(info)
        return observation, info

    def _given(self, what: str, value: Any) -> Any:
        """Hand something out that stays its own, as environments do that keep what they show."""
        self._handed_out.append((what, value, snapshot(value)))
        return value

    def _look_back(self) -> None:
        """Complain where something that was handed out since the last step is not what it was."""
        for what, value, then in self._handed_out:
            if found := difference(value, then, f"the {what}"):
                self._complain(
                    f"The {what} that it gave was changed in place{'' if what == 'picture' else f': {found}'}"
                )
        self._handed_out = []

    def _look_at_the_mask(self, action: Any) -> None:
        """Note an action that the mask forbids."""
        if self._mask is None or not self.action_space.contains(action):
            return
        if not self._mask[choices_of(self.action_space, action)].all():
            self.forbidden.append(Forbidden(self.last_action, self._mask.tolist(), self._clock + 1))

    def _complain(self, what: str) -> None:
        self.complaint = self.complaint or what


def _drawn_mask(
    space: spaces.Discrete | spaces.MultiDiscrete, random: np.random.Generator
) -> NDArray[np.int8]:
    """Ones and zeros, with a one at least among the choices of each number of an action."""
    sizes = [int(space.n)] if isinstance(space, spaces.Discrete) else space.nvec.ravel().tolist()
    mask = random.integers(0, 2, sum(sizes)).astype(np.int8)
    for size, end in zip(sizes, itertools.accumulate(sizes), strict=True):
        mask[end - size + random.integers(size)] = 1
    return mask


def draw(space: spaces.Space[Any], random: np.random.Generator) -> Any:
    """Something of a space, from a generator; numbers without bounds lie within 3 of 0."""
    if isinstance(space, spaces.Dict):
        return {name: draw(each, random) for name, each in space.spaces.items()}
    if isinstance(space, spaces.Tuple):
        return tuple(draw(each, random) for each in space.spaces)
    if isinstance(space, spaces.Box):
        low, high = np.maximum(space.low, -_RANGE), np.minimum(space.high, _RANGE)
        if np.issubdtype(space.dtype, np.integer):
            return random.integers(space.low, space.high, endpoint=True).astype(space.dtype)
        inside, kind = random.uniform(low, high), random.random(space.shape)
        chosen = np.where(
            kind < _AT_BOUNDS / 2, space.low, np.where(kind > 1 - _AT_BOUNDS / 2, space.high, inside)
        )
        return np.where(np.isfinite(chosen), chosen, inside).astype(space.dtype)
    if isinstance(space, spaces.Discrete):
        return int(random.integers(space.n)) + int(space.start)
    copied = copy.deepcopy(space)
    copied.seed(int(random.integers(2**31)))
    return copied.sample()
