"""Agents made from trained algorithms."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from csai_core import Agent, trees
from csai_core.algorithm import Algorithm, Decision, Outlook
from csai_core.errors import ConfigError, SpaceError
from csai_core.explanation import Explanation, explain_batch
from csai_core.gate import ActionMasks, Improper
from csai_core.spaces import values_of

_SAMPLING = 1
"""Beside a seed, so that actions are not drawn from the numbers that games are."""


class TrainedAgent(Agent):
    """Does what an algorithm thinks best, or draws from the policy it has learned.

    Args:
        algorithm: what decides.
        observation_space: of the environment it was trained in.
        action_space: of that environment.
        random: where actions are drawn from; None does what is best.
        action_names: of the actions of a Discrete space, for people; None takes their numbers.
        memory: what it remembers of the present episode, if its algorithm does: a batch of one row; None is
            the start of one. `after` gives the agent with what it remembers a step later.
    """

    def __init__(
        self,
        algorithm: Algorithm,
        observation_space: spaces.Space[Any],
        action_space: spaces.Space[Any],
        *,
        random: np.random.Generator | None = None,
        action_names: Sequence[str] | None = None,
        memory: Any = None,
    ) -> None:
        super().__init__()
        self.algorithm = algorithm
        self.observation_space = observation_space
        self.action_space = action_space
        self.random = random
        self.action_names = action_names
        self.memory = memory
        self._masks = ActionMasks(action_space)

    @property
    def gamma(self) -> float | None:  # type: ignore[override]
        """By what its algorithm discounts what comes a step later, as its config says; None without one."""
        found = getattr(getattr(self.algorithm, "config", None), "gamma", None)
        return None if found is None else float(found)

    @property
    def is_sampling(self) -> bool:  # type: ignore[override]
        """Whether it draws its actions from the policy."""
        return self.random is not None

    def sampling(self, seed: int) -> TrainedAgent:
        """This agent, drawing its actions from the policy that was learned.

        Raises:
            ConfigError: if its algorithm has learned no chances, but which action is best.
        """
        random = np.random.default_rng([seed, _SAMPLING])
        if type(self.algorithm).sample is Algorithm.sample:
            self.algorithm.sample(None, random)  # says why it cannot
        return self._with(random=random)

    def after(self, state: Any) -> TrainedAgent:
        """This agent, remembering `state` too if its algorithm remembers; see `Agent.after`."""
        if self.algorithm.initial_memory(1) is None:
            return self
        seen = self.algorithm.act(self.stack([state]), explore=False, **self._remembered(1))
        return self._with(memory=seen.memory)

    def _with(self, **changes: Any) -> TrainedAgent:
        """The same agent but for some of what it was made with."""
        kept = {name: getattr(self, name) for name in ("random", "action_names", "memory")}
        return TrainedAgent(self.algorithm, self.observation_space, self.action_space, **(kept | changes))

    def _remembered(self, count: int) -> dict[str, Any]:
        """The keyword that tells an algorithm what it remembers, the same for each of several states."""
        if self.memory is None:
            return {}
        return {"memory": trees.take(self.memory, np.zeros(count, dtype=np.intp))}

    def decide(self, observation: Any, action_mask: NDArray[np.int8] | None, **memory: Any) -> Decision:
        """Actions for a batch of observations; where there is a mask, among those it allows.

        Args:
            observation: a batch.
            action_mask: (batch, number of actions), 1 where an action is allowed; None when all are.
            **memory: `memory=`, what is remembered of each episode, where the algorithm remembers.
        """
        if self.random is None:
            return self.algorithm.act(observation, explore=False, action_mask=action_mask, **memory)
        return self.algorithm.sample(observation, self.random, action_mask, **memory)

    def get_actions(self) -> list[Any]:
        """All actions of a Discrete space.

        Raises:
            SpaceError: if there are too many to list.
            ConfigError: if the space is another, whose actions cannot be listed.
        """
        if not isinstance(self.action_space, spaces.Discrete):
            raise ConfigError(f"The actions of {self.action_space} cannot be listed.")
        return values_of(self.action_space)

    def get_next_action(self, state: Any) -> Any:
        """The best action in `state`."""
        return self.get_allowed_action(state, None)

    def get_allowed_action(self, state: Any, action_mask: Any) -> Any:
        """The best action in `state`; where there is a mask, among those it allows.

        Raises:
            SpaceError: if the state has another shape, or other parts, than what it was trained to observe.
        """
        decision = self.decide(self.stack([state]), self.masks([action_mask]), **self._remembered(1))
        return trees.unstack(decision.action, 1)[0]

    def explain(self, state: Any, action_mask: Any = None) -> Explanation:
        """What it thinks best in `state`, and why: values or chances of all actions, value of the state.

        The action is the one that is thought best, also where this agent draws from its policy.

        Args:
            state: an observation of the environment.
            action_mask: `info["action_mask"]`, 1 for each action that is allowed; None allows all.

        Raises:
            SpaceError: if the state has another shape, or other parts, than what it was trained to observe.
            ConfigError: if the mask is none for the action space.
        """
        return self.explain_all([state], [action_mask])[0]

    def explain_all(
        self, states: Sequence[Any], action_masks: Sequence[Any] | None = None
    ) -> list[Explanation]:
        """The same for several states at once, which is faster than one by one; see `explain`."""
        observation = self.stack(states)
        mask = None if action_masks is None else self.masks(action_masks)
        remembered = self._remembered(len(states))
        decision = self.algorithm.act(observation, explore=False, action_mask=mask, **remembered)
        tells = type(self.algorithm).explain is not Algorithm.explain  # which takes no memory
        return explain_batch(
            self.action_space,
            decision.action,
            self.algorithm.explain(observation, mask, **remembered) if tells else Outlook(),
            action_mask=mask,
            action_names=self.action_names,
        )

    def export_onnx(self, path: str | os.PathLike[str]) -> None:
        """Write an ONNX file that decides as this agent does, for other programs.

        It takes observations as the environment gives them, in batches of any size, and a mask where actions
        are chosen among some; see `csai_neural.onnx_export.export_onnx` for the names of all that goes in and
        comes out. A network that remembers has its states as inputs and outputs.

        Args:
            path: the file.

        Raises:
            ConfigError: if its algorithm decides by no network, as one with a table.
            MissingExtraError: if the extra `csai-neural[onnx]` is not installed.
        """
        from csai_neural.onnx_export import export_onnx

        decider = getattr(self.algorithm, "decider", None)
        if decider is None:
            raise ConfigError(
                f"{type(self.algorithm).__name__} does not say by which network it decides, so it cannot be "
                "written as ONNX. An algorithm says it by a method decider(), as those of csai-train do that "
                "have networks."
            )
        network, head = decider()
        export_onnx(network, Path(path), head)

    def stack(self, states: Sequence[Any]) -> Any:
        """States of some environments as `decide` takes them.

        Raises:
            SpaceError: if one has another shape, or other parts, than what it was trained to observe.
        """
        for state in states:
            if not _has_form(state, self.observation_space):
                raise SpaceError(
                    f"An agent that was trained to observe {self.observation_space} was asked what to do in "
                    f"{_form(state)}, which has another form. "
                    "Make the environment as it was made for training."
                )
        return trees.stack(self.observation_space, states)

    def masks(self, given: Sequence[Any]) -> NDArray[np.int8] | None:
        """Action masks of some environments as `decide` takes them; None allows everything.

        Raises:
            ConfigError: if one is none for the action space.
        """
        try:
            return self._masks.stack(given)
        except Improper as found:
            raise ConfigError(str(found)) from None

    def update(self, state: Any, action: Any, next_state: Any, reward: float) -> None:
        """Learn nothing more: the training is over."""


def _has_form(value: Any, space: spaces.Space[Any]) -> bool:
    """Whether a value has the parts and shapes of a space's values."""
    if isinstance(space, spaces.Dict):
        is_alike = isinstance(value, Mapping) and value.keys() == space.spaces.keys()
        return is_alike and all(_has_form(value[name], each) for name, each in space.spaces.items())
    if isinstance(space, spaces.Tuple):
        is_alike = isinstance(value, (tuple, list)) and len(value) == len(space.spaces)
        return is_alike and all(map(_has_form, value, space.spaces))
    return not isinstance(value, Mapping) and (space.shape is None or np.shape(value) == space.shape)


def _form(value: Any) -> str:
    """A state in words: the shapes of its arrays, and everything else as it is."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name!r}: {_form(each)}" for name, each in value.items()) + "}"
    if isinstance(value, (tuple, list)):
        return f"({', '.join(map(_form, value))})"
    return f"an array of shape {value.shape}" if isinstance(value, np.ndarray) else repr(value)
