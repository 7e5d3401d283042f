"""Algorithms as strangers write them, judged before anybody had looked at which are found."""

from __future__ import annotations

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
