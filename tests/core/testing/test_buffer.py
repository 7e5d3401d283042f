"""The buffer suite passes a sound buffer, and says of each fault what it is; more are in tests/planted."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import numpy as np
import pytest

from csai_core import trees
from csai_core.algorithm import Step
from csai_core.errors import ConfigError
from csai_core.testing import BufferSuite


class Batch(NamedTuple):
    observation: Any
    action: Any
    reward: Any
    next_observation: Any
    terminated: Any
    truncated: Any
    next_action_mask: Any
    log_prob: Any
    value: Any
    num_steps: Any


class Sound:
    """Keeps one-row batches in a list, the newest last; faults are planted by subclasses."""

    def __init__(self, batch_size, capacity, *, seed):
        self.batch_size, self.capacity = batch_size, capacity
        self.seed(seed)
        self.clear_memory()

    def seed(self, seed):
        self.random = np.random.default_rng(seed)

    def size(self):
        return len(self.rows)

    def store_memory(self, state, action, probs, vals, reward, done, next_state=None, truncated=False):
        following = state if next_state is None else next_state
        parts = [trees.of_one(each) for each in (state, action, reward, done, truncated, following)]
        log_prob, value = (np.array([each], np.float32) for each in (probs, vals))
        self.extend(Step(*parts), log_prob, value)

    def extend(self, step, log_prob=None, value=None, num_steps=1):
        count = len(step.reward)
        unknown = np.full(count, np.nan, np.float32)
        kept = Batch(
            step.observation,
            step.action,
            step.reward.astype(np.float32),
            step.next_observation,
            step.terminated,
            step.truncated,
            np.ones((count, 1)) if step.next_action_mask is None else step.next_action_mask,
            unknown if log_prob is None else log_prob,
            unknown if value is None else value,
            np.full(count, num_steps),
        )
        taken = np.arange(count) if step.is_reset is None else np.flatnonzero(~step.is_reset)
        self.rows = [*self.rows, *(trees.take(tuple(kept), [row]) for row in taken)][-self.capacity :]

    def clear_memory(self):
        self.rows = []

    def take(self, chosen):
        return Batch(*joined([self.rows[i] for i in chosen]))

    def sample(self, n=None):
        if not self.rows:
            raise ConfigError("It is empty.")
        return self.take(self.random.integers(len(self.rows), size=self.batch_size if n is None else n))

    def generate_batches(self):
        order = self.random.permutation(len(self.rows))
        return [self.take(order[i : i + self.batch_size]) for i in range(0, len(order), self.batch_size)]

    def update_priorities(self, position, error):
        """Draw evenly all the same."""

    def state_dict(self):
        return {"rows": self.rows, "random": self.random.bit_generator.state}

    def load_state_dict(self, state):
        self.rows = [*state["rows"]]
        self.random.bit_generator.state = state["random"]


def joined(rows):
    """One batch of several, each an array, dict or tuple."""
    if isinstance(rows[0], dict):
        return {name: joined([row[name] for row in rows]) for name in rows[0]}
    if isinstance(rows[0], tuple):
        return tuple(joined(part) for part in zip(*rows, strict=True))
    return np.concatenate(rows)


def suite_of(buffer):
    class Suite(BufferSuite):
        def make(self, **settings):
            return buffer(**settings)

    return Suite()


class TestSound(BufferSuite):
    def make(self, **settings):
        return Sound(**settings)


class TestDictsOnly(BufferSuite):
    def make(self, **settings):
        return DictsOnly(**settings)


class DictsOnly(Sound):
    def extend(self, step, log_prob=None, value=None, num_steps=1):
        if not isinstance(step.observation, dict):
            raise ConfigError("dicts only")
        super().extend(step, log_prob, value, num_steps)


class TestOtherGoals(BufferSuite):
    """Puts other goals in the place of some, whose rewards are others then."""

    def make(self, **settings):
        return OtherGoals(**settings)


class OtherGoals(Sound):
    def set_envs(self, envs):
        self.compute_reward = envs.envs[0].unwrapped.compute_reward

    def extend(self, step, log_prob=None, value=None, num_steps=1):
        if not (isinstance(step.observation, dict) and "desired_goal" in step.observation):
            raise ConfigError("goals only")
        super().extend(step, log_prob, value, num_steps)

    def sample(self, n=None):
        batch = super().sample(n)
        goal = batch.next_observation["achieved_goal"]
        return batch._replace(
            observation={**batch.observation, "desired_goal": goal},
            next_observation={**batch.next_observation, "desired_goal": goal.copy()},
            reward=self.compute_reward(goal, goal, {}).astype(np.float32),
        )


class NoExtend(Sound):
    extend = None


class FallsOverDicts(Sound):
    def extend(self, step, log_prob=None, value=None, num_steps=1):
        step.observation.copy().view()
        super().extend(step, log_prob, value, num_steps)


class TakesNothing(Sound):
    def extend(self, step, log_prob=None, value=None, num_steps=1):
        raise KeyError("agent_pos")


class CountsTooEarly(DictsOnly):
    count = 0

    def size(self):
        return self.count

    def extend(self, step, log_prob=None, value=None, num_steps=1):
        self.count = min(self.count + step.num_taken, self.capacity)
        super().extend(step, log_prob, value, num_steps)

    def clear_memory(self):
        super().clear_memory()
        self.count = 0


class Poisoned(DictsOnly):
    poisoned = False

    def extend(self, step, log_prob=None, value=None, num_steps=1):
        if self.poisoned:
            raise KeyError("next_observation")
        self.poisoned = True
        super().extend(step, log_prob, value, num_steps)
        self.poisoned = False


class OwnGoals(OtherGoals):
    def sample(self, n=None):
        batch = super().sample(n)
        return batch._replace(
            observation={**batch.observation, "achieved_goal": np.zeros((len(batch.reward), 2))}
        )


class Tuples(Sound):
    def generate_batches(self):
        return [tuple(batch) for batch in super().generate_batches()]


class Lists(Sound):
    def take(self, chosen):
        batch = super().take(chosen)
        return batch._replace(terminated=batch.terminated.tolist())


class TooLarge(Sound):
    def generate_batches(self):
        return [self.take(range(self.size()))] if self.rows else []


class WrongNumber(Sound):
    def sample(self, n=None):
        return super().sample(4 if n is None else n + 1)


class OneGeneratorForAll(Sound):
    shared = np.random.default_rng(0)

    def seed(self, seed):
        self.random = self.shared


class CannotLoad(Sound):
    def load_state_dict(self, state):
        super().load_state_dict(state["saved"])


class NoSeed(Sound):
    def __init__(self, batch_size, capacity):
        super().__init__(batch_size, capacity, seed=0)


FAULTS = [
    (NoSeed, "it can be made", r"cannot be made as algorithms make it.*unexpected keyword argument 'seed'"),
    (NoExtend, "it can be made", r"no method extend\. Derive it from csai_train\.ReplayBuffer"),
    (TakesNothing, "it can be made", r"A step with vectors raised KeyError: 'agent_pos'"),
    (
        FallsOverDicts,
        "it can be made",
        r"A step with Dict observations raised AttributeError.*say in a CsaiError",
    ),
    (CountsTooEarly, "a refused transition leaves no trace", r"size\(\) went from 5 to 6"),
    (Poisoned, "a refused transition leaves no trace", r"a sound one raised KeyError: 'next_observation'"),
    (OwnGoals, "transitions come back whole", r"observation\['achieved_goal'\]"),
    (Tuples, "it can be made", r"has no field 'observation'"),
    (Lists, "it can be made", r"terminated.* must be an array with a row for each"),
    (TooLarge, "batches hold everything once", r"gave a batch of 18; give at most 4"),
    (WrongNumber, "it draws as many as asked", r"sample\(1\) gave 2 transitions; give 1"),
    (OneGeneratorForAll, "the seed decides", r"with the same seed draw different transitions"),
    (CannotLoad, "saved and restored", r"load_state_dict raised KeyError: 'saved'"),
]


@pytest.mark.parametrize(("fault", "check", "message"), FAULTS, ids=[each[0].__name__ for each in FAULTS])
def test_each_fault_is_found_and_explained(fault, check, message):
    found = {outcome.check: outcome for outcome in suite_of(fault).run()}
    assert found[check].status == "failed"
    assert re.search(message, found[check].message, re.DOTALL), found[check].message


def test_what_cannot_be_made_is_checked_no_further():
    assert len(list(suite_of(TakesNothing).run())) == 1


def test_a_buffer_that_draws_evenly_has_no_priorities_to_check():
    skipped = {outcome.check for outcome in suite_of(Sound).run() if outcome.status == "skipped"}
    assert "errors become priorities" in skipped
