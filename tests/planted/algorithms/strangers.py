"""Algorithms as strangers write them, judged before anybody had looked at which are found."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import torch

from csai_core.algorithm import Decision, FirstUpdate
from planted.algorithms.table import Remembering, Table, TableSuite
from planted.algorithms.torch_networks import DQN, TorchSuite
from planted.specimens import planted


@planted("mask allowed only")
class TriesWhatIsForbidden(TableSuite):
    """Where it explores, it tries everything, whatever the mask."""

    class Learner(Table):
        def explored(self, scores):
            return self.random.integers(self.num_actions, size=len(scores))


@planted("not finite")
class DividesBySpread(TableSuite):
    """Rewards are divided by their spread, which may be none."""

    class Learner(Table):
        def learn(self, step):
            with np.errstate(all="ignore"):
                scaled = (step.reward - step.reward.mean()) / step.reward.std()
            return super().learn(step._replace(reward=scaled))


@planted("went on differently|state_dict")
class CounterNotSaved(TableSuite):
    """How far its exploration has come is not saved."""

    class Learner(Table):
        def load_state_dict(self, state):
            super().load_state_dict({**state, "num_steps": 0})


@planted("explore=False. changed the algorithm|act.*learn")
class CountsWhatIsWatched(TableSuite):
    """Every call of act counts as a step."""

    class Learner(Table):
        def act(self, observation, *, explore, action_mask=None):
            self.num_steps += len(observation)
            return super().act(observation, explore=explore, action_mask=action_mask)


@planted("float.value.|numbers by name")
class MeasuresATensor(TorchSuite):
    """The loss that it measures is a tensor."""

    class Learner(DQN):
        def update(self):
            return {name: torch.tensor(value) for name, value in super().update().items()}


@planted("Take everything from the Step|learned otherwise")
class RemembersWhatItSaw(TableSuite):
    """It learns of the observation that act was given last."""

    class Learner(Table):
        seen = None

        def act(self, observation, *, explore, action_mask=None):
            self.seen = np.array(observation)
            return super().act(observation, explore=explore, action_mask=action_mask)

        def learn(self, step):
            if self.seen is not None and len(self.seen) == len(step.reward):
                step = step._replace(observation=self.seen)
            return super().learn(step)


@planted("first_update.. promised")
class PromisesMore(TableSuite):
    """It says in updates, of several environments each, what is asked for in steps."""

    class Learner(Remembering):
        def first_update(self):
            return FirstUpdate(10 * self.config.num_envs)


@planted("learned what pays|total_steps|reward")
class GradientOfTheSign(TableSuite):
    """The sign of its error is turned around."""

    class Learner(Table):
        def learn(self, step):
            return super().learn(step._replace(reward=-step.reward))


@planted("num_envs|environments")
class OneEnvironmentAlone(TableSuite):
    """It takes the action of the first row for all of them."""

    class Learner(Table):
        def act(self, observation, *, explore, action_mask=None):
            decision = super().act(observation, explore=explore, action_mask=action_mask)
            if explore:
                return Decision(np.full(len(observation), decision.action[0]))
            return decision


@planted("went on differently|state_dict")
class CounterNowhereInItsState(TableSuite):
    """How far its exploration has come stands in no state, and is so slow that only a short plan shows it."""

    class Learner(Table):
        def epsilon(self):
            return max(0.05, 1.0 - self.num_steps / self.total_steps)

        def state_dict(self):
            return {name: each for name, each in super().state_dict().items() if name != "num_steps"}

        def load_state_dict(self, state):
            super().load_state_dict({**state, "num_steps": 0})


@planted("between whole numbers")
class RewardsAreWhole(TableSuite):
    """Rewards are kept as whole numbers."""

    class Learner(Table):
        def learn(self, step):
            return super().learn(step._replace(reward=step.reward.astype(int)))


@planted("the action mask")
class NarrowsTheMask(TableSuite):
    """It writes into the mask, where more than one action is allowed."""

    class Learner(Table):
        def act(self, observation, *, explore, action_mask=None):
            if action_mask is not None:
                action_mask[action_mask.sum(axis=1) > 1, 0] = 0
            return super().act(observation, explore=explore, action_mask=action_mask)


@planted("changed another that had only been made")
class OneTableForAll(TableSuite):
    """The table stands in the class."""

    class Learner(Table):
        values_by_size: ClassVar[dict[tuple[int, ...], np.ndarray]] = {}

        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.values = self.values_by_size.setdefault(self.values.shape, self.values)


@planted("a leak")
class KeepsLossesWhileItsMemoryFills(TorchSuite):
    """It keeps every loss, with all that it was computed from, while its memory of steps still grows."""

    class Learner(DQN):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.losses = []

        def update(self):
            measured = super().update()
            self.losses.append(self.net(torch.zeros(1, self.net[0].in_features)).mean())
            return measured


@planted("what one learned changed another.*default arguments")
class SharesADefault(TableSuite):
    """Its memory is the default of an argument, and so everybody's."""

    class Learner(Remembering):
        def __init__(self, *args, memory=[], **settings):  # noqa: B006
            super().__init__(*args, **settings)
            self.memory = memory
