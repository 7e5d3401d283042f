"""Agents."""

from __future__ import annotations

import copy
import random
import time

import gymnasium
import numpy as np
from gymnasium.spaces import Discrete

from csai_core import Agent, RandomAgent
from csai_core.errors import ConfigError
from csai_core.testing import AgentSuite
from planted.specimens import planted, sound


def _few_actions(env):
    if not isinstance(env.action_space, Discrete):
        raise ConfigError(f"It plays where there are so many actions, not where they are {env.action_space}.")
    if env.action_space.start:
        raise ConfigError("It plays where actions are counted from 0.")
    return env.action_space


class _OfDiscrete(Agent):
    """An agent for so many actions, which takes them in turn."""

    def __init__(self, env):
        super().__init__()
        self.space = _few_actions(env)
        self.count = 0

    def get_actions(self):
        return list(range(self.space.n))

    def get_next_action(self, state):
        self.count += 1
        return self.count % int(self.space.n)


@planted("outside|not lie in|not in|within")
class CountsFromOne(AgentSuite):
    """Its actions go from 1 to n."""

    def make(self, env):
        class Mine(_OfDiscrete):
            def get_next_action(self, state):
                return super().get_next_action(state) + 1

        return Mine(env)


@planted("global")
class GlobalGenerator(AgentSuite):
    """It draws from Python's own generator."""

    def make(self, env):
        class Mine(_OfDiscrete):
            def get_next_action(self, state):
                return random.randrange(int(self.space.n))

        return Mine(env)


@planted("global")
class SeedsTheGlobalGenerator(AgentSuite):
    """It seeds numpy's generator, for everybody."""

    def make(self, env):
        class Mine(_OfDiscrete):
            def __init__(self, env):
                super().__init__(env)
                np.random.seed(0)  # noqa: NPY002

            def get_next_action(self, state):
                return int(np.random.randint(self.space.n))  # noqa: NPY002

        return Mine(env)


@planted("seed")
class Unseeded(AgentSuite):
    """Its generator is seeded by the system, so that nothing can be repeated."""

    def make(self, env):
        class Mine(_OfDiscrete):
            def __init__(self, env):
                super().__init__(env)
                self.random = np.random.default_rng()

            def get_next_action(self, state):
                return int(self.random.integers(self.space.n))

        return Mine(env)


@planted("chang|environment")
class TriesInTheEnvironment(AgentSuite):
    """It tries an action in the very environment that is played."""

    def make(self, env):
        class Mine(_OfDiscrete):
            def __init__(self, env):
                super().__init__(env)
                self.env = env

            def get_next_action(self, state):
                action = super().get_next_action(state)
                self.env.step(action)
                return action

        return Mine(env)


@planted("chang|environment")
class DrawsFromTheEnvironment(AgentSuite):
    """It draws from the environment's own generator, which changes the game."""

    def make(self, env):
        class Mine(_OfDiscrete):
            def __init__(self, env):
                super().__init__(env)
                self.env = env

            def get_next_action(self, state):
                return int(self.env.unwrapped.np_random.integers(self.space.n))

        return Mine(env)


@planted("reset|chang")
class ResetsWhenMade(AgentSuite):
    """It resets the environment when it is made, to look at an observation."""

    def make(self, env):
        env.reset()
        return _OfDiscrete(env)


@planted(r"super\(\)|__init__|is_user_control")
class ForgetsToBeAnAgent(AgentSuite):
    """Its __init__ does not call Agent's."""

    def make(self, env):
        class Mine(Agent):
            def __init__(self, env):
                self.space = _few_actions(env)

            def get_next_action(self, state):
                return 0

        return Mine(env)


@planted("IndexError")
class RunsOutOfPlans(AgentSuite):
    """It has planned fifty moves, and has none for the next episode."""

    def make(self, env):
        class Mine(_OfDiscrete):
            def __init__(self, env):
                super().__init__(env)
                self.plan = [0, 1] * 25

            def get_next_action(self, state):
                return self.plan.pop(0)

        return Mine(env)


@planted("mask|allow")
class TurnsTheMaskAround(AgentSuite):
    """It takes what the mask forbids."""

    def make(self, env):
        class Mine(_OfDiscrete):
            def get_allowed_action(self, state, action_mask):
                if action_mask is None:
                    return self.get_next_action(state)
                return int(np.argmin(action_mask))

        return Mine(env)


@planted("mask|None")
class NeedsAMask(AgentSuite):
    """It fails where there is no mask."""

    def make(self, env):
        class Mine(_OfDiscrete):
            def get_allowed_action(self, state, action_mask):
                return int(np.flatnonzero(action_mask)[0])

            def get_next_action(self, state):
                return 0

        return Mine(env)


@planted("outside|not lie in|array")
class GivesAnArray(AgentSuite):
    """Its action is an array with one number in it."""

    def make(self, env):
        class Mine(_OfDiscrete):
            def get_next_action(self, state):
                return np.array([0])

        return Mine(env)


@planted("print")
class ThinksAloud(AgentSuite):
    """It prints what it takes."""

    def make(self, env):
        class Mine(_OfDiscrete):
            def get_next_action(self, state):
                action = super().get_next_action(state)
                print("I take", action)
                return action

        return Mine(env)


@planted("Agent")
class AFunction(AgentSuite):
    """What is made is a function from observations to actions."""

    def make(self, env):
        _few_actions(env)
        return lambda state: 0


@planted("get_actions")
class GivesTheSpace(AgentSuite):
    """get_actions gives the space."""

    def make(self, env):
        class Mine(_OfDiscrete):
            def get_actions(self):
                return self.space

        return Mine(env)


@planted("update")
class UpdatesWithDone(AgentSuite):
    """Its update wants to know whether the episode is over, which nobody tells it."""

    def make(self, env):
        class Mine(_OfDiscrete):
            def update(self, state, action, reward, next_state, done):
                pass

        return Mine(env)


@planted("observation")
class ScalesInPlace(AgentSuite):
    """It scales the observation that it is shown in place."""

    def make(self, env):
        class Mine(_OfDiscrete):
            def get_next_action(self, state):
                if isinstance(state, np.ndarray) and state.dtype.kind == "f":
                    state *= 0.5
                return super().get_next_action(state)

        return Mine(env)


@planted("AttributeError|refus|CsaiError")
class TripsOverOtherSpaces(AgentSuite):
    """Where actions are not so many, it ends in an AttributeError."""

    def make(self, env):
        class Mine(Agent):
            def __init__(self, env):
                super().__init__()
                self.last = env.action_space.n - 1

            def get_next_action(self, state):
                return int(self.last)

        return Mine(env)


@planted("differ|share|one another|class")
class SharesItsMemory(AgentSuite):
    """What it remembers stands in the class, and so all agents share it."""

    def make(self, env):
        return _Sharing(env)


class _Sharing(_OfDiscrete):
    taken: list[int] = []  # noqa: RUF012

    def get_next_action(self, state):
        self.taken.append(0)
        return len(self.taken) // 7 % int(self.space.n)


@planted("update")
class LearnsNonsense(AgentSuite):
    """Its update raises where a state is new."""

    def make(self, env):
        class Mine(_OfDiscrete):
            def __init__(self, env):
                super().__init__(env)
                self.values = {}

            def update(self, state, action, next_state, reward):
                self.values[str(state)] += reward

        return Mine(env)


@sound
class LooksAhead(AgentSuite):
    """Tries every action in a copy of the environment, and takes the one that pays the most."""

    def make(self, env):
        class Mine(_OfDiscrete):
            def __init__(self, env):
                super().__init__(env)
                self.env = env

            def get_next_action(self, state):
                return max(self.get_actions(), key=self._worth)

            def _worth(self, action):
                return copy.deepcopy(self.env.unwrapped).step(action)[1]

        return Mine(env)


@sound
class LearnsATable(AgentSuite):
    """Learns what actions are worth, tries some at random, and keeps to masks."""

    def make(self, env):
        class Mine(_OfDiscrete):
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

        return Mine(env)


@sound
class PlaysEverything(AgentSuite):
    """Draws from whatever space there is, and has no list of its actions."""

    def make(self, env):
        class Mine(Agent):
            def __init__(self, env):
                super().__init__()
                self.space = copy.deepcopy(env.action_space)

            def get_next_action(self, state):
                return self.space.sample()

            def get_allowed_action(self, state, action_mask):
                return self.space.sample(action_mask)

        return Mine(env)


@sound
class SteersOneGame(AgentSuite):
    """Plays boxes of numbers alone, by what it sees."""

    def make(self, env):
        space = env.action_space
        if not isinstance(space, gymnasium.spaces.Box):
            raise ConfigError(f"It steers by numbers, and the actions are {space}.")

        class Mine(RandomAgent):
            def get_next_action(self, state):
                return ((space.low + space.high) / 2).astype(space.dtype)

        return Mine(space, 1)


@planted("later|copy|changed")
class HandsOutItsAction(AgentSuite):
    """It gives the same array each time, and writes the next action into it."""

    def make(self, env):
        if not isinstance(env.action_space, gymnasium.spaces.Box):
            raise ConfigError("It steers by numbers.")

        class Mine(Agent):
            def __init__(self):
                super().__init__()
                self.action = np.zeros(env.action_space.shape, np.float32)
                self.count = 0

            def get_next_action(self, state):
                self.count += 1
                self.action[:] = self.count % 3 - 1
                return self.action

        return Mine()


@planted("generator")
class DrawsWhileItLearns(AgentSuite):
    """Its update draws from numpy's generator."""

    def make(self, env):
        class Mine(_OfDiscrete):
            def update(self, state, action, next_state, reward):
                self.count += int(np.random.randint(2))  # noqa: NPY002

        return Mine(env)


@planted("get_actions")
class ListsOthers(AgentSuite):
    """get_actions gives actions that there are not."""

    def make(self, env):
        class Mine(_OfDiscrete):
            def get_actions(self):
                return [f"action {number}" for number in range(int(self.space.n))]

        return Mine(env)


@planted("differ|seed")
class LooksAtTheClock(AgentSuite):
    """The clock decides."""

    def make(self, env):
        class Mine(_OfDiscrete):
            def get_next_action(self, state):
                return time.perf_counter_ns() // 7 % int(self.space.n)

        return Mine(env)


@planted("counted from 0.*action_space.start")
class CountsFromZero(AgentSuite):
    """Its actions go from 0 to n - 1, wherever they begin."""

    def make(self, env):
        if not isinstance(env.action_space, Discrete):
            raise ConfigError("It plays where there are so many actions.")

        class Mine(Agent):
            def get_next_action(self, state):
                return 0

        return Mine()


@planted("np.flatnonzero|mask.*allows")
class MaskFromZero(AgentSuite):
    """It finds the mask's numbers from the wrong end where actions begin elsewhere than at 0."""

    def make(self, env):
        if not isinstance(env.action_space, Discrete):
            raise ConfigError("It plays where there are so many actions.")
        first, count = int(env.action_space.start), int(env.action_space.n)

        class Mine(Agent):
            def get_next_action(self, state):
                return first

            def get_allowed_action(self, state, action_mask):
                mask = np.ones(count) if action_mask is None else action_mask
                return next(a for a in range(first, first + count) if mask[a % count])

        return Mine()


@planted("generator of the environment's action_space")
class DrawsFromTheSpaceItWasGiven(AgentSuite):
    """Every action is a sample of the environment's own space."""

    def make(self, env):
        class Mine(Agent):
            def get_next_action(self, state):
                return env.action_space.sample()

        return Mine()


@planted("generator of the environment's action_space")
class SometimesDrawsFromTheSpace(AgentSuite):
    """One action in ten is a sample of the environment's own space, masked or not."""

    def make(self, env):
        class Mine(Agent):
            def __init__(self):
                super().__init__()
                self.random = np.random.default_rng(int(env.action_space.np_random.integers(2**31)))
                self.last = copy.deepcopy(env.action_space).sample()

            def get_next_action(self, state):
                if self.random.random() < 0.1:
                    self.last = env.action_space.sample()
                return copy.deepcopy(self.last)

        return Mine()


@planted("generator of the environment's observation_space")
class ImaginesObservations(AgentSuite):
    """It imagines what it might see, with the environment's own observation space."""

    def make(self, env):
        space = copy.deepcopy(env.action_space)

        class Mine(Agent):
            def get_next_action(self, state):
                env.observation_space.sample()
                return space.sample()

        space.seed(int(env.action_space.np_random.integers(2**31)))
        return Mine()


@sound
class DrawsFromAnotherCopy(AgentSuite):
    """It samples from a copy of the space, seeded once from the environment's, and heeds masks."""

    def make(self, env):
        space = copy.deepcopy(env.action_space)
        space.seed(int(env.action_space.np_random.integers(2**31)))

        class Mine(Agent):
            def get_next_action(self, state):
                return space.sample()

            def get_allowed_action(self, state, action_mask):
                is_masked = action_mask is not None and isinstance(space, Discrete)
                return space.sample(action_mask) if is_masked else space.sample()

        return Mine()


# --- as strangers write them


@planted("memory|grows|keeps")
class KeepsEveryTransition(AgentSuite):
    """It keeps every transition that it is told, for ever."""

    def make(self, env):
        class Mine(_OfDiscrete):
            def __init__(self, env):
                super().__init__(env)
                self.history = []

            def update(self, state, action, next_state, reward):
                self.history.append((state, action, next_state, reward))

        return Mine(env)


class _Drunk(_OfDiscrete):
    """It walks at random."""

    def __init__(self, env):
        super().__init__(env)
        self.random = np.random.default_rng(self.seed(env))

    def seed(self, env):
        return int(env.action_space.np_random.integers(2**32))

    def get_next_action(self, state):
        return int(self.random.integers(self.space.n))


@planted(r"draws from self\.random, which begins at the same place")
class SeedsWithZero(AgentSuite):
    """Its generator begins with 0, whatever the seed."""

    def make(self, env):
        class Mine(_Drunk):
            def seed(self, env):
                return 0

        return Mine(env)


@planted("plays otherwise where explain was asked")
class DrawsToExplain(AgentSuite):
    """What it thinks it asks its generator, from which it draws actions too."""

    def make(self, env):
        class Mine(_Drunk):
            def explain(self, state, action_mask=None):
                self.random.random()

        return Mine(env)


@sound
class ExplainsNothing(AgentSuite):
    """It walks at random, and says when asked that it thinks nothing."""

    def make(self, env):
        class Mine(_Drunk):
            def explain(self, state, action_mask=None):
                return None

        return Mine(env)
