"""Wrappers."""

from __future__ import annotations

import random
from collections import deque

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.utils import RecordConstructorArgs

from csai_core.errors import ConfigError
from csai_core.testing import WrapperSuite
from planted.specimens import planted, sound


def _vectors(env):
    """The space of an environment that shows numbers."""
    if not isinstance(env.observation_space, spaces.Box):
        raise ConfigError(f"It takes observations in a Box, not in {env.observation_space}.")
    return env.observation_space


class _Plain(gymnasium.Wrapper, RecordConstructorArgs):
    def __init__(self, env):
        RecordConstructorArgs.__init__(self)
        gymnasium.Wrapper.__init__(self, env)


@planted(r"super\(\)|__init__")
class ForgetsTheWrapper(WrapperSuite):
    """Its __init__ does not call Wrapper's."""

    def make(self, env):
        class Mine(gymnasium.Wrapper):
            def __init__(self, env):
                self.inner = env
                self.count = 0

        return Mine(env)


@planted("observation.*(outside|space|shape)")
class FlattensUnsaid(WrapperSuite):
    """It flattens observations, and its space says nothing of it."""

    def make(self, env):
        _vectors(env)

        class Mine(_Plain):
            def reset(self, **settings):
                observation, info = self.env.reset(**settings)
                return observation.ravel()[:1], info

            def step(self, action):
                observation, *more = self.env.step(action)
                return (observation.ravel()[:1], *more)

        return Mine(env)


@planted("dtype")
class ScalesToDouble(WrapperSuite):
    """It divides, and what comes are double numbers where the space says single ones."""

    def make(self, env):
        space = _vectors(env)

        class Mine(gymnasium.ObservationWrapper, RecordConstructorArgs):
            def __init__(self, env):
                RecordConstructorArgs.__init__(self)
                super().__init__(env)
                self.observation_space = spaces.Box(-10, 10, space.shape, np.float32)

            def observation(self, observation):
                return observation.astype(np.float64) / 1000

        return Mine(env)


@planted("step.*observation|shape|outside|only at|reset")
class TransformsResetOnly(WrapperSuite):
    """It changes observations of step, and forgets that of reset."""

    def make(self, env):
        space = _vectors(env)

        class Mine(_Plain):
            def __init__(self, env):
                super().__init__(env)
                self.observation_space = spaces.Box(-np.inf, np.inf, (space.shape[0], 2), np.float32)

            def step(self, action):
                observation, *more = self.env.step(action)
                pair = np.stack([observation.reshape(space.shape[0], -1)[:, 0]] * 2, axis=1)
                return (pair.astype(np.float32), *more)

        return Mine(env)


@planted("info")
class LosesInfo(WrapperSuite):
    """It makes an info of its own, and what the environment says in its is lost."""

    def make(self, env):
        class Mine(_Plain):
            def step(self, action):
                observation, reward, terminated, truncated, _ = self.env.step(action)
                return observation, reward, terminated, truncated, {"bonus": 1.0}

        return Mine(env)


@planted("seed")
class LosesTheSeed(WrapperSuite):
    """Its reset takes a seed, and does not hand it on."""

    def make(self, env):
        class Mine(_Plain):
            def reset(self, *, seed=None, options=None):
                return self.env.reset(options=options)

        return Mine(env)


@planted("options")
class LosesOptions(WrapperSuite):
    """Its reset takes options, and does not hand them on."""

    def make(self, env):
        class Mine(_Plain):
            def reset(self, *, seed=None, options=None):
                return self.env.reset(seed=seed)

        return Mine(env)


@planted("seed")
class TakesNoSeed(WrapperSuite):
    """Its reset takes nothing, as resets did years ago."""

    def make(self, env):
        class Mine(_Plain):
            def reset(self):
                return self.env.reset()

        return Mine(env)


@planted("seed")
class SameGameAlways(WrapperSuite):
    """It resets with a seed of its own, so that each episode is the same."""

    def make(self, env):
        class Mine(_Plain):
            def reset(self, *, seed=None, options=None):
                return self.env.reset(seed=42 if seed is None else seed, options=options)

        return Mine(env)


@planted("truncated")
class MergesEnds(WrapperSuite):
    """What is truncated, it calls terminated."""

    def make(self, env):
        class Mine(_Plain):
            def step(self, action):
                observation, reward, terminated, truncated, info = self.env.step(action)
                return observation, reward, terminated or truncated, False, info

        return Mine(env)


@planted("truncated")
class TimeIsAnEnd(WrapperSuite):
    """After seven steps it says that the episode has terminated, where it was cut."""

    def make(self, env):
        class Mine(_Plain):
            def reset(self, **settings):
                self.count = 0
                return self.env.reset(**settings)

            def step(self, action):
                observation, reward, terminated, truncated, info = self.env.step(action)
                self.count += 1
                return observation, reward, terminated or self.count >= 7, truncated, info

        return Mine(env)


@planted("reset")
class CountsOn(WrapperSuite):
    """It counts steps up to a limit, and no reset begins again."""

    def make(self, env):
        class Mine(_Plain):
            def __init__(self, env):
                super().__init__(env)
                self.count = 0

            def step(self, action):
                observation, reward, terminated, truncated, info = self.env.step(action)
                self.count += 1
                return observation, reward, terminated, truncated or self.count % 40 == 0, info

        return Mine(env)


class _Stack(gymnasium.ObservationWrapper, RecordConstructorArgs):
    def __init__(self, env, count=3):
        RecordConstructorArgs.__init__(self, count=count)
        super().__init__(env)
        space = _vectors(env)
        low, high = (np.repeat(each[None], count, axis=0) for each in (space.low, space.high))
        self.observation_space = spaces.Box(low, high, dtype=space.dtype)
        self.frames = deque([np.zeros(space.shape, space.dtype)] * count, maxlen=count)

    def observation(self, observation):
        self.frames.append(observation)
        return np.stack(self.frames)


@planted("reset|last episode|episode before")
class OldFrames(WrapperSuite):
    """It stacks what was observed, and frames of the last episode are in the next one."""

    def make(self, env):
        return _Stack(env)


@planted("reset|last episode|episode before")
class OldDifference(WrapperSuite):
    """It shows how observations change, and at a reset from those of the last episode."""

    def make(self, env):
        space = _vectors(env)

        class Mine(gymnasium.ObservationWrapper, RecordConstructorArgs):
            def __init__(self, env):
                RecordConstructorArgs.__init__(self)
                super().__init__(env)
                self.observation_space = spaces.Box(-np.inf, np.inf, space.shape, np.float32)
                self.last = np.zeros(space.shape, np.float32)

            def observation(self, observation):
                change = observation.astype(np.float32) - self.last
                self.last = observation.astype(np.float32)
                return change

        return Mine(env)


@planted("later|copy|memory|changed")
class HandsOutItsBuffer(WrapperSuite):
    """It hands out the array that it writes into with each step."""

    def make(self, env):
        space = _vectors(env)

        class Mine(gymnasium.ObservationWrapper, RecordConstructorArgs):
            def __init__(self, env):
                RecordConstructorArgs.__init__(self)
                super().__init__(env)
                self.observation_space = spaces.Box(-np.inf, np.inf, space.shape, np.float32)
                self.buffer = np.zeros(space.shape, np.float32)

            def observation(self, observation):
                self.buffer[:] = observation
                return self.buffer

        return Mine(env)


@planted("place|chang.*observation|observation.*chang")
class ScalesInPlace(WrapperSuite):
    """It changes the very array that the environment gave."""

    def make(self, env):
        space = _vectors(env)
        if space.dtype != np.float32:
            raise ConfigError("It takes single numbers.")

        class Mine(gymnasium.ObservationWrapper, RecordConstructorArgs):
            def __init__(self, env):
                RecordConstructorArgs.__init__(self)
                super().__init__(env)
                self.observation_space = spaces.Box(-np.inf, np.inf, space.shape, np.float32)

            def observation(self, observation):
                observation *= 0.1
                return observation

        return Mine(env)


class _Shared(gymnasium.RewardWrapper, RecordConstructorArgs):
    rewards: list[float] = []  # noqa: RUF012

    def __init__(self, env):
        RecordConstructorArgs.__init__(self)
        super().__init__(env)

    def reset(self, **settings):
        return self.env.reset(**settings)

    def reward(self, reward):
        self.rewards.append(reward)
        return float(np.sum(self.rewards))


@planted("share|class|another|two")
class Shared(WrapperSuite):
    """The rewards that it adds up stand in its class, and all of its wrappers share them."""

    def make(self, env):
        return _Shared(env)


@planted("global")
class GlobalGenerator(WrapperSuite):
    """Its noise comes from numpy's generator."""

    def make(self, env):
        class Mine(gymnasium.RewardWrapper, RecordConstructorArgs):
            def __init__(self, env):
                RecordConstructorArgs.__init__(self)
                super().__init__(env)

            def reward(self, reward):
                return reward + float(np.random.normal())  # noqa: NPY002

        return Mine(env)


@planted("seed")
class UnseededNoise(WrapperSuite):
    """Its noise comes from a generator of its own, which no seed reaches."""

    def make(self, env):
        class Mine(gymnasium.RewardWrapper, RecordConstructorArgs):
            def __init__(self, env):
                RecordConstructorArgs.__init__(self)
                super().__init__(env)
                self.random = np.random.default_rng()

            def reward(self, reward):
                return reward + float(self.random.normal())

        return Mine(env)


class _Visits:
    def __init__(self):
        self.counts = {}

    def of(self, key):
        self.counts[key] = self.counts.get(key, 0) + 1
        return self.counts[key]


class _Novelty(gymnasium.Wrapper, RecordConstructorArgs):
    """Pays for what is new."""

    def __init__(self, env):
        RecordConstructorArgs.__init__(self)
        super().__init__(env)
        self.visits = _Visits()

    def reset(self, **settings):
        self.visits = _Visits()
        return self.env.reset(**settings)

    def step(self, action):
        observation, reward, *more = self.env.step(action)
        return observation, float(reward) + self.visits.of(str(observation)[:3]) ** -0.5, *more


@planted("visits")
class CannotBeResumed(WrapperSuite):
    """What it remembers is an object of its own, which no run can save."""

    def make(self, env):
        return _Novelty(env)


class _TwoSettings(gymnasium.RewardWrapper, RecordConstructorArgs):
    def __init__(self, env, scale=2.0, offset=0.0):
        RecordConstructorArgs.__init__(self, scale=scale)
        super().__init__(env)
        self.scale, self.offset = scale, offset

    def reward(self, reward):
        return float(reward) * self.scale + self.offset


@planted("offset")
class RecordsHalf(WrapperSuite):
    """It records one of its two settings."""

    def make(self, env):
        return _TwoSettings(env, offset=1.0)


class _Unrecorded(gymnasium.RewardWrapper):
    def __init__(self, env, scale=2.0):
        super().__init__(env)
        self.scale = scale

    def reward(self, reward):
        return float(reward) * self.scale


@sound
class RecordsNothing(WrapperSuite):
    """It does not record its setting, which csai does for those who name it."""

    def make(self, env):
        return _Unrecorded(env)


class _Called(gymnasium.RewardWrapper, RecordConstructorArgs):
    def __init__(self, env, function):
        RecordConstructorArgs.__init__(self, function=function)
        super().__init__(env)
        self.function = function

    def reward(self, reward):
        return self.function(float(reward))


def _doubled(reward):
    return 2 * reward


@planted("function")
class ASettingThatIsCode(WrapperSuite):
    """Its setting is a function, which no file can hold."""

    def make(self, env):
        return _Called(env, _doubled)


@planted("mask")
class TurnsActionsAround(WrapperSuite):
    """It gives actions other numbers, and leaves the mask as it is."""

    def make(self, env):
        if not isinstance(env.action_space, spaces.Discrete) or env.action_space.start:
            raise ConfigError("It renumbers actions, where there are so many.")

        class Mine(gymnasium.ActionWrapper, RecordConstructorArgs):
            def __init__(self, env):
                RecordConstructorArgs.__init__(self)
                super().__init__(env)

            def action(self, action):
                return self.env.action_space.n - 1 - action

        return Mine(env)


@planted("mask")
class AddsAnAction(WrapperSuite):
    """It has one action more than its mask."""

    def make(self, env):
        if not isinstance(env.action_space, spaces.Discrete) or env.action_space.start:
            raise ConfigError("It adds an action to those that there are.")

        class Mine(gymnasium.ActionWrapper, RecordConstructorArgs):
            def __init__(self, env):
                RecordConstructorArgs.__init__(self)
                super().__init__(env)
                self.action_space = spaces.Discrete(int(env.action_space.n) + 1)

            def action(self, action):
                return min(action, self.env.action_space.n - 1)

        return Mine(env)


@planted("action")
class ScalesBeyond(WrapperSuite):
    """It scales actions, and what reaches the environment lies beyond what that takes."""

    def make(self, env):
        space = env.action_space
        if not isinstance(space, spaces.Box):
            raise ConfigError("It scales numbers.")

        class Mine(gymnasium.ActionWrapper, RecordConstructorArgs):
            def __init__(self, env):
                RecordConstructorArgs.__init__(self)
                super().__init__(env)
                self.action_space = spaces.Box(-1, 1, space.shape, np.float32)

            def action(self, action):
                return (action * (space.high - space.low)).astype(space.dtype)

        return Mine(env)


@planted("reward")
class RewardIsAnArray(WrapperSuite):
    """Its rewards are arrays."""

    def make(self, env):
        class Mine(gymnasium.RewardWrapper, RecordConstructorArgs):
            def __init__(self, env):
                RecordConstructorArgs.__init__(self)
                super().__init__(env)

            def reward(self, reward):
                return np.array([reward], np.float32)

        return Mine(env)


@planted("reward")
class RewardIsNothing(WrapperSuite):
    """Its reward forgets to return."""

    def make(self, env):
        class Mine(gymnasium.RewardWrapper, RecordConstructorArgs):
            def __init__(self, env):
                RecordConstructorArgs.__init__(self)
                super().__init__(env)

            def reward(self, reward):
                reward * 2

        return Mine(env)


@planted("five|5")
class FourItems(WrapperSuite):
    """Its step gives four items, as steps did years ago."""

    def make(self, env):
        class Mine(_Plain):
            def step(self, action):
                observation, reward, terminated, truncated, info = self.env.step(action)
                return observation, reward, terminated or truncated, info

        return Mine(env)


@planted("info|two")
class ResetGivesOne(WrapperSuite):
    """Its reset gives the observation alone."""

    def make(self, env):
        class Mine(_Plain):
            def reset(self, **settings):
                return self.env.reset(**settings)[0]

        return Mine(env)


@planted("render")
class HidesThePicture(WrapperSuite):
    """Its render draws over the picture, and gives nothing."""

    def make(self, env):
        class Mine(_Plain):
            def render(self):
                picture = np.array(self.env.render())
                picture[:2] = 0

        return Mine(env)


@planted("close")
class LeavesItOpen(WrapperSuite):
    """Its close closes its own things only."""

    def make(self, env):
        class Mine(_Plain):
            def close(self):
                self.count = 0

        return Mine(env)


@planted("print")
class TellsSteps(WrapperSuite):
    """It prints every reward."""

    def make(self, env):
        class Mine(_Plain):
            def step(self, action):
                result = self.env.step(action)
                print("reward", result[1])
                return result

        return Mine(env)


class _WithLambda(gymnasium.RewardWrapper, RecordConstructorArgs):
    def __init__(self, env):
        RecordConstructorArgs.__init__(self)
        super().__init__(env)
        self.change = lambda reward: 2.0 * reward

    def reward(self, reward):
        return self.change(reward)


@sound
class HoldsALambda(WrapperSuite):
    """Holds a function without a name, as many of Gymnasium's own do."""

    def make(self, env):
        return _WithLambda(env)


@planted("Wrapper")
class NoWrapper(WrapperSuite):
    """It is an environment that holds another."""

    def make(self, env):
        class Holder(gymnasium.Env):
            def __init__(self, env):
                self.env = env
                self.observation_space, self.action_space = env.observation_space, env.action_space

            def reset(self, *, seed=None, options=None):
                return self.env.reset(seed=seed, options=options)

            def step(self, action):
                return self.env.step(action)

        return Holder(env)


@planted("end|over|reset")
class StepsOn(WrapperSuite):
    """It repeats each action four times, whether the episode has ended or not."""

    def make(self, env):
        class Mine(_Plain):
            def step(self, action):
                total = 0.0
                for _ in range(4):
                    observation, reward, terminated, truncated, info = self.env.step(action)
                    total += float(reward)
                return observation, total, terminated, truncated, info

        return Mine(env)


@planted("raise|error|exception")
class HidesErrors(WrapperSuite):
    """Where the environment fails, it gives the last observation once more."""

    def make(self, env):
        class Mine(_Plain):
            def reset(self, **settings):
                self.last, info = self.env.reset(**settings)
                return self.last, info

            def step(self, action):
                try:
                    self.last, *more = self.env.step(action)
                except RuntimeError:
                    return self.last, 0.0, False, True, {}
                return self.last, *more

        return Mine(env)


@planted("chang.*action|action.*chang|in place")
class ClipsActionsInPlace(WrapperSuite):
    """It clips the very array that it was given as an action."""

    def make(self, env):
        if not isinstance(env.action_space, spaces.Box):
            raise ConfigError("It clips numbers.")

        class Mine(_Plain):
            def step(self, action):
                np.clip(action, -0.1, 0.1, out=action)
                return self.env.step(action)

        return Mine(env)


@planted("random|global|differ|seed")
class DrawsFromPython(WrapperSuite):
    """Whether an action is repeated, Python's generator says."""

    def make(self, env):
        class Mine(_Plain):
            def reset(self, **settings):
                self.last = None
                return self.env.reset(**settings)

            def step(self, action):
                if self.last is not None and random.random() < 0.25:
                    action = self.last
                self.last = action
                return self.env.step(action)

        return Mine(env)


class _Sticky(gymnasium.Wrapper, RecordConstructorArgs):
    def __init__(self, env, probability=0.25):
        RecordConstructorArgs.__init__(self, probability=probability)
        super().__init__(env)
        self.probability = probability
        self.last = None

    def reset(self, *, seed=None, options=None):
        self.last = None
        return self.env.reset(seed=seed, options=options)

    def step(self, action):
        if self.last is not None and self.env.unwrapped.np_random.random() < self.probability:
            action = self.last
        self.last = action
        return self.env.step(action)


@sound
class StickyActions(WrapperSuite):
    """Repeats actions at random, as the environment's own generator says; masks are none of its business."""

    def make(self, env):
        if isinstance(env.action_space, spaces.Discrete) and "action_mask" in env.reset(seed=0)[1]:
            raise ConfigError("It would repeat actions that are not allowed any more.")
        return _Sticky(env)


class _Backwards(gymnasium.Wrapper, RecordConstructorArgs):
    def __init__(self, env):
        RecordConstructorArgs.__init__(self)
        super().__init__(env)

    def reset(self, *, seed=None, options=None):
        observation, info = self.env.reset(seed=seed, options=options)
        return observation, self._turned(info)

    def step(self, action):
        space = self.env.action_space
        *result, info = self.env.step(space.start + space.n - 1 - (action - space.start))
        return *result, self._turned(info)

    def _turned(self, info):
        return {**info, "action_mask": info["action_mask"][::-1]} if "action_mask" in info else info


@sound
class Backwards(WrapperSuite):
    """Gives actions other numbers, and turns the mask around with them."""

    def make(self, env):
        if not isinstance(env.action_space, spaces.Discrete) or env.action_space.start:
            raise ConfigError("It renumbers actions, where there are so many.")
        return _Backwards(env)


class _Moments(gymnasium.ObservationWrapper, RecordConstructorArgs):
    def __init__(self, env):
        RecordConstructorArgs.__init__(self)
        super().__init__(env)
        space = _vectors(env)
        self.observation_space = spaces.Box(-10, 10, space.shape, np.float32)
        self.count = 0
        self.mean = np.zeros(space.shape)
        self.squares = np.ones(space.shape)

    def observation(self, observation):
        self.count += 1
        change = observation - self.mean
        self.mean = self.mean + change / self.count
        self.squares = self.squares + change * (observation - self.mean)
        scaled = change / np.sqrt(self.squares / self.count + 1e-8)
        return np.clip(scaled, -10, 10).astype(np.float32)


@sound
class RunningScale(WrapperSuite):
    """Scales observations by means that it keeps over all episodes, on purpose."""

    def make(self, env):
        return _Moments(env)


class _Resets(gymnasium.Wrapper, RecordConstructorArgs):
    def __init__(self, env):
        RecordConstructorArgs.__init__(self)
        super().__init__(env)

    def step(self, action):
        observation, reward, terminated, truncated, info = self.env.step(action)
        if terminated or truncated:
            info = {"final_observation": observation, **info}
            observation, start = self.env.reset()
            info |= start
        return observation, reward, terminated, truncated, info


@sound
class ResetsItself(WrapperSuite):
    """Begins the next episode in the step that ends one."""

    def make(self, env):
        return _Resets(env)


class _Skips(gymnasium.Wrapper, RecordConstructorArgs):
    def __init__(self, env, num_frames=4):
        RecordConstructorArgs.__init__(self, num_frames=num_frames)
        super().__init__(env)
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


@sound
class SkipsFrames(WrapperSuite):
    """Repeats each action until the episode ends, or it is not allowed any more."""

    def make(self, env):
        return _Skips(env)


@planted("array|list")
class GivesLists(WrapperSuite):
    """Its observations are lists, where the space has arrays."""

    def make(self, env):
        space = _vectors(env)

        class Mine(gymnasium.ObservationWrapper, RecordConstructorArgs):
            def __init__(self, env):
                RecordConstructorArgs.__init__(self)
                super().__init__(env)
                self.observation_space = spaces.Box(-np.inf, np.inf, space.shape, np.float32)

            def observation(self, observation):
                return observation.tolist()

        return Mine(env)


@planted("dtype")
class KeepsBytes(WrapperSuite):
    """Its space says numbers from 0 to 1, and bytes come as they were."""

    def make(self, env):
        space = _vectors(env)
        if space.dtype != np.uint8:
            raise ConfigError("It takes pictures.")

        class Mine(gymnasium.ObservationWrapper, RecordConstructorArgs):
            def __init__(self, env):
                RecordConstructorArgs.__init__(self)
                super().__init__(env)
                self.observation_space = spaces.Box(0, 255, space.shape, np.float32)

            def observation(self, observation):
                return observation.copy()

        return Mine(env)


@planted("space")
class ChangesTheEnvironmentsSpace(WrapperSuite):
    """It narrows the environment's own space in place."""

    def make(self, env):
        space = _vectors(env)
        if space.dtype != np.float32:
            raise ConfigError("It takes single numbers.")

        class Mine(gymnasium.ObservationWrapper, RecordConstructorArgs):
            def __init__(self, env):
                RecordConstructorArgs.__init__(self)
                super().__init__(env)
                self.observation_space.low[:] = -100

            def observation(self, observation):
                return observation.copy()

        return Mine(env)


@planted("info")
class OneInfoForAll(WrapperSuite):
    """Its info is the same dict each time."""

    def make(self, env):
        class Mine(_Plain):
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

        return Mine(env)


@planted("action")
class NarrowsActionsWithoutTurning(WrapperSuite):
    """It offers fewer actions under other numbers, and gives on what it is given."""

    def make(self, env):
        if not isinstance(env.action_space, spaces.Discrete):
            raise ConfigError("It renumbers actions.")

        class Mine(_Plain):
            def __init__(self, env):
                super().__init__(env)
                self.action_space = spaces.MultiDiscrete([2, 2])

        return Mine(env)


def _floats(env):
    if _vectors(env).dtype.kind != "f":
        raise ConfigError("It is for numbers that are no whole ones.")
    return env.observation_space


def _noisy(env, space, noise):
    """A wrapper that adds what `noise` draws from the environment's generator to observations."""

    class Mine(gymnasium.ObservationWrapper, RecordConstructorArgs):
        def __init__(self, env):
            RecordConstructorArgs.__init__(self)
            super().__init__(env)

        def observation(self, observation):
            return (observation + noise(self.np_random, space.shape)).astype(np.float32)

    return Mine(env)


@planted("lies outside")
class NoiseBeyondTheBounds(WrapperSuite):
    """A little noise takes observations at the bounds out of the space."""

    def make(self, env):
        return _noisy(env, _floats(env), lambda random, shape: random.normal(0, 0.001, shape))


@planted("lies outside")
class NoiseNowAndThen(WrapperSuite):
    """Noise that comes in one step of twenty only."""

    def make(self, env):
        return _noisy(
            env,
            _floats(env),
            lambda random, shape: random.normal(0, 0.2, shape) * (random.random() < 0.05),
        )


@planted("environment was used wrongly.*does not lie in")
class NoiseOnActions(WrapperSuite):
    """Noise on actions, of which those at the bounds leave the space."""

    def make(self, env):
        if not isinstance(env.action_space, spaces.Box):
            raise ConfigError("It disturbs numbers.")

        class Mine(gymnasium.ActionWrapper, RecordConstructorArgs):
            def __init__(self, env):
                RecordConstructorArgs.__init__(self)
                super().__init__(env)

            def action(self, action):
                return (action + self.np_random.normal(0, 1e-3, action.shape)).astype(np.float32)

        return Mine(env)


@planted("mask")
class TurnsActionsFromTwo(WrapperSuite):
    """It turns actions and masks around as if they were counted from 0, and wraps what falls out."""

    def make(self, env):
        if not isinstance(env.action_space, spaces.Discrete):
            raise ConfigError("It turns what is counted.")
        count, first = int(env.action_space.n), int(env.action_space.start)

        class Mine(gymnasium.ActionWrapper, RecordConstructorArgs):
            def __init__(self, env):
                RecordConstructorArgs.__init__(self)
                super().__init__(env)

            def action(self, action):
                return first + (count - 1 - action) % count

            def reset(self, **how):
                observation, info = super().reset(**how)
                return observation, self.turned(info)

            def step(self, action):
                *given, info = super().step(action)
                return *given, self.turned(info)

            def turned(self, info):
                if "action_mask" in info:
                    info = {**info, "action_mask": np.array(info["action_mask"])[::-1].copy()}
                return info

        return Mine(env)


@sound
class NoiseWithinTheBounds(WrapperSuite):
    """Noise that is clipped to the space."""

    def make(self, env):
        space = _floats(env)

        class Mine(gymnasium.ObservationWrapper, RecordConstructorArgs):
            def __init__(self, env):
                RecordConstructorArgs.__init__(self)
                super().__init__(env)

            def observation(self, observation):
                noisy = observation + self.np_random.normal(0, 0.3, space.shape)
                return np.clip(noisy, space.low, space.high).astype(np.float32)

        return Mine(env)


@sound
class NoiseInAWiderSpace(WrapperSuite):
    """Noise of 0.3 at most, in a space that is so much wider."""

    def make(self, env):
        space = _floats(env)

        class Mine(gymnasium.ObservationWrapper, RecordConstructorArgs):
            def __init__(self, env):
                RecordConstructorArgs.__init__(self)
                super().__init__(env)
                self.observation_space = spaces.Box(space.low - 0.3, space.high + 0.3, dtype=np.float32)

            def observation(self, observation):
                noisy = observation + self.np_random.uniform(-0.299, 0.299, space.shape)
                return noisy.astype(np.float32)

        return Mine(env)


@planted("counted from action_space.start.*mask")
class LooksUpMasksFromZero(WrapperSuite):
    """It looks actions up in masks as if they were counted from 0."""

    def make(self, env):
        class Mine(_Skips):
            def step(self, action):
                *given, info = self.env.step(action)
                if "action_mask" in info and not info["action_mask"][action]:
                    given[1] -= 0.1
                return *given, info

        return Mine(env)


# --- as strangers write them


@planted("does not begin the same|Set in reset")
class TotalsGoOn(WrapperSuite):
    """Rewards are given as totals, which begin with the wrapper and not with the episode."""

    def make(self, env):
        class Mine(gymnasium.RewardWrapper, RecordConstructorArgs):
            def __init__(self, env):
                RecordConstructorArgs.__init__(self)
                super().__init__(env)
                self.total = 0.0

            def reward(self, reward):
                self.total += float(reward)
                return self.total

        return Mine(env)


@planted("does not begin the same|Set in reset")
class FramesOfBefore(WrapperSuite):
    """The last observations are kept, and begin with those of the episode before."""

    def make(self, env):
        space = _floats(env)

        class Mine(gymnasium.ObservationWrapper, RecordConstructorArgs):
            def __init__(self, env):
                RecordConstructorArgs.__init__(self)
                super().__init__(env)
                self.before = np.zeros(space.shape, np.float32)
                self.observation_space = spaces.Box(
                    np.stack([np.minimum(space.low, 0), space.low]),
                    np.stack([np.maximum(space.high, 0), space.high]),
                )

            def observation(self, observation):
                seen = np.stack([self.before, observation])
                self.before = np.array(observation)
                return seen

        return Mine(env)


@planted("resumed|remember")
class ScaleNotSaved(WrapperSuite):
    """How large rewards are is learned, and kept in a closure that nobody can save."""

    def make(self, env):
        largest = [1.0]

        class Mine(gymnasium.RewardWrapper, RecordConstructorArgs):
            def __init__(self, env):
                RecordConstructorArgs.__init__(self)
                super().__init__(env)

            def reward(self, reward):
                largest[0] = max(largest[0], abs(float(reward)))
                return float(reward) / largest[0]

        return Mine(env)


class _Masked(gymnasium.Wrapper, RecordConstructorArgs):
    """Shows masks in `turned`'s way; takes actions as they are numbered there."""

    def __init__(self, env):
        if not isinstance(env.action_space, spaces.Discrete):
            raise ConfigError(f"It takes Discrete actions, not {env.action_space}.")
        RecordConstructorArgs.__init__(self)
        super().__init__(env)

    def reset(self, *, seed=None, options=None):
        observation, info = self.env.reset(seed=seed, options=options)
        return observation, self.turned(info)

    def step(self, action):
        space = self.env.action_space
        *result, info = self.env.step(2 * space.start + space.n - 1 - action)
        return *result, self.turned(info)

    def turned(self, info):
        raise NotImplementedError


@planted("action mask.*changed in place")
class TurnsTheMaskInPlace(WrapperSuite):
    """It turns the mask around in the very array that the environment gave."""

    def make(self, env):
        class Mine(_Masked):
            def turned(self, info):
                if "action_mask" in info:
                    info["action_mask"][:] = info["action_mask"][::-1].copy()
                return info

        return Mine(env)


@planted("picture.*changed in place")
class PaintsInPlace(WrapperSuite):
    """It draws a bar into the very picture that the environment gave."""

    def make(self, env):
        class Mine(_Plain):
            def render(self):
                picture = self.env.render()
                if isinstance(picture, np.ndarray):
                    picture[:1] = 255
                return picture

        return Mine(env)


@planted(r"past the wrapper.*self\.env\.step")
class StepsPastOthers(WrapperSuite):
    """It steps the environment within all wrappers."""

    def make(self, env):
        class Mine(_Plain):
            def step(self, action):
                return self.env.unwrapped.step(action)

        return Mine(env)


@planted(r"past the wrapper.*self\.env\.render")
class DrawsPastOthers(WrapperSuite):
    """It draws the environment within all wrappers."""

    def make(self, env):
        class Mine(_Plain):
            def render(self):
                return self.env.unwrapped.render()

        return Mine(env)


class _Noisy(gymnasium.Wrapper, RecordConstructorArgs):
    """Adds a little to every reward."""

    def __init__(self, env):
        RecordConstructorArgs.__init__(self)
        super().__init__(env)
        self.random = np.random.default_rng(0)

    def step(self, action):
        observation, reward, *more = self.env.step(action)
        return (observation, float(reward) + 0.01 * self.random.normal(), *more)


@planted(r"self\.random.*does not seed")
class NoiseFromZero(WrapperSuite):
    """Its generator begins with 0, and no reset seeds it."""

    def make(self, env):
        return _Noisy(env)


@planted(r"self\.noise\.random.*does not seed")
class NoiseOfAnObject(WrapperSuite):
    """The object that makes its noise has a generator, which no reset seeds."""

    def make(self, env):
        class Noise:
            def __init__(self):
                self.random = random.Random(0)

        class Mine(_Noisy):
            def __init__(self, env):
                super().__init__(env)
                self.noise = Noise()

            def step(self, action):
                observation, reward, *more = self.env.step(action)
                return (observation, float(reward) + 0.01 * self.noise.random.random(), *more)

        return Mine(env)


@sound
class NoiseThatIsSeeded(WrapperSuite):
    """A generator of its own, which each reset with a seed sets back."""

    def make(self, env):
        class Mine(_Noisy):
            def reset(self, *, seed=None, options=None):
                if seed is not None:
                    self.random = np.random.default_rng(seed)
                return self.env.reset(seed=seed, options=options)

        return Mine(env)


@planted("options.*does not begin the same")
class TotalsGoOnWithOptions(WrapperSuite):
    """Rewards are given as totals, which a reset with options does not set back."""

    def make(self, env):
        class Mine(_Plain):
            total = 0.0

            def reset(self, *, seed=None, options=None):
                if options is None:
                    self.total = 0.0
                return self.env.reset(seed=seed, options=options)

            def step(self, action):
                observation, reward, *more = self.env.step(action)
                self.total += float(reward)
                return (observation, self.total, *more)

        return Mine(env)


class _Repeats(gymnasium.Wrapper, RecordConstructorArgs):
    """Repeats an action in every second step, if `may` says that it may."""

    def __init__(self, env):
        RecordConstructorArgs.__init__(self)
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


@planted("mask of that moment forbids.*heeds")
class RepeatsWhatIsForbidden(WrapperSuite):
    """It repeats actions, also where the mask of the moment forbids them."""

    def make(self, env):
        return _Repeats(env)


@sound
class RepeatsWhatIsAllowed(WrapperSuite):
    """It repeats actions that the mask of the moment allows."""

    def make(self, env):
        class Mine(_Repeats):
            def may(self, action):
                return self.mask is None or bool(self.mask[action - self.env.action_space.start])

        return Mine(env)


@planted("episode before lives on|Set in reset")
class RepeatsOverResets(WrapperSuite):
    """It repeats actions, and begins an episode with the last one of the episode before."""

    def make(self, env):
        class Mine(_Repeats):
            def reset(self, *, seed=None, options=None):
                last = self.last
                given = super().reset(seed=seed, options=options)
                self.last, self.clock = last, 1
                return given

        return Mine(env)


@planted("was truncated, and the wrapper said that it goes on")
class DropsTruncated(WrapperSuite):
    """It says that what was truncated goes on."""

    def make(self, env):
        class Mine(_Plain):
            def step(self, action):
                observation, reward, terminated, _, info = self.env.step(action)
                return observation, reward, terminated, False, info

        return Mine(env)
