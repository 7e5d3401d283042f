"""Buffers."""

from __future__ import annotations

import copy
import random
import zlib
from collections import deque
from typing import Any, NamedTuple

import numpy as np

from csai_core import trees
from csai_core.algorithm import Step
from csai_core.errors import ConfigError
from csai_core.testing import BufferSuite
from csai_train import ReplayBuffer
from planted.specimens import planted, sound


class Batch(NamedTuple):
    observation: Any
    action: Any
    reward: Any
    next_observation: Any
    terminated: Any
    truncated: Any
    log_prob: Any = None
    value: Any = None
    num_steps: Any = 1
    weight: Any = None
    position: Any = None
    next_action_mask: Any = None


class Memory:
    """A sound buffer in the plainest form: a list of rows, each a dict; faults are planted by subclasses."""

    saved = ("next",)
    """What is saved besides the rows and the generator."""

    def __init__(self, batch_size=32, capacity=1000, *, seed=None):
        self.batch_size, self.capacity = batch_size, capacity
        self.seed(seed)
        self.begin()

    def begin(self):
        """Hold nothing."""
        self.rows, self.next = [], 0

    def seed(self, seed):
        self.rng = np.random.default_rng(seed)

    def size(self):
        return len(self.rows)

    def store_memory(self, state, action, probs, vals, reward, done, next_state=None, truncated=False):
        one = trees.of_one
        self.extend(
            Step(
                one(state),
                one(action),
                np.array([reward]),
                np.array([done]),
                np.array([truncated]),
                one(state if next_state is None else next_state),
            ),
            None if probs is None else np.array([probs], np.float32),
            None if vals is None else np.array([vals], np.float32),
        )

    def extend(self, step, log_prob=None, value=None, num_steps=1):
        for env in range(len(step.reward)):
            if step.is_reset is None or not step.is_reset[env]:
                self.keep(env, self.row(step, env, log_prob, value, num_steps))

    def keep(self, env, row):
        """Take a row of an environment."""
        self.put(row)

    def row(self, step, env, log_prob, value, num_steps):
        return {
            "observation": trees.take(step.observation, env),
            "action": trees.take(step.action, env),
            "reward": np.float32(step.reward[env]),
            "next_observation": trees.take(step.next_observation, env),
            "terminated": step.terminated[env],
            "truncated": step.truncated[env],
            "log_prob": np.float32(np.nan if log_prob is None else log_prob[env]),
            "value": np.float32(np.nan if value is None else value[env]),
            "num_steps": np.int64(num_steps),
            "next_action_mask": None if step.next_action_mask is None else step.next_action_mask[env].copy(),
        }

    def put(self, row):
        if len(self.rows) < self.capacity:
            self.rows.append(row)
        else:
            self.rows[self.next] = row
        self.next = (self.next + 1) % self.capacity

    def take(self, chosen):
        rows = [self.rows[i] for i in chosen]
        columns = {name: joined([row[name] for row in rows]) for name in rows[0]}
        return Batch(**columns, position=np.array(chosen))

    def draw(self, n):
        return self.rng.integers(len(self.rows), size=n)

    def sample(self, n=None):
        if not self.rows:
            raise ConfigError("Nothing is stored yet, so nothing can be drawn.")
        return self.take(self.draw(self.batch_size if n is None else n))

    def generate_batches(self):
        order = self.rng.permutation(len(self.rows))
        size = self.batch_size
        return [self.take(order[i : i + size]) for i in range(0, len(order), size)]

    def update_priorities(self, position, error):
        pass

    def clear_memory(self):
        self.begin()

    def state_dict(self):
        saved = {name: copy.deepcopy(getattr(self, name)) for name in self.saved}
        return {"rows": copy.deepcopy(self.rows), **saved, "rng": self.rng.bit_generator.state}

    def load_state_dict(self, state):
        self.rows = [*state["rows"]]
        for name in self.saved:
            setattr(self, name, copy.deepcopy(state[name]))
        self.rng.bit_generator.state = state["rng"]


def joined(values):
    if values[0] is None:
        return None
    if isinstance(values[0], dict):
        return {name: joined([value[name] for value in values]) for name in values[0]}
    if isinstance(values[0], tuple):
        return tuple(joined(part) for part in zip(*values, strict=True))
    return np.array(values)


def judged(buffer, reason):
    """Plant a buffer, whose docstring says what is wrong with it."""
    suite = type(
        buffer.__name__, (BufferSuite,), {"make": lambda self, *a, **settings: buffer(*a, **settings)}
    )
    suite.__doc__, suite.__module__ = buffer.__doc__, __name__
    (sound if reason is None else planted(reason))(suite)
    return buffer


def fault(reason):
    """Plant a faulty buffer; the message must hold the reason."""
    return lambda buffer: judged(buffer, reason)


def right(buffer):
    """Count a buffer as sound."""
    return judged(buffer, None)


# --- what is stored


@fault("reset")
class LearnsFromResets(Memory):
    """Stores the rows in which an environment only started its next episode."""

    def extend(self, step, log_prob=None, value=None, num_steps=1):
        super().extend(step._replace(is_reset=None), log_prob, value, num_steps)


@fault("reset")
class ResetsShiftRows(Memory):
    """Leaves reset rows out of the observations, and not out of the rest."""

    def extend(self, step, log_prob=None, value=None, num_steps=1):
        if step.is_reset is None or not step.is_reset.any():
            return super().extend(step, log_prob, value, num_steps)
        taken = np.flatnonzero(~step.is_reset)
        observation = trees.take(step.observation, taken)
        rest = trees.take(tuple(step[1:6]), np.arange(len(taken)))
        mask = None if step.next_action_mask is None else step.next_action_mask[: len(taken)]
        super().extend(Step(observation, *rest, next_action_mask=mask), log_prob, value, num_steps)


@fault("next_action_mask")
class ForgetsMasks(Memory):
    """Does not keep which actions are allowed next."""

    def row(self, *args):
        return {**super().row(*args), "next_action_mask": None}


@fault("next_action_mask")
class MasksOfNow(Memory):
    """Keeps which actions were allowed, where it should keep which are allowed next."""

    def extend(self, step, log_prob=None, value=None, num_steps=1):
        super().extend(step._replace(next_action_mask=step.action_mask), log_prob, value, num_steps)


@fault("terminated")
class CutsAreEnds(Memory):
    """Counts truncated episodes as terminated, as one `done` did."""

    def row(self, step, env, *args):
        return {**super().row(step, env, *args), "terminated": step.terminated[env] | step.truncated[env]}


@fault("truncated")
class ForgetsCuts(Memory):
    """Does not keep which episodes were cut short."""

    def row(self, *args):
        return {**super().row(*args), "truncated": np.False_}


@fault("terminated")
class NothingEnds(Memory):
    """Does not keep which games ended."""

    def row(self, *args):
        return {**super().row(*args), "terminated": np.False_}


@fault("reward")
class WholeRewards(Memory):
    """Keeps rewards as integers."""

    def row(self, *args):
        row = super().row(*args)
        return {**row, "reward": np.int32(row["reward"])}


@fault("reward")
class SmallRewards(Memory):
    """Keeps rewards in half precision, in which 2049.5 is 2050."""

    def row(self, *args):
        row = super().row(*args)
        return {**row, "reward": np.float16(row["reward"])}


@fault("reward")
class ClipsRewards(Memory):
    """Clips the rewards to -1 to 1 behind everybody's back."""

    def row(self, *args):
        row = super().row(*args)
        return {**row, "reward": np.clip(row["reward"], -1, 1)}


@fault("uint8")
class ImagesInFloats(Memory):
    """Keeps images of bytes as float32, in four times the memory."""

    def row(self, *args):
        row = super().row(*args)
        for name in ("observation", "next_observation"):
            row[name] = trees.apply(lambda each: each.astype(np.float32), row[name])
        return row


@fault("observation.*stored")
class RebuildsStacks(Memory):
    """Keeps the newest picture of a stack alone, and puts those of the rows before in front of it."""

    def take(self, chosen):
        batch = super().take(chosen)
        if not is_stack(self.rows[0]["observation"]):
            return batch
        newest = [[self.rows[max(i - back, 0)]["observation"][-1] for back in (2, 1, 0)] for i in chosen]
        return batch._replace(observation=np.array(newest))


class PicturesOnce(Memory):
    """Keeps pictures of stacks once, by what tells one from another."""

    def __init__(self, batch_size=32, capacity=1000, *, seed=None):
        super().__init__(batch_size, capacity, seed=seed)
        self.pictures = {}

    def key(self, picture):
        return picture.tobytes()

    def row(self, *args):
        row = super().row(*args)
        for name in ("observation", "next_observation"):
            if is_stack(row[name]):
                row[name] = [self.pictures.setdefault(self.key(each), each) for each in row[name]]
        return row

    def take(self, chosen):
        batch = super().take(chosen)
        if not isinstance(self.rows[0]["observation"], list):
            return batch
        return batch._replace(
            observation=np.array(batch.observation), next_observation=np.array(batch.next_observation)
        )


right(PicturesOnce)


@fault("observation.*stored")
class PicturesBySum(PicturesOnce):
    """Takes two pictures of as many bright spots for the same."""

    def key(self, picture):
        return int(picture.sum())


def is_stack(observation):
    return (
        isinstance(observation, np.ndarray) and observation.dtype == np.uint8 and observation.nbytes >= 2048
    )


@fault("2\\*\\*|precision|int64|float32")
class RoundsStates(Memory):
    """Keeps all observations as float32, which cannot tell large numbers of states apart."""

    def row(self, *args):
        row = super().row(*args)
        for name in ("observation", "next_observation"):
            row[name] = trees.apply(
                lambda each: each if each.dtype == np.uint8 else each.astype(np.float32), row[name]
            )
        return row


@fault("action")
class RoundsActions(Memory):
    """Keeps actions as integers, whatever the action space."""

    def row(self, *args):
        row = super().row(*args)
        return {**row, "action": trees.apply(lambda each: np.asarray(each, np.int64), row["action"])}


@fault("shape")
class Squeezes(Memory):
    """Lays observations out flat."""

    def row(self, *args):
        row = super().row(*args)
        return {**row, "observation": trees.apply(np.ravel, row["observation"])}


@fault("environment")
class FirstAlone(Memory):
    """Stores the first of several environments alone."""

    def extend(self, step, log_prob=None, value=None, num_steps=1):
        one = {
            name: None if part is None else trees.take(part, slice(0, 1))
            for name, part in step._asdict().items()
        }
        super().extend(Step(**one), log_prob, value, num_steps)


@fault("next_observation")
class NextIsTheRowBelow(Memory):
    """Takes for the next observation what is stored next, which belongs to another environment."""

    def put(self, row):
        if self.rows:
            self.rows[self.next - 1]["next_observation"] = row["observation"]
        super().put(row)


@fault("next_observation")
class NextIsNow(Memory):
    """Keeps the observation twice, and what the action led to never."""

    def row(self, *args):
        row = super().row(*args)
        return {**row, "next_observation": row["observation"]}


@fault("next_observation")
class NothingFollowsACut(Memory):
    """Keeps zeros for what follows the end of an episode, also where it was only cut short."""

    def row(self, step, env, *args):
        row = super().row(step, env, *args)
        if step.terminated[env] or step.truncated[env]:
            row["next_observation"] = trees.apply(np.zeros_like, row["next_observation"])
        return row


@fault("log_prob")
class ForgetsChances(Memory):
    """Takes the log-probabilities of actions, and does not keep them."""

    def row(self, step, env, log_prob, value, num_steps):
        return super().row(step, env, None, value, num_steps)


@fault("value")
class ValuesForChances(Memory):
    """Takes values for log-probabilities."""

    def row(self, step, env, log_prob, value, num_steps):
        return super().row(step, env, value, log_prob, num_steps)


@fault("num_steps")
class ForgetsHowFar(Memory):
    """Does not keep how many steps a transition leads ahead."""

    def row(self, *args):
        return {**super().row(*args), "num_steps": np.int64(1)}


@fault("Dict|part|key|velocity|'")
class FirstPartAlone(Memory):
    """Keeps the first part of a Dict observation alone."""

    def row(self, *args):
        row = super().row(*args)
        for name in ("observation", "next_observation"):
            if isinstance(row[name], dict):
                row[name] = dict([next(iter(row[name].items()))])
        return row


@fault("copy|copies")
class KeepsWhatItWasGiven(Memory):
    """Keeps views of the arrays that it is given, which the environment changes in its next step."""

    def row(self, step, env, *args):
        row = super().row(step, env, *args)
        for name in ("observation", "next_observation"):
            row[name] = trees.apply(lambda array: array[env], getattr(step, name))
        return row


@fault("changed|changes")
class ScalesInPlace(Memory):
    """Scales rewards in the array that it is given."""

    def extend(self, step, log_prob=None, value=None, num_steps=1):
        step.reward[:] = step.reward * 1.0 - 1.0
        super().extend(step, log_prob, value, num_steps)
        for row in self.rows[-len(step.reward) :]:
            row["reward"] += 1


# --- how much is kept


@fault("capacity")
class NeverForgets(Memory):
    """Grows without end."""

    def put(self, row):
        self.rows.append(row)


@fault("capacity")
class OneTooMany(Memory):
    """Keeps one more than its capacity."""

    def __init__(self, batch_size=32, capacity=1000, *, seed=None):
        super().__init__(batch_size, capacity + 1, seed=seed)


@fault("capacity|oldest")
class OneTooFew(Memory):
    """Writes over the last place before it is full, and never into it again."""

    def put(self, row):
        super().put(row)
        self.next %= max(1, self.capacity - 1)


@fault("oldest|newest|full")
class FullIsFull(Memory):
    """Takes nothing any more once it is full."""

    def put(self, row):
        if len(self.rows) < self.capacity:
            super().put(row)


@fault("oldest|newest")
class ForgetsTheNewest(Memory):
    """Writes new transitions over the newest, once it is full."""

    def put(self, row):
        if len(self.rows) == self.capacity:
            self.rows[-1] = row
        else:
            self.rows.append(row)


@fault("oldest|newest|wrap|end of")
class LosesWhatWraps(Memory):
    """Drops the rows of a step that no longer fit before the end of its arrays."""

    def extend(self, step, log_prob=None, value=None, num_steps=1):
        room = self.capacity - self.next
        if len(step.reward) <= room:
            return super().extend(step, log_prob, value, num_steps)
        part = {
            name: None if each is None else trees.take(each, slice(0, room))
            for name, each in step._asdict().items()
        }
        super().extend(Step(**part), log_prob, value, num_steps)


@fault("belong|mixed")
class WrapsAtTwoPlaces(Memory):
    """Once it is full, rewards go one place further than the rest."""

    def put(self, row):
        if len(self.rows) == self.capacity:
            place = (self.next + 1) % self.capacity
            self.rows[place]["reward"], row["reward"] = row["reward"], self.rows[place]["reward"]
        super().put(row)


@fault("size")
class CountsResets(Memory):
    """Counts all rows of a step, those that are no steps too."""

    def begin(self):
        super().begin()
        self.count = 0

    def extend(self, step, log_prob=None, value=None, num_steps=1):
        super().extend(step, log_prob, value, num_steps)
        self.count = min(self.count + len(step.reward), self.capacity)

    def size(self):
        return self.count


# --- what is drawn


@fault("global")
class DrawsFromNumpy(Memory):
    """Draws from numpy's global generator."""

    def draw(self, n):
        return np.random.randint(len(self.rows), size=n)  # noqa: NPY002


@fault("global")
class DrawsFromPython(Memory):
    """Draws from Python's global generator."""

    def draw(self, n):
        return np.array(random.choices(range(len(self.rows)), k=n))


@fault("global")
class SeedsTheWorld(Memory):
    """Seeds numpy's global generator for everybody."""

    def __init__(self, batch_size=32, capacity=1000, *, seed=None):
        super().__init__(batch_size, capacity, seed=seed)
        np.random.seed(seed)  # noqa: NPY002


@fault("seed")
class IgnoresItsSeed(Memory):
    """Takes a seed, and makes its generator without it."""

    def __init__(self, batch_size=32, capacity=1000, *, seed=None):
        super().__init__(batch_size, capacity)


@fault("seed")
class AlwaysTheSame(Memory):
    """Draws the same whatever its seed."""

    def __init__(self, batch_size=32, capacity=1000, *, seed=None):
        super().__init__(batch_size, capacity, seed=0)


@fault("seed\\(")
class CannotBeSeededAgain(Memory):
    """Takes a new seed, and goes on with the old."""

    def seed(self, seed):
        if not hasattr(self, "rng"):
            super().seed(seed)


@fault("evenly|even share|as often")
class LovesTheOld(Memory):
    """Draws the older ones much more often."""

    def draw(self, n):
        return (len(self.rows) * self.rng.random(n) ** 4).astype(int)


@fault("newest|every|never")
class NeverTheNewest(Memory):
    """Never draws the newest transition."""

    def draw(self, n):
        return self.rng.integers(max(1, len(self.rows) - 1), size=n)


@fault("belong|mixed")
class DrawsTwice(Memory):
    """Draws rewards apart from the rest."""

    def take(self, chosen):
        apart = super().take(self.draw(len(chosen)))
        return super().take(chosen)._replace(reward=apart.reward)


@fault("before|fewer|enough|more than")
class WithoutPuttingBack(Memory):
    """Cannot draw more transitions than there are."""

    def draw(self, n):
        return self.rng.choice(len(self.rows), n, replace=False)


@fault("before|nothing|empty")
class DrawsFromNothing(Memory):
    """Hands out zeros while it is empty."""

    def sample(self, n=None):
        n = self.batch_size if n is None else n
        if not self.rows:
            zeros = np.zeros((n, 2), np.float32)
            return Batch(zeros, zeros[:, 0], zeros[:, 0], zeros, zeros[:, 0] > 0, zeros[:, 0] > 0)
        return super().sample(n)


@fault("before|nothing|empty")
class FallsWhenEmpty(Memory):
    """Falls over its own arithmetic while it is empty."""

    def sample(self, n=None):
        return self.take(self.draw(self.batch_size if n is None else n))


@fault("batch_size")
class AlwaysThirtyTwo(Memory):
    """Draws 32 where nobody says how many, whatever its batch size."""

    def sample(self, n=None):
        return super().sample(32 if n is None else n)


@fault("last|every|each|exactly once")
class DropsTheRest(Memory):
    """Leaves out the last, smaller batch."""

    def generate_batches(self):
        return [batch for batch in super().generate_batches() if len(batch.reward) == self.batch_size]


@fault("same|again|changed|copies")
class LendsItsBatch(Memory):
    """Fills one and the same batch again for every draw."""

    lent = None

    def take(self, chosen):
        new = super().take(chosen)
        if self.lent is not None and len(self.lent.reward) == len(new.reward):
            for name in ("observation", "reward"):
                if isinstance(getattr(new, name), np.ndarray):
                    getattr(self.lent, name)[:] = getattr(new, name)
                    new = new._replace(**{name: getattr(self.lent, name)})
        self.lent = new
        return new


@fault("chang|copies|copy")
class LendsItsMemory(Memory):
    """Hands out views of its memory."""

    def take(self, chosen):
        if not isinstance(self.rows[0]["observation"], np.ndarray) or len(set(chosen)) > 1:
            return super().take(chosen)
        row = self.rows[chosen[0]]
        views = {
            name: np.broadcast_to(row[name], (len(chosen), *row[name].shape))
            if len(chosen) > 1
            else row[name][None]
            for name in ("observation", "next_observation")
        }
        return super().take(chosen)._replace(**views)


@fault("clear")
class ClearedByHalf(Memory):
    """Says that it is empty once it is cleared, and still draws what was there."""

    cleared = False

    def size(self):
        return 0 if self.cleared else super().size()

    def extend(self, step, log_prob=None, value=None, num_steps=1):
        self.cleared = False
        super().extend(step, log_prob, value, num_steps)

    def clear_memory(self):
        self.cleared = True


@fault("clear")
class GoesOnInTheMiddle(Memory):
    """Does not begin at the beginning once it is cleared, so that it is full too soon."""

    def clear_memory(self):
        self.rows = []

    def put(self, row):
        if self.next < len(self.rows) or len(self.rows) == self.capacity:
            self.rows[self.next] = row
        elif self.next == len(self.rows):
            self.rows.append(row)
        self.next = (self.next + 1) % self.capacity


# --- what is saved


@fault("saved|state_dict|checkpoint")
class ForgetsItsDice(Memory):
    """Does not save its generator."""

    def load_state_dict(self, state):
        self.rows, self.next = [*state["rows"]], state["next"]


@fault("saved|state_dict|checkpoint")
class ForgetsItsPlace(Memory):
    """Does not save where the next transition goes."""

    def load_state_dict(self, state):
        super().load_state_dict({**state, "next": 0})


@fault("saved|state_dict|checkpoint")
class SavesAnObject(Memory):
    """Puts its generator as it is into its state, which no file can hold."""

    def state_dict(self):
        return {"rows": copy.deepcopy(self.rows), "next": self.next, "rng": copy.deepcopy(self.rng)}

    def load_state_dict(self, state):
        self.rows, self.next = [*state["rows"]], state["next"]
        self.rng = copy.deepcopy(state["rng"])


@fault("saved|state_dict|checkpoint")
class SavesTensorsAsLists(Memory):
    """Saves rewards as a list, and draws lists once it is restored."""

    def state_dict(self):
        return {**super().state_dict(), "rewards": [float(row["reward"]) for row in self.rows]}

    def load_state_dict(self, state):
        super().load_state_dict(state)
        for row, reward in zip(self.rows, state["rewards"], strict=True):
            row["reward"] = int(reward)


# --- priorities


class Prioritized(Memory):
    """Draws in proportion to priorities; sound."""

    saved = (*Memory.saved, "priority")

    def begin(self):
        super().begin()
        self.priority = np.zeros(self.capacity)

    def put(self, row):
        self.priority[self.next] = max(1.0, self.priority.max())
        super().put(row)

    def chances(self):
        priority = self.priority[: len(self.rows)]
        return priority / priority.sum()

    def draw(self, n):
        return self.rng.choice(len(self.rows), n, p=self.chances())

    def weights(self, position):
        weight = (len(self.rows) * self.chances()[position]) ** -0.5
        return (weight / weight.max()).astype(np.float32)

    def sample(self, n=None):
        batch = super().sample(n)
        return batch._replace(weight=self.weights(batch.position))

    def update_priorities(self, position, error):
        if position is not None:
            self.priority[position] = np.abs(error) + 1e-6


right(Prioritized)


@fault("priorit")
class DeafToErrors(Prioritized):
    """Draws by priorities that nothing changes."""

    def update_priorities(self, position, error):
        pass


@fault("priorit")
class SignedErrors(Prioritized):
    """Gives the least priority to errors below zero, however large."""

    def update_priorities(self, position, error):
        self.priority[position] = np.maximum(error, 0) + 1e-6


@fault("priorit")
class OthersPriorities(Prioritized):
    """Gives priorities to the transitions beside those that were drawn."""

    def update_priorities(self, position, error):
        super().update_priorities((np.asarray(position) + 1) % len(self.rows), error)


@fault("new")
class NewOnesNever(Prioritized):
    """Gives new transitions no priority, so that they are not drawn."""

    def put(self, row):
        place = self.next
        super().put(row)
        self.priority[place] = 1e-9 if len(self.rows) > 5 else 1.0


@fault("weight")
class WeightsTheWrongWay(Prioritized):
    """Weighs most what is drawn most, in place of making up for it."""

    def weights(self, position):
        return (len(self.rows) * self.chances()[position]).astype(np.float32)


@fault("priorit")
class SavesNoPriorities(Prioritized):
    """Saves the transitions without their priorities."""

    def load_state_dict(self, state):
        super().load_state_dict(state)
        self.priority[: len(self.rows)] = 1.0


@fault("priorit|never|zero")
class ZeroIsNever(Prioritized):
    """Never draws again what was no error once."""

    def update_priorities(self, position, error):
        self.priority[position] = np.abs(error)


# --- joining steps


class NStep(Memory):
    """Joins three steps of an episode to one transition; sound."""

    saved = (*Memory.saved, "waiting")
    gamma = 0.9

    def begin(self):
        super().begin()
        self.waiting = {}

    def keep(self, env, row):
        waiting = self.waiting.setdefault(str(env), [])
        waiting.append(row)
        if len(waiting) == 3:
            self.put(self.joined(waiting))
            waiting.pop(0)
        if self.ends(row):
            while waiting:
                self.put(self.joined(waiting))
                waiting.pop(0)

    def ends(self, row):
        return row["terminated"] or row["truncated"]

    def joined(self, rows):
        reward = sum(self.gamma**i * row["reward"] for i, row in enumerate(rows))
        parts = {name: rows[0][name] for name in ("observation", "action", "log_prob", "value")}
        return {**rows[-1], **parts, "reward": np.float32(reward), "num_steps": np.int64(len(rows))}

    def cut_episodes(self):
        self.waiting = {}


right(NStep)


@fault("episode|end")
class JoinsOverEnds(NStep):
    """Joins the last steps of an episode with the first of the next."""

    def ends(self, row):
        return False


@fault("episode|end|truncated|cut")
class JoinsOverCuts(NStep):
    """Joins the last steps of an episode that was cut short with the first of the next."""

    def ends(self, row):
        return row["terminated"]


@fault("environment|next_observation|episode")
class JoinsOthersSteps(NStep):
    """Joins the steps of one environment with those of the next."""

    def keep(self, env, row):
        super().keep(0, row)


@fault("num_steps")
class DoesNotSayHowFar(NStep):
    """Joins three steps, and says that it is one."""

    def joined(self, rows):
        return {**super().joined(rows), "num_steps": np.int64(1)}


@fault("reward")
class DiscountsTheFirst(NStep):
    """Discounts the first reward already, and the last one not at all."""

    def joined(self, rows):
        reward = sum(self.gamma ** (len(rows) - i) * row["reward"] for i, row in enumerate(rows))
        return {**super().joined(rows), "reward": np.float32(reward)}


@fault("saved|state_dict|checkpoint")
class ForgetsWhatWaits(NStep):
    """Does not save the steps that wait to be joined."""

    def load_state_dict(self, state):
        super().load_state_dict(state)
        self.waiting = {}


@fault("clear")
class ClearsNotWhatWaits(NStep):
    """Once cleared, joins the next steps with those from before."""

    def clear_memory(self):
        Memory.begin(self)


@fault("next_action_mask")
class MaskOfTheFirst(NStep):
    """Keeps for joined steps which actions were allowed after the first of them."""

    def joined(self, rows):
        return {**super().joined(rows), "next_action_mask": rows[0]["next_action_mask"]}


@fault("terminated")
class JoinedIsOver(NStep):
    """Counts joined steps that reach a cut as terminated."""

    def joined(self, rows):
        return {**super().joined(rows), "terminated": np.bool_(self.ends(rows[-1]))}


# --- as they were found a second time


@fault("never|every")
class ForgetsItIsFull(Memory):
    """Draws from what lies before its next place, once it is full too."""

    def draw(self, n):
        return self.rng.integers(self.next or len(self.rows), size=n)


@fault("next_observation")
class SharesFrames(Memory):
    """Takes the next row's observation for the next one, and for the newest row that of the oldest."""

    def take(self, chosen):
        batch, ends = super().take(chosen), [self.rows[i] for i in chosen]
        following = [self.rows[(i + 1) % len(self.rows)] for i in chosen]
        rows = [
            end["next_observation"] if end["terminated"] or end["truncated"] else row["observation"]
            for end, row in zip(ends, following, strict=True)
        ]
        return batch._replace(next_observation=joined(rows))


@fault("capacity")
class CapacityForEach(Memory):
    """Keeps its capacity for each environment."""

    def begin(self):
        super().begin()
        self.parts = {}

    def keep(self, env, row):
        self.parts.setdefault(env, deque(maxlen=self.capacity)).append(row)
        self.rows = [row for part in self.parts.values() for row in part]


@fault("state_dict|saved")
class SavesTheNewest(Memory):
    """Saves its newest rows alone, to keep files small."""

    def load_state_dict(self, state):
        super().load_state_dict({**state, "rows": state["rows"][-10:]})


@fault("load")
class LoadsOnTop(Memory):
    """Adds what is loaded to what it holds."""

    def load_state_dict(self, state):
        held = self.rows
        super().load_state_dict(state)
        self.rows = [*held, *self.rows]


@fault("clear")
class DrawsWhatIsForgotten(Memory):
    """Draws from before once it is cleared, until something new is stored."""

    old = ()

    def clear_memory(self):
        self.old = self.rows or self.old
        super().clear_memory()

    def sample(self, n=None):
        if self.rows or not self.old:
            return super().sample(n)
        self.rows = self.old
        try:
            return super().sample(n)
        finally:
            self.rows = []


@fault("clear")
class StartsItsDiceAnew(Memory):
    """Draws the same once more whenever it is cleared."""

    def seed(self, seed):
        super().seed(seed)
        self.first_state = self.rng.bit_generator.state

    def clear_memory(self):
        super().clear_memory()
        self.rng.bit_generator.state = self.first_state


@fault("new")
class InheritsPriorities(Prioritized):
    """Gives a new transition the priority of that whose place it takes."""

    def put(self, row):
        place, was = self.next, self.priority[self.next]
        super().put(row)
        if was:
            self.priority[place] = was


@fault("reset")
class FallsOverResets(Memory):
    """Cannot take a step in which all environments are reset."""

    def extend(self, step, log_prob=None, value=None, num_steps=1):
        if step.is_reset is not None and step.is_reset.all():
            raise IndexError("index 0 is out of bounds")
        super().extend(step, log_prob, value, num_steps)


@fault("rows|number of environments|as many")
class AsManyAsAtFirst(Memory):
    """Takes as many rows with every step as with the first."""

    count = None

    def extend(self, step, log_prob=None, value=None, num_steps=1):
        self.count = self.count or len(step.reward)
        if len(step.reward) != self.count:
            raise ValueError(f"could not broadcast ({len(step.reward)},) into ({self.count},)")
        super().extend(step, log_prob, value, num_steps)


@fault("handed out|every row")
class SkipsZeros(Memory):
    """Stores no transition that paid nothing."""

    def put(self, row):
        if row["reward"]:
            super().put(row)


@fault("twice|same")
class EachStateOnce(Memory):
    """Keeps one transition for each observation."""

    def put(self, row):
        for i, old in enumerate(self.rows):
            if trees.are_equal(old["observation"], row["observation"]):
                self.rows[i] = row
                return
        super().put(row)


@fault("same|random order")
class OneOrder(Memory):
    """Hands all out in the same order each time."""

    def generate_batches(self):
        return [
            self.take(range(i, min(i + self.batch_size, len(self.rows))))
            for i in range(0, len(self.rows), self.batch_size)
        ]


@fault("same")
class OneDraw(Memory):
    """Makes its generator again for every draw."""

    def seed(self, seed):
        super().seed(seed)
        self.start = seed

    def draw(self, n):
        return np.random.default_rng(self.start).integers(len(self.rows), size=n)


@fault("array")
class HandsOutLists(Memory):
    """Hands out lists."""

    def take(self, chosen):
        batch = super().take(chosen)
        return batch._replace(reward=batch.reward.tolist(), terminated=batch.terminated.tolist())


# --- and a third time


@fault("capacity")
class PowersOfTwo(Memory):
    """Keeps as many as the next power of two."""

    def __init__(self, batch_size=32, capacity=1000, *, seed=None):
        super().__init__(batch_size, 1 << (capacity - 1).bit_length(), seed=seed)


@fault("never stored")
class DrawsFromTheUnwritten(Memory):
    """Draws from all of its places, also from those in which nothing is yet."""

    def draw(self, n):
        empty = {
            name: trees.apply(np.zeros_like, part) for name, part in self.rows[0].items() if part is not None
        }
        self.rows += [{**self.rows[0], **empty}] * (self.capacity - len(self.rows))
        self.next = 0
        return super().draw(n)


@fault("never|handed out")
class NoLastSteps(Memory):
    """Leaves out the last step of each episode, for fear of what follows."""

    def put(self, row):
        if not (row["terminated"] or row["truncated"]):
            super().put(row)


@fault("next_action_mask")
class AllAllowedAtEnds(Memory):
    """Allows everything after the last step of an episode."""

    def row(self, step, env, *args):
        row = super().row(step, env, *args)
        if row["next_action_mask"] is not None and step.truncated[env]:
            row["next_action_mask"][:] = 1
        return row


@fault("log_prob|probs")
class SwapsWhatIsTold(Memory):
    """Takes values for log-probabilities where transitions come one by one."""

    def store_memory(self, state, action, probs, vals, *args, **kwargs):
        super().store_memory(state, action, vals, probs, *args, **kwargs)


@fault("terminated|truncated")
class OneDone(Memory):
    """Stores what was truncated as not ended where transitions come one by one."""

    def store_memory(self, state, action, probs, vals, reward, done, next_state=None, truncated=False):
        super().store_memory(state, action, probs, vals, reward, done, next_state)


@right
class WholeSteps(Memory):
    """Keeps as many whole steps of all environments as fit, and so may keep fewer."""

    saved = (*Memory.saved, "steps")

    def begin(self):
        super().begin()
        self.steps = []

    def extend(self, step, log_prob=None, value=None, num_steps=1):
        taken = range(len(step.reward)) if step.is_reset is None else np.flatnonzero(~step.is_reset)
        rows = [self.row(step, env, log_prob, value, num_steps) for env in taken]
        self.steps = [*self.steps, rows]
        while sum(map(len, self.steps)) > self.capacity:
            self.steps.pop(0)
        self.rows = [row for rows in self.steps for row in rows]


# --- derived from csai_train.ReplayBuffer


@fault("place gave")
class GoesOnAndOn(ReplayBuffer):
    """Places transitions one after the other, beyond its capacity."""

    def place(self, rows, env):
        return self.num_stored + np.arange(len(env))


@fault("place gave")
class LeavesHoles(ReplayBuffer):
    """Begins in the middle of its places."""

    def place(self, rows, env):
        return (self.capacity // 2 + self.num_stored + np.arange(len(env))) % self.capacity


@fault("place gave")
class OnePlaceForAll(ReplayBuffer):
    """Gives one place for a step of several environments."""

    def place(self, rows, env):
        return super().place(rows, env)[:1]


@fault("draw gave")
class DrawsFromItsCapacity(ReplayBuffer):
    """Draws from all places, full or not."""

    def draw(self, n):
        return self.random.integers(self.capacity, size=n)


@fault("draw gave|come twice")
class DrawsOnlyOnce(ReplayBuffer):
    """Draws no more than there are."""

    def draw(self, n):
        return self.random.permutation(self.num_drawable)[:n]


@fault("global")
class DrawsWithNumpy(ReplayBuffer):
    """Draws with numpy's global generator."""

    def draw(self, n):
        return np.random.randint(self.num_drawable, size=n)  # noqa: NPY002


@fault("newest|place of the oldest")
class WritesOverTheNewest(ReplayBuffer):
    """Writes over its last places once it is full."""

    def place(self, rows, env):
        return np.minimum(self.num_stored + np.arange(len(env)), self.capacity - 1)


@fault("state_dict|saved")
class ForgetsWhatItCounts(ReplayBuffer):
    """Draws what was drawn least, and does not save how often that was."""

    def __init__(self, batch_size=32, capacity=100_000, *, seed=None):
        super().__init__(batch_size, capacity, seed=seed)
        self.drawn = np.zeros(capacity)

    def draw(self, n):
        lots = self.drawn[: self.num_drawable] + 0.5 * self.random.random(self.num_drawable)
        position = np.resize(np.argsort(lots), n)
        np.add.at(self.drawn, position, 1)
        return position


@right
class OfTheSeam(ReplayBuffer):
    """Keeps about every second transition once it is full."""

    def place(self, rows, env):
        number = self.num_stored + np.arange(len(env))
        kept = (number < self.capacity) | (self.random.random(len(env)) < 0.5)
        return np.where(kept, number % self.capacity, -1)


# --- unusual, and right


@right
class Plain(Memory):
    """A list of rows."""


@right
class RankBased(Prioritized):
    """Draws by the rank of the errors (Schaul et al. 2016, section 3.3)."""

    def chances(self):
        priority = self.priority[: len(self.rows)]
        rank = np.empty(len(priority))
        rank[np.argsort(-priority, kind="stable")] = 1 + np.arange(len(priority))
        return rank**-0.7 / (rank**-0.7).sum()


@right
class Compressed(Memory):
    """Keeps observations compressed."""

    def put(self, row):
        packed = {name: trees.apply(pack, row[name]) for name in ("observation", "next_observation")}
        super().put({**row, **packed})

    def take(self, chosen):
        kept, self.rows = self.rows, [*self.rows]
        try:
            for i in set(chosen):
                row = self.rows[i]
                packed = {name: opened(row[name]) for name in ("observation", "next_observation")}
                self.rows[i] = {**row, **packed}
            return super().take(chosen)
        finally:
            self.rows = kept


class Packed(dict):
    """An array, compressed."""


def pack(array):
    array = np.asarray(array)
    data = np.frombuffer(zlib.compress(array.tobytes()), np.uint8)
    return Packed(data=data, shape=list(array.shape), dtype=array.dtype.str)


def opened(value):
    if isinstance(value, dict) and value.keys() == {"data", "shape", "dtype"}:
        array = np.frombuffer(zlib.decompress(value["data"].tobytes()), value["dtype"])
        return array.reshape(value["shape"])
    if isinstance(value, dict):
        return {name: opened(each) for name, each in value.items()}
    return tuple(map(opened, value)) if isinstance(value, tuple) else value


@right
class Reservoir(Memory):
    """Keeps a sample of everything that was ever stored (Vitter 1985)."""

    saved = (*Memory.saved, "count")

    def begin(self):
        super().begin()
        self.count = 0

    def put(self, row):
        self.count += 1
        if len(self.rows) < self.capacity:
            self.rows.append(row)
        elif (place := self.rng.integers(self.count)) < self.capacity:
            self.rows[place] = row


@right
class AlwaysTheNewestToo(Memory):
    """Draws evenly, and the newest along with each batch (Zhang and Sutton 2017, arXiv:1712.01275)."""

    def draw(self, n):
        drawn = super().draw(n)
        drawn[0] = self.next - 1 if len(self.rows) == self.capacity else len(self.rows) - 1
        return drawn


@right
class WholeEpisodes(Memory):
    """Keeps steps back until their episode is over."""

    saved = (*Memory.saved, "open")

    def begin(self):
        super().begin()
        self.open = {}

    def keep(self, env, row):
        self.open.setdefault(str(env), []).append(row)
        if row["terminated"] or row["truncated"]:
            for each in self.open.pop(str(env)):
                self.put(each)


@right
class ImagesAlone(Memory):
    """Takes images of bytes, and says so of anything else."""

    def row(self, step, env, *args):
        observation = step.observation
        if not (isinstance(observation, np.ndarray) and observation.dtype == np.uint8):
            raise ConfigError("ImagesAlone takes images of bytes.")
        return super().row(step, env, *args)


@right
class InADeque(Memory):
    """Keeps its rows in a deque, which forgets by itself."""

    def begin(self):
        super().begin()
        self.rows = deque(maxlen=self.capacity)

    def put(self, row):
        self.rows.append(row)

    def load_state_dict(self, state):
        super().load_state_dict(state)
        self.rows = deque(state["rows"], maxlen=self.capacity)


@fault("state_dict.*Give copies")
class SavesItself(Memory):
    """Gives its own memory as its state, which goes on changing."""

    def state_dict(self):
        return {"rows": self.rows, "next": self.next, "rng": self.rng.bit_generator.state}


@right
class PrefersTheNew(Memory):
    """Draws what is new much more often (Wang and Ross 2019, arXiv:1906.04009)."""

    def draw(self, n):
        newest = self.next - 1 if len(self.rows) == self.capacity else len(self.rows) - 1
        age = (len(self.rows) * self.rng.random(n) ** 2.5).astype(int)
        return (newest - age) % len(self.rows)


# --- where the next transition goes


class OwnPlace(ReplayBuffer):
    """Places transitions by a counter of its own, which is saved and begins again."""

    next = 0

    def place(self, rows, env):
        position = (self.next + np.arange(len(env))) % self.capacity
        self.next = (self.next + len(env)) % self.capacity
        return position

    def clear_memory(self):
        super().clear_memory()
        self.next = 0

    def state_dict(self):
        return {**super().state_dict(), "next": self.next}

    def load_state_dict(self, state):
        super().load_state_dict(state)
        self.next = state["next"]


right(OwnPlace)


@fault("place.*-1.*not kept")
class NeverKeeps(ReplayBuffer):
    """Its places begin at -1, as it counts them before the transition is there."""

    def place(self, rows, env):
        return (self.num_stored + np.arange(len(env))) % self.capacity - 1


@fault("place.*-1.*not kept")
class KeepsNothing(ReplayBuffer):
    """It gives -1 for every transition, as it has no place yet."""

    def place(self, rows, env):
        return np.full(len(env), -1)


@fault("place.*-1.*not kept")
class KeepsNothingOnceFull(ReplayBuffer):
    """Once it is full, nothing new is kept."""

    def place(self, rows, env):
        number = self.num_stored + np.arange(len(env))
        return np.where(number < self.capacity, number, -1)


@fault("place.*-1.*not kept")
class CountsFromTheEnd(ReplayBuffer):
    """The last place of its memory is -1, as lists are counted from their end."""

    def place(self, rows, env):
        position = (self.num_stored + np.arange(len(env))) % self.capacity
        return np.where(position == self.capacity - 1, -1, position)


@fault("state_dict.*where the next transition goes")
class DoesNotSaveItsPlace(OwnPlace):
    """Where the next transition goes is not saved."""

    def state_dict(self):
        return {name: each for name, each in super().state_dict().items() if name != "next"}

    def load_state_dict(self, state):
        ReplayBuffer.load_state_dict(self, state)


@fault("state_dict.*where the next transition goes")
class DoesNotSaveNorForgetItsPlace(DoesNotSaveItsPlace):
    """Where the next transition goes is neither saved nor put back to the beginning."""

    def clear_memory(self):
        ReplayBuffer.clear_memory(self)


@fault("clear_memory")
class DoesNotForgetItsPlace(OwnPlace):
    """After it has forgotten everything, it goes on where it was."""

    def clear_memory(self):
        ReplayBuffer.clear_memory(self)


@fault("state_dict.*where the next transition goes")
class BeginsAnewWhenLoaded(Memory):
    """A list whose next place is 0 whenever a state was loaded."""

    saved = ()

    def load_state_dict(self, state):
        super().load_state_dict(state)
        self.next = 0


@fault("state_dict.*where the next transition goes")
class GoesOnWhereItWas(Memory):
    """A list whose next place is not loaded: it goes on where it stood itself."""

    def load_state_dict(self, state):
        super().load_state_dict({**state, "next": self.next})


@fault("draw")
class DrawsTheNewestOnly(ReplayBuffer):
    """Draws from the last few places."""

    def draw(self, n):
        return self.random.integers(max(0, self.num_drawable - 8), self.num_drawable, size=n)


# --- as strangers write them


@fault("gave .* transitions|there are as many|come twice")
class GivesWhatThereIs(Memory):
    """Asked for more than there are, it gives what there is."""

    def draw(self, n):
        return self.rng.permutation(len(self.rows))[:n]


@fault("Store copies|changed with the arrays")
class KeepsViews(Memory):
    """Rows are views of the arrays that it was given."""

    def row(self, step, env, *told):
        row = super().row(step, env, *told)
        if isinstance(step.observation, np.ndarray):
            row["observation"], row["next_observation"] = step.observation[env], step.next_observation[env]
        return row


@fault("draws the same once more|Leave the generator")
class SeedsAgainWhenCleared(Memory):
    """When it forgets, it begins with its seed again."""

    def __init__(self, batch_size=32, capacity=1000, *, seed=None):
        super().__init__(batch_size, capacity, seed=seed)
        self.own_seed = seed

    def clear_memory(self):
        super().clear_memory()
        self.seed(self.own_seed)


class LargestKept(Prioritized):
    """Gives new transitions the largest priority that there ever was; sound."""

    saved = (*Prioritized.saved, "largest")

    def begin(self):
        super().begin()
        self.largest = 1.0

    def put(self, row):
        here = self.next
        super().put(row)
        self.priority[here] = self.largest

    def update_priorities(self, position, error):
        super().update_priorities(position, error)
        if position is not None:
            self.largest = max(self.largest, float(self.priority[position].max()))


right(LargestKept)


@fault("largest priority")
class ForgetsTheLargest(LargestKept):
    """The largest priority is not taken back from a file."""

    def load_state_dict(self, state):
        super().load_state_dict({**state, "largest": 1.0})


@fault("After clear_memory.*largest")
class KeepsTheLargest(LargestKept):
    """The largest priority outlives everything that is forgotten."""

    def clear_memory(self):
        largest = self.largest
        super().clear_memory()
        self.largest = largest


@fault("state_dict.* changed when|Give copies")
class LendsItsPriorities(LargestKept):
    """Its state holds the priorities themselves, and not a copy."""

    def state_dict(self):
        return {**super().state_dict(), "priority": self.priority}


@fault("written over its oldest.*priority of its error")
class CountsFromTheOldest(LargestKept):
    """Once it is full, positions that it is told are taken as counted from the oldest."""

    def update_priorities(self, position, error):
        if position is not None and len(self.rows) == self.capacity:
            position = (np.asarray(position) + self.next) % self.capacity
        super().update_priorities(position, error)


@fault("transition .* came .* times, with the weights")
class WeightsInAnotherOrder(LargestKept):
    """The weights of a batch are sorted, and the transitions are not."""

    def weights(self, position):
        return np.sort(super().weights(position))


@fault("cut_episodes")
class JoinsOverAStop(NStep):
    """Steps that wait are joined with those after cut_episodes."""

    def cut_episodes(self):
        pass


@right
class JoinsWhatIsLeftAtAStop(NStep):
    """At cut_episodes, what waits is joined with what there is of it, and stored."""

    def cut_episodes(self):
        for waiting in self.waiting.values():
            while waiting:
                self.put(self.joined(waiting))
                waiting.pop(0)


@fault("arrays that were given to extend")
class WaitsWithViews(NStep):
    """Steps that wait to be joined are views of the arrays that it was given."""

    def row(self, step, env, *told):
        row = super().row(step, env, *told)
        if isinstance(step.observation, np.ndarray):
            row["observation"] = step.observation[env]
        return row

    def joined(self, rows):
        return copy.deepcopy(super().joined(rows))


@fault("num_steps is 3")
class AlwaysSaysThree(NStep):
    """Says that it joins three steps, where an episode ended before, too."""

    def joined(self, rows):
        return {**super().joined(rows), "num_steps": np.int64(3)}


@fault("namedtuple|comes back as a tuple")
class ReadsRowsByName(Memory):
    """Rows are namedtuples, as which a file does not give them back."""

    def put(self, row):
        super().put(Packing(**row))

    def take(self, chosen):
        columns = {name: joined([getattr(self.rows[i], name) for i in chosen]) for name in Packing._fields}
        return Batch(**columns, position=np.array(chosen))


class Packing(NamedTuple):
    """A row of `ReadsRowsByName`."""

    observation: Any
    action: Any
    reward: Any
    next_observation: Any
    terminated: Any
    truncated: Any
    log_prob: Any
    value: Any
    num_steps: Any
    next_action_mask: Any


@fault("After clear_memory and .* new transitions, drawing")
class CountsOnlyUp(ReplayBuffer):
    """It draws from as many as there were at most, before it was cleared, too."""

    most = 0

    def draw(self, n):
        self.most = max(self.most, self.num_drawable)
        return self.random.integers(self.most, size=n)


@fault("holds one transition")
class OneForTheWholeBatch(Memory):
    """Draws one transition, and fills the whole batch with it."""

    def draw(self, n):
        return np.full(n, self.rng.integers(len(self.rows)))


@fault("tells no position")
class PrioritiesOfNobody(Prioritized):
    """Takes priorities, and does not say of what."""

    def sample(self, n=None):
        return super().sample(n)._replace(position=None, weight=None)

    def update_priorities(self, position, error):
        self.priority[position] = np.abs(error) + 1e-6


# --- errors of a whole batch, and what goes on for long


@fault("number 1[01] was 100.*priority of its own error|number 20 was 100")
class HearsTheFirstHalf(Prioritized):
    """Of a batch of errors, the first half becomes priorities."""

    def update_priorities(self, position, error):
        if position is not None:
            half = (len(position) + 1) // 2
            super().update_priorities(np.asarray(position)[:half], np.asarray(error)[:half])


@fault("number 20 was 100.*priority of its own error")
class LosesTheLast(Prioritized):
    """The last error of a batch is left out."""

    def update_priorities(self, position, error):
        if position is not None and len(position) > 1:
            super().update_priorities(np.asarray(position)[:-1], np.asarray(error)[:-1])


@fault("let priorities fall")
class NeverCalmsDown(Prioritized):
    """A smaller error lowers no priority."""

    def update_priorities(self, position, error):
        if position is not None:
            self.priority[position] = np.maximum(self.priority[position], np.abs(error))


@right
class CalmsDownSlowly(Prioritized):
    """A priority goes half of the way to each error."""

    def update_priorities(self, position, error):
        if position is not None:
            for one, value in zip(position, np.abs(error), strict=True):
                self.priority[one] = 0.25 * self.priority[one] + 0.75 * value + 1e-6


@fault("of the newer .* never came")
class DrawsEveryOtherOfMany(ReplayBuffer):
    """Once there are more than a hundred, odd positions are never drawn."""

    def draw(self, n):
        position = super().draw(n)
        return position if self.num_drawable <= 100 else position // 2 * 2


@fault("more episodes.*kept of each of them for ever")
class NotesEveryEpisode(Memory):
    """It notes for ever after how many transitions each episode ended."""

    saved = (*Memory.saved, "ends", "count")

    def begin(self):
        super().begin()
        self.ends, self.count = [], 0

    def put(self, row):
        super().put(row)
        self.count += 1
        if row["terminated"] or row["truncated"]:
            self.ends.append(self.count)


@right
class NotesTheEpisodesThatItHolds(NotesEveryEpisode):
    """It notes the ends of the episodes that it still holds."""

    def put(self, row):
        super().put(row)
        self.ends = [end for end in self.ends if end > self.count - self.capacity]


class Numbering(Memory):
    """Draws by the numbers of transitions, counted from the first one."""

    saved = (*Memory.saved, "count")

    def begin(self):
        super().begin()
        self.count = 0

    def put(self, row):
        super().put(row)
        self.count += 1

    def draw(self, n):
        return (super().draw(n) + self.count) % len(self.rows)


right(Numbering)


@fault("state_dict, save .*counts")
class CountsAnew(Numbering):
    """The count is not taken back once more has been stored, though it draws by it."""

    saved = Memory.saved

    def draw(self, n):
        return super().draw(n)

    def load_state_dict(self, state):
        super().load_state_dict(state)
        self.count = len(self.rows)


# --- how much, and how much each counts


@fault("made with 499, it is 498.*holds fewer than it is asked to")
class OneShort(ReplayBuffer):
    """Its capacity is one less than it was given."""

    def __init__(self, batch_size=32, capacity=1000, *, seed=None):
        super().__init__(batch_size, max(1, capacity - 1), seed=seed)


@fault("holds fewer than it is asked to")
class HalfIsEnough(Memory):
    """It keeps half of what it is given, to save memory."""

    def __init__(self, batch_size=32, capacity=1000, *, seed=None):
        super().__init__(batch_size, max(1, capacity // 2), seed=seed)


@right
class UpToALimit(ReplayBuffer):
    """It keeps no more than ten batches, and says so in its capacity."""

    def __init__(self, batch_size=32, capacity=1000, *, seed=None):
        super().__init__(batch_size, min(capacity, 10 * batch_size), seed=seed)


@fault(r"size\(\) is 16; it must be 17. Count what is stored")
class SaysOneLess(ReplayBuffer):
    """Once it is full, it says one less than it holds."""

    def size(self):
        return min(super().size(), self.capacity - 1)


@fault(r"len\(\) is 85. Count what is stored")
class LengthOfAll(ReplayBuffer):
    """Its length is how many were ever stored."""

    def __len__(self):
        return self.num_stored


@fault(r"in a buffer of capacity 17, and size\(\) is 20")
class CountsItsCalls(ReplayBuffer):
    """Where transitions come one by one, it counts calls, beyond its capacity."""

    calls = 0

    def store_memory(self, *args, **named):
        super().store_memory(*args, **named)
        self.calls += 1

    def size(self):
        return self.calls or super().size()


@fault(r"place gave the positions \[6 7 8\] for 3 transitions. .* now 4 is the next.$")
class PlacesByCalls(ReplayBuffer):
    """Where a transition goes depends on how often it was called."""

    calls = 0

    def place(self, rows, env):
        self.calls += 1
        return ((self.calls - 1) * len(env) + np.arange(len(env))) % self.capacity

    def clear_memory(self):
        super().clear_memory()
        self.calls = 0

    def state_dict(self):
        return {**super().state_dict(), "calls": self.calls}

    def load_state_dict(self, state):
        super().load_state_dict(state)
        self.calls = state["calls"]


@fault("draws from 2292 transitions, .* of the newer 1146 never came")
class DrawsTheFirstThousand(ReplayBuffer):
    """It draws from the first thousand transitions, however many there are."""

    def draw(self, n):
        return self.random.integers(min(self.num_drawable, 1000), size=n)


@fault("of the newer 1200 never came.*once the oldest were written over")
class DrawsTheFirstHalfOnceFull(ReplayBuffer):
    """Once a large memory is written over, it draws from its first half."""

    def draw(self, n):
        if self.num_stored <= self.capacity or self.capacity < 100:
            return super().draw(n)
        return self.random.integers(self.capacity // 2, size=n)


@fault("Once it is full, of 1600 draws .* a newer one, [0-9] times")
class PrefersTheOldOnceFull(ReplayBuffer):
    """Once it has wrapped round, nine of ten draws are from the older half."""

    def draw(self, n):
        position = super().draw(n)
        if self.num_stored <= self.capacity:
            return position
        older = (self.num_stored + self.random.integers(max(1, self.capacity // 2), size=n)) % self.capacity
        return np.where(self.random.random(n) < 0.9, older, position)


@fault(r"sample\(1000\) gave 64 transitions")
class SixtyFourAtMost(Memory):
    """It gives no more than 64 transitions at once."""

    def draw(self, n):
        return super().draw(min(n, 64))


@fault(r"With 20 transitions stored, sample\(40\) gave 10")
class HalfOfThemAtMost(Memory):
    """Near the beginning, it gives no more than half of what is stored."""

    def draw(self, n):
        return super().draw(n if len(self.rows) < 5 else min(n, len(self.rows) // 2))


@fault("what comes often counts less")
class AllWeighTheSame(Prioritized):
    """All weights are 1, whatever the priorities."""

    def weights(self, position):
        return np.ones(len(position), np.float32)


@fault("was drawn .* sample tells no weight")
class WeighsNothing(Prioritized):
    """Errors decide what is drawn, and no weight makes up for it."""

    def sample(self, n=None):
        return super().sample(n)._replace(weight=None)


@fault("largest weight is 1[0-9].* Divide them by the largest")
class WeightsAreNotScaled(Prioritized):
    """Weights are not divided by the largest."""

    def weights(self, position):
        return ((len(self.rows) * self.chances()[position]) ** -0.5).astype(np.float32)


@fault("largest weight is 0.02.* Divide them by the largest")
class WeightsAddUpToOne(Prioritized):
    """The weights of a batch add up to 1, so that steps shrink with the size of the batch."""

    def weights(self, position):
        weight = self.chances()[position] ** -0.5
        return (weight / weight.sum()).astype(np.float32)


@right
class WeightsOfTheWholeMemory(Prioritized):
    """Weights are divided by the largest of all that are stored, not of the batch."""

    def weights(self, position):
        chances = self.chances()
        return ((chances[position] / chances.min()) ** -0.5).astype(np.float32)


@fault("of the newest 17 it lost .* go on at its beginning")
class CrowdsAtTheEnd(ReplayBuffer):
    """The rows of a step for which the memory is too short all go to its last place."""

    def place(self, rows, env):
        return np.minimum(self.num_stored % self.capacity + np.arange(len(env)), self.capacity - 1)


@fault("each position of the batch the priority of its own error")
class SortsPlaces(Prioritized):
    """Where every place comes once, it goes through them from the first on, not so through errors."""

    def update_priorities(self, position, error):
        if position is not None and len(set(position.tolist())) == len(position):
            position = np.sort(position)
        super().update_priorities(position, error)


@fault("update_priorities changed what it was told")
class MakesErrorsLarger(Prioritized):
    """Adds a little to the errors in the array that it was given."""

    def update_priorities(self, position, error):
        error += np.where(error < 0, -1e-3, 1e-3).astype(error.dtype)
        super().update_priorities(position, error)


@fault("changed with the arrays that were told to update_priorities")
class KeepsTheErrorsThemselves(Prioritized):
    """Keeps the newest errors for those who ask, and with them the array of whoever told them."""

    saved = (*Prioritized.saved, "newest")
    newest = None

    def update_priorities(self, position, error):
        super().update_priorities(position, error)
        self.newest = error


class DrawsManyApart(Memory):
    """Draws more than are stored by a second generator."""

    def seed(self, seed):
        super().seed(seed)
        self.spare = np.random.default_rng(seed)

    def draw(self, n):
        return super().draw(n) if n <= len(self.rows) else self.spare.integers(len(self.rows), size=n)


@fault(r"save the generator's state")
class SavesOneGenerator(DrawsManyApart):
    """Of its two generators it saves one."""


@fault(r"After seed\(5\).* different transitions")
class SeedsOneGenerator(DrawsManyApart):
    """Of its two generators it seeds one."""

    def seed(self, seed):
        before = getattr(self, "spare", None)
        super().seed(seed)
        self.spare = self.spare if before is None else before


@right
class SavesBothGenerators(DrawsManyApart):
    """Draws more than are stored by a second generator, which it seeds and saves, too."""

    def state_dict(self):
        return {**super().state_dict(), "spare": self.spare.bit_generator.state}

    def load_state_dict(self, state):
        super().load_state_dict(state)
        self.spare.bit_generator.state = state["spare"]


@fault("while nothing is stored, generate_batches raised")
class BeginsOneMore(ReplayBuffer):
    """Begins one batch more than are full, whether anything is left for it or not."""

    def generate_batches(self):
        order = self.random.permutation(self._positions())
        ends = np.arange(self.batch_size, len(order) + 1, self.batch_size)
        return [self.take(each) for each in np.split(order, ends)]


@fault("generate_batches gives an empty batch")
class EndsWithNothing(BeginsOneMore):
    """Its last batch is empty where all others are full."""

    def generate_batches(self):
        return super().generate_batches() if self.size() else []


@fault("environment.*count environments before")
class NumbersWhatIsLeft(NStep):
    """Leaves out the rows that are resets, and numbers environments by what is left."""

    def extend(self, step, log_prob=None, value=None, num_steps=1):
        if step.is_reset is None:
            return super().extend(step, log_prob, value, num_steps)
        left = np.flatnonzero(~step.is_reset)
        masks = {
            name: None if (mask := getattr(step, name)) is None else mask[left]
            for name in ("action_mask", "next_action_mask")
        }
        told = (None if each is None else each[left] for each in (log_prob, value))
        super().extend(Step(*trees.take(tuple(step[:6]), left), **masks), *told, num_steps)


@fault("ReplayBuffer.state_dict saves 'waiting'.*Take another name")
class TakesANameThatIsTaken(ReplayBuffer):
    """Counts what each environment gave, and saves that under a name that its base class has."""

    def __init__(self, batch_size=32, capacity=100_000, *, seed=None):
        super().__init__(batch_size, capacity, seed=seed)
        self.given = np.zeros(16, np.int64)

    def place(self, rows, env):
        np.add.at(self.given, env, 1)
        return super().place(rows, env)

    def clear_memory(self):
        super().clear_memory()
        self.given[:] = 0

    def state_dict(self):
        return {**super().state_dict(), "waiting": self.given.copy()}

    def load_state_dict(self, state):
        super().load_state_dict(state)
        self.given = np.array(state["waiting"])


@right
class SavesItsOtherWay(ReplayBuffer):
    """Saves a number that its base class saves, under the same name, in words, and takes it back."""

    def state_dict(self):
        return {**super().state_dict(), "total": str(self.num_stored)}

    def load_state_dict(self, state):
        super().load_state_dict({**state, "total": int(state["total"])})


@fault("What load_state_dict had been given changed.*Copy what is kept")
class GoesOnInTheState(Memory):
    """The list of transitions that it was given is the one that it appends to."""

    def load_state_dict(self, state):
        super().load_state_dict(state)
        self.rows = state["rows"]
