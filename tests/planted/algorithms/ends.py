"""Algorithms with a fault in what ends, resets, cuts and full memories mean to them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from csai_core.algorithm import Algorithm
from planted.algorithms.ahead import Ahead, AheadSuite, StepsConfig
from planted.algorithms.sound import OnPolicyWithAMemo
from planted.algorithms.table import Remembering, Table, TableConfig, TableSuite
from planted.specimens import planted, sound


@planted("besides Step.terminated")
class CutWhereItEnded(TableSuite):
    """What has ended in the last step that was allowed counts as cut short."""

    class Learner(Table):
        def future(self, step):
            return super().future(step._replace(terminated=step.terminated & ~step.truncated))


@planted("next_action_mask says where")
class ChancesOfTheNextMask(OnPolicyWithAMemo):
    """What was likely is worked out by what is allowed next."""

    class Learner(OnPolicyWithAMemo.Learner):
        def learn(self, step):
            return super().learn(step._replace(action_mask=step.next_action_mask))

        def update(self):
            with np.errstate(divide="ignore"):
                return super().update()


@planted("only reset.*next_action_mask.*Each row goes by its own mask")
class MasksOfFewerRows(TableSuite):
    """Masks are gathered of rows that are steps, and looked up by the number of the environment."""

    class Learner(Table):
        def future(self, step):
            mask = step.next_action_mask
            if mask is not None and step.is_reset is not None and not step.is_reset.all():
                gathered = mask[~step.is_reset]
                mask = gathered[np.arange(len(mask)) % len(gathered)]
            return super().future(step._replace(next_action_mask=mask))


@planted("expect something after the end")
class HandsOnByTheNextEnd(OnPolicyWithAMemo):
    """Whether an advantage is handed on is asked of the step after."""

    class Learner(OnPolicyWithAMemo.Learner):
        handed_on = 0.95

        def update(self):
            for row, following in itertools.pairwise(self.rollout):
                row[4] = following[4]
            return super().update()


@planted("Rows of several environments are mixed")
class FlattensInTwoOrders(OnPolicyWithAMemo):
    """Rewards are flattened environment by environment, and all else step by step."""

    class Learner(OnPolicyWithAMemo.Learner):
        def update(self):
            rewards = np.array([row[2] for row in self.rollout])
            for row, mixed in zip(self.rollout, rewards.T.reshape(rewards.shape), strict=True):
                row[2] = mixed
            return super().update()


@planted("Rows of several environments are mixed")
class PaysAllAlike(OnPolicyWithAMemo):
    """Each environment is paid the mean of what all are paid."""

    class Learner(OnPolicyWithAMemo.Learner):
        def update(self):
            for row in self.rollout:
                row[2] = np.full_like(row[2], row[2].mean())
            return super().update()


@planted("Rows that are resets are no steps")
class PlansByRows(TableSuite):
    """How far it explores follows the rows that it was shown, resets and all."""

    class Learner(Table):
        def learn(self, step):
            measured = super().learn(step)
            self.num_steps += len(step.reward) - len(self.taken(step))
            return measured


@planted("float16 ends at 65504")
class RemembersHalves(TableSuite):
    """Rewards are remembered in two bytes each."""

    class Learner(Remembering):
        def kept(self, step):
            with np.errstate(over="ignore"):
                return super().kept(step._replace(reward=step.reward.astype(np.float16)))


@planted("gamma..n, n being fewer than usual")
class AlwaysThePowerUntold(AheadSuite):
    """What is expected after fewer steps, where an episode is cut short, counts as if there were all."""

    config_type = StepsConfig

    class Learner(Ahead):
        explain = Algorithm.explain

        def power(self, queue):
            return self.config.num_steps


# --- traces


class Traces(Table):
    """Values that learn from errors to come, by a trace for each environment."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.traces = np.zeros((self.config.num_envs, *self.values.shape))

    def learn(self, step):
        target = step.reward + self.config.gamma * self.future(step)
        errors = []
        for i in self.taken(step):
            entry = self.rows(step.observation)[i], int(step.action[i]) - self.first_action
            errors.append(float(target[i] - self.values[entry]))
            self.traces[i] *= 0.6 * self.config.gamma
            self.traces[i][entry] = 1.0
            self.values += self.config.learning_rate * errors[-1] * self.traces[i]
        self.clear(step.terminated | step.truncated)
        self.num_steps += len(self.taken(step))
        return {"td_error": float(np.abs(errors).mean())} if errors else {}

    def clear(self, is_over):
        self.traces[is_over] = 0.0

    def cut_episodes(self):
        self.traces[:] = 0.0

    def state_dict(self):
        return {**super().state_dict(), "traces": self.traces.copy()}

    def load_state_dict(self, state):
        super().load_state_dict(state)
        self.traces = np.array(state["traces"])


@sound
class LearnsByTraces(TableSuite):
    """Values that learn from errors to come, by traces."""

    Learner = Traces


@planted("and of no other")
class ClearsAllTraces(TableSuite):
    """Wherever an episode ends, the traces of all are cleared."""

    class Learner(Traces):
        def clear(self, is_over):
            if is_over.any():
                self.traces[:] = 0.0


# --- memories that are full


@dataclass(frozen=True, kw_only=True)
class RingConfig(TableConfig):
    """Settings of a table with a memory."""

    memory_size: int = 5_000
    """How many steps are remembered. More forgets later; usual 1,000 to 1,000,000."""


class Ring(Remembering):
    """Learns from a memory, which is written from the start again when it is full."""

    capacity = 1_000_000

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.place = 0

    def next_place(self):
        return (self.place + 1) % self.config.memory_size

    def learn(self, step):
        rows = self.taken(step)
        self.num_steps += len(rows)
        for i in rows:
            row = [None if each is None else each[i : i + 1] for each in self.kept(step)]
            self.memory[self.place : self.place + 1] = [row]
            self.place = self.next_place()
        return self.replay() if len(self.memory) >= 10 else {}

    def state_dict(self):
        return {**super().state_dict(), "place": self.place}

    def load_state_dict(self, state):
        super().load_state_dict(state)
        self.place = state["place"]


@sound
class WritesInARing(TableSuite):
    """A table with a memory, which is written from the start again when it is full."""

    config_type = RingConfig
    Learner = Ring


@planted("went on differently")
class LosesItsPlace(TableSuite):
    """Where it writes next is lost with the file, which cannot be told before it has begun again."""

    config_type = RingConfig

    class Learner(Ring):
        def load_state_dict(self, state):
            super().load_state_dict(state)
            self.place = len(self.memory) % self.config.memory_size


@planted("global generator of numpy")
class ForgetsAtRandom(TableSuite):
    """Once its memory is full, chance decides what is forgotten: everybody's."""

    config_type = RingConfig

    class Learner(Ring):
        def next_place(self):
            if len(self.memory) < self.config.memory_size:
                return len(self.memory)
            return int(np.random.randint(self.config.memory_size))  # noqa: NPY002
