"""Algorithms that look several steps ahead, and wrong turns on the way there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from csai_core.algorithm import Decision, Outlook, Spread
from planted.algorithms.options import Linear
from planted.algorithms.table import PlainConfig, Table, TableConfig, TableSuite
from planted.specimens import planted, sound


@dataclass(frozen=True, kw_only=True)
class StepsConfig(TableConfig):
    """Settings of a table that looks several steps ahead."""

    num_steps: int = 2
    """How many rewards are added up before a value is taken. Usual 1 to 5."""


class Ahead(Table):
    """Q-learning over several steps, with a queue for each environment, and a copy to bootstrap from."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.copied = self.values.copy()
        self.waiting: list[Any] = [[] for _ in range(self.config.num_envs)]

    def explain(self, observation, action_mask=None):
        return Outlook(action_values=self.values[self.rows(observation)].copy())

    def next_mask(self, step):
        return step.next_action_mask

    def next_value(self, step):
        """(num_envs,): what is expected of where each step led, by the copy."""
        values = self.copied[self.rows(step.next_observation)].copy()
        mask = self.next_mask(step)
        if mask is not None:
            values[mask == 0] = -np.inf
        return values.max(axis=1)

    def queue(self, index):
        return self.waiting[index]

    def is_over(self, step, index):
        return step.terminated[index] or step.truncated[index]

    def power(self, queue):
        return len(queue)

    def reward(self, step, index):
        return float(step.reward[index])

    def learn(self, step):
        value = np.where(step.terminated, 0.0, self.next_value(step))
        errors: list[float] = []
        for i in self.taken(step):
            queue = self.queue(i)
            entry = int(self.rows(step.observation)[i]), int(step.action[i]) - self.first_action
            queue.append((entry, self.reward(step, i)))
            is_over = self.is_over(step, i)
            while queue and (is_over or len(queue) >= self.config.num_steps):
                errors.append(self.update(queue, value[i]))
                queue.pop(0)
        self.num_steps += len(self.taken(step))
        self.follow()
        return {"td_error": float(np.abs(errors).mean())} if errors else {}

    def update(self, queue, value):
        gamma, entry = self.config.gamma, queue[0][0]
        target = sum(gamma**k * reward for k, (_, reward) in enumerate(queue))
        error = float(target + gamma ** self.power(queue) * value - self.values[entry])
        self.values[entry] += self.config.learning_rate * error
        return error

    def follow(self):
        if self.num_steps % 10 < self.config.num_envs:
            self.copied = self.values.copy()

    def cut_episodes(self):
        self.waiting = [[] for _ in self.waiting]

    def state_dict(self):
        waiting = [[list(each) for each in queue] for queue in self.waiting]
        return {**super().state_dict(), "copied": self.copied.copy(), "waiting": waiting}

    def load_state_dict(self, state):
        super().load_state_dict(state)
        self.copied = np.array(state["copied"])
        self.waiting = [[(tuple(entry), reward) for entry, reward in queue] for queue in state["waiting"]]


class AheadSuite(TableSuite):
    """Checks what looks two steps ahead."""

    learning_steps = 2_000
    config_type = StepsConfig
    Learner = Ahead


@sound
class TwoStepsAhead(AheadSuite):
    """Q-learning over two steps."""


@sound
class FourStepsAhead(AheadSuite):
    """Q-learning over four steps."""

    config = {"num_steps": 4}  # noqa: RUF012


@planted("what is forbidden")
class ForgetsTheNextMask(AheadSuite):
    """What is forbidden after two steps is expected."""

    class Learner(Ahead):
        def next_mask(self, step):
            return None


@planted("what is forbidden")
class HeedsTheMaskBefore(AheadSuite):
    """What was forbidden before the last of two steps is not expected after it."""

    class Learner(Ahead):
        def next_mask(self, step):
            return step.action_mask


@planted("nothing to the other|is_reset|first environment")
class TheFirstOnesNext(AheadSuite):
    """Where the first environment stands is expected in all of them."""

    class Learner(Ahead):
        def next_value(self, step):
            value = super().next_value(step)
            first = 0 if step.is_reset is None or not step.is_reset[0] else -1
            return np.full_like(value, value[first])


@planted("nothing to the other")
class TheFirstOnesNextOfMany(AheadSuite):
    """The same, where there are more than two."""

    class Learner(Ahead):
        def next_value(self, step):
            value = super().next_value(step)
            return np.full_like(value, value[0]) if len(value) > 2 else value


@planted("nothing to the other")
class OneQueueForAll(AheadSuite):
    """Steps of all environments wait in one queue."""

    class Learner(Ahead):
        def queue(self, index):
            return self.waiting[0]


@planted("cut_episodes")
class GoesOnOverAStop(AheadSuite):
    """Steps that wait when episodes are cut are joined with those of the next."""

    class Learner(Ahead):
        def cut_episodes(self):
            pass


@planted("cut_episodes.*in every environment")
class StopsTheFirstQueue(AheadSuite):
    """At a stop, the first environment's queue is emptied, and no other."""

    class Learner(Ahead):
        def cut_episodes(self):
            self.waiting[0] = []


@planted("cut_episodes.*in every environment")
class StopsTheLastQueue(AheadSuite):
    """At a stop, the last environment's queue is emptied, and no other."""

    class Learner(Ahead):
        def cut_episodes(self):
            self.waiting[-1] = []


@planted("over an episode that was cut short")
class WaitsOverACut(AheadSuite):
    """Where an episode is cut short, its oldest step is learned from, and the others wait for the next."""

    class Learner(Ahead):
        def learn(self, step):
            value = np.where(step.terminated, 0.0, self.next_value(step))
            errors = [0.0]
            for i in self.taken(step):
                queue = self.queue(i)
                entry = int(self.rows(step.observation)[i]), int(step.action[i]) - self.first_action
                queue.append((entry, self.reward(step, i)))
                while queue and (self.is_over(step, i) or len(queue) >= self.config.num_steps):
                    errors.append(self.update(queue, value[i]))
                    queue.pop(0)
                    if not step.terminated[i]:
                        break
            self.num_steps += len(self.taken(step))
            self.follow()
            return {"td_error": float(np.abs(errors).mean())}


@planted("over an episode that was cut short")
class GoesOnOverACut(AheadSuite):
    """Steps that wait when an episode is cut short are joined with those of the next."""

    class Learner(Ahead):
        def is_over(self, step, index):
            return step.terminated[index]


@planted("after the end|reach into the next|besides Step.terminated.*then it has ended")
class GoesOnOverAnEnd(AheadSuite):
    """Steps that wait when a game has ended are joined with those of the next."""

    class Learner(Ahead):
        def is_over(self, step, index):
            return step.truncated[index]


@planted("n-th next one gamma..n")
class OnePowerLess(AheadSuite):
    """What is expected after two steps counts as if it were one."""

    class Learner(Ahead):
        def power(self, queue):
            return len(queue) - 1


@planted("n-th next one gamma..n.*before an end|cut short")
class AlwaysThePower(AheadSuite):
    """What is expected after fewer steps, where an episode is cut short, counts as if there were all."""

    class Learner(Ahead):
        def power(self, queue):
            return self.config.num_steps


@planted("n-th next one gamma..n")
class DiscountsTwice(AheadSuite):
    """What is expected next is discounted twice."""

    class Learner(Ahead):
        def power(self, queue):
            return 2 * len(queue)


@planted("target that follows")
class NeverFollows(AheadSuite):
    """The copy to bootstrap from stays as it was at first."""

    class Learner(Ahead):
        def follow(self):
            pass


@planted("down to their sign|pays more")
class SignsOnly(AheadSuite):
    """Of a reward, its sign is taken."""

    class Learner(Ahead):
        def reward(self, step, index):
            return float(np.sign(step.reward[index]))


@planted("explain told the action values")
class TellsTheCopy(AheadSuite):
    """It tells the values of the copy, and decides by its own."""

    class Learner(Ahead):
        def explain(self, observation, action_mask=None):
            return Outlook(action_values=self.copied[self.rows(observation)].copy())


@planted("scale what it draws to the bounds")
class KeepsToOne(TableSuite):
    """It draws between -1 and 1, and no farther, wherever the bounds lie."""

    class Learner(Linear):
        def to_space(self, drawn):
            low, high = np.maximum(self.space.low, -1), np.minimum(self.space.high, 1)
            return np.clip(drawn, low, high).astype(self.space.dtype)


class Drawing(Linear):
    """Actions in a Box, of which it tells the spread, and which can be drawn."""

    def spread(self):
        """Of what is drawn, in the units of the space."""
        return 0.5 * (self.space.high - self.space.low) / 2

    def sample(self, observation, random, action_mask=None):
        mean = self.values[self.rows(observation)]
        return Decision(self.to_space(mean + 0.5 * random.normal(size=mean.shape)))

    def explain(self, observation, action_mask=None):
        mean = self.to_space(self.values[self.rows(observation)]).astype(np.float32)
        return Outlook(chances=Spread(mean, np.full_like(mean, self.spread())))


@sound
class TellsItsSpread(TableSuite):
    """It tells how far its actions are spread."""

    config_type = PlainConfig
    learning_steps = 2_000
    Learner = Drawing


@planted("the standard deviation was .* that explain told")
class TellsItsOwnUnits(TableSuite):
    """It tells its spread between -1 and 1, not in the units of the space."""

    class Learner(Drawing):
        def spread(self):
            return np.full(self.space.shape, 0.5)


class Softly(Table):
    """A table that draws in proportion to the exponentials of its values."""

    temperature = 0.2

    def chances(self, scores):
        shifted = np.exp((scores - scores.max(axis=1, keepdims=True)) / self.temperature)
        return shifted / shifted.sum(axis=1, keepdims=True)

    def sample(self, observation, random, action_mask=None):
        chances = self.chances(self.scores(observation, action_mask))
        drawn = (random.random((len(chances), 1)) >= chances.cumsum(axis=1)).sum(axis=1)
        last = chances.shape[1] - 1 - (chances[:, ::-1] > 0).argmax(axis=1)
        return Decision(np.minimum(drawn, last) + self.first_action)

    def explain(self, observation, action_mask=None):
        return Outlook(chances=self.told(self.scores(observation, action_mask)))

    def told(self, scores):
        return self.chances(scores)


@sound
class DrawsSoftly(TableSuite):
    """It draws by the chances that it tells."""

    Learner = Softly
