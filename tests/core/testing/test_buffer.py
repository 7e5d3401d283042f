"""The buffer suite passes a sound buffer, and each planted fault gets its own message."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
import pytest

from csai_core.errors import ConfigError
from csai_core.testing import BufferSuite


class Batch(NamedTuple):
    observation: object
    action: object
    reward: object
    terminated: object


class Sound:
    """Keeps lists; faults are planted by subclasses."""

    def __init__(self, batch_size):
        self.batch_size = batch_size
        self.rng = np.random.default_rng(0)
        self.clear_memory()

    def size(self):
        return len(self.rows)

    def store_memory(self, state, action, probs, vals, reward, done):
        self.rows.append((state.copy(), action.copy(), reward, done))

    def clear_memory(self):
        self.rows = []

    def take(self, chosen):
        columns = list(zip(*(self.rows[i] for i in chosen), strict=True))
        return Batch(*(np.array(column) for column in columns))

    def generate_batches(self):
        order = self.rng.permutation(self.size())
        return [self.take(order[i : i + self.batch_size]) for i in range(0, self.size(), self.batch_size)]

    def sample(self, n):
        return self.take(self.rng.integers(self.size(), size=n))

    def state_dict(self):
        return {"rows": list(self.rows), "rng": self.rng.bit_generator.state}

    def load_state_dict(self, state):
        self.rows = state["rows"]
        self.rng.bit_generator.state = state["rng"]


class TestSound(BufferSuite):
    def make(self, batch_size):
        return Sound(batch_size)


class DictsOnly(Sound):
    def store_memory(self, state, action, probs, vals, reward, done):
        if not isinstance(state, dict):
            raise ConfigError("dicts only")
        super().store_memory(state["x"], action["a"], probs, vals, reward, done)

    def take(self, chosen):
        batch = super().take(chosen)
        return batch._replace(observation={"x": batch.observation}, action={"a": batch.action})


class TestDictsOnly(BufferSuite):
    def make(self, batch_size):
        return DictsOnly(batch_size)


class CountsTooEarly(DictsOnly):
    def size(self):
        return self.count

    def store_memory(self, state, action, probs, vals, reward, done):
        self.count = getattr(self, "count", 0) + 1
        super().store_memory(state, action, probs, vals, reward, done)


class Poisoned(DictsOnly):
    def store_memory(self, state, action, probs, vals, reward, done):
        if getattr(self, "poisoned", False):
            raise KeyError("next_observation")
        self.poisoned = True
        super().store_memory(state, action, probs, vals, reward, done)
        self.poisoned = False


class Forgetful(Sound):
    def size(self):
        return min(3, len(self.rows))


class Overlapping(Sound):
    def generate_batches(self):
        return [self.take(range(i, i + self.batch_size)) for i in range(self.size() - self.batch_size + 1)]


class TooLarge(Sound):
    def generate_batches(self):
        return [self.take(range(self.size()))]


class MixedUp(Sound):
    def take(self, chosen):
        batch = super().take(chosen)
        return batch._replace(observation=batch.observation[::-1])


class WrongEnds(Sound):
    def store_memory(self, state, action, probs, vals, reward, done):
        super().store_memory(state, action, probs, vals, reward, False)


class NeverTheLast(Sound):
    def sample(self, n):
        return self.take(self.rng.integers(self.size() - 1, size=n))


class WrongNumber(Sound):
    def sample(self, n):
        return super().sample(n + 1)


class KeepsAll(Sound):
    def clear_memory(self):
        self.rows = getattr(self, "rows", [])


class NoCopies(Sound):
    def store_memory(self, state, action, probs, vals, reward, done):
        self.rows.append((state, action, reward, done))


class LendsItself(Sound):
    def take(self, chosen):
        self.lent = getattr(self, "lent", None) or super().take(chosen)
        return self.lent


class LosesItsDice(Sound):
    def load_state_dict(self, state):
        self.rows = state["rows"]
        self.rng = np.random.default_rng(99)


class Tuples(Sound):
    def generate_batches(self):
        return [tuple(batch) for batch in super().generate_batches()]


class Broken(Sound):
    def store_memory(self, state, action, probs, vals, reward, done):
        raise KeyError("agent_pos")


FAULTS = [
    (Forgetful, "it counts what it holds", r"After 4 transitions were stored, size\(\) is 3; it must be 4"),
    (Overlapping, "batches hold everything once", r"each must come exactly once"),
    (TooLarge, "batches hold everything once", r"gave a batch of 10; give at most 4"),
    (MixedUp, "batches hold everything once", r"mixed transitions up: observation"),
    (WrongEnds, "batches hold everything once", r"gave transition \d with terminated=False"),
    (NeverTheLast, "samples come from what was stored", r"every one must be drawn"),
    (WrongNumber, "samples come from what was stored", r"sample\(1\) gave 2 transitions; give 1"),
    (KeepsAll, "it forgets when told", r"After clear_memory, size\(\) is 10; it must be 0"),
    (NoCopies, "it keeps copies", r"changed with the array that was given to store_memory; store a copy"),
    (LendsItself, "it keeps copies", r"Writing into a batch changed what the buffer holds.*Hand out copies"),
    (CountsTooEarly, "a refused transition leaves no trace", r"size\(\) is 2; it must be 1"),
    (Poisoned, "a refused transition leaves no trace", r"a sound one raised KeyError: 'next_observation'"),
    (LosesItsDice, "saved and restored", r"the generator's state"),
    (Tuples, "batches hold everything once", r"has no field 'observation'"),
    (Broken, "it can be made", r"It raised KeyError: 'agent_pos' \(in store_memory"),
]


@pytest.mark.parametrize(("fault", "check", "message"), FAULTS, ids=[each[0].__name__ for each in FAULTS])
def test_each_fault_is_found_and_explained(fault, check, message):
    class Suite(BufferSuite):
        def make(self, batch_size):
            return fault(batch_size)

    found = {outcome.check: outcome for outcome in Suite().run()}
    assert found[check].status == "failed"
    assert re.search(message, found[check].message, re.DOTALL), found[check].message
    assert len(found) == (1 if fault is Broken else 8)
