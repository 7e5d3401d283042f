"""What every agent can be asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from csai_core.errors import ContractError

if TYPE_CHECKING:
    from csai_core.explanation import Explanation


class Agent:
    """Chooses actions, and may learn from what follows.

    A subclass writes `get_next_action`, `get_actions` if somebody asks for it, and `update` if it learns.
    An agent never owns the environment's state: it is shown observations and answers with actions.

    Args:
        is_user_control: whether a person plays through this agent.
    """

    gamma: float | None = None
    """By what it discounts what comes a step later; None where it does not say."""
    is_sampling: bool = False
    """Whether it draws its actions, so that it may do something else than what it thinks best."""

    def __init__(self, is_user_control: bool = False) -> None:
        self.is_user_control = is_user_control

    def get_actions(self) -> list[Any]:
        """The actions this agent can take in the present state of its environment."""
        raise self._missing("get_actions(self)")

    def get_next_action(self, state: Any) -> Any:
        """The action to take in `state`, which is an observation of the environment."""
        raise self._missing("get_next_action(self, state)")

    def get_allowed_action(self, state: Any, action_mask: Any) -> Any:
        """The action to take in `state` where only some are allowed.

        Unless a subclass says otherwise, the mask is not heeded.

        Args:
            state: an observation of the environment.
            action_mask: `info["action_mask"]`, 1 for each action that is allowed and 0 for the others; None
                allows all.
        """
        return self.get_next_action(state)

    def after(self, state: Any) -> Agent:
        """This agent as it goes on in the present episode, once it has seen `state` and a step was taken.

        That is itself, unless it remembers: then it is another, which remembers `state` too, and this one
        stays as it is. A `Game` asks for it after each step.

        Args:
            state: the observation that the step was taken in, whoever took it.
        """
        return self

    def explain(self, state: Any, action_mask: Any = None) -> Explanation | None:
        """What it does in `state`, and why; views draw it beside the game. Nothing changes by it.

        Unless a subclass says otherwise, nothing is told.

        Args:
            state: an observation of the environment.
            action_mask: `info["action_mask"]`; None allows all actions.
        """
        return None

    def explain_all(
        self, states: Sequence[Any], action_masks: Sequence[Any] | None = None
    ) -> Sequence[Explanation | None]:
        """The same for several states; who can tell it faster of all at once overrides this.

        Args:
            states: observations of the environment.
            action_masks: one for each, each of which may be None; None allows all actions everywhere.
        """
        masks = [None] * len(states) if action_masks is None else action_masks
        return [self.explain(*pair) for pair in zip(states, masks, strict=True)]

    def update(self, state: Any, action: Any, next_state: Any, reward: float) -> None:
        """Learn from one transition: `action` in `state` gave `reward` and led to `next_state`.

        Unless a subclass says otherwise, nothing is learned.
        """

    def _missing(self, method: str) -> ContractError:
        return ContractError(f"{type(self).__name__} has no method {method}; write one in the class.")
