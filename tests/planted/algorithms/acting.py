"""Faults in how an algorithm decides."""

from __future__ import annotations

import numpy as np

from csai_core.algorithm import Decision
from planted.algorithms.table import Table, TableSuite
from planted.specimens import planted, sound


@planted(r"act\(explore=True\) gave|5 actions")
class OneTooHigh(TableSuite):
    """Actions are counted from one."""

    class Learner(Table):
        def act(self, observation, *, explore, action_mask=None):
            return Decision(super().act(observation, explore=explore, action_mask=action_mask).action + 1)


@planted(r"actions? of Discrete\(\d, start=")
class StartOfActions(TableSuite):
    """The first action of a Discrete is taken to be 0, whatever the space says."""

    class Learner(Table):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.first_action = 0


@planted(r"start=|IndexError")
class StartOfObservations(TableSuite):
    """The first observation of a Discrete is taken to be 0, whatever the space says."""

    class Learner(Table):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.first_observation = 0


@planted(r"actions? of Discrete|float")
class FloatingActions(TableSuite):
    """Actions are floating-point numbers."""

    class Learner(Table):
        def act(self, observation, *, explore, action_mask=None):
            decision = super().act(observation, explore=explore, action_mask=action_mask)
            return Decision(decision.action.astype(np.float64))


@planted(r"actions? of Discrete|shape|\(\w+, 1\)")
class ActionsInColumns(TableSuite):
    """Actions come in a column, (num_envs, 1)."""

    class Learner(Table):
        def act(self, observation, *, explore, action_mask=None):
            decision = super().act(observation, explore=explore, action_mask=action_mask)
            return Decision(decision.action[:, None])


@planted(r"must give .*Decision")
class BareActions(TableSuite):
    """Actions come bare, without a Decision."""

    class Learner(Table):
        def act(self, observation, *, explore, action_mask=None):
            return super().act(observation, explore=explore, action_mask=action_mask).action


@planted(r"1 observation|one observation|batch of one|single")
class SqueezedBatch(TableSuite):
    """A batch of one is squeezed away."""

    class Learner(Table):
        def act(self, observation, *, explore, action_mask=None):
            decision = super().act(observation, explore=explore, action_mask=action_mask)
            return Decision(np.squeeze(decision.action))


@planted("mask allowed only")
class MaskIgnored(TableSuite):
    """Forbidden actions are taken."""

    class Learner(Table):
        def act(self, observation, *, explore, action_mask=None):
            return super().act(observation, explore=explore)


@planted("mask allowed only.*explore=True")
class MaskIgnoredInExploring(TableSuite):
    """What is tried out may be forbidden."""

    class Learner(Table):
        def explored(self, scores):
            return self.random.integers(self.num_actions, size=len(scores))


@planted("mask")
class MaskByZero(TableSuite):
    """Forbidden actions are given the value 0, which is the best where the others are worth less."""

    class Learner(Table):
        def scores(self, observation, action_mask):
            scores = self.values[self.rows(observation)].copy()
            return scores if action_mask is None else scores * action_mask


@planted("sample.*mask|mask.*sample")
class SampleWithoutMask(TableSuite):
    """The policy that is sampled knows no masks."""

    class Learner(Table):
        def sample(self, observation, random, action_mask=None):
            actions = random.integers(self.num_actions, size=len(self.rows(observation)))
            return Decision(actions + self.first_action)


@planted("sample.*equal generators|generator")
class SampleByOwnDice(TableSuite):
    """Samples are drawn from its own generator."""

    class Learner(Table):
        def sample(self, observation, random, action_mask=None):
            return self.act(observation, explore=True, action_mask=action_mask)


@planted("explore=False")
class AlwaysExploring(TableSuite):
    """It tries things out when it shall do what is best."""

    class Learner(Table):
        def act(self, observation, *, explore, action_mask=None):
            return super().act(observation, explore=True, action_mask=action_mask)


@planted("explore=False")
class TiesAtRandom(TableSuite):
    """Of equally good actions it takes any, also when it shall not explore."""

    class Learner(Table):
        def act(self, observation, *, explore, action_mask=None):
            if explore:
                return super().act(observation, explore=True, action_mask=action_mask)
            scores = self.scores(observation, action_mask)
            ties = scores == scores.max(axis=1, keepdims=True)
            return Decision((ties * self.random.random(ties.shape)).argmax(axis=1) + self.first_action)


@planted(r"explore=False\).*(chang|differ)|(chang|differ).*explore=False")
class CountsEveryDecision(TableSuite):
    """Exploration falls with every call of act, also of those that do not explore."""

    class Learner(Table):
        calls = 0

        def epsilon(self):
            return max(0.1, 1.0 - self.calls / 50)

        def act(self, observation, *, explore, action_mask=None):
            self.calls += 1
            return super().act(observation, explore=explore, action_mask=action_mask)

        def state_dict(self):
            return {**super().state_dict(), "calls": self.calls}

        def load_state_dict(self, state):
            super().load_state_dict(state)
            self.calls = state["calls"]


@planted(r"observation.*(chang|wr[io]t)|(chang|wr[io]t).*observation")
class ShiftsObservations(TableSuite):
    """The observations that it is given are shifted in place."""

    class Learner(Table):
        def rows(self, observation):
            observation -= self.first_observation - 1
            return observation - 1


@planted(r"row|other observations|batch")
class RowsLookAtEachOther(TableSuite):
    """What is done for one environment depends on what the others observe."""

    class Learner(Table):
        def scores(self, observation, action_mask):
            scores = super().scores(observation, action_mask)
            first = self.rows(observation)[0]
            scores[:, 0] += np.where(self.rows(observation) == first, 0.0, 1e6)
            return scores


@planted(r"act.*(chang|same array|again)")
class OneArrayForAllActions(TableSuite):
    """All decisions share one array, which the next one overwrites."""

    class Learner(Table):
        def act(self, observation, *, explore, action_mask=None):
            decision = super().act(observation, explore=explore, action_mask=action_mask)
            shared = vars(self).setdefault("actions", {}).setdefault(len(decision.action), decision.action)
            shared[:] = decision.action
            return Decision(shared)


@planted("memo.*(row|axis|num_envs)")
class MemoOfTheWholeBatch(TableSuite):
    """The memo holds one number for all environments."""

    class Learner(Table):
        def act(self, observation, *, explore, action_mask=None):
            decision = super().act(observation, explore=explore, action_mask=action_mask)
            return Decision(decision.action, memo={"epsilon": np.array([self.epsilon()] * 7)})


@planted("sample.*(space|actions of)")
class SampleOutOfSpace(TableSuite):
    """Sampled actions are no actions."""

    class Learner(Table):
        def sample(self, observation, random, action_mask=None):
            return Decision(np.full(len(observation), -7))


@planted("changed the action mask")
class MaskChanged(TableSuite):
    """The mask that it is given is overwritten."""

    class Learner(Table):
        def act(self, observation, *, explore, action_mask=None):
            decision = super().act(observation, explore=explore, action_mask=action_mask)
            if action_mask is not None:
                action_mask[:] = 1
            return decision


@planted("another one each time")
class OneTrialForAll(TableSuite):
    """Each row decides by itself whether it explores, and those that do try the same."""

    class Learner(Table):
        def epsilon(self):
            return 0.2

        def explored(self, scores):
            tried = super().explored(scores)
            return tried if np.isinf(scores).any() else np.full_like(tried, tried[0])


@sound
class TriesTheSecondBest(TableSuite):
    """Rows that explore take what seems second best, which is the same where they see the same."""

    class Learner(Table):
        def epsilon(self):
            return 0.2

        def explored(self, scores):
            second = np.argsort(-scores, axis=1, kind="stable")[:, 1]
            allowed = ~np.isinf(scores[np.arange(len(scores)), second])
            return np.where(allowed, second, scores.argmax(axis=1))
