"""Faults in how an algorithm is saved and goes on."""

from __future__ import annotations

import dataclasses
from collections import defaultdict, namedtuple

import numpy as np

from planted.algorithms.sound import Evolution
from planted.algorithms.table import Remembering, Table, TableSuite
from planted.specimens import planted, sound


@planted("state_dict.*(copy|chang|live|alias)")
class LiveState(TableSuite):
    """The state holds the very table that goes on being learned."""

    class Learner(Table):
        def state_dict(self):
            return {**super().state_dict(), "values": self.values}


@planted("state_dict.*(copy|chang|live|alias)")
class LiveMemory(TableSuite):
    """The state holds the very list of memories."""

    class Learner(Remembering):
        def state_dict(self):
            return {**super().state_dict(), "memory": self.memory}


@planted("load_state_dict|went on|restored")
class GeneratorLost(TableSuite):
    """The generator is not saved."""

    class Learner(Table):
        def state_dict(self):
            state = super().state_dict()
            del state["random"]
            return state

        def load_state_dict(self, state):
            super().load_state_dict({**state, "random": self.random.bit_generator.state})


@planted("load_state_dict|went on|restored")
class CounterLost(TableSuite):
    """How far exploration has come is not saved."""

    class Learner(Table):
        def state_dict(self):
            return {**super().state_dict(), "num_steps": 0}


@planted("load_state_dict|went on|restored")
class MemoryLost(TableSuite):
    """What is remembered is not saved."""

    class Learner(Remembering):
        def state_dict(self):
            return {**super().state_dict(), "memory": []}


@planted("load_state_dict|went on|restored")
class HalfLoaded(TableSuite):
    """Of the state, only the table is loaded."""

    class Learner(Table):
        def load_state_dict(self, state):
            self.values = np.array(state["values"])


@planted("load_state_dict|went on|restored|KeyError")
class DefaultsLost(TableSuite):
    """A defaultdict comes back as a dict, which knows nothing new."""

    class Learner(Table):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.visits = defaultdict(int)

        def learn(self, step):
            for action in step.action:
                self.visits[(self.num_steps, int(action))] += 1
            return super().learn(step)

        def state_dict(self):
            return {**super().state_dict(), "visits": dict(self.visits)}

        def load_state_dict(self, state):
            super().load_state_dict(state)
            self.visits = state["visits"]


Moment = namedtuple("Moment", "observation reward")


@planted("load_state_dict|went on|restored|AttributeError|Moment|namedtuple")
class NamesLost(TableSuite):
    """Named tuples come back as plain ones."""

    class Learner(Table):
        moment = Moment(0, 0.0)

        def learn(self, step):
            measured = super().learn(step)
            total = self.moment.reward + float(step.reward.sum())
            self.moment = Moment(int(np.asarray(step.observation).flat[0]), total)
            return measured

        def state_dict(self):
            return {**super().state_dict(), "moment": self.moment}

        def load_state_dict(self, state):
            super().load_state_dict(state)
            self.moment = state["moment"]


@planted(r"random is of the type Generator.*bit_generator\.state")
class WholeGenerator(TableSuite):
    """The state holds a generator, which no file does."""

    class Learner(Table):
        def state_dict(self):
            return {**super().state_dict(), "random": self.random}

        def load_state_dict(self, state):
            self.random = state["random"]


@planted("config.* is of the type TableConfig")
class WholeConfig(TableSuite):
    """The state holds the config, which no file does."""

    class Learner(Table):
        def state_dict(self):
            return {**super().state_dict(), "config": self.config}


@planted("load_state_dict|went on|restored|new")
class LoadsOnlyItself(TableSuite):
    """It needs what only the one that was trained has."""

    class Learner(Table):
        def learn(self, step):
            self.errors = self.values * 0
            return super().learn(step)

        def load_state_dict(self, state):
            self.errors[:] = 0
            super().load_state_dict(state)


@planted("state_dict.*chang|asking")
class SavingTakesSomething(TableSuite):
    """Asked for its state, it forgets what it remembers."""

    class Learner(Remembering):
        def state_dict(self):
            state = super().state_dict()
            self.memory = []
            return state


@planted("before.*learn|untrained|fresh|new")
class NothingToSaveYet(TableSuite):
    """It can be saved only after it has learned something."""

    class Learner(Table):
        measured = None

        def learn(self, step):
            self.measured = super().learn(step) or self.measured
            return dict(self.measured or {})

        def state_dict(self):
            return {**super().state_dict(), "last": self.measured["td_error"]}

        def load_state_dict(self, state):
            super().load_state_dict(state)
            self.measured = {"td_error": state["last"]}


@planted("start_from")
class StartsFromNothing(TableSuite):
    """It says what it learns, and cannot start from it."""

    class Learner(Table):
        learns = "a table of action values"


@planted("load_state_dict|went on|restored")
class BestLost(TableSuite):
    """It plays the best table so far, which is not saved."""

    class Learner(Table):
        best = None

        def learn(self, step):
            measured = super().learn(step)
            if self.best is None or self.values.sum() > self.best.sum():
                self.best = self.values.copy()
            return measured

        def act(self, observation, *, explore, action_mask=None):
            now = self.values
            self.values = now if explore or self.best is None else self.best
            decision = super().act(observation, explore=explore, action_mask=action_mask)
            self.values = now
            return decision


@planted("load_state_dict|went on|restored")
class CandidateLost(Evolution):
    """What an evolutionary method is trying now is not saved."""

    class Learner(Evolution.Learner):
        def state_dict(self):
            return {**super().state_dict(), "tried": self.values.copy()}


@planted("went on differently.*schedules")
class ForgottenSchedule(TableSuite):
    """The learning rate falls with a counter that no state holds."""

    class Learner(Table):
        num_seen = 0

        def learn(self, step):
            self.num_seen += 1
            self.config = dataclasses.replace(self.config, learning_rate=0.5 / self.num_seen)
            return super().learn(step)


@planted("load_state_dict changed")
class EmptiesTheState(TableSuite):
    """What is loaded is taken out of the state that was given."""

    class Learner(Table):
        def load_state_dict(self, state):
            super().load_state_dict(state)
            del state["num_steps"]


class Growing(Table):
    """Entries are made as observations are learned from."""

    def __init__(self, *args, **how):
        super().__init__(*args, **how)
        self.entries = {}

    def entry(self, row):
        return self.entries.get(row, np.zeros(self.num_actions))

    def scores(self, observation, action_mask):
        scores = np.array([self.entry(int(row)) for row in self.rows(observation)])
        if action_mask is not None:
            scores[action_mask == 0] = -np.inf
        return scores

    def learn(self, step):
        target = step.reward + self.config.gamma * self.future(step)
        rows, seen = self.taken(step), self.rows(step.observation)
        for i in rows:
            entry, action = self.entry(int(seen[i])), int(step.action[i]) - self.first_action
            entry[action] += self.config.learning_rate * (target[i] - entry[action])
            self.entries[int(seen[i])] = entry
        self.num_steps += len(rows)
        return {"steps": float(self.num_steps)} if len(rows) else {}

    def state_dict(self):
        return {**super().state_dict(), "entries": {key: each.copy() for key, each in self.entries.items()}}

    def load_state_dict(self, state):
        super().load_state_dict(state)
        self.entries = {key: each.copy() for key, each in state["entries"].items()}


@sound
class GrowsAsItLearns(TableSuite):
    """A table of a dict, in which each entry is an array of its own."""

    Learner = Growing


@planted("one array stands in several places")
class OneArrayForAllThatIsNew(TableSuite):
    """What was never met begins as one and the same array, which is changed in place."""

    class Learner(Growing):
        def __init__(self, *args, **how):
            super().__init__(*args, **how)
            self.unmet = np.zeros(self.num_actions)

        def entry(self, row):
            return self.entries.get(row, self.unmet)


@planted("what load_state_dict had been given changed.*Copy what is kept")
class LearnsIntoTheState(TableSuite):
    """The entries of the state that it was given are those that it changes."""

    class Learner(Table):
        def load_state_dict(self, state):
            super().load_state_dict(state)
            self.values = state["values"]
