"""Bringing environments back to where they were: by their own saved state, or by playing it again.

A Shell says its whole state. Any other environment is brought back by what led it there: its generator
as it was before its last reset, and the actions since. That is exact where the environment is
deterministic but for its generator; whether it was is checked by the rewards and ends on the way and by the
last observations. Wrappers are given back what they remembered.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

import gymnasium
import numpy as np
from gymnasium.utils import seeding
from gymnasium.wrappers import OrderEnforcing, PassiveEnvChecker, TimeLimit

from csai_core import trees
from csai_core.errors import ContractError
from csai_core.foreign_draws import ForeignDraws, states_of
from csai_core.gate.observations import copied
from csai_core.wrapper_memory import keeps, memory_of, remind

MOST_ACTIONS = 100_000
"""Longer episodes are not played again when a training is resumed."""

MOST_OBSERVATIONS = 16
"""So many of the last observations must come again: one alone may do so by chance where there are few."""

_QUIET = (OrderEnforcing, PassiveEnvChecker, TimeLimit)
"""Wrappers that everybody has and that draw nothing."""

_ELSEWHERE = "playing its episode again led elsewhere, so it is not deterministic"


class ActionLog(gymnasium.Wrapper[Any, Any, Any, Any]):
    """Notes what leads an environment that cannot say its state to where it is.

    Args:
        env: the environment itself, without wrappers.
        is_shared: whether a wrapper may draw from its generator.
    """

    def __init__(self, env: gymnasium.Env[Any, Any], *, is_shared: bool = False) -> None:
        super().__init__(env)
        self._draws = ForeignDraws(env) if is_shared else None
        self._seed: int | None = None
        self._generator: dict[str, Any] | None = None
        self._actions: list[Any] = []
        self._results: list[tuple[Any, bool, bool]] = []
        self._observations: deque[Any] = deque(maxlen=MOST_OBSERVATIONS)

    @property
    def spec(self) -> Any:  # type: ignore[override]
        """The environment's own: this wrapper is none that it must be made with."""
        return self.env.spec

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Reset, and note from where."""
        self._seed = seed
        self._generator = None if seed is not None else dict(self._bit_generator.state)
        self._actions.clear()
        self._results.clear()
        self._observations.clear()
        result = self.env.reset(seed=seed, options=options)
        if seed is not None:
            self._make_generator(seed)
        if self._draws is not None:
            self._draws.clear()
            self._draws.leave()
        if isinstance(result, tuple):  # the gate refuses anything else
            self._observations.append(result[0])
        return result

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        """Step, and note the action and what it led to."""
        taken = action if isinstance(action, np.generic) else copied(action)
        if self._draws is not None:
            self._draws.enter(len(self._actions))
        result = self.env.step(action)
        if self._draws is not None:
            self._draws.leave()
        if type(result) is tuple and len(result) == 5:  # the gate refuses anything else
            self._observations.append(result[0])
            if len(self._actions) < MOST_ACTIONS:
                self._actions.append(taken)
                self._results.append(result[1:4])
        return result

    def state_dict(self) -> dict[str, Any]:
        """What leads the environment to where it is, and what tells whether it does."""
        if len(self._actions) == MOST_ACTIONS:
            return {"problem": f"its episode has lasted for {MOST_ACTIONS:,} steps and more"}
        if self._draws is not None:
            self._draws.enter(len(self._actions))
        return {
            "draws": None if self._draws is None else self._draws.state_dict(),
            "seed": self._seed,
            "generator": self._generator,
            "actions": trees.stack(self.action_space, self._actions) if self._actions else None,
            "results": np.array(
                [[np.asarray(each).item() for each in row] for row in self._results], np.float64
            ),
            "observations": [trees.apply(_as_array, copied(each)) for each in self._observations],
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> str:
        """Play from the same start the same actions; empty, or why that led elsewhere."""
        if state["generator"] is not None:
            self._bit_generator.state = state["generator"]
        self.reset(seed=state["seed"])
        results = [tuple(each) for each in state["results"].tolist()]
        actions = trees.unstack(state["actions"], len(results)) if results else []
        draws = {} if state.get("draws") is None else states_of(state["draws"])
        for step, (action, expected) in enumerate(zip(actions, results, strict=True)):
            self._move_generator(draws.get(step))
            if self.step(action)[1:4] != expected:
                return _ELSEWHERE
        self._move_generator(draws.get(len(results)))
        observations = [trees.apply(_as_array, each) for each in self._observations]
        if len(observations) == len(state["observations"]) and all(
            map(trees.are_equal, observations, state["observations"])
        ):
            return ""
        return _ELSEWHERE

    def _make_generator(self, seed: int) -> None:
        """Make the generator from the seed where the environment left it unmade: chance would make it else.

        What is saved holds its state, which would then differ each time, though nothing may draw from it.
        """
        inner = self.env.unwrapped
        if getattr(inner, "_np_random", inner) is None:
            inner.np_random = seeding.np_random(seed)[0]

    def _move_generator(self, state: Mapping[str, Any] | None) -> None:
        """Put the generator where a wrapper had left it, if one had moved it."""
        if state is not None:
            self._bit_generator.state = state

    @property
    def _bit_generator(self) -> Any:
        return self.env.unwrapped.np_random.bit_generator


def _as_array(value: Any) -> Any:
    """A batch of one part of an observation; of a text its code points, since checkpoints hold numbers."""
    return np.asarray([ord(each) for each in value] if isinstance(value, str) else value)[None]


def recorded(env: gymnasium.Env[Any, Any]) -> gymnasium.Env[Any, Any]:
    """The environment with a recorder below its wrappers, where one is needed and not there yet."""
    if hasattr(env.unwrapped, "state_dict"):
        return env
    layers = _wrappers(env)
    if any(isinstance(layer, ActionLog) for layer in layers):
        return env
    recorder = ActionLog(env.unwrapped, is_shared=any(type(layer) not in _QUIET for layer in layers))
    if not layers:
        return recorder
    layers[-1].env = recorder
    return env


def state_of(env: gymnasium.Env[Any, Any]) -> dict[str, Any]:
    """What brings an environment and its wrappers back to where they are."""
    layers = _wrappers(env)
    recorder = next((layer for layer in layers if isinstance(layer, ActionLog)), None)
    try:
        inner = (recorder or env.unwrapped).state_dict()  # type: ignore[attr-defined]
    except ContractError as error:
        inner = {"problem": str(error)}
    return {"environment": inner, "wrappers": [memory_of(layer) for layer in layers if _remembers(layer)]}


def restore(env: gymnasium.Env[Any, Any], state: Mapping[str, Any]) -> str:
    """Bring an environment back to where `state_of` was called.

    Returns:
        Empty, or why that cannot be done exactly.
    """
    if "problem" in state["environment"]:
        return str(state["environment"]["problem"])
    env.reset()  # some wrappers refuse to step before their first reset
    layers = _wrappers(env)
    recorder = next((layer for layer in layers if isinstance(layer, ActionLog)), None)
    problems = [(recorder or env.unwrapped).load_state_dict(state["environment"])]  # type: ignore[attr-defined]
    remembering = [layer for layer in layers if _remembers(layer)]
    problems += [remind(*pair) for pair in zip(remembering, state["wrappers"], strict=True)]
    return next(filter(None, problems), "")


def lost_by(env: gymnasium.Env[Any, Any]) -> str:
    """What of the wrappers' memory no state will hold, as far as they have it before their first reset."""
    memories = [memory_of(layer) for layer in _wrappers(env) if _remembers(layer)]
    return next((f"its wrapper {each['wrapper']} {keeps(each)}" for each in memories if keeps(each)), "")


def _wrappers(env: gymnasium.Env[Any, Any]) -> list[gymnasium.Wrapper[Any, Any, Any, Any]]:
    """The wrappers of an environment from the outside in."""
    layers: list[gymnasium.Wrapper[Any, Any, Any, Any]] = []
    while isinstance(env, gymnasium.Wrapper):
        layers.append(env)
        env = env.env
    return layers


def _remembers(layer: gymnasium.Wrapper[Any, Any, Any, Any]) -> bool:
    return not isinstance(layer, (ActionLog, PassiveEnvChecker))
