"""Faults in how an algorithm learns from a Step."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from csai_core.algorithm import Decision, FirstUpdate
from planted.algorithms.table import Remembering, Table, TableSuite
from planted.specimens import planted


@planted("truncated|cut short")
class TruncationIsTheEnd(TableSuite):
    """Nothing is expected after an episode that was only cut short."""

    class Learner(Table):
        def future(self, step):
            return np.where(step.truncated, 0.0, super().future(step))


@planted("truncated|cut short")
class TruncationIsTheEndOfMemories(TableSuite):
    """The same, in what is remembered."""

    class Learner(Remembering):
        def kept(self, step):
            return super().kept(step._replace(terminated=step.terminated | step.truncated))


@planted("terminated|after the end")
class TerminationGoesOn(TableSuite):
    """More is expected after the game has ended."""

    class Learner(Table):
        def future(self, step):
            return self.scores(step.next_observation, step.next_action_mask).max(axis=1)


@planted("terminated|after the end|episode")
class TracesOverTheEnd(TableSuite):
    """What an episode brings is also credited to the last step of the one before."""

    class Learner(Table):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.before = {}

        def learn(self, step):
            measured = super().learn(step)
            for i in self.taken(step):
                entry = self.rows(step.observation)[i], int(step.action[i]) - self.first_action
                if i in self.before:
                    self.values[self.before[i]] += 0.15 * step.reward[i]
                self.before[i] = entry
            return measured

        def state_dict(self):
            return {**super().state_dict(), "before": dict(self.before)}

        def load_state_dict(self, state):
            super().load_state_dict(state)
            self.before = dict(state["before"])


@planted("next_action_mask")
class NextMaskIgnored(TableSuite):
    """What is forbidden next is expected nevertheless."""

    class Learner(Table):
        def future(self, step):
            return super().future(step._replace(next_action_mask=None))


@planted("next_action_mask")
class MaskOfBefore(TableSuite):
    """What was forbidden before is taken to be forbidden next."""

    class Learner(Table):
        def future(self, step):
            return super().future(step._replace(next_action_mask=step.action_mask))


@planted("is_reset|reset")
class LearnsFromResets(TableSuite):
    """Rows in which an environment was only reset are learned from."""

    class Learner(Table):
        def taken(self, step):
            return np.arange(len(step.reward))


@planted("is_reset|reset")
class ResetsLeaveNothing(TableSuite):
    """Where all environments were reset, the mean of nothing is measured."""

    class Learner(Table):
        def learn(self, step):
            measured = super().learn(step)
            return measured or {"td_error": float("nan")}


@planted(r"reward.*(chang|wr[io]t)|(chang|wr[io]t).*reward")
class ClipsRewardsInPlace(TableSuite):
    """Rewards are clipped in the array that it was given."""

    class Learner(Table):
        def learn(self, step):
            np.clip(step.reward, -0.5, 0.5, out=step.reward)
            return super().learn(step)


@planted(r"next_observation.*(chang|wr[io]t)|(chang|wr[io]t).*next_observation")
class BlanksLastObservations(TableSuite):
    """Where the game ended, what it led to is overwritten."""

    class Learner(Table):
        def learn(self, step):
            step.next_observation[:] = np.where(
                step.terminated, self.first_observation, step.next_observation
            )
            return super().learn(step)


@planted("reference|overwr|kept|keeps|copy")
class KeepsTheArrays(TableSuite):
    """Steps are remembered without a copy of their arrays."""

    class Learner(Remembering):
        def kept(self, step):
            columns = (step.observation, step.action, step.reward, step.terminated, step.next_observation)
            return [*columns, step.next_action_mask]


@planted("reference|overwr|kept|keeps|copy")
class KeepsOneArray(TableSuite):
    """Of what is remembered, the rewards are no copies."""

    class Learner(Remembering):
        def kept(self, step):
            kept = super().kept(step)
            kept[2] = step.reward
            return kept


@planted("act.*(learn|between)|Step alone|from the Step")
class RemembersItsLastObservation(TableSuite):
    """It learns of the observation that it acted on last, not of the Step's."""

    class Learner(Table):
        def act(self, observation, *, explore, action_mask=None):
            self.last = np.array(observation)
            return super().act(observation, explore=explore, action_mask=action_mask)

        def learn(self, step):
            return super().learn(step._replace(observation=self.last))


@planted("memo|Step alone|from the Step")
class RemembersWhatItTried(TableSuite):
    """It learns of the actions that it tried last, not of the Step's."""

    class Learner(Table):
        last = None

        def act(self, observation, *, explore, action_mask=None):
            decision = super().act(observation, explore=explore, action_mask=action_mask)
            if explore:
                self.last = decision.action.copy()
            return decision

        def learn(self, step):
            return super().learn(step if self.last is None else step._replace(action=self.last))


@planted(r"memo=None.*TypeError")
class NeedsItsMemo(TableSuite):
    """A step without a memo is a TypeError."""

    class Learner(Table):
        def act(self, observation, *, explore, action_mask=None):
            decision = super().act(observation, explore=explore, action_mask=action_mask)
            return Decision(decision.action, memo={"drawn": decision.action.copy()})

        def learn(self, step):
            return super().learn(step._replace(action=step.memo["drawn"]))


@planted("update 10.*nan|10th.*nan|tenth.*nan|nan.*update")
class NaNAfterAWhile(TableSuite):
    """The tenth update measures NaN."""

    class Learner(Table):
        updates = 0

        def learn(self, step):
            measured = super().learn(step)
            self.updates += bool(measured)
            return {"td_error": float("nan")} if self.updates >= 10 else measured

        def state_dict(self):
            return {**super().state_dict(), "updates": self.updates}

        def load_state_dict(self, state):
            super().load_state_dict(state)
            self.updates = state["updates"]


@planted("measure.*(array|float|number)|metric")
class MeasuresArrays(TableSuite):
    """What it measures are arrays."""

    class Learner(Table):
        def learn(self, step):
            return {name: np.array([value]) for name, value in super().learn(step).items()}


@planted("by name|names?|dict|Mapping")
class MeasuresWithoutNames(TableSuite):
    """What it measures is a bare number."""

    class Learner(Table):
        def learn(self, step):
            return super().learn(step).get("td_error", 0.0)


@planted("first_update")
class PromisesTooMuch(TableSuite):
    """It says that it learns for the first time after a hundred steps, and does at once."""

    class Learner(Table):
        def first_update(self):
            return FirstUpdate(100)


@planted("environment|row")
class OnlyTheFirstEnvironment(TableSuite):
    """It learns from the first environment alone."""

    class Learner(Table):
        def taken(self, step):
            return super().taken(step)[:1]


@planted("every row of a Step")
class AllButTheSecondEnvironment(TableSuite):
    """It learns from the first environment and from the last."""

    class Learner(Table):
        def taken(self, step):
            return np.array([i for i in super().taken(step) if i in (0, len(step.reward) - 1)], int)


@planted("answers|learn")
class Minimizes(TableSuite):
    """It learns to get as little as can be."""

    class Learner(Table):
        def learn(self, step):
            return super().learn(step._replace(reward=-step.reward))


@planted("answers|learn")
class LearnsNothing(TableSuite):
    """It measures, and learns nothing."""

    class Learner(Table):
        def learn(self, step):
            self.num_steps += step.num_taken
            return {"td_error": 0.0}


@planted("num_unlearned")
class CountsWrong(TableSuite):
    """It says that more steps wait to be learned from than there were."""

    class Learner(Table):
        def num_unlearned(self):
            return 10 + 2 * self.num_steps


@planted("cut_episodes")
class StumblesOverCuts(TableSuite):
    """It cannot go on after episodes were cut."""

    class Learner(Table):
        def cut_episodes(self):
            self.values = None


@planted("total_steps")
class DividesByTheRest(TableSuite):
    """What is planned over the training divides by zero at its end."""

    class Learner(Table):
        def epsilon(self):
            return min(1.0, 1.0 / (self.total_steps - self.num_steps))


@planted("total_steps")
class EpsilonBelowZero(TableSuite):
    """A training one step longer than planned has no chance that can be drawn with."""

    class Learner(Table):
        def explored(self, scores):
            share = 1.0 - self.num_steps / self.total_steps
            self.random.choice(2, p=[share, 1.0 - share])
            return super().explored(scores)


@planted("num_envs=3")
class AlwaysTwoEnvironments(TableSuite):
    """It has room for two environments, however many there are."""

    class Learner(Table):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.returns = np.zeros(2)

        def learn(self, step):
            self.returns += step.reward
            return super().learn(step)


@planted(r"Step.*in place.*action")
class ShiftsActions(TableSuite):
    """Actions are shifted in the array that it was given."""

    class Learner(Table):
        def learn(self, step):
            measured = super().learn(step)
            step.action[...] -= self.first_action
            return measured


@planted("every row|environments")
class FirstRowAlone(TableSuite):
    """It is run in one environment unless told otherwise, and learns from the first row whatever comes."""

    config: ClassVar = {"num_envs": 1}

    class Learner(Table):
        def learn(self, step):
            first = (None if each is None else each[:1] for each in step[:-1])  # the last is a number
            return super().learn(type(step)(*first))


@planted("act leaves something behind")
class KeepsWhatItDrew(TableSuite):
    """What act decided comes to learn in self, which is not there before it has acted."""

    class Learner(Table):
        def act(self, *args, **kwargs):
            decision = super().act(*args, **kwargs)
            if kwargs["explore"]:
                self.decided = decision.action.copy()
            return decision

        def learn(self, step):
            return super().learn(step._replace(action=self.decided))


@planted("next_observation")
class ExpectsWhereItWas(TableSuite):
    """What is expected next is read where the step began."""

    class Learner(Table):
        def future(self, step):
            expected = self.scores(step.observation, step.action_mask).max(axis=1)
            return np.where(step.terminated, 0.0, expected)


@planted("next_observation")
class EndsOneStepLate(TableSuite):
    """The end that counts is that of the step before."""

    class Learner(Table):
        was_terminated: ClassVar = np.zeros(0, np.bool_)

        def future(self, step):
            before, self.was_terminated = self.was_terminated, step.terminated.copy()
            late = before if len(before) == len(step.reward) else np.zeros(len(step.reward), np.bool_)
            return super().future(step._replace(terminated=late))


@planted("below 0")
class NothingBelowZero(TableSuite):
    """Rewards below 0 count as 0."""

    class Learner(Table):
        def learn(self, step):
            return super().learn(step._replace(reward=np.maximum(step.reward, 0.0)))
