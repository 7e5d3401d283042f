"""Faults in what an algorithm remembers of an episode."""

from __future__ import annotations

import numpy as np

from csai_core.algorithm import Algorithm, Decision, Outlook
from planted.algorithms.table import Table, TableSuite
from planted.specimens import planted, sound

NOWHERE = -1
"""The room before the first."""
NOTHING = -1
"""No action."""


class Recall(Table):
    """In doubt it does what it did when it last came this way: it remembers the room before."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.habits = np.full((len(self.values) + 1, len(self.values)), NOTHING)

    def initial_memory(self, num_envs):
        return {"before": np.full(num_envs, NOWHERE)}

    def before(self, observation, memory):
        """The room before, of each episode."""
        return self.initial_memory(len(observation))["before"] if memory is None else memory["before"]

    def following(self, observation, memory):
        """What is remembered from here on."""
        return {"before": self.rows(observation).copy()}

    def leaning(self, before, observation, action_mask=None):
        """(rows, num_actions): what each action is worth, and a little more where it is a habit."""
        scores = self.scores(observation, action_mask)
        habit = self.habits[before, self.rows(observation)]
        scores[np.arange(len(scores)), habit] += np.where(habit == NOTHING, 0.0, 0.01)
        return scores

    def act(self, observation, *, explore, action_mask=None, memory=None):
        before = self.before(observation, memory)
        scores = self.leaning(before, observation, action_mask)
        actions = scores.argmax(axis=1)
        if explore:
            tries = self.random.random(len(scores)) < self.epsilon()
            actions = np.where(tries, self.explored(scores), actions)
        memo = before.copy()
        return Decision(actions + self.first_action, memo, self.following(observation, memory))

    def explain(self, observation, action_mask=None, memory=None):
        return Outlook(self.leaning(self.before(observation, memory), observation))

    def learn(self, step):
        rows = self.taken(step)
        before = np.full(len(step.reward), NOWHERE) if step.memo is None else step.memo
        actions = np.asarray(step.action) - self.first_action
        self.habits[before[rows], self.rows(step.observation)[rows]] = actions[rows]
        return super().learn(step)

    def state_dict(self):
        return {**super().state_dict(), "habits": self.habits.copy()}

    def load_state_dict(self, state):
        super().load_state_dict(state)
        self.habits = np.array(state["habits"])


class RecallSuite(TableSuite):
    """Checks a table that remembers."""

    Learner = Recall


@sound
class RoomBefore(RecallSuite):
    """A table that remembers the room before."""


@sound
class PushedOn(TableSuite):
    """What it tries goes on for a while, as noise that is correlated in time does: that is its memory."""

    class Learner(Table):
        def initial_memory(self, num_envs):
            return np.full(num_envs, NOWHERE)

        def act(self, observation, *, explore, action_mask=None, memory=None):
            scores = self.scores(observation, action_mask)
            best = scores.argmax(axis=1)
            start = self.initial_memory(len(best)) if memory is None else memory
            if not explore:
                return Decision(best + self.first_action, memory=start.copy())
            draws = self.random.random((2, len(best)))
            pushed = np.where(draws[0] < 0.3, self.explored(scores), start)
            pushed = np.where(draws[1] < 1 - self.epsilon(), NOWHERE, pushed)
            allowed = np.isfinite(scores[np.arange(len(best)), pushed])
            actions = np.where((pushed != NOWHERE) & allowed, pushed, best)
            return Decision(actions + self.first_action, memory=pushed)


@planted(r"gave a Decision whose memory is None")
class NothingGivenOn(RecallSuite):
    """What is remembered is not given on."""

    class Learner(Recall):
        def following(self, observation, memory):
            return None


@planted(r"memory\['before'\] is an array of int64 in the shape \(\d+, 1\)")
class InColumns(RecallSuite):
    """The memory grows an axis."""

    class Learner(Recall):
        def following(self, observation, memory):
            return {"before": self.rows(observation)[:, None].copy()}


@planted(r"memory\['before'\] is an array of float64")
class InFloats(RecallSuite):
    """The memory comes back in other numbers."""

    class Learner(Recall):
        def before(self, observation, memory):
            return super().before(observation, memory).astype(np.int64)

        def following(self, observation, memory):
            return {"before": self.rows(observation).astype(np.float64)}


@planted(r"memory is a dict with 'before', 'steps' and not a dict with 'before'")
class MoreThanAtTheStart(RecallSuite):
    """Something is remembered besides, which the start of an episode lacks."""

    class Learner(Recall):
        def following(self, observation, memory):
            return super().following(observation, memory) | {"steps": np.ones(len(observation))}


@planted(r"gave a Decision whose memory is an array of int64 .* and not None")
class NobodyKnows(RecallSuite):
    """It gives a memory on, and forgot to say how episodes start with it."""

    class Learner(Recall):
        initial_memory = Algorithm.initial_memory

        def before(self, observation, memory):
            return np.full(len(observation), NOWHERE) if memory is None else memory

        def following(self, observation, memory):
            return self.rows(observation).copy()


@planted(r"initial_memory\(\d+\)\['before'\] is a ndarray in the shape|whose memory\['before'\] is an array")
class AlwaysAsManyRows(RecallSuite):
    """The start of an episode has as many rows as there are environments, however many are asked for."""

    class Learner(Recall):
        def initial_memory(self, num_envs):
            return super().initial_memory(self.config.num_envs)

        def before(self, observation, memory):
            return np.full(len(observation), NOWHERE) if memory is None else memory["before"]


@planted(r"still what initial_memory gives")
class NeverAnythingNew(RecallSuite):
    """What it gives on is what it was given."""

    class Learner(Recall):
        def following(self, observation, memory):
            return {"before": self.before(observation, memory).copy()}


@planted(r"changed the memory that it was given, in place|gave something else after episodes were played")
class WrittenOver(RecallSuite):
    """The memory is written over in place."""

    class Learner(Recall):
        def following(self, observation, memory):
            kept = super().following(observation, memory) if memory is None else memory
            kept["before"][:] = self.rows(observation)
            return kept


@planted(r"gave something else after episodes were played")
class OneStartForAll(RecallSuite):
    """Episodes start with views of one array, which the next call fills for itself."""

    class Learner(Recall):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.start = np.full(100, NOWHERE)

        def initial_memory(self, num_envs):
            return {"before": self.start[:num_envs]}

        def following(self, observation, memory):
            self.start[: len(observation)] = self.rows(observation)
            return super().following(observation, memory)


@planted(r"changed what an earlier call had given|changed the memory that it was given, in place")
class OneArrayForAll(RecallSuite):
    """What is remembered is written into an array that earlier decisions hold."""

    class Learner(Recall):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.kept = np.zeros(100, np.int64)

        def following(self, observation, memory):
            kept = self.kept[: len(observation)]
            kept[:] = self.rows(observation)
            return {"before": kept}


@planted(r"act without a memory is not act\(memory=initial_memory")
class NoMemoryIsAnother(RecallSuite):
    """Without a memory it takes the first room for the one before."""

    class Learner(Recall):
        def before(self, observation, memory):
            return np.zeros(len(observation), np.int64) if memory is None else memory["before"]

        def following(self, observation, memory):
            known = self.before(observation, memory)
            return {"before": (known + 1) % len(self.values)}


@planted(r"answered otherwise after other episodes were played|leaves something behind")
class InTheAlgorithm(RecallSuite):
    """What it remembers is kept in the algorithm, too, and that is what it goes by."""

    class Learner(Recall):
        last = None

        def before(self, observation, memory):
            last, self.last = self.last, self.rows(observation).copy()
            if memory is None or last is None or len(last) != len(observation):
                return super().before(observation, memory)
            return last

        def following(self, observation, memory):
            return {"before": self.before(observation, memory).copy()}


@planted(r"decided or remembered otherwise for an episode beside others")
class TheNeighbors(RecallSuite):
    """Each row gets what its neighbor remembers."""

    class Learner(Recall):
        def following(self, observation, memory):
            return {
                "before": np.roll(self.before(observation, memory), 1) * 0
                + np.roll(self.rows(observation), 1)
            }


@planted(r"decided or remembered otherwise for an episode beside others")
class TheFirstForAll(RecallSuite):
    """All episodes remember what the first one does."""

    class Learner(Recall):
        def before(self, observation, memory):
            found = super().before(observation, memory)
            return np.full(len(found), found[0])

        def following(self, observation, memory):
            found = super().following(observation, memory)["before"]
            return {"before": np.full(len(found), found[0])}


@planted(r"row \d+ of initial_memory\(\d+\) is not the row of initial_memory\(1\)")
class NumberedEpisodes(RecallSuite):
    """Episodes that run side by side do not start alike."""

    class Learner(Recall):
        def initial_memory(self, num_envs):
            return {"before": np.arange(num_envs) % len(self.habits) - 1}


@planted(r"gave something else after episodes were played|is not act\(memory=initial_memory")
class StartsByChance(RecallSuite):
    """What an episode starts with is drawn."""

    class Learner(Recall):
        def initial_memory(self, num_envs):
            return {"before": np.full(num_envs, self.random.integers(len(self.values)))}


@planted(r"unexpected keyword argument 'memory'")
class ExplainedWithout(RecallSuite):
    """What stands behind a decision takes no memory."""

    class Learner(Recall):
        def explain(self, observation, action_mask=None):
            return super().explain(observation, action_mask)


@planted(r"of which another is the highest")
class ExplainedFromTheStart(RecallSuite):
    """What stands behind a decision is explained as if each episode had just begun."""

    class Learner(Recall):
        def explain(self, observation, action_mask=None, memory=None):
            return super().explain(observation, action_mask)


@planted(r"unexpected keyword argument 'memory'")
class DrawnWithout(RecallSuite):
    """Who draws from its chances cannot give the memory."""

    class Learner(Recall):
        def sample(self, observation, random, action_mask=None):
            scores = self.leaning(self.before(observation, None), observation, action_mask)
            drawn = np.where(np.isinf(scores), -1.0, random.random(scores.shape)).argmax(axis=1)
            return Decision(drawn + self.first_action, memory=self.following(observation, None))


@planted(r"sample of \d+ observations gave a Decision whose memory is None")
class DrawnAndForgotten(RecallSuite):
    """Who draws from its chances is given no memory for the next call."""

    class Learner(Recall):
        def sample(self, observation, random, action_mask=None, memory=None):
            scores = self.leaning(self.before(observation, memory), observation, action_mask)
            drawn = np.where(np.isinf(scores), -1.0, random.random(scores.shape)).argmax(axis=1)
            return Decision(drawn + self.first_action)


@planted(r"what act\(explore=True\) had seen before decided|leaves something behind")
class RecalledInTheAlgorithm(RecallSuite):
    """What is learned goes by the room before as the algorithm itself noted it, not by the memo."""

    class Learner(Recall):
        noted = None

        def act(self, observation, *, explore, action_mask=None, memory=None):
            decision = super().act(observation, explore=explore, action_mask=action_mask, memory=memory)
            if explore:
                self.noted = decision.memo
            return decision

        def learn(self, step):
            return super().learn(step._replace(memo=self.noted))
