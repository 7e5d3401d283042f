"""What an algorithm is: it decides, it is shown what followed, and it learns when it is time to.

A training drives every algorithm through this interface, ours and strangers' alike:

    decision = algorithm.act(observation, explore=True)
    … the environments take decision.action …
    metrics = algorithm.learn(Step(observation, decision.action, …, memo=decision.memo))

`learn` learns from the `Step` alone: nothing passes between the two calls but what stands in it. So steps may
also come from demonstrations, from other actors or from a replay, where the method allows that.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple, Protocol

import numpy as np
from gymnasium import Space
from gymnasium.vector import VectorEnv
from numpy.typing import NDArray

from csai_core.errors import ConfigError

__all__ = ["Algorithm", "Decision", "FirstUpdate", "Learned", "MakeAlgorithm", "Outlook", "Spread", "Step"]


class Decision(NamedTuple):
    """What `Algorithm.act` decides for several environments."""

    action: Any
    """A batch of actions as the environments take them, leading axis num_envs; the caller's from then on."""
    memo: Any = None
    """What the algorithm wants to be told again when it learns from this decision, such as the number that
    it drew before that was clipped to the space: arrays with leading axis num_envs, in dicts and tuples."""
    memory: Any = None
    """What the algorithm remembers of each episode from here on, for the next call; None where it remembers
    nothing. See `Algorithm.initial_memory`."""


class Step(NamedTuple):
    """What one step in `num_envs` environments brought; every field has leading axis num_envs.

    Observations and actions of Dict spaces are dicts of such arrays. The arrays are the giver's, who may use
    them again: `learn` changes nothing in them, and copies what it keeps.
    """

    observation: Any
    action: Any
    reward: NDArray[np.float64]
    """(num_envs,)."""
    terminated: NDArray[np.bool_]
    """(num_envs,): the game itself ended; nothing follows, so nothing is bootstrapped."""
    truncated: NDArray[np.bool_]
    """(num_envs,): the episode was cut short; what would have followed still counts."""
    next_observation: Any
    """What the action led to; at an episode's end its last observation, never the next one's first."""
    action_mask: NDArray[np.int8] | None = None
    """(num_envs, number of actions): 1 where an action was allowed; None where all always are."""
    next_action_mask: NDArray[np.int8] | None = None
    """(num_envs, number of actions): 1 where an action is allowed next; None where all always are."""
    is_reset: NDArray[np.bool_] | None = None
    """(num_envs,): where an environment only started its next episode, whatever the action was; such a row
    is no step, and nothing may be learned from it. None where there is none."""
    memo: Any = None
    """The memo of the decision that this step came from; None where somebody else decided."""
    num_elsewhere: NDArray[np.int64] | None = None
    """(num_envs,): how many steps other processes, which train together with this one, took meanwhile, shared
    out among the environments here. None where there are none."""

    @property
    def num_taken(self) -> int:
        """In how many environments a step was really taken, those of other processes included."""
        count = len(self.reward) + self.num_taken_elsewhere
        return count if self.is_reset is None else count - int(np.count_nonzero(self.is_reset))

    @property
    def num_taken_elsewhere(self) -> int:
        """In how many environments of other processes a step was taken."""
        return 0 if self.num_elsewhere is None else int(self.num_elsewhere.sum())


class FirstUpdate(NamedTuple):
    """When an algorithm learns for the first time."""

    steps: int
    """How many steps, over all environments, are needed for it, whatever happens in them."""
    settings: tuple[str, ...] = ()
    """The fields of its config that decide it."""


class Learned(NamedTuple):
    """What an algorithm has learned, without how it learns: what another training can start from."""

    network: Any = None
    """The network, where there is one; the algorithm that starts from it is made with it (`network=`)."""
    state: Mapping[str, Any] = {}
    """What belongs to it besides, such as a table or the scaling of observations: nested dicts of arrays and
    plain values, for `Algorithm.start_from`."""


class Spread(NamedTuple):
    """A normal distribution for each number of a Box, in the units of the environment."""

    mean: NDArray[np.float32]
    """(batch, *shape of the space)."""
    deviation: NDArray[np.float32]
    """(batch, *shape of the space)."""


class Outlook(NamedTuple):
    """What an algorithm thinks of a batch of observations; what it has no opinion on is None."""

    action_values: NDArray[np.floating[Any]] | None = None
    """(batch, number of actions) of a Discrete space: the return it expects after each action, discounted."""
    chances: Any = None
    """How often its policy takes each action, in the form of the action space: for Discrete an array (batch,
    number of actions); for MultiDiscrete a tuple of such arrays, one for each number; for MultiBinary
    the chance of each one, (batch, *shape); for Box a `Spread`; for Dict a dict of these."""
    state_value: NDArray[np.floating[Any]] | None = None
    """(batch,): the return it expects from here on, discounted, where it does not follow from
    `action_values`."""


class Algorithm(ABC):
    """Learns to act.

    Every config has a field `num_envs`: how many environments the algorithm is run in.
    """

    learns: ClassVar[str] = ""
    """What it learns, in words, such as "a table of action values": a training can start from what another
    algorithm has learned that says the same here. Empty where nothing can be started from."""

    @abstractmethod
    def act(
        self, observation: Any, *, explore: bool, action_mask: NDArray[np.int8] | None = None
    ) -> Decision:
        """Choose actions, each row's by that row alone.

        Args:
            observation: a batch of observations, leading axis = number of environments; nothing in it is
                changed.
            explore: whether to try things out, as in training, or to do what seems best. The latter draws
                nothing and leaves no trace, for as many environments as one likes; the former is asked for
                the config's num_envs.
            action_mask: (number of environments, number of actions), 1 where an action is allowed;
                None when all are.
        """

    def initial_memory(self, num_envs: int) -> Any:
        """What it remembers at the start of each of several episodes; None if it goes by what it sees alone.

        One that remembers, such as a policy with a recurrent network, takes one more keyword in `act`,
        `sample` and `explain`, `memory`, and gives the next in `Decision.memory`; None is the start of an
        episode there too. Between two calls whoever plays holds it, in an `EpisodeMemory`: the algorithm
        does not.

        Returns:
            Arrays with leading axis num_envs, in dicts and tuples; each row is that of one episode.
        """
        return None

    def sample(
        self, observation: Any, random: np.random.Generator, action_mask: NDArray[np.int8] | None = None
    ) -> Decision:
        """Draw actions from the policy that was learned, where that is one of chance; nothing else changes.

        Args:
            observation: a batch of observations, leading axis = number of environments.
            random: where actions are drawn from.
            action_mask: (number of environments, number of actions), 1 where an action is allowed;
                None when all are.

        Raises:
            ConfigError: if it has learned no chances, but which action is best.
        """
        raise ConfigError(
            "There is no policy to sample from: what was learned here is which action is best, not how often "
            "to take each. Leave out --sample (in Python sample=True), and the best is played."
        )

    def explain(self, observation: Any, action_mask: NDArray[np.int8] | None = None) -> Outlook:
        """What stands behind the actions that `act(explore=False)` takes; nothing changes by it.

        Views draw it while people watch: the highest action value, or the likeliest choice, is the one that
        is taken. Unless a subclass says otherwise, nothing is told.

        Args:
            observation: a batch of observations, of any size.
            action_mask: (batch, number of actions), 1 where an action is allowed; None when all are. A
                forbidden action has the chance 0; its value may be any.
        """
        return Outlook()

    @abstractmethod
    def learn(self, step: Step) -> Mapping[str, float]:
        """Take note of one step, and learn if it is time to.

        Returns:
            Measurements of the updates that were made, such as the loss; empty if none was.

        Raises:
            ConfigError: if the method cannot learn from a step that it did not decide itself.
        """

    @abstractmethod
    def state_dict(self) -> dict[str, Any]:
        """Everything needed to go on exactly from here, as it is now, whatever is learned later.

        Returns:
            Nested dicts, lists, tuples, sets and deques of arrays, tensors, numbers, texts and bytes: what
            checkpoints hold. Arrays, lists and dicts are copies; a torch module's own state_dict() will do.
        """

    @abstractmethod
    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `state_dict` gave; from a file, tensors come on the CPU.

        The state stays its giver's: what changes in place later is a copy.
        """

    def learned(self) -> Learned:
        """What it has learned, for another training to start from; asked only where it `learns` something."""
        return Learned()

    def start_from(self, state: Mapping[str, Any]) -> None:
        """Start from the `state` that another algorithm has `learned`, which learns the same.

        This one is new, and made with the other's network, if there was one; counters, optimizer, memory and
        generators stay as they are.

        Raises:
            ConfigError: if what was learned does not go with the settings.
        """
        return

    def first_update(self) -> FirstUpdate | None:
        """When it learns for the first time; None where that cannot be told before.

        A training that is shorter is refused, as nothing would come of it.
        """
        return None

    def num_unlearned(self) -> int:
        """How many of the steps that it was shown it has not learned from, as it waits for more of them."""
        return 0

    def set_envs(self, envs: VectorEnv[Any, Any, Any]) -> None:
        """Hear in which environments it will be trained, before the first step.

        They are played by the training alone: whoever has something to ask them, such as a replay memory that
        wants to know what another goal would have paid, overrides this.
        """
        return

    def set_group(self, group: Any) -> None:
        """Hear, before the first step, with which other processes it is trained together.

        Each process has an algorithm of its own, environments of its own, and a config in which `num_envs`,
        `batch_size` and `buffer_capacity` are its share; steps are counted over all of them
        (`Step.num_taken`), so that all update at the same step. Whoever learns by gradients overrides this
        and lets its `csai_train` `Backend` `join` the group: there gradients meet, and weights begin alike.

        Args:
            group: a `csai_train.group.Group` of more than one process.

        Raises:
            ConfigError: unless a subclass says how.
        """
        raise ConfigError(
            f"{type(self).__name__} cannot be trained by several processes: it does not say how what they "
            "learn comes together (Algorithm.set_group). Train it in one, or several seeds side by side."
        )

    def cut_episodes(self) -> None:
        """Hear that the episodes under way were cut: the next step belongs to new ones.

        So it is when a training is resumed whose environments cannot be brought back to where they were.
        Whoever joins steps of one episode, or waits for its end, overrides this.
        """
        return

    def describe(self) -> dict[str, str]:
        """How it computes, in words by name, such as the backend and the device; for people to read."""
        return {}


class MakeAlgorithm(Protocol):
    """What an algorithm's `Entry` points to: a class or function with this signature.

    It may also take the keywords `network` (what a user wants in place of the default network), `device` and
    `backend`; a training gives each of them only where the user asked for it, and refuses it in words where
    the target does not take it.
    """

    def __call__(
        self,
        observation_space: Space[Any],
        action_space: Space[Any],
        config: Any,
        *,
        total_steps: int,
        seed: int,
    ) -> Algorithm:
        """Make an untrained algorithm.

        Args:
            observation_space: of one environment.
            action_space: of one environment.
            config: an instance of the entry's config class.
            total_steps: how many steps, over all environments, the training will take; what decays
                over a training (exploration, learning rate) is planned by it.
            seed: decides everything random about the algorithm.
        """
