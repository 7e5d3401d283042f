"""Faults in what an algorithm tells of its decisions."""

from __future__ import annotations

import numpy as np
import torch

from csai_core.algorithm import Outlook, Spread
from planted.algorithms.options import Linear
from planted.algorithms.table import Table, TableSuite
from planted.algorithms.torch_networks import DQN, TorchSuite
from planted.specimens import planted, sound


class Telling(Table):
    """A table that tells its values, and a policy of chance around them."""

    def explain(self, observation, action_mask=None):
        return Outlook(action_values=self.told(observation), chances=self.chances(observation, action_mask))

    def told(self, observation):
        return self.values[self.rows(observation)]

    def chances(self, observation, action_mask):
        scores = self.scores(observation, action_mask)
        exps = np.exp(scores - scores.max(axis=1, keepdims=True))
        return exps / exps.sum(axis=1, keepdims=True)


@planted("add up to 1")
class ChancesWithoutSum(TableSuite):
    """Its chances are not divided by their sum."""

    class Learner(Telling):
        def chances(self, observation, action_mask):
            scores = self.scores(observation, action_mask)
            return np.exp(scores - scores.max(axis=1, keepdims=True))


@planted("not below 0")
class ChancesBelowZero(TableSuite):
    """What is told as chances are advantages, which add up to 1 after all."""

    class Learner(Telling):
        def chances(self, observation, action_mask):
            values = self.told(observation)
            return 3 * (values - values.mean(axis=1, keepdims=True)) + 1 / values.shape[1]


@planted("another is the highest")
class ValuesOfTheWorst(TableSuite):
    """It tells costs, the less the better, where values are asked for."""

    class Learner(Telling):
        def told(self, observation):
            return -super().told(observation)


@planted("alone")
class ValuesOfAnotherRow(TableSuite):
    """The values are those of the row before."""

    class Learner(Telling):
        def told(self, observation):
            return np.roll(super().told(observation), 1, axis=0)


@planted("Forbidden actions have the chance 0")
class ForbiddenChances(TableSuite):
    """What is forbidden has a chance nevertheless."""

    class Learner(Telling):
        def chances(self, observation, action_mask):
            return super().chances(observation, None)


@planted("explain changed the algorithm")
class CountsExplanations(TableSuite):
    """It draws from its generator where it is only asked."""

    class Learner(Telling):
        def told(self, observation):
            self.random.random()
            return super().told(observation)


@planted("told otherwise of the same")
class ExplainsByChance(TableSuite):
    """It tells values with a little noise, from a generator that nobody saves."""

    class Learner(Telling):
        noise = np.random.default_rng(1)

        def told(self, observation):
            values = super().told(observation)
            return values + self.noise.normal(0, 1e-6, values.shape)


@planted("must be a numpy array of")
class ValuesTurned(TableSuite):
    """The values have a row for each action, and a column for each observation."""

    class Learner(Telling):
        def told(self, observation):
            return super().told(observation).T


@planted("must be a numpy array of")
class ValueOfTheBest(TableSuite):
    """The value of the state has an axis too many."""

    class Learner(Telling):
        def explain(self, observation, action_mask=None):
            return Outlook(state_value=self.told(observation).max(axis=1, keepdims=True))


@planted("must be a numpy array of")
class OneForAll(TableSuite):
    """Whatever the batch, it tells of num_envs observations."""

    class Learner(Telling):
        def told(self, observation):
            return np.resize(super().told(observation), (self.config.num_envs, self.num_actions))


@planted("NaN or infinite")
class ValuesAreNaN(TableSuite):
    """Values are scaled by their spread, which is 0 where nothing was learned."""

    class Learner(Telling):
        def told(self, observation):
            values = super().told(observation)
            with np.errstate(all="ignore"):
                return (values - values.min()) / (0 * values)


@planted("explain changed the observation")
class ExplainsInPlace(TableSuite):
    """It subtracts where observations begin, in place."""

    class Learner(Telling):
        def told(self, observation):
            observation -= self.first_observation
            return self.values[observation].copy()


@planted("must give csai_core.algorithm.Outlook")
class ExplainsInADict(TableSuite):
    """It gives a dict of its own."""

    class Learner(Telling):
        def explain(self, observation, action_mask=None):
            return {"action_values": self.told(observation)}


@planted("global generator")
class ExplainsWithDice(TableSuite):
    """It draws from numpy's global generator, to no effect."""

    class Learner(Telling):
        def told(self, observation):
            np.random.random()  # noqa: NPY002
            return super().told(observation)


@planted("what explain had told changed")
class TellsItsOwnMemory(TableSuite):
    """What it tells are its own arrays, which learning changes."""

    class Learner(Telling):
        def explain(self, observation, action_mask=None):
            self.shown = self.told(observation)
            if len(observation) not in self.__dict__.setdefault("lent", {}):
                self.lent[len(observation)] = self.shown.copy()
            self.lent[len(observation)][:] = self.shown
            return Outlook(action_values=self.lent[len(observation)])


@planted("alone")
class ValuesBesideOthers(TableSuite):
    """Values are told relative to the mean of the batch."""

    class Learner(Telling):
        def told(self, observation):
            values = super().told(observation)
            return values - values.mean()


@planted("explain must give as chances a Spread|explain.*Spread")
class DeviationAlone(TableSuite):
    """For numbers it tells how far they spread, and not where."""

    learning_steps = 0

    class Learner(Linear):
        def explain(self, observation, action_mask=None):
            return Outlook(chances=np.ones((len(observation), *self.space.shape)))


@planted("standard deviation below 0")
class LogarithmOfDeviation(TableSuite):
    """It tells the logarithm of the standard deviation."""

    learning_steps = 0

    class Learner(Linear):
        def explain(self, observation, action_mask=None):
            mean = self.to_space(self.values[self.rows(observation)])
            return Outlook(chances=Spread(mean, np.full(mean.shape, -1.2)))


@sound
class TellsItsValues(TableSuite):
    """It tells values and chances."""

    Learner = Telling


@sound
class TellsTheValueAlone(TableSuite):
    """It tells what it expects of the state, and nothing else."""

    class Learner(Telling):
        def explain(self, observation, action_mask=None):
            return Outlook(state_value=self.told(observation).max(axis=1))


@sound
class TellsOfANetwork(TorchSuite):
    """A network's values."""

    class Learner(DQN):
        def explain(self, observation, action_mask=None):
            with torch.no_grad():
                return Outlook(action_values=self.net(self.tensor(observation)).numpy())
