"""Agents."""

from __future__ import annotations

import copy
import random
import time

import numpy as np
from gymnasium import Env
from gymnasium.spaces import Box, Discrete, MultiBinary, MultiDiscrete

from csai_core import Agent, RandomAgent
from csai_core.errors import ConfigError
from csai_core.testing import AgentSuite
from planted.specimens import planted, sound


def fault(reason):
    """Plant an agent's class, whose docstring says what is wrong with it."""
    return lambda agent: _with_suite(agent, planted(reason))


def right(agent):
    """Count an agent's class as sound."""
    return _with_suite(agent, sound)


def _with_suite(agent, count):
    content = {"__doc__": agent.__doc__, "__module__": __name__, "make": lambda self, env: agent(env)}
    count(type(agent.__name__, (AgentSuite,), content))
    return agent


# --- what the faults are planted in


def _numbers(env):
    if not isinstance(env.action_space, Box):
        raise ConfigError(f"It steers by numbers, and the actions are {env.action_space}.")
    return env.action_space


def _bounded(env):
    if not _numbers(env).is_bounded():
        raise ConfigError(f"It steers between bounds, and the actions are {env.action_space}.")
    return env.action_space


def _choices(env):
    if not isinstance(env.action_space, Discrete):
        raise ConfigError(f"It plays where there are so many actions, not where they are {env.action_space}.")
    return env.action_space


def _choices_from_zero(env):
    if _choices(env).start:
        raise ConfigError("It plays where actions are counted from 0.")
    return env.action_space


class _OfDiscrete(Agent):
    """An agent for so many actions, which takes them in turn."""

    def __init__(self, env):
        super().__init__()
        self.space = _choices_from_zero(env)
        self.count = 0

    def get_actions(self):
        return list(range(self.space.n))

    def get_next_action(self, state):
        self.count += 1
        return self.count % int(self.space.n)


# --- one fault each


@fault("outside|not lie in|not in|within")
class CountsFromOne(_OfDiscrete):
    """Its actions go from 1 to n."""

    def get_next_action(self, state):
        return super().get_next_action(state) + 1


@fault("global")
class GlobalGenerator(_OfDiscrete):
    """It draws from Python's own generator."""

    def get_next_action(self, state):
        return random.randrange(int(self.space.n))


@fault("global")
class SeedsTheGlobalGenerator(_OfDiscrete):
    """It seeds numpy's generator, for everybody."""

    def __init__(self, env):
        super().__init__(env)
        np.random.seed(0)  # noqa: NPY002

    def get_next_action(self, state):
        return int(np.random.randint(self.space.n))  # noqa: NPY002


@fault("seed")
class Unseeded(_OfDiscrete):
    """Its generator is seeded by the system, so that nothing can be repeated."""

    def __init__(self, env):
        super().__init__(env)
        self.random = np.random.default_rng()

    def get_next_action(self, state):
        return int(self.random.integers(self.space.n))


@fault("chang|environment")
class TriesInTheEnvironment(_OfDiscrete):
    """It tries an action in the very environment that is played."""

    def __init__(self, env):
        super().__init__(env)
        self.env = env

    def get_next_action(self, state):
        action = super().get_next_action(state)
        self.env.step(action)
        return action


@fault("chang|environment")
class DrawsFromTheEnvironment(_OfDiscrete):
    """It draws from the environment's own generator, which changes the game."""

    def __init__(self, env):
        super().__init__(env)
        self.env = env

    def get_next_action(self, state):
        return int(self.env.unwrapped.np_random.integers(self.space.n))


@fault("Making .* changed the environment")
class ResetsWhenMade(_OfDiscrete):
    """It resets the environment when it is made, to look at an observation."""

    def __init__(self, env):
        env.reset()
        super().__init__(env)


@fault(r"super\(\)|__init__|is_user_control")
class ForgetsToBeAnAgent(Agent):
    """Its __init__ does not call Agent's."""

    def __init__(self, env):
        self.space = _choices_from_zero(env)

    def get_next_action(self, state):
        return 0


@fault("IndexError")
class RunsOutOfPlans(_OfDiscrete):
    """It has planned fifty moves, and has none for the next episode."""

    def __init__(self, env):
        super().__init__(env)
        self.plan = [0, 1] * 25

    def get_next_action(self, state):
        return self.plan.pop(0)


@fault("mask|allow")
class TurnsTheMaskAround(_OfDiscrete):
    """It takes what the mask forbids."""

    def get_allowed_action(self, state, action_mask):
        if action_mask is None:
            return self.get_next_action(state)
        return int(np.argmin(action_mask))


@fault("mask|None")
class NeedsAMask(_OfDiscrete):
    """It fails where there is no mask."""

    def get_allowed_action(self, state, action_mask):
        return int(np.flatnonzero(action_mask)[0])

    def get_next_action(self, state):
        return 0


@fault("outside|not lie in|array")
class GivesAnArray(_OfDiscrete):
    """Its action is an array with one number in it."""

    def get_next_action(self, state):
        return np.array([0])


@fault("print")
class ThinksAloud(_OfDiscrete):
    """It prints what it takes."""

    def get_next_action(self, state):
        action = super().get_next_action(state)
        print("I take", action)
        return action


@planted("Agent")
class AFunction(AgentSuite):
    """What is made is a function from observations to actions."""

    def make(self, env):
        _choices_from_zero(env)
        return lambda state: 0


@fault("get_actions")
class GivesTheSpace(_OfDiscrete):
    """get_actions gives the space."""

    def get_actions(self):
        return self.space


@fault(r"update\(.*raised TypeError")
class UpdatesWithDone(_OfDiscrete):
    """Its update wants to know whether the episode is over, which nobody tells it."""

    def update(self, state, action, reward, next_state, done):
        pass


@fault("observation")
class ScalesInPlace(_OfDiscrete):
    """It scales the observation that it is shown in place."""

    def get_next_action(self, state):
        if isinstance(state, np.ndarray) and state.dtype.kind == "f":
            state *= 0.5
        return super().get_next_action(state)


@fault("AttributeError|refus|CsaiError")
class TripsOverOtherSpaces(Agent):
    """Where actions are not so many, it ends in an AttributeError."""

    def __init__(self, env):
        super().__init__()
        self.last = env.action_space.n - 1

    def get_next_action(self, state):
        return int(self.last)


@fault("stands in the class")
class SharesItsMemory(_OfDiscrete):
    """What it remembers stands in the class, and so all agents share it."""

    taken: list[int] = []  # noqa: RUF012

    def get_next_action(self, state):
        self.taken.append(0)
        return len(self.taken) // 7 % int(self.space.n)


@fault("update")
class LearnsNonsense(_OfDiscrete):
    """Its update raises where a state is new."""

    def __init__(self, env):
        super().__init__(env)
        self.values = {}

    def update(self, state, action, next_state, reward):
        self.values[str(state)] += reward


@right
class LooksAhead(_OfDiscrete):
    """Tries every action in a copy of the environment, and takes the one that pays the most."""

    def __init__(self, env):
        super().__init__(env)
        self.env = env

    def get_next_action(self, state):
        return max(self.get_actions(), key=self._worth)

    def _worth(self, action):
        return copy.deepcopy(self.env.unwrapped).step(action)[1]


@right
class LearnsATable(_OfDiscrete):
    """Learns what actions are worth, tries some at random, and keeps to masks."""

    def __init__(self, env):
        super().__init__(env)
        self.random = np.random.default_rng(int(env.action_space.np_random.integers(2**31)))
        self.values = {}

    def get_next_action(self, state):
        return self.get_allowed_action(state, None)

    def get_allowed_action(self, state, action_mask):
        values = self.values.get(str(state), np.zeros(int(self.space.n))).copy()
        values += self.random.normal(0, 0.1, len(values))
        if action_mask is not None:
            values[np.asarray(action_mask) == 0] = -np.inf
        return int(values.argmax())

    def update(self, state, action, next_state, reward):
        values = self.values.setdefault(str(state), np.zeros(int(self.space.n)))
        values[action] += 0.5 * (reward - values[action])


@right
class PlaysEverything(Agent):
    """Draws from whatever space there is, and has no list of its actions."""

    def __init__(self, env):
        super().__init__()
        self.space = copy.deepcopy(env.action_space)

    def get_next_action(self, state):
        return self.space.sample()

    def get_allowed_action(self, state, action_mask):
        return self.space.sample(action_mask)


@right
class SteersOneGame(RandomAgent):
    """Plays boxes of numbers alone, by what it sees."""

    def __init__(self, env):
        self.box = _bounded(env)
        super().__init__(self.box, 1)

    def get_next_action(self, state):
        return ((self.box.low + self.box.high) / 2).astype(self.box.dtype)


@fault("later|copy|changed")
class HandsOutItsAction(Agent):
    """It gives the same array each time, and writes the next action into it."""

    def __init__(self, env):
        super().__init__()
        self.action = np.zeros(_numbers(env).shape, np.float32)
        self.count = 0

    def get_next_action(self, state):
        self.count += 1
        self.action[:] = self.count % 3 - 1
        return self.action


@fault("generator")
class DrawsWhileItLearns(_OfDiscrete):
    """Its update draws from numpy's generator."""

    def update(self, state, action, next_state, reward):
        self.count += int(np.random.randint(2))  # noqa: NPY002


@fault("get_actions")
class ListsOthers(_OfDiscrete):
    """get_actions gives actions that there are not."""

    def get_actions(self):
        return [f"action {number}" for number in range(int(self.space.n))]


@fault("differ|seed")
class LooksAtTheClock(_OfDiscrete):
    """The clock decides."""

    def get_next_action(self, state):
        return time.perf_counter_ns() // 7 % int(self.space.n)


@fault("counted from 0.*action_space.start")
class CountsFromZero(Agent):
    """Its actions go from 0 to n - 1, wherever they begin."""

    def __init__(self, env):
        super().__init__()
        _choices(env)

    def get_next_action(self, state):
        return 0


@fault("np.flatnonzero|mask.*allows")
class MaskFromZero(Agent):
    """It finds the mask's numbers from the wrong end where actions begin elsewhere than at 0."""

    def __init__(self, env):
        super().__init__()
        self.first, self.count = int(_choices(env).start), int(env.action_space.n)

    def get_next_action(self, state):
        return self.first

    def get_allowed_action(self, state, action_mask):
        mask = np.ones(self.count) if action_mask is None else action_mask
        return next(a for a in range(self.first, self.first + self.count) if mask[a % self.count])


@fault("generator of the environment's action_space")
class DrawsFromTheSpaceItWasGiven(Agent):
    """Every action is a sample of the environment's own space."""

    def __init__(self, env):
        super().__init__()
        self.space = env.action_space

    def get_next_action(self, state):
        return self.space.sample()


@fault("generator of the environment's action_space")
class SometimesDrawsFromTheSpace(Agent):
    """One action in ten is a sample of the environment's own space, masked or not."""

    def __init__(self, env):
        super().__init__()
        self.space = env.action_space
        self.random = np.random.default_rng(int(self.space.np_random.integers(2**31)))
        self.last = copy.deepcopy(self.space).sample()

    def get_next_action(self, state):
        if self.random.random() < 0.1:
            self.last = self.space.sample()
        return copy.deepcopy(self.last)


@right
class DrawsFromAnotherCopy(Agent):
    """It samples from a copy of the space, seeded once from the environment's, and heeds masks."""

    def __init__(self, env):
        super().__init__()
        self.space = copy.deepcopy(env.action_space)
        self.space.seed(int(env.action_space.np_random.integers(2**31)))

    def get_next_action(self, state):
        return self.space.sample()

    def get_allowed_action(self, state, action_mask):
        is_masked = action_mask is not None and isinstance(self.space, Discrete)
        return self.space.sample(action_mask) if is_masked else self.space.sample()


@fault("generator of the environment's observation_space")
class ImaginesObservations(DrawsFromAnotherCopy):
    """It imagines what it might see, with the environment's own observation space."""

    def __init__(self, env):
        super().__init__(env)
        self.env = env

    def get_next_action(self, state):
        self.env.observation_space.sample()
        return super().get_next_action(state)


# --- as strangers write them


@fault("memory|grows|keeps")
class KeepsEveryTransition(_OfDiscrete):
    """It keeps every transition that it is told, for ever."""

    def __init__(self, env):
        super().__init__(env)
        self.history = []

    def update(self, state, action, next_state, reward):
        self.history.append((state, action, next_state, reward))


class _Drunk(_OfDiscrete):
    """It walks at random."""

    def __init__(self, env):
        super().__init__(env)
        self.random = np.random.default_rng(self.seed(env))

    def seed(self, env):
        return int(env.action_space.np_random.integers(2**32))

    def get_next_action(self, state):
        return int(self.random.integers(self.space.n))


@fault(r"draws from self\.random, which begins at the same place")
class SeedsWithZero(_Drunk):
    """Its generator begins with 0, whatever the seed."""

    def seed(self, env):
        return 0


@fault("plays otherwise where explain was asked")
class DrawsToExplain(_Drunk):
    """What it thinks it asks its generator, from which it draws actions too."""

    def explain(self, state, action_mask=None):
        self.random.random()


@right
class ExplainsNothing(_Drunk):
    """It walks at random, and says when asked that it thinks nothing."""

    def explain(self, state, action_mask=None):
        return None


@fault("actions MultiDiscrete.*start=.*these begin at action_space.start")
class TurnsDialsFromZero(Agent):
    """Its dials go from 0 on, wherever they begin."""

    def __init__(self, env):
        super().__init__()
        if not isinstance(env.action_space, MultiDiscrete):
            raise ConfigError(f"It turns dials, and the actions are {env.action_space}.")
        self.space, self.count = env.action_space, 0

    def get_next_action(self, state):
        self.count += 1
        return (self.count % self.space.nvec).astype(self.space.dtype)


@fault("observations are Discrete.5, start=3.*IndexError")
class LooksUpFromZero(_OfDiscrete):
    """Its plan has an action for each numbered observation, counted from 0."""

    def __init__(self, env):
        super().__init__(env)
        if not isinstance(env.observation_space, Discrete):
            raise ConfigError("It has a plan for numbered observations.")
        self.plan = [number % int(self.space.n) for number in range(int(env.observation_space.n))]

    def get_next_action(self, state):
        return self.plan[int(state)]


@fault("inf.*OverflowError")
class DrawsBetweenBounds(Agent):
    """It draws evenly between the bounds of a box, which may have none."""

    def __init__(self, env):
        super().__init__()
        self.box = _numbers(env)
        self.random = np.random.default_rng(int(self.box.np_random.integers(2**31)))

    def get_next_action(self, state):
        return self.random.uniform(self.box.low, self.box.high).astype(self.box.dtype)


@fault("generator of the environment's action_space")
class SeldomDrawsFromTheSpace(_Drunk):
    """One action in fifty is a sample of the environment's own space."""

    def get_next_action(self, state):
        if self.random.random() < 0.02:
            return int(self.space.sample())
        return super().get_next_action(state)


class _Marches(_OfDiscrete):
    """It takes another action with each step of an episode, which `after` counts."""

    def get_next_action(self, state):
        return self.count % int(self.space.n)


@right
class GivesTheNext(_Marches):
    """It gives another agent that has taken a step more."""

    def after(self, state):
        following = copy.copy(self)
        following.count += 1
        return following


@fault("otherwise where after was asked.*leave this one as it is")
class BecomesTheNext(_Marches):
    """It counts the step itself, and gives itself."""

    def after(self, state):
        self.count += 1
        return self


@fault("after gave None; give an agent")
class GivesNoNext(_Marches):
    """It notes what it saw, and gives nothing."""

    def after(self, state):
        self.seen = state


# --- seen only with masks, and later than at first


@fault("drew from the global generator of numpy")
class ShufflesWhatIsLeft(_OfDiscrete):
    """What a mask leaves it shuffles with numpy's generator."""

    def get_allowed_action(self, state, action_mask):
        if action_mask is None:
            return self.get_next_action(state)
        left = np.flatnonzero(action_mask)
        np.random.shuffle(left)  # noqa: NPY002
        return int(left[0])


@fault(r"dials of MultiDiscrete.*number 2 .counted from 0. to what the mask forbids.*number 0")
class SplitsTheMaskEvenly(Agent):
    """It cuts the row of a mask into parts of one length, however many choices each dial has."""

    def __init__(self, env):
        super().__init__()
        if not isinstance(env.action_space, MultiDiscrete):
            raise ConfigError(f"It turns dials, and the actions are {env.action_space}.")
        self.space = env.action_space

    def get_next_action(self, state):
        return self.space.start.copy()

    def get_allowed_action(self, state, action_mask):
        if action_mask is None:
            return self.get_next_action(state)
        ends = [int(self.space.nvec.min()) * number for number in range(1, len(self.space.nvec))]
        parts = [
            part[:count] for part, count in zip(np.split(action_mask, ends), self.space.nvec, strict=True)
        ]
        return (self.space.start + [int(part.argmax()) for part in parts]).astype(self.space.dtype)


@right
class SplitsTheMaskBySizes(SplitsTheMaskEvenly):
    """It cuts the row of a mask into as many choices as each dial has."""

    def get_allowed_action(self, state, action_mask):
        if action_mask is None:
            return self.get_next_action(state)
        parts = np.split(action_mask, np.cumsum(self.space.nvec)[:-1])
        return (self.space.start + [int(part.argmax()) for part in parts]).astype(self.space.dtype)


class _Candles(Env):
    """Seven candles, some of which burn; one is blown out in a step, and it says nothing of its state."""

    observation_space = MultiBinary(7)
    action_space = Discrete(7)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.burning = self.np_random.integers(0, 2, 7).astype(np.int8)
        self.burning[0] = 1
        return self.burning.copy(), {}

    def step(self, action):
        burnt, self.burning[action] = bool(self.burning[action]), 0
        return self.burning.copy(), float(burnt), not self.burning.any(), False, {}


class _Blows(Agent):
    """It blows out the last candle that burns, and thinks about which where there are few."""

    def __init__(self, env):
        super().__init__()
        self.env = env.unwrapped

    def get_next_action(self, state):
        if state.sum() > 2:
            return int(np.flatnonzero(state)[-1])
        return max(range(7), key=lambda action: self.copied().step(action)[1])


class _AmongCandles(AgentSuite):
    def environments(self):
        return [_Candles()]


@planted(r"shows something else where the agent was asked.*copy\.copy shares")
class BlowsInAShallowCopy(_AmongCandles):
    """Where few candles burn, it tries actions in a shallow copy, which has the same candles."""

    def make(self, env):
        agent = _Blows(env)
        agent.copied = lambda: copy.copy(agent.env)
        return agent


@sound
class BlowsInADeepCopy(_AmongCandles):
    """Where few candles burn, it tries actions in a deep copy."""

    def make(self, env):
        agent = _Blows(env)
        agent.copied = lambda: copy.deepcopy(agent.env)
        return agent
