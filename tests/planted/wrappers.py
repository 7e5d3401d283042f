"""Wrappers."""

from __future__ import annotations

import copy
import random
from collections import deque

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.utils import RecordConstructorArgs

from csai_core.errors import ConfigError
from csai_core.testing import WrapperSuite
from planted.specimens import planted, sound


def fault(reason):
    """Plant a wrapper's class, whose docstring says what is wrong with it."""
    return lambda wrapper: _with_suite(wrapper, planted(reason))


def right(wrapper):
    """Count a wrapper's class as sound."""
    return _with_suite(wrapper, sound)


def _with_suite(wrapper, count):
    content = {"__doc__": wrapper.__doc__, "__module__": __name__, "make": lambda self, env: wrapper(env)}
    count(type(wrapper.__name__, (WrapperSuite,), content))
    return wrapper


# --- what the faults are planted in


class Plain(gymnasium.Wrapper, RecordConstructorArgs):
    """Changes nothing, around environments that `require` does not refuse."""

    def __init__(self, env, **settings):
        self.require(env)
        RecordConstructorArgs.__init__(self, **settings)
        gymnasium.Wrapper.__init__(self, env)

    @staticmethod
    def require(env):
        pass


class OfRewards(Plain, gymnasium.RewardWrapper):
    """Changes rewards, as `reward` says."""


class OfVectors(Plain, gymnasium.ObservationWrapper):
    """Changes observations in a Box, as `observation` says, to those of `box`."""

    def __init__(self, env, **settings):
        super().__init__(env, **settings)
        self.observation_space = self.box(env.observation_space)

    @staticmethod
    def require(env):
        if not isinstance(env.observation_space, spaces.Box):
            raise ConfigError(f"It takes observations in a Box, not in {env.observation_space}.")

    @staticmethod
    def box(space):
        return spaces.Box(-np.inf, np.inf, space.shape, np.float32)


class OfFloats(OfVectors):
    """Changes observations in a Box of floating-point numbers, and keeps their space."""

    @staticmethod
    def require(env):
        OfVectors.require(env)
        if env.observation_space.dtype.kind != "f":
            raise ConfigError("It is for numbers that are no whole ones.")

    @staticmethod
    def box(space):
        return space


class OfNumbers(Plain, gymnasium.ActionWrapper):
    """Changes actions in a Box, as `action` says."""

    @staticmethod
    def require(env):
        if not isinstance(env.action_space, spaces.Box):
            raise ConfigError(f"It takes actions in a Box, not in {env.action_space}.")


class OfChoices(Plain, gymnasium.ActionWrapper):
    """Changes Discrete actions, as `action` says."""

    @staticmethod
    def require(env):
        if not isinstance(env.action_space, spaces.Discrete):
            raise ConfigError(f"It takes Discrete actions, not those of {env.action_space}.")


class OfChoicesFromZero(OfChoices):
    """Changes Discrete actions that are counted from 0."""

    @staticmethod
    def require(env):
        OfChoices.require(env)
        if env.action_space.start:
            raise ConfigError("It takes actions that are counted from 0.")


# --- one fault each


@fault(r"super\(\)|__init__")
class ForgetsTheWrapper(gymnasium.Wrapper):
    """Its __init__ does not call Wrapper's."""

    def __init__(self, env):
        self.inner = env
        self.count = 0


@fault("observation.*(outside|space|shape)")
class FlattensUnsaid(Plain):
    """It flattens observations, and its space says nothing of it."""

    require = staticmethod(OfVectors.require)

    def reset(self, **settings):
        observation, info = self.env.reset(**settings)
        return observation.ravel()[:1], info

    def step(self, action):
        observation, *more = self.env.step(action)
        return (observation.ravel()[:1], *more)


@fault("dtype")
class ScalesToDouble(OfVectors):
    """It divides, and what comes are double numbers where the space says single ones."""

    @staticmethod
    def box(space):
        return spaces.Box(-10, 10, space.shape, np.float32)

    def observation(self, observation):
        return observation.astype(np.float64) / 1000


@fault("step.*observation|shape|outside|only at|reset")
class TransformsResetOnly(Plain):
    """It changes observations of step, and forgets that of reset."""

    require = staticmethod(OfVectors.require)

    def __init__(self, env):
        super().__init__(env)
        shape = env.observation_space.shape[0], 2
        self.observation_space = spaces.Box(-np.inf, np.inf, shape, np.float32)

    def step(self, action):
        observation, *more = self.env.step(action)
        pair = np.stack([observation.reshape(len(observation), -1)[:, 0]] * 2, axis=1)
        return (pair.astype(np.float32), *more)


@fault("info")
class LosesInfo(Plain):
    """It makes an info of its own, and what the environment says in its is lost."""

    def step(self, action):
        *result, _ = self.env.step(action)
        return *result, {"bonus": 1.0}


@fault("seed")
class LosesTheSeed(Plain):
    """Its reset takes a seed, and does not hand it on."""

    def reset(self, *, seed=None, options=None):
        return self.env.reset(options=options)


@fault("options")
class LosesOptions(Plain):
    """Its reset takes options, and does not hand them on."""

    def reset(self, *, seed=None, options=None):
        return self.env.reset(seed=seed)


@fault("unexpected keyword argument 'seed'")
class TakesNoSeed(Plain):
    """Its reset takes nothing, as resets did years ago."""

    def reset(self):
        return self.env.reset()


@fault("seed")
class SameGameAlways(Plain):
    """It resets with a seed of its own, so that each episode is the same."""

    def reset(self, *, seed=None, options=None):
        return self.env.reset(seed=42 if seed is None else seed, options=options)


@fault("truncated")
class MergesEnds(Plain):
    """What is truncated, it calls terminated."""

    def step(self, action):
        observation, reward, terminated, truncated, info = self.env.step(action)
        return observation, reward, terminated or truncated, False, info


@fault("truncated")
class TimeIsAnEnd(Plain):
    """After seven steps it says that the episode has terminated, where it was cut."""

    def reset(self, **settings):
        self.count = 0
        return self.env.reset(**settings)

    def step(self, action):
        observation, reward, terminated, truncated, info = self.env.step(action)
        self.count += 1
        return observation, reward, terminated or self.count >= 7, truncated, info


@fault("reset")
class CountsOn(Plain):
    """It counts steps up to a limit, and no reset begins again."""

    def __init__(self, env):
        super().__init__(env)
        self.count = 0

    def step(self, action):
        observation, reward, terminated, truncated, info = self.env.step(action)
        self.count += 1
        return observation, reward, terminated, truncated or self.count % 40 == 0, info


@fault("reset|last episode|episode before")
class OldFrames(OfVectors):
    """It stacks what was observed, and frames of the last episode are in the next one."""

    def __init__(self, env, count=3):
        super().__init__(env, count=count)
        space = env.observation_space
        low, high = (np.repeat(each[None], count, axis=0) for each in (space.low, space.high))
        self.observation_space = spaces.Box(low, high, dtype=space.dtype)
        self.frames = deque([np.zeros(space.shape, space.dtype)] * count, maxlen=count)

    def observation(self, observation):
        self.frames.append(observation)
        return np.stack(self.frames)


@fault("reset|last episode|episode before")
class OldDifference(OfVectors):
    """It shows how observations change, and at a reset from those of the last episode."""

    def __init__(self, env):
        super().__init__(env)
        self.last = np.zeros(env.observation_space.shape, np.float32)

    def observation(self, observation):
        change = observation.astype(np.float32) - self.last
        self.last = observation.astype(np.float32)
        return change


@fault("later|copy|memory|changed")
class HandsOutItsBuffer(OfVectors):
    """It hands out the array that it writes into with each step."""

    def __init__(self, env):
        super().__init__(env)
        self.buffer = np.zeros(env.observation_space.shape, np.float32)

    def observation(self, observation):
        self.buffer[:] = observation
        return self.buffer


@fault("place|chang.*observation|observation.*chang")
class ScalesInPlace(OfVectors):
    """It changes the very array that the environment gave."""

    require = staticmethod(OfFloats.require)

    def observation(self, observation):
        observation *= 0.1
        return observation


@fault("stands in the class")
class Shared(OfRewards):
    """The rewards that it adds up stand in its class, and all of its wrappers share them."""

    rewards: list[float] = []  # noqa: RUF012

    def reward(self, reward):
        self.rewards.append(reward)
        return float(np.sum(self.rewards))


@fault("global")
class GlobalGenerator(OfRewards):
    """Its noise comes from numpy's generator."""

    def reward(self, reward):
        return reward + float(np.random.normal())  # noqa: NPY002


@fault("seed")
class UnseededNoise(OfRewards):
    """Its noise comes from a generator of its own, which no seed reaches."""

    def __init__(self, env):
        super().__init__(env)
        self.random = np.random.default_rng()

    def reward(self, reward):
        return reward + float(self.random.normal())


class _Visits:
    def __init__(self):
        self.counts = {}

    def of(self, key):
        self.counts[key] = self.counts.get(key, 0) + 1
        return self.counts[key]


@fault("visits")
class CannotBeResumed(Plain):
    """It pays for what is new; what it remembers is an object of its own, which no run can save."""

    def __init__(self, env):
        super().__init__(env)
        self.visits = _Visits()

    def reset(self, **settings):
        self.visits = _Visits()
        return self.env.reset(**settings)

    def step(self, action):
        observation, reward, *more = self.env.step(action)
        return observation, float(reward) + self.visits.of(str(observation)[:3]) ** -0.5, *more


@fault("offset")
class RecordsHalf(OfRewards):
    """It records one of its two settings."""

    def __init__(self, env, scale=2.0, offset=1.0):
        super().__init__(env, scale=scale)
        self.scale, self.offset = scale, offset

    def reward(self, reward):
        return float(reward) * self.scale + self.offset


@right
class RecordsNothing(gymnasium.RewardWrapper):
    """It does not record its setting, which csai does for those who name it."""

    def __init__(self, env, scale=2.0):
        super().__init__(env)
        self.scale = scale

    def reward(self, reward):
        return float(reward) * self.scale


def _doubled(reward):
    return 2 * reward


@fault("function")
class ASettingThatIsCode(OfRewards):
    """Its setting is a function, which no file can hold."""

    def __init__(self, env, function=_doubled):
        super().__init__(env, function=function)
        self.function = function

    def reward(self, reward):
        return self.function(float(reward))


@fault("mask")
class TurnsActionsAround(OfChoicesFromZero):
    """It gives actions other numbers, and leaves the mask as it is."""

    def action(self, action):
        return self.env.action_space.n - 1 - action


@fault("mask")
class AddsAnAction(OfChoicesFromZero):
    """It has one action more than its mask."""

    def __init__(self, env):
        super().__init__(env)
        self.action_space = spaces.Discrete(int(env.action_space.n) + 1)

    def action(self, action):
        return min(action, self.env.action_space.n - 1)


@fault("action")
class ScalesBeyond(OfNumbers):
    """It scales actions, and what reaches the environment lies beyond what that takes."""

    def __init__(self, env):
        super().__init__(env)
        self.action_space = spaces.Box(-1, 1, env.action_space.shape, np.float32)

    def action(self, action):
        space = self.env.action_space
        return (action * (space.high - space.low)).astype(space.dtype)


@fault("reward")
class RewardIsAnArray(OfRewards):
    """Its rewards are arrays."""

    def reward(self, reward):
        return np.array([reward], np.float32)


@fault("reward")
class RewardIsNothing(OfRewards):
    """Its reward forgets to return."""

    def reward(self, reward):
        reward * 2


@fault("five|5")
class FourItems(Plain):
    """Its step gives four items, as steps did years ago."""

    def step(self, action):
        observation, reward, terminated, truncated, info = self.env.step(action)
        return observation, reward, terminated or truncated, info


@fault("info|two")
class ResetGivesOne(Plain):
    """Its reset gives the observation alone."""

    def reset(self, **settings):
        return self.env.reset(**settings)[0]


@fault("render")
class HidesThePicture(Plain):
    """Its render draws over the picture, and gives nothing."""

    def render(self):
        picture = np.array(self.env.render())
        picture[:2] = 0


@fault("close")
class LeavesItOpen(Plain):
    """Its close closes its own things only."""

    def close(self):
        self.count = 0


@fault("print")
class TellsSteps(Plain):
    """It prints every reward."""

    def step(self, action):
        result = self.env.step(action)
        print("reward", result[1])
        return result


@right
class HoldsALambda(OfRewards):
    """Holds a function without a name, as many of Gymnasium's own do."""

    def __init__(self, env):
        super().__init__(env)
        self.change = lambda reward: 2.0 * reward

    def reward(self, reward):
        return self.change(reward)


@fault("derive its class from gymnasium.Wrapper")
class NoWrapper(gymnasium.Env):
    """It is an environment that holds another."""

    def __init__(self, env):
        self.env = env
        self.observation_space, self.action_space = env.observation_space, env.action_space

    def reset(self, *, seed=None, options=None):
        return self.env.reset(seed=seed, options=options)

    def step(self, action):
        return self.env.step(action)


@fault("end|over|reset")
class StepsOn(Plain):
    """It repeats each action four times, whether the episode has ended or not."""

    def step(self, action):
        total = 0.0
        for _ in range(4):
            observation, reward, *more = self.env.step(action)
            total += float(reward)
        return observation, total, *more


@fault("raise|error|exception")
class HidesErrors(Plain):
    """Where the environment fails, it gives the last observation once more."""

    def reset(self, **settings):
        self.last, info = self.env.reset(**settings)
        return self.last, info

    def step(self, action):
        try:
            self.last, *more = self.env.step(action)
        except RuntimeError:
            return self.last, 0.0, False, True, {}
        return self.last, *more


@fault("chang.*action|action.*chang|in place")
class ClipsActionsInPlace(OfNumbers):
    """It clips the very array that it was given as an action."""

    def action(self, action):
        np.clip(action, -0.1, 0.1, out=action)
        return action


@fault("random|global|differ|seed")
class DrawsFromPython(Plain):
    """Whether an action is repeated, Python's generator says."""

    def reset(self, **settings):
        self.last = None
        return self.env.reset(**settings)

    def step(self, action):
        if self.last is not None and random.random() < 0.25:
            action = self.last
        self.last = action
        return self.env.step(action)


@right
class StickyActions(Plain):
    """Repeats actions at random, as the environment's own generator says; masks are none of its business."""

    def __init__(self, env, probability=0.25):
        super().__init__(env, probability=probability)
        self.probability = probability
        self.last = None

    @staticmethod
    def require(env):
        if isinstance(env.action_space, spaces.Discrete) and "action_mask" in env.reset(seed=0)[1]:
            raise ConfigError("It would repeat actions that are not allowed any more.")

    def reset(self, *, seed=None, options=None):
        self.last = None
        return self.env.reset(seed=seed, options=options)

    def step(self, action):
        if self.last is not None and self.env.unwrapped.np_random.random() < self.probability:
            action = self.last
        self.last = copy.deepcopy(action)
        return self.env.step(action)


class Mirrored(OfChoices):
    """Counts actions from the last to the first, and masks as `turned` says."""

    def action(self, action):
        space = self.env.action_space
        return 2 * space.start + space.n - 1 - action

    def reset(self, *, seed=None, options=None):
        observation, info = self.env.reset(seed=seed, options=options)
        return observation, self.turned(info)

    def step(self, action):
        *result, info = super().step(action)
        return *result, self.turned(info)

    def turned(self, info):
        return {**info, "action_mask": info["action_mask"][::-1]} if "action_mask" in info else info


@right
class Backwards(Mirrored):
    """Gives actions other numbers, and turns the mask around with them."""

    require = staticmethod(OfChoicesFromZero.require)


@right
class RunningScale(OfVectors):
    """Scales observations by means that it keeps over all episodes, on purpose."""

    def __init__(self, env):
        super().__init__(env)
        self.count = 0
        self.mean = np.zeros(env.observation_space.shape)
        self.squares = np.ones(env.observation_space.shape)

    @staticmethod
    def box(space):
        return spaces.Box(-10, 10, space.shape, np.float32)

    def observation(self, observation):
        self.count += 1
        change = observation - self.mean
        self.mean = self.mean + change / self.count
        self.squares = self.squares + change * (observation - self.mean)
        scaled = change / np.sqrt(self.squares / self.count + 1e-8)
        return np.clip(scaled, -10, 10).astype(np.float32)


@right
class ResetsItself(Plain):
    """Begins the next episode in the step that ends one."""

    def step(self, action):
        observation, reward, terminated, truncated, info = self.env.step(action)
        if terminated or truncated:
            info = {"final_observation": observation, **info}
            observation, start = self.env.reset()
            info |= start
        return observation, reward, terminated, truncated, info


@right
class SkipsFrames(Plain):
    """Repeats each action until the episode ends, or it is not allowed any more."""

    def __init__(self, env, num_frames=4):
        super().__init__(env, num_frames=num_frames)
        self.num_frames = num_frames

    def step(self, action):
        total = 0.0
        for _ in range(self.num_frames):
            observation, reward, terminated, truncated, info = self.env.step(action)
            total += float(reward)
            allowed = info.get("action_mask")
            if (
                terminated
                or truncated
                or (allowed is not None and not allowed[action - self.env.action_space.start])
            ):
                break
        return observation, total, terminated, truncated, info


@fault("array|list")
class GivesLists(OfVectors):
    """Its observations are lists, where the space has arrays."""

    def observation(self, observation):
        return observation.tolist()


@fault("dtype")
class KeepsBytes(OfVectors):
    """Its space says numbers from 0 to 1, and bytes come as they were."""

    @staticmethod
    def require(env):
        OfVectors.require(env)
        if env.observation_space.dtype != np.uint8:
            raise ConfigError("It takes pictures.")

    @staticmethod
    def box(space):
        return spaces.Box(0, 255, space.shape, np.float32)

    def observation(self, observation):
        return observation.copy()


@fault("space")
class ChangesTheEnvironmentsSpace(OfFloats):
    """It narrows the environment's own space in place."""

    @staticmethod
    def box(space):
        space.low[:] = -100
        return space

    def observation(self, observation):
        return observation.copy()


@fault("info")
class OneInfoForAll(Plain):
    """Its info is the same dict each time."""

    def __init__(self, env):
        super().__init__(env)
        self.told = {}

    def reset(self, **settings):
        observation, info = self.env.reset(**settings)
        self.told.clear()
        self.told.update(info)
        return observation, self.told

    def step(self, action):
        *result, info = self.env.step(action)
        self.told.update(info)
        return *result, self.told


@fault("action")
class NarrowsActionsWithoutTurning(Plain):
    """It offers fewer actions under other numbers, and gives on what it is given."""

    require = staticmethod(OfChoices.require)

    def __init__(self, env):
        super().__init__(env)
        self.action_space = spaces.MultiDiscrete([2, 2])


@fault("lies outside")
class NoiseBeyondTheBounds(OfFloats):
    """A little noise takes observations at the bounds out of the space."""

    def observation(self, observation):
        return (observation + self.noise(observation.shape)).astype(np.float32)

    def noise(self, shape):
        return self.np_random.normal(0, 0.001, shape)


@fault("lies outside")
class NoiseNowAndThen(NoiseBeyondTheBounds):
    """Noise that comes in one step of twenty only."""

    def noise(self, shape):
        return self.np_random.normal(0, 0.2, shape) * (self.np_random.random() < 0.05)


@fault("environment was used wrongly.*does not lie in")
class NoiseOnActions(OfNumbers):
    """Noise on actions, of which those at the bounds leave the space."""

    def action(self, action):
        return (action + self.np_random.normal(0, 1e-3, action.shape)).astype(np.float32)


@fault("mask")
class TurnsActionsFromTwo(Mirrored):
    """It turns actions and masks around as if they were counted from 0, and wraps what falls out."""

    def action(self, action):
        space = self.env.action_space
        return int(space.start) + (int(space.n) - 1 - action) % int(space.n)


@right
class NoiseWithinTheBounds(OfFloats):
    """Noise that is clipped to the space."""

    def observation(self, observation):
        space = self.observation_space
        noisy = observation + self.np_random.normal(0, 0.3, space.shape)
        return np.clip(noisy, space.low, space.high).astype(np.float32)


@right
class NoiseInAWiderSpace(OfFloats):
    """Noise of 0.3 at most, in a space that is so much wider."""

    @staticmethod
    def box(space):
        return spaces.Box(space.low - 0.3, space.high + 0.3, dtype=np.float32)

    def observation(self, observation):
        noisy = observation + self.np_random.uniform(-0.299, 0.299, observation.shape)
        return noisy.astype(np.float32)


@fault("counted from action_space.start.*mask")
class LooksUpMasksFromZero(Plain):
    """It looks actions up in masks as if they were counted from 0."""

    def step(self, action):
        *result, info = self.env.step(action)
        if "action_mask" in info and not info["action_mask"][action]:
            result[1] -= 0.1
        return *result, info


# --- as strangers write them


@fault("does not begin the same|Set in reset")
class TotalsGoOn(OfRewards):
    """Rewards are given as totals, which begin with the wrapper and not with the episode."""

    def __init__(self, env):
        super().__init__(env)
        self.total = 0.0

    def reward(self, reward):
        self.total += float(reward)
        return self.total


@fault("does not begin the same|Set in reset")
class FramesOfBefore(OfFloats):
    """The last observations are kept, and begin with those of the episode before."""

    def __init__(self, env):
        super().__init__(env)
        self.before = np.zeros(env.observation_space.shape, np.float32)

    @staticmethod
    def box(space):
        return spaces.Box(
            np.stack([np.minimum(space.low, 0), space.low]),
            np.stack([np.maximum(space.high, 0), space.high]),
        )

    def observation(self, observation):
        seen = np.stack([self.before, observation])
        self.before = np.array(observation)
        return seen


@planted("resumed|remember")
class ScaleNotSaved(WrapperSuite):
    """How large rewards are is learned, and kept in a closure that nobody can save."""

    def make(self, env):
        largest = [1.0]

        class Scaled(OfRewards):
            def reward(self, reward):
                largest[0] = max(largest[0], abs(float(reward)))
                return float(reward) / largest[0]

        return Scaled(env)


@fault("action mask.*changed in place")
class TurnsTheMaskInPlace(Mirrored):
    """It turns the mask around in the very array that the environment gave."""

    def turned(self, info):
        if "action_mask" in info:
            info["action_mask"][:] = info["action_mask"][::-1].copy()
        return info


@fault("picture.*changed in place")
class PaintsInPlace(Plain):
    """It draws a bar into the very picture that the environment gave."""

    def render(self):
        picture = self.env.render()
        if isinstance(picture, np.ndarray):
            picture[:1] = 255
        return picture


@fault(r"past the wrapper.*self\.env\.step")
class StepsPastOthers(Plain):
    """It steps the environment within all wrappers."""

    def step(self, action):
        return self.env.unwrapped.step(action)


@fault(r"past the wrapper.*self\.env\.render")
class DrawsPastOthers(Plain):
    """It draws the environment within all wrappers."""

    def render(self):
        return self.env.unwrapped.render()


@fault(r"self\.random.*does not seed")
class NoiseFromZero(OfRewards):
    """Its generator begins with 0, and no reset seeds it."""

    def __init__(self, env):
        super().__init__(env)
        self.random = np.random.default_rng(0)

    def reward(self, reward):
        return float(reward) + 0.01 * self.random.normal()


class _Noise:
    def __init__(self):
        self.random = random.Random(0)


@fault(r"self\.noise\.random.*does not seed")
class NoiseOfAnObject(OfRewards):
    """The object that makes its noise has a generator, which no reset seeds."""

    def __init__(self, env):
        super().__init__(env)
        self.noise = _Noise()

    def reward(self, reward):
        return float(reward) + 0.01 * self.noise.random.random()


@right
class NoiseThatIsSeeded(NoiseFromZero):
    """A generator of its own, which each reset with a seed sets back."""

    def reset(self, *, seed=None, options=None):
        if seed is not None:
            self.random = np.random.default_rng(seed)
        return self.env.reset(seed=seed, options=options)


@fault("options.*does not begin the same")
class TotalsGoOnWithOptions(TotalsGoOn):
    """Rewards are given as totals, which a reset with options does not set back."""

    def reset(self, *, seed=None, options=None):
        if options is None:
            self.total = 0.0
        return self.env.reset(seed=seed, options=options)


@fault("mask of that moment forbids.*heeds")
class RepeatsWhatIsForbidden(Plain):
    """It repeats an action in every second step, also where the mask of the moment forbids it."""

    def __init__(self, env):
        super().__init__(env)
        self.last, self.clock, self.mask = None, 0, None

    def reset(self, *, seed=None, options=None):
        self.last, self.clock = None, 0
        observation, info = self.env.reset(seed=seed, options=options)
        self.mask = info.get("action_mask")
        return observation, info

    def step(self, action):
        self.clock += 1
        if self.last is not None and self.clock % 2 == 0 and self.may(self.last):
            action = self.last
        self.last = np.copy(action) if isinstance(action, np.ndarray) else action
        *result, info = self.env.step(action)
        self.mask = info.get("action_mask")
        return *result, info

    def may(self, action):
        return True


@right
class RepeatsWhatIsAllowed(RepeatsWhatIsForbidden):
    """It repeats actions that the mask of the moment allows."""

    def may(self, action):
        return self.mask is None or bool(self.mask[action - self.env.action_space.start])


@fault("episode before lives on|Set in reset")
class RepeatsOverResets(RepeatsWhatIsForbidden):
    """It repeats actions, and begins an episode with the last one of the episode before."""

    def reset(self, *, seed=None, options=None):
        last = self.last
        given = super().reset(seed=seed, options=options)
        self.last, self.clock = last, 1
        return given


@fault("was truncated, and the wrapper said that it goes on")
class DropsTruncated(Plain):
    """It says that what was truncated goes on."""

    def step(self, action):
        observation, reward, terminated, _, info = self.env.step(action)
        return observation, reward, terminated, False, info


@fault("called terminated too")
class EndsAreEnds(Plain):
    """What time has ended is terminated as well."""

    def step(self, action):
        observation, reward, terminated, truncated, info = self.env.step(action)
        return observation, reward, terminated or truncated, truncated, info


# --- what shows late, without a seed, or to somebody who looks at its state twice


@fault("takes bonus, and nothing reads it")
class AlwaysOne(OfRewards):
    """It takes a bonus, keeps it, and adds 1."""

    def __init__(self, env, bonus=0.5):
        super().__init__(env)
        self.paid_always = float(bonus)

    def reward(self, reward):
        return reward + 1.0


class _Noisy(OfFloats):
    """Adds noise, of a generator of its own."""

    def __init__(self, env, scale=0.1):
        super().__init__(env, scale=scale)
        self.scale, self.noise = scale, np.random.default_rng()
        self.observation_space = spaces.Box(-np.inf, np.inf, env.observation_space.shape, np.float32)

    def observation(self, observation):
        return (observation + self.scale * self.noise.normal(size=observation.shape)).astype(np.float32)


@right
class NoisyFromASeed(_Noisy):
    """Its generator is a new one where a seed is given."""

    def reset(self, *, seed=None, options=None):
        if seed is not None:
            self.noise = np.random.default_rng(seed)
        return super().reset(seed=seed, options=options)


@fault("without a seed.*self.noise to the same place")
class SameNoise(_Noisy):
    """Without a seed, each episode has the noise of the seed 0."""

    def reset(self, *, seed=None, options=None):
        self.noise = np.random.default_rng(seed or 0)
        return super().reset(seed=seed, options=options)


@fault("more objects with every step")
class KeepsRewards(OfRewards):
    """It keeps every reward that there was."""

    def __init__(self, env):
        super().__init__(env)
        self.kept = []

    def reward(self, reward):
        self.kept.append(float(reward))
        return reward


@right
class KeepsSomeRewards(OfRewards):
    """It keeps the last 5000 rewards."""

    def __init__(self, env):
        super().__init__(env)
        self.kept = deque(maxlen=5000)

    def reward(self, reward):
        self.kept.append(float(reward))
        return reward


class _BySize(Plain):
    """Divides rewards by how large they usually are, and says itself what it remembers."""

    def __init__(self, env):
        super().__init__(env)
        self.size = np.ones(1)

    def reset(self, *, seed=None, options=None):
        if seed is not None:
            self.size[:] = 1.0
        return super().reset(seed=seed, options=options)

    def step(self, action):
        observation, reward, terminated, truncated, info = self.env.step(action)
        self.size *= 0.99
        self.size += 0.01 * abs(reward)
        return observation, float(reward / self.size[0]), terminated, truncated, info


@fault("saved state was changed")
class GivesItsMemory(_BySize):
    """Its saved state is the array itself."""

    def state_dict(self):
        return {"size": self.size}

    def load_state_dict(self, state):
        self.size = state["size"].copy()


@fault("loaded is changed")
class TakesWhatItIsGiven(_BySize):
    """It goes on in the array of the state that it has loaded."""

    def state_dict(self):
        return {"size": self.size.copy()}

    def load_state_dict(self, state):
        self.size = state["size"]


@fault("default of FromADefault.__init__.seen")
class FromADefault(Plain):
    """The list of steps is a default argument, which all of them share."""

    def __init__(self, env, seen=[]):  # noqa: B006
        super().__init__(env)
        self.seen = seen

    def step(self, action):
        self.seen.append(len(self.seen))
        observation, reward, terminated, truncated, info = self.env.step(action)
        return observation, reward + (len(self.seen) > 20), terminated, truncated, info


@fault("raised an exception in step, IndexError")
class EndsOnErrors(Plain):
    """An IndexError of the environment it takes for an end."""

    def step(self, action):
        try:
            self.last = self.env.step(action)
        except IndexError:
            return self.last[0], 0.0, True, False, {}
        return self.last


# --- seeds, options and ends that are seldom met


@fault("reset with the same seed, 0, differ.*0 is a seed too")
class NoiseOfNoSeed(_Noisy):
    """It takes the seed 0 for none."""

    def reset(self, *, seed=None, options=None):
        if seed:
            self.noise = np.random.default_rng(seed)
        return super().reset(seed=seed, options=options)


class _Toll(OfRewards):
    """Every step costs what the options of its episode say."""

    toll = 0.2

    def reward(self, reward):
        return float(reward) - self.toll


@right
class TollOfTheEpisode(_Toll):
    """It reads its option, which holds for one episode."""

    def reset(self, *, seed=None, options=None):
        self.toll = float((options or {}).get("toll", 0.2))
        return self.env.reset(seed=seed, options=options)


@right
class RefusesOptions(TollOfTheEpisode):
    """It knows one option, and refuses all others, and tolls that nobody can pay."""

    def reset(self, *, seed=None, options=None):
        unknown = set(options or {}) - {"toll", "level"}
        if unknown or (options or {}).get("toll", 0.2) > 0.5:
            raise ConfigError(f"No options {unknown}, and no toll above 0.5.")
        return super().reset(seed=seed, options=options)


@fault("reset changed the options that it was given.*toll")
class TakesTheToll(_Toll):
    """It takes its option out of the dict of whoever resets."""

    def reset(self, *, seed=None, options=None):
        self.toll = 0.2 if options is None else float(options.pop("toll", 0.2))
        return self.env.reset(seed=seed, options=options)


@fault("After reset.options=.'toll'.*reset without options.*reward")
class TollStays(_Toll):
    """Its option holds on for all episodes that say nothing else."""

    def reset(self, *, seed=None, options=None):
        self.toll = float((options or {}).get("toll", self.toll))
        return self.env.reset(seed=seed, options=options)


@fault("global generator of Python")
class ConsoledByChance(Plain):
    """Who is cut short is consoled with a number of Python's generator."""

    def step(self, action):
        observation, reward, terminated, truncated, info = self.env.step(action)
        if truncated:
            reward = float(reward) + random.uniform(0, 0.1)
        return observation, reward, terminated, truncated, info


@fault("does not begin the same.*reward")
class OwesWhatWasCut(Plain):
    """Every fourth step pays for all before, and the first such step for those of an episode that was cut."""

    def __init__(self, env):
        super().__init__(env)
        self.age, self.earned = 0, 0.0

    def reset(self, *, seed=None, options=None):
        self.age = 0
        return self.env.reset(seed=seed, options=options)

    def step(self, action):
        observation, reward, terminated, truncated, info = self.env.step(action)
        self.age += 1
        self.earned, paid = self.earned + float(reward), 0.0
        if terminated or self.age % 4 == 0:
            self.earned, paid = 0.0, self.earned
        return observation, paid, terminated, truncated, info


# --- of callers, other processes, and resets in a reset


@fault("Keep a copy of an action, not the caller's array")
class PushesBackAStepLater(OfNumbers):
    """Adds a tenth of the action before, of which it has kept the array itself."""

    before = None

    def reset(self, **settings):
        self.before = None
        return super().reset(**settings)

    def action(self, action):
        space = self.env.action_space
        pushed = action if self.before is None else np.clip(action + 0.1 * self.before, space.low, space.high)
        self.before = action
        return pushed.astype(space.dtype)


@right
class PushesBackByACopy(PushesBackAStepLater):
    """Adds a tenth of the action before, of which it has kept a copy."""

    def action(self, action):
        pushed = super().action(action)
        self.before = action.copy()
        return pushed


class LuckyPlaces(OfRewards):
    """Pays more at some places, which the hash of what they look like chooses."""

    def step(self, action):
        observation, reward, *rest = self.env.step(action)
        return observation, float(reward) + (hash(str(observation)) % 5 == 0), *rest


@planted("Another process, with another PYTHONHASHSEED")
class LuckyByHash(WrapperSuite):
    """It pays by the hash of a text, which is another in each process."""

    def make(self, env):
        return LuckyPlaces(env)


@fault("the last time without the options")
class RestsUntilItLives(OfChoicesFromZero):
    """It does the first thing three times as an episode begins, and begins again where that ended it."""

    @staticmethod
    def require(env):
        OfChoicesFromZero.require(env)
        if "action_mask" in env.reset()[1]:
            raise ConfigError("It does the first thing, whatever a mask allows.")

    def reset(self, *, seed=None, options=None):
        observation, info = self.env.reset(seed=seed, options=options)
        for _ in range(3):
            observation, _, terminated, truncated, info = self.env.step(0)
            if terminated or truncated:
                observation, info = self.env.reset()
        return observation, info

    def action(self, action):
        return action


@fault(r"After two different episodes, reset.seed=(?!3\)).*does not begin the same")
class DreamsWhereItEndsAtOnce(OfFloats):
    """Shows what was seen a step before its end; where an episode has one step, that is of the one before."""

    def reset(self, *, seed=None, options=None):
        self.is_new = True
        return self.env.reset(seed=seed, options=options)

    def step(self, action):
        observation, reward, terminated, truncated, info = self.env.step(action)
        shown, is_over = observation, terminated or truncated
        if is_over and hasattr(self, "kept"):
            shown = self.kept
        if not is_over or not self.is_new:
            self.kept = observation.copy()
        self.is_new = False
        return shown, reward, terminated, truncated, info
