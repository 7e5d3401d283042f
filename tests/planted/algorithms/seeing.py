"""Algorithms that look away, look elsewhere, or treat several environments as one."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium import spaces
from gymnasium.spaces import utils

from csai_core.algorithm import Decision, Step
from csai_core.errors import ConfigError
from planted.algorithms.options import Linear
from planted.algorithms.sound import Evolution
from planted.algorithms.table import PlainConfig, Table, TableSuite
from planted.specimens import planted, sound


class Vectors(Table):
    """Values by a linear function of vectors, of which each is told from the others; sound."""

    def require(self, observation_space, action_space):
        if (
            not isinstance(observation_space, (spaces.Box, spaces.Discrete, spaces.MultiBinary))
            or len(observation_space.shape) > 1
        ):
            raise ConfigError(
                f"It takes vectors, bits and Discrete numbers, and was given {observation_space}."
            )
        if not isinstance(action_space, spaces.Discrete):
            raise ConfigError(f"It takes Discrete actions, and was given {action_space}.")

    def __init__(self, observation_space, action_space, config, *, total_steps, seed):
        self.observation_space = observation_space
        self.require(observation_space, action_space)
        size = utils.flatdim(observation_space)
        super().__init__(spaces.Discrete(size), action_space, config, total_steps=total_steps, seed=seed)

    def rows(self, observation):
        """(rows, size): what is observed, of length 1 at most."""
        flat = np.array([utils.flatten(self.observation_space, each) for each in observation], np.float64)
        return flat / np.maximum(1.0, np.linalg.norm(flat, axis=1, keepdims=True))

    def scores(self, observation, action_mask):
        scores = self.rows(observation) @ self.values
        if action_mask is not None:
            scores[action_mask == 0] = -np.inf
        return scores

    def learn(self, step):
        rows = self.taken(step)
        seen = self.rows(step.observation)
        target = step.reward + self.config.gamma * self.future(step)
        errors = []
        for i in rows:
            action = int(step.action[i]) - self.first_action
            errors.append(float(target[i] - seen[i] @ self.values[:, action]))
            self.values[:, action] += self.config.learning_rate * errors[-1] * seen[i]
        self.num_steps += len(rows)
        return {"td_error": float(np.abs(errors).mean())} if errors else {}


@sound
class LinearValues(TableSuite):
    """Values by a linear function of vectors."""

    learning_steps = 2_000
    Learner = Vectors


@planted("Box.*changed the Step")
class CentersVectors(TableSuite):
    """Vectors of the step are centered in place."""

    class Learner(Vectors):
        def learn(self, step):
            measured = super().learn(step)
            if step.observation.dtype.kind == "f":
                step.observation[:] -= step.observation.mean(axis=1, keepdims=True)
            return measured


@planted("no dtype that takes the fractions away")
class ReadsBytes(TableSuite):
    """Vectors are read as bytes, as images are."""

    class Learner(Vectors):
        def rows(self, observation):
            return super().rows(np.asarray(observation).astype(np.uint8))


@planted("act.explore=True. had seen before")
class LearnsWhatItSawLast(TableSuite):
    """It learns from the observation that it saw last, not from that of the step."""

    class Learner(Table):
        seen = None

        def act(self, observation, *, explore, action_mask=None):
            if explore:
                self.seen = np.array(observation)
            return super().act(observation, explore=explore, action_mask=action_mask)

        def learn(self, step):
            if self.seen is not None and len(self.seen) == len(step.reward):
                step = step._replace(observation=self.seen)
            return super().learn(step)


class Visits(Table):
    """The more often an observation was learned from, the less its entry moves; sound."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.visits = np.zeros(len(self.values))

    def note(self, observation):
        np.add.at(self.visits, self.rows(observation), 1.0)

    def learn(self, step):
        self.note(step.observation[self.taken(step)])
        scale = 0.3 + 0.7 / np.sqrt(np.maximum(1.0, self.visits[self.rows(step.observation)]))
        return super().learn(step._replace(reward=step.reward * scale))

    def state_dict(self):
        return {**super().state_dict(), "visits": self.visits.copy()}

    def load_state_dict(self, state):
        super().load_state_dict(state)
        self.visits = np.array(state["visits"])


@sound
class CountsVisits(TableSuite):
    """What is seldom visited pays more."""

    Learner = Visits


@planted("act.explore=True. had seen before")
class CountsWhereItExplores(TableSuite):
    """Visits are counted where it explores, not where it learns."""

    class Learner(Visits):
        def act(self, observation, *, explore, action_mask=None):
            if explore:
                self.note(observation)
            return super().act(observation, explore=explore, action_mask=action_mask)

        def learn(self, step):
            before = self.visits.copy()
            measured = super().learn(step)
            self.visits = before
            return measured


@sound
class ExploresWhatIsNew(TableSuite):
    """What it has seen seldom, it explores more, by visits that are counted as it acts."""

    class Learner(Visits):
        def act(self, observation, *, explore, action_mask=None):
            scores = self.scores(observation, action_mask)
            if not explore:
                return Decision(scores.argmax(axis=1) + self.first_action)
            self.note(observation)
            chance = 0.1 + 0.9 / np.sqrt(self.visits[self.rows(observation)])
            tries = self.random.random(len(scores)) < chance
            actions = np.where(tries, self.explored(scores), scores.argmax(axis=1))
            return Decision(actions + self.first_action)

        def learn(self, step):
            return Table.learn(self, step)


@planted("is_reset.*counted")
class CountsResets(TableSuite):
    """Rows that are resets count as visits."""

    class Learner(Visits):
        def learn(self, step):
            if step.is_reset is not None:
                self.note(step.observation[step.is_reset])
            return super().learn(step)


@planted("for each row.*what it tries|tried the same in all of them")
class OneTryForAll(TableSuite):
    """What it tries is drawn once for all environments."""

    class Learner(Table):
        def explored(self, scores):
            return np.where(np.isinf(scores), -1.0, self.random.random(scores.shape[1])).argmax(axis=1)


@planted("tries something in many of them at the same time")
class OneCoinForAll(TableSuite):
    """Whether it explores is drawn once for all environments."""

    class Learner(Table):
        def act(self, observation, *, explore, action_mask=None):
            scores = self.scores(observation, action_mask)
            does_explore = explore and self.random.random() < self.epsilon()
            actions = self.explored(scores) if does_explore else scores.argmax(axis=1)
            return Decision(actions + self.first_action)


@planted("overwriting the arrays of a Step after learn")
class KeepsTheMemo(TableSuite):
    """It learns one step later, and keeps the memo as it was given."""

    class Learner(Linear):
        held: Any = ()

        def learn(self, step):
            held = self.held
            self.held = [
                *map(np.array, step[:6]),
                np.isin(range(2), self.taken(step), invert=True),
                step.memo,
            ]
            if step.memo is None or not held:
                return super().learn(step) if step.memo is None else {}
            *columns, is_reset, memo = held
            return super().learn(Step(*columns, is_reset=is_reset, memo=memo))

        def state_dict(self):
            return {**super().state_dict(), "held": [np.array(each) for each in self.held]}

        def load_state_dict(self, state):
            super().load_state_dict(state)
            self.held = [np.array(each) for each in state["held"]]


@planted("MultiBinary.*came out the same")
class ReadsEightBits(TableSuite):
    """Of bits it reads the first eight."""

    class Learner(Vectors):
        def rows(self, observation):
            rows = super().rows(observation)
            if isinstance(self.observation_space, spaces.MultiBinary):
                rows[:, 8:] = 0
            return rows


@planted("Discrete.1000.*no dtype that takes")
class NumbersInBytes(TableSuite):
    """Numbered observations are kept in bytes, so that the 257th is the first."""

    class Learner(Table):
        def rows(self, observation):
            return super().rows(observation).astype(np.uint8).astype(np.int64)


@planted("inf.*which is not finite")
class ScalesByBounds(TableSuite):
    """Vectors are scaled to their bounds where there are any, and some of them may have none."""

    class Learner(Vectors):
        def rows(self, observation):
            space = self.observation_space
            if not isinstance(space, spaces.Box) or not np.isfinite(space.high).any():
                return super().rows(observation)
            with np.errstate(all="ignore"):
                return (np.asarray(observation, np.float64) - space.low) / (space.high - space.low)


@planted("reshape both in the same order")
class FillsByColumns(TableSuite):
    """A matrix of actions is filled by columns, and learned from by rows."""

    config_type = PlainConfig
    learning_steps = 2_000

    class Learner(Linear):
        def to_space(self, drawn):
            actions = super().to_space(drawn)
            return actions.reshape(len(actions), -1).reshape(actions.shape, order="F")

        def learn(self, step):
            low, high = self.space.low, self.space.high
            return super().learn(step._replace(memo=2 * (step.action - low) / (high - low) - 1))


@sound
class EvolvesVectors(Evolution):
    """Evolution of a linear function of vectors, most of whose tries prefer one action everywhere."""

    class Learner(Evolution.Learner, Vectors):
        def renew(self):
            tried = 0.5 * self.random.normal(size=self.values.shape)
            self.tried = self.values + tried + self.random.normal(size=self.num_actions)


class Digits(Table):
    """A table with an entry for each row of digits."""

    def __init__(self, observation_space, action_space, config, **how):
        if not isinstance(observation_space, spaces.MultiDiscrete):
            raise ConfigError(f"It observes digits, and was given {observation_space}.")
        self.sizes, self.lowest = observation_space.nvec, observation_space.start
        super().__init__(spaces.Discrete(int(self.sizes.prod())), action_space, config, **how)

    def rows(self, observation):
        return np.ravel_multi_index((np.asarray(observation) - self.lowest).T, self.sizes)


@sound
class ReadsDigits(TableSuite):
    """Digits of several sizes are one number, each with its place."""

    Learner = Digits


@planted("they are one to it.*Where digits make up a number")
class CountsByTheFirstDigit(TableSuite):
    """Each place counts as much as the first digit has values."""

    class Learner(Digits):
        def rows(self, observation):
            found = np.zeros(len(observation), np.int64)
            for digit in (np.asarray(observation) - self.lowest).T:
                found = found * self.sizes[0] + digit
            return found % len(self.values)
