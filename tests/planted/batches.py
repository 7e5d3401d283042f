"""Batched versions of environments."""

from __future__ import annotations

import copy
from typing import ClassVar

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.utils import seeding
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space

from csai_core import ActionAttribute, DiscreteType, ObsAttribute
from csai_core.games import BatchedEnv, KeyedShell, draw_many
from csai_core.testing import EnvironmentSuite
from planted.specimens import planted, sound

GOAL = 6


def flawed(reason, single=None, **registration):
    """Plant a batched class, whose docstring says what is wrong with it."""
    return lambda batch_class: _with_suite(batch_class, planted(reason), single, registration)


def right(batch_class=None, single=None, **registration):
    """Count a batched class as sound."""
    if batch_class is None:
        return lambda each: _with_suite(each, sound, single, registration)
    return _with_suite(batch_class, sound, single, registration)


def _with_suite(batch_class, count, single, registration):
    name = batch_class.__name__
    single = single or (Climb if issubclass(batch_class, BatchedEnv) else Hop)
    environment_id = f"planted/{name}-v0"
    gymnasium.register(
        environment_id,
        f"{__name__}:{single.__name__}",
        vector_entry_point=f"{__name__}:{name}",
        **{"max_episode_steps": 25, **registration},
    )
    content = {"__doc__": batch_class.__doc__, "__module__": __name__, "environment_id": environment_id}
    count(type(name, (EnvironmentSuite,), content))
    return batch_class


# --- what the faults are planted in: a game with masks and a batch by hand


class Hop(gymnasium.Env):
    """Rest, hop or leap along a path on which the wind blows; a leap needs strength, which the mask knows."""

    metadata: ClassVar = {"render_modes": []}
    render_mode = None

    def __init__(self):
        self.observation_space = spaces.Box(0, 30, (2,), np.int32)
        self.action_space = spaces.Discrete(3)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.place, self.strength = int((options or {}).get("place", 0)), int(self.np_random.integers(3))
        self.leaps = 0
        return self.observe(), self.info()

    def step(self, action):
        if action == 2 and self.strength == 0:
            raise ValueError("too weak to leap")
        self.place += int(action)
        self.strength = min(self.strength + (1, 0, -1)[action], 30)
        self.leaps += int(action == 2)
        is_windy = bool(self.np_random.random() < 0.25)
        if is_windy:
            self.place = max(self.place - 1, 0)
        has_arrived = self.place >= GOAL
        info = self.info() | ({"wind": 1.0} if is_windy else {})
        return self.observe(), 1.0 if has_arrived else -0.1, has_arrived, False, info

    def observe(self):
        return np.array([self.place, self.strength], np.int32)

    def info(self):
        return {"action_mask": np.array([1, 1, self.strength > 0], np.int8), "score": self.leaps}


class Hops(VectorEnv):
    """Many hoppers, by hand."""

    def __init__(self, num_envs=1, autoreset_mode=AutoresetMode.NEXT_STEP, max_episode_steps=None):
        self.num_envs = num_envs
        self.mode = AutoresetMode(autoreset_mode)
        self.limit = max_episode_steps
        self.metadata = {"render_modes": [], "autoreset_mode": self.mode}
        self.single_observation_space = spaces.Box(0, 30, (2,), np.int32)
        self.single_action_space = spaces.Discrete(3)
        self.observation_space = batch_space(self.single_observation_space, num_envs)
        self.action_space = batch_space(self.single_action_space, num_envs)
        self.generators = [seeding.np_random(None)[0] for _ in range(num_envs)]
        self.place, self.strength, self.leaps, self.age = np.zeros((4, num_envs), np.int64)
        self.is_over = np.zeros(num_envs, bool)

    def reset(self, *, seed=None, options=None):
        mask = (options or {}).get("reset_mask", np.ones(self.num_envs, bool))
        for i, each in enumerate(self.seeds(seed)):
            if each is not None and mask[i]:
                self.generators[i] = seeding.np_random(each)[0]
        self.begin(mask, options)
        return self.observe(), self.infos(mask)

    def seeds(self, seed):
        if isinstance(seed, (list, tuple, np.ndarray)):
            return seed
        return [None if seed is None else seed + i for i in range(self.num_envs)]

    def begin(self, mask, options=None):
        self.place[mask] = int((options or {}).get("place", 0))
        for i in np.flatnonzero(mask):
            self.strength[i] = self.generators[i].integers(3)
        self.leaps[mask] = self.age[mask] = 0
        self.is_over[mask] = False

    def step(self, actions):
        waiting = self.is_over.copy()
        moving = ~waiting
        winds = self.move(np.asarray(actions), moving)
        terminated = (self.place >= GOAL) & moving
        rewards = np.where(terminated, 1.0, -0.1) * moving
        truncated = self.truncations() & moving
        self.begin(waiting)
        self.is_over = terminated | truncated
        wind_told = winds & moving
        finals = {}
        if self.mode == AutoresetMode.SAME_STEP and self.is_over.any():
            finals = self.finals(self.is_over.copy(), wind_told)
            wind_told &= ~self.is_over
            self.begin(self.is_over.copy())
        infos = self.infos(np.ones(self.num_envs, bool), wind_told)
        return self.observe(), rewards, terminated, truncated, infos | finals

    def move(self, actions, moving):
        self.place += actions * moving
        self.strength = np.minimum(self.strength + np.array([1, 0, -1])[actions] * moving, 30)
        self.leaps += (actions == 2) * moving
        self.age += moving
        winds = np.zeros(self.num_envs, bool)
        for i in np.flatnonzero(moving):
            winds[i] = self.generators[i].random() < 0.25
        self.place[winds] = np.maximum(self.place[winds] - 1, 0)
        return winds

    def truncations(self):
        return self.age >= self.limit if self.limit else np.zeros(self.num_envs, bool)

    def observe(self):
        return np.stack([self.place, self.strength], axis=1).astype(np.int32)

    def masks(self):
        masks = np.ones((self.num_envs, 3), np.int8)
        masks[:, 2] = self.strength > 0
        return masks

    def infos(self, told, winds=None):
        infos = {
            "action_mask": self.masks() * told[:, None].astype(np.int8),
            "_action_mask": told.copy(),
            "score": self.leaps * told,
            "_score": told.copy(),
        }
        if winds is not None and winds.any():
            infos |= {"wind": winds * 1.0, "_wind": winds.copy()}
        return infos

    def finals(self, over, winds):
        final = np.full(self.num_envs, None, dtype=object)
        seen = self.observe()
        for i in np.flatnonzero(over):
            final[i] = seen[i]
        told = self.infos(over, winds & over)
        return {"final_obs": final, "_final_obs": over, "final_info": told, "_final_info": over.copy()}

    def state_dict(self):
        arrays = {
            name: getattr(self, name).copy() for name in ("place", "strength", "leaps", "age", "is_over")
        }
        return arrays | {"generators": [each.bit_generator.state for each in self.generators]}

    def load_state_dict(self, state):
        for name in ("place", "strength", "leaps", "age", "is_over"):
            setattr(self, name, state[name].copy())
        for generator, each in zip(self.generators, state["generators"], strict=True):
            generator.bit_generator.state = copy.deepcopy(each)


# --- and one with csai's own tools


class Climb(KeyedShell):
    """Wait or climb; one time in four you fall. The score is the highest stair."""

    def __init__(self, **settings):
        super().__init__(**settings)
        self.stair = self.highest = 0
        self.register_attribute(ObsAttribute("stair", DiscreteType(6), lambda: self.stair))
        self.register_attribute(ActionAttribute("climb", DiscreteType(2)))

    def start_episode(self, options):
        super().start_episode(options)
        self.stair = self.highest = self.keyed_random.draw(2)

    def advance(self, action, d_t):
        if action == 1:
            self.stair = 0 if self.keyed_random.draw(4) == 0 else self.stair + 1
        self.highest = max(self.highest, self.stair)

    def get_current_reward(self, action, current_state):
        return float(self.stair == 5), self.stair == 5

    def get_info(self):
        return {"score": self.highest}


class Climbs(BatchedEnv):
    """Many climbers."""

    state_names = (*BatchedEnv.state_names, "stair", "highest", "num_draws")

    def __init__(self, num_envs=1, **settings):
        super().__init__(num_envs, DiscreteType(6), DiscreteType(2), **settings)
        self.stair, self.highest = np.zeros((2, num_envs), np.int64)
        self.num_draws = np.zeros(num_envs, np.uint64)

    def start(self, games):
        self.num_draws[games] = 0
        self.stair[games] = self.highest[games] = draw_many(self.keys[games], self.num_draws[games], 2)
        self.num_draws[games] = 1

    def move(self, actions):
        climbs = actions == 1
        falls = climbs & (draw_many(self.keys, self.num_draws, 4) == 0)
        self.num_draws += climbs
        self.stair = np.where(falls, 0, self.stair + climbs)
        self.stair = np.minimum(self.stair, 5)
        self.highest = np.maximum(self.highest, self.stair)
        is_at_top = self.stair == 5
        return is_at_top * 1.0, is_at_top

    def observe(self, games):
        return self.stair[games]

    def scores(self):
        return self.highest.copy()


# --- observations, rewards, ends


@flawed("reward")
class OtherReward(Hops):
    """A step that ends the game costs 0.1 less than in the single game."""

    def step(self, actions):
        observations, rewards, *rest = super().step(actions)
        return observations, np.where(rewards > 0, 1.1, rewards), *rest


@flawed("observation")
class OtherEdge(Hops):
    """The wind blows hoppers off the first place."""

    def move(self, actions, moving):
        winds = super().move(actions, moving)
        self.place[winds & (self.place == 0)] = 1
        return winds


@flawed("observation|differs")
class OffsetSeeds(Hops):
    """All games have the one seed, not seed + i."""

    def seeds(self, seed):
        return [seed] * self.num_envs if not isinstance(seed, (list, tuple)) else seed


@flawed("seeds|list")
class NoListOfSeeds(Hops):
    """A list of seeds is not understood; only its first is taken."""

    def seeds(self, seed):
        return super().seeds(seed[0] if isinstance(seed, (list, tuple, np.ndarray)) else seed)


@flawed("9|64|differs")
class ByteOfGames(Climbs):
    """Games beyond the eighth are moved as the eighth is."""

    def move(self, actions):
        actions = actions.copy()
        actions[8:] = actions[min(7, self.num_envs - 1)]
        return super().move(actions)


@flawed("truncated")
class LimitOneLater(Hops):
    """The time limit strikes one step too late."""

    def truncations(self):
        return self.age > self.limit


@flawed("truncated|limit|max_episode_steps")
class NoLimit(Hops):
    """There is no time limit."""

    def truncations(self):
        return np.zeros(self.num_envs, bool)


@flawed("truncated")
class NotBoth(Hops):
    """An end at the time limit is not called truncated as well."""

    def step(self, actions):
        observations, rewards, terminated, truncated, infos = super().step(actions)
        return observations, rewards, terminated, truncated & ~terminated, infos


@flawed("dtype|int64|int32|space")
class WiderObservations(Hops):
    """Observations are int64, against the space."""

    def observe(self):
        return super().observe().astype(np.int64)


@flawed("dtype|reward|float")
class IntegerRewards(Climbs):
    """Rewards are cut to integers, in an array of objects."""

    def move(self, actions):
        rewards, is_over = super().move(actions)
        return rewards.astype(object), is_over


# --- memory


@flawed("memory|same array|changed")
class OneArrayOfObservations(Hops):
    """Every step gives the same array."""

    def observe(self):
        if not hasattr(self, "seen"):
            self.seen = super().observe()
        self.seen[:] = super().observe()
        return self.seen


@flawed("reward.*(memory|changed)|memory.*reward")
class OneArrayOfRewards(Hops):
    """The rewards of all steps are one array."""

    def step(self, actions):
        observations, rewards, *rest = super().step(actions)
        self.rewards = getattr(self, "rewards", rewards)
        self.rewards[:] = rewards
        return observations, self.rewards, *rest


@flawed("score|info.*(memory|changed)")
class LivingScores(Climbs):
    """The scores told are the game's own array."""

    def move(self, actions):
        before = self.highest
        outcome = super().move(actions)
        before[:] = self.highest
        self.highest = before
        return outcome

    def scores(self):
        return self.highest


@flawed("action")
class ActionsChanged(Hops):
    """Actions of games that wait are set to 0, in the caller's array."""

    def step(self, actions):
        actions[self.is_over] = 0
        actions[actions == 1] = 1
        actions %= 2
        return super().step(actions)


# --- autoreset


@flawed("differs|observation|reset|NextStep|Next")
class ResetStepMoves(Hops):
    """In the step that resets, the game is also moved."""

    def begin(self, mask, options=None):
        super().begin(mask, options)
        if self.mode == AutoresetMode.NEXT_STEP and not mask.all():
            self.place[mask] += 1


@flawed("reward")
class RewardOfTheReset(Hops):
    """The step that resets still pays."""

    def step(self, actions):
        waiting = self.is_over.copy()
        observations, rewards, *rest = super().step(actions)
        if self.mode == AutoresetMode.NEXT_STEP:
            rewards[waiting] = -0.1
        return observations, rewards, *rest


@flawed("Disabled|reset")
class ResetsAnyway(Hops):
    """Games reset by themselves where that is disabled."""

    def __init__(self, num_envs=1, autoreset_mode=AutoresetMode.NEXT_STEP, max_episode_steps=None):
        super().__init__(num_envs, autoreset_mode, max_episode_steps)
        if self.mode == AutoresetMode.DISABLED:
            self.mode = AutoresetMode.SAME_STEP


@flawed("final_obs")
class NoFinalObservation(Hops):
    """What games ended with is not told."""

    def finals(self, over, winds):
        finals = super().finals(over, winds)
        return {name: finals[name] for name in ("final_info", "_final_info")}


@flawed("final_obs")
class FinalOfTheNext(Hops):
    """The final observation is the first of the next episode."""

    def step(self, actions):
        observations, rewards, terminated, truncated, infos = super().step(actions)
        for i in np.flatnonzero(infos.get("_final_obs", [])):
            infos["final_obs"][i] = observations[i]
        return observations, rewards, terminated, truncated, infos


@flawed("final_info")
class NoFinalInfo(Hops):
    """The infos that games ended with are not told."""

    def finals(self, over, winds):
        finals = super().finals(over, winds)
        return {name: finals[name] for name in ("final_obs", "_final_obs")}


@flawed("final_info.*score|score")
class FinalScoreOfTheNext(Climbs):
    """The score in final_info is that of the next game, 0."""

    def _finish(self, games):
        infos = super()._finish(games)
        infos["final_info"]["score"] = infos["score"] * infos["_final_info"]
        return infos


@flawed("reset_mask")
class MaskIgnored(Hops):
    """A reset of some games resets all."""

    def reset(self, *, seed=None, options=None):
        return super().reset(seed=seed)


@flawed("reset_mask")
class MaskedResetSeedsAll(Hops):
    """A masked reset with a seed seeds the other games too."""

    def reset(self, *, seed=None, options=None):
        if seed is not None:
            self.generators = [seeding.np_random(each or 0)[0] for each in self.seeds(seed)]
        return super().reset(seed=None if seed is not None else seed, options=options)


@flawed("autoreset_mode")
class NoModeInMetadata(Hops):
    """The metadata does not say the autoreset mode."""

    def __init__(self, num_envs=1, autoreset_mode=AutoresetMode.NEXT_STEP, max_episode_steps=None):
        super().__init__(num_envs, autoreset_mode, max_episode_steps)
        self.metadata = {"render_modes": []}


@flawed("autoreset_mode")
class WrongModeInMetadata(Hops):
    """The metadata says another autoreset mode."""

    def __init__(self, num_envs=1, autoreset_mode=AutoresetMode.NEXT_STEP, max_episode_steps=None):
        super().__init__(num_envs, autoreset_mode, max_episode_steps)
        self.metadata = {"render_modes": [], "autoreset_mode": AutoresetMode.NEXT_STEP}


# --- infos, masks, options


@flawed("score")
class LateScore(Hops):
    """The score told is that of the step before."""

    def move(self, actions, moving):
        self.told = self.leaps.copy()
        return super().move(actions, moving)

    def infos(self, told, winds=None):
        infos = super().infos(told, winds)
        if winds is not None:
            infos["score"] = self.told * told
        return infos


@flawed("_score")
class NoMarks(Hops):
    """The infos come without the masks that say whose they are."""

    def infos(self, told, winds=None):
        infos = super().infos(told, winds)
        return {name: value for name, value in infos.items() if name != "_score"}


@flawed("action_mask")
class NoMasks(Hops):
    """The batch tells no action masks."""

    def infos(self, told, winds=None):
        infos = super().infos(told, winds)
        return {name: value for name, value in infos.items() if "action_mask" not in name}


@flawed("action_mask|mask")
class MasksOfBefore(Hops):
    """The action masks are those of the step before."""

    def masks(self):
        fresh = super().masks()
        stale = getattr(self, "stale", fresh)
        self.stale = fresh
        return stale


@flawed("wind")
class WindForAll(Hops):
    """What only some games tell is told for all."""

    def infos(self, told, winds=None):
        infos = super().infos(told, winds)
        if "_wind" in infos:
            infos["_wind"][:] = True
        return infos


@flawed("option|place")
class OptionsIgnored(Hops):
    """Options of reset do nothing."""

    def begin(self, mask, options=None):
        super().begin(mask)


# --- the rest


@flawed("num_envs")
class OneMore(Hops):
    """It says that it is one."""

    def __init__(self, num_envs=1, autoreset_mode=AutoresetMode.NEXT_STEP, max_episode_steps=None):
        super().__init__(num_envs, autoreset_mode, max_episode_steps)
        self.num_envs_told = 1

    num_envs = property(
        lambda self: 1 if "num_envs_told" in vars(self) else self.count,
        lambda self, value: setattr(self, "count", value),
    )


@flawed("space")
class OtherSpace(Hops):
    """The single observation space is another one than that of the single game."""

    def __init__(self, num_envs=1, autoreset_mode=AutoresetMode.NEXT_STEP, max_episode_steps=None):
        super().__init__(num_envs, autoreset_mode, max_episode_steps)
        self.single_observation_space = spaces.Box(0, 20, (2,), np.int32)
        self.observation_space = batch_space(self.single_observation_space, num_envs)


@flawed("state_dict|saved|load_state_dict|state_names")
class DrawsNotSaved(Climbs):
    """How many numbers were drawn is no part of its state."""

    state_names = (*BatchedEnv.state_names, "stair", "highest")


@flawed("state_dict|saved")
class AgeNotSaved(Hops):
    """How old games are is no part of its state."""

    def load_state_dict(self, state):
        super().load_state_dict(state)
        self.age = self.age * 0


@flawed("state_dict|saved|changed")
class LivingState(Hops):
    """The saved state holds the arrays that go on changing."""

    def state_dict(self):
        return super().state_dict() | {"leaps": self.leaps, "age": self.age}

    def load_state_dict(self, state):
        super().load_state_dict(state)


@flawed("without a seed|unseeded|no seed")
class AlwaysTheSame(Hops):
    """Without a seed all batches play the same games."""

    def __init__(self, num_envs=1, autoreset_mode=AutoresetMode.NEXT_STEP, max_episode_steps=None):
        super().__init__(num_envs, autoreset_mode, max_episode_steps)
        self.generators = [np.random.default_rng(i) for i in range(num_envs)]


@flawed("without a seed, all games")
class AllTheSame(Hops):
    """Without a seed all games of a batch are the same."""

    def __init__(self, num_envs=1, autoreset_mode=AutoresetMode.NEXT_STEP, max_episode_steps=None):
        super().__init__(num_envs, autoreset_mode, max_episode_steps)
        drawn = int(np.random.default_rng().integers(1 << 30))
        self.generators = [np.random.default_rng(drawn) for _ in range(num_envs)]


@flawed("close")
class ClosesOnce(Hops):
    """It cannot be closed."""

    def close_extras(self, **kwargs):
        raise RuntimeError("the window is not there")


@flawed("second episode|differs|episode")
class SameGameAgain(Climbs):
    """Each game is played again and again: its key stays."""

    def next_games(self, games):
        pass


@flawed("made|option|setting|goal")
class TakesNoSettings(Hops):
    """The single game can be made with another strength; the batch cannot even be made."""

    def __init__(self, num_envs=1, autoreset_mode=AutoresetMode.NEXT_STEP):
        super().__init__(num_envs, autoreset_mode)


@flawed("infos.*changed")
class FinalsInABuffer(Hops):
    """Final observations are rows of one array, which is written again."""

    last = None

    def finals(self, over, winds):
        finals = super().finals(over, winds)
        self.last = self.observe() if self.last is None else self.last
        self.last[:] = self.observe()
        for i in np.flatnonzero(over):
            finals["final_obs"][i] = self.last[i]
        return finals


@flawed("bools")
class MarksOfIntegers(Hops):
    """What says whose an info is holds ones and zeros."""

    def infos(self, told, winds=None):
        infos = super().infos(told, winds)
        return infos | {"_score": infos["_score"].astype(int)}


@flawed("terminated.*bools")
class EndsOfIntegers(Hops):
    """Ends are ones and zeros."""

    def step(self, actions):
        observations, rewards, terminated, *rest = super().step(actions)
        return observations, rewards, terminated.astype(int), *rest


@flawed("truncated")
class LimitCountsTheReset(Hops):
    """The step that resets counts as one of the next game."""

    def begin(self, mask, options=None):
        super().begin(mask, options)
        if self.mode == AutoresetMode.NEXT_STEP and not mask.all():
            self.age[mask] = 1


@flawed("state that was loaded is changed")
class LoadsByReference(Hops):
    """It goes on in the arrays of the state that it was given."""

    def load_state_dict(self, state):
        super().load_state_dict(state)
        self.place = state["place"]


@flawed("one dict")
class ListOfInfos(Hops):
    """The infos are a list, of a dict for each game."""

    def infos(self, told, winds=None):
        return [{"score": leaps} for leaps in self.leaps]


@flawed("reward")
class LateRewards(Climbs):
    """Rewards come a step late."""

    def move(self, actions):
        rewards, is_over = super().move(actions)
        late = getattr(self, "late", np.zeros_like(rewards))
        self.late = rewards
        return late, is_over


@flawed("64")
class ThirtyTwoAtMost(Hops):
    """More games than thirty-two have no room."""

    def observe(self):
        room = np.zeros((32, 2), np.int32)
        room[: self.num_envs] = super().observe()
        return room[: self.num_envs]


# --- sound


@right
class SoundHops(Hops):
    """Masks, infos now and then, options, all modes, by hand and from arrays."""


@right
class SoundClimbs(Climbs):
    """With csai's tools."""


@right(max_episode_steps=None)
class Unlimited(Hops):
    """Without a time limit."""


@right
class OneModeOnly(Hops):
    """Knows no other mode than NEXT_STEP."""

    def __init__(self, num_envs=1, max_episode_steps=None):
        super().__init__(num_envs, AutoresetMode.NEXT_STEP, max_episode_steps)


class Frames(gymnasium.Env):
    """Dicts of images and numbers; every third step ends."""

    metadata: ClassVar = {"render_modes": []}
    render_mode = None

    def __init__(self):
        image = spaces.Box(0, 255, (4, 4, 1), np.uint8)
        self.observation_space = spaces.Dict({"image": image, "clock": spaces.Discrete(4)})
        self.action_space = spaces.MultiDiscrete([2, 3])

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.clock = 0
        return self.observe(), {}

    def observe(self):
        return {"image": self.np_random.integers(0, 256, (4, 4, 1), dtype=np.uint8), "clock": self.clock}

    def step(self, action):
        self.clock += 1
        return self.observe(), float(action[1]), self.clock == 3, False, {"twice": np.array([self.clock] * 2)}


@flawed(r"differs at step 1: reward.*(?<!reward is 0\.) The single environment says")
class NinthPaysLess(Hops):
    """The ninth game is worth less, from the first step on, which no end has to do with."""

    def step(self, actions):
        observations, rewards, *rest = super().step(actions)
        return observations, rewards - 0.25 * (np.arange(self.num_envs) == 8), *rest


@right(single=Frames)
class ManyFrames(VectorEnv):
    """A batch that keeps its single games in a list."""

    def __init__(self, num_envs=1, autoreset_mode=AutoresetMode.NEXT_STEP, max_episode_steps=None):
        def make():
            env = Frames()
            return gymnasium.wrappers.TimeLimit(env, max_episode_steps) if max_episode_steps else env

        self.inner = gymnasium.vector.SyncVectorEnv([make] * num_envs, autoreset_mode=autoreset_mode)
        self.num_envs, self.metadata = num_envs, self.inner.metadata
        self.single_observation_space = self.inner.single_observation_space
        self.single_action_space = self.inner.single_action_space
        self.observation_space, self.action_space = self.inner.observation_space, self.inner.action_space

    def reset(self, *, seed=None, options=None):
        return self.inner.reset(seed=seed, options=options)

    def step(self, actions):
        return self.inner.step(actions)


@flawed("reward has dtype float32, which rounds")
class RewardsOfFewerBits(Hops):
    """Rewards are rounded to float32, in which there is no 0.1."""

    def step(self, actions):
        observations, rewards, *others = super().step(actions)
        return observations, rewards.astype(np.float32), *others


@right
class TellsMore(Hops):
    """Tells more than single games do."""

    def step(self, actions):
        observations, rewards, terminated, truncated, infos = super().step(actions)
        return (
            observations,
            rewards,
            terminated,
            truncated,
            infos | {"age": self.age.copy()},
        )


@right
class TwoModes(Hops):
    """Refuses one of the autoreset modes."""

    def __init__(self, num_envs=1, autoreset_mode=AutoresetMode.NEXT_STEP, max_episode_steps=None):
        if AutoresetMode(autoreset_mode) == AutoresetMode.DISABLED:
            raise ValueError("Games always go on by themselves.")
        super().__init__(num_envs, autoreset_mode, max_episode_steps)


# --- pictures


class DrawnClimb(Climb):
    """A climb that is drawn as a bar of stairs, and the highest beside it."""

    def render_frame(self):
        return _bars(self.stair, self.highest)


def _bars(stair, highest):
    picture = np.zeros((8, 8, 3), np.uint8)
    picture[: int(stair) + 1, :4] = (90, 200, 120)
    picture[: int(highest) + 1, 4:] = (200, 90, 120)
    return picture


class DrawnClimbs(Climbs):
    """Many climbs that are drawn."""

    def render_frame(self, game):
        return _bars(self.stair[game], self.highest[game])


right(DrawnClimbs, single=DrawnClimb)


@flawed("single environment draws", single=DrawnClimb)
class DrawsTheFirst(Climbs):
    """Every picture is of the first game."""

    def render_frame(self, game):
        return _bars(self.stair[0], self.highest[0])


@flawed("single environment draws", single=DrawnClimb)
class DrawsTheOthersGame(Climbs):
    """The pictures are in another order than the games."""

    def render_frame(self, game):
        return _bars(self.stair[-1 - game], self.highest[-1 - game])


@flawed("single environment draws", single=DrawnClimb)
class DrawsWhatWas(DrawnClimbs):
    """It draws what was before the step, and after a reset what was before that."""

    before = None

    def move(self, actions):
        self.before = self.stair.copy(), self.highest.copy()
        return super().move(actions)

    def render_frame(self, game):
        stair, highest = self.before or (self.stair, self.highest)
        return _bars(stair[game], highest[game])


@flawed("changed by a later one", single=DrawnClimb)
class DrawsOnOneCanvas(DrawnClimbs):
    """All pictures of a game are drawn on one canvas."""

    canvas = None

    def render_frame(self, game):
        if self.canvas is None:
            self.canvas = np.zeros((self.num_envs, 8, 8, 3), np.uint8)
        self.canvas[game] = super().render_frame(game)
        return self.canvas[game]


@flawed("a picture of each game", single=DrawnClimb)
class DrawsOneForAll(DrawnClimbs):
    """One picture of all games side by side."""

    def render(self):
        return np.concatenate(super().render(), axis=1)


@flawed("uint8", single=DrawnClimb)
class DrawsInFloats(DrawnClimbs):
    """Pictures of numbers from 0 to 1."""

    def render_frame(self, game):
        return super().render_frame(game) / 255


@flawed("all pictures are the same", single=DrawnClimb)
class DrawsTheStart(Climbs):
    """It draws an empty staircase."""

    def render_frame(self, game):
        return _bars(0, 0)


@flawed("render.. of a batch only looks", single=DrawnClimb)
class DrawingDraws(DrawnClimbs):
    """Drawing a game uses up one of its random numbers."""

    def render_frame(self, game):
        self.num_draws[game] += 1
        return super().render_frame(game)


@right(single=DrawnClimb)
class OtherColors(DrawnClimbs):
    """Pictures of a batch have other colors than those of a single game."""

    def render_frame(self, game):
        return 255 - super().render_frame(game)


# --- as strangers write them


@flawed("changed by a later step|own")
class ScoresLive(Climbs):
    """The scores in its infos are the array that it counts in."""

    def start(self, games):
        self.shown = self.__dict__.get("shown", np.zeros(self.num_envs, np.int64))
        super().start(games)
        self.shown[:] = self.highest

    def move(self, actions):
        given = super().move(actions)
        self.shown[:] = self.highest
        return given

    def scores(self):
        return self.shown


@flawed("dtype|int64")
class SmallNumbers(Climbs):
    """Observations are int8, as stairs are few."""

    def observe(self, games):
        return super().observe(games).astype(np.int8)


@flawed("state_names|load_state_dict")
class HighestNotSaved(Climbs):
    """The highest stair is not saved."""

    state_names = (*BatchedEnv.state_names, "stair", "num_draws")


@flawed("reward")
class WholeRewards(Climbs):
    """Rewards are whole numbers, from a table."""

    def move(self, actions):
        rewards, ended = super().move(actions)
        return rewards.astype(np.int64), ended


@flawed(r"^(?!.*only resets).*reward is")
class RewardsOfAll(Climbs):
    """Who comes to the top is paid a little more for each of the others that comes there in the same step."""

    def move(self, actions):
        rewards, are_over = super().move(actions)
        return rewards * (1 + 0.001 * (are_over.sum() > 1)), are_over


@flawed(r"^(?!.*only resets).*terminated is")
class OneEndAStep(Climbs):
    """Of several that end in a step, one is told."""

    def move(self, actions):
        rewards, are_over = super().move(actions)
        return rewards, are_over & (np.arange(len(are_over)) == np.argmax(are_over))


@flawed(r"^(?!.*only resets).*observation is")
class StartsAllDraws(Climbs):
    """A start of one sets back the draws of all."""

    def start(self, games):
        super().start(games)
        self.num_draws[:] = 1


# --- what shows late, far back, or where everybody does the same


class Tower(KeyedShell):
    """Wait (0) or climb (1) a tower of five stairs, from which one slips; after 140 steps waiting costs."""

    def __init__(self, slip=4, **settings):
        super().__init__(**settings)
        self.slip = slip
        self.stair = self.age = 0
        self.register_attribute(ObsAttribute("stair", DiscreteType(6), lambda: self.stair))
        self.register_attribute(ActionAttribute("climb", DiscreteType(2)))

    def start_episode(self, options):
        super().start_episode(options)
        self.stair = self.age = 0

    def advance(self, action, d_t):
        self.age += 1
        if action == 1:
            self.stair = 0 if self.keyed_random.draw(self.slip) == 0 else self.stair + 1

    def get_current_reward(self, action, current_state):
        return float(self.stair == 5) - 0.1 * (self.age > 140), self.stair == 5

    def get_info(self):
        return {"score": self.stair}


class Towers(BatchedEnv):
    """Many towers."""

    state_names = (*BatchedEnv.state_names, "stair", "age", "num_draws")

    def __init__(self, num_envs=1, slip=4, **settings):
        super().__init__(num_envs, DiscreteType(6), DiscreteType(2), **settings)
        self.slip = slip
        self.stair, self.age = np.zeros((2, num_envs), np.int64)
        self.num_draws = np.zeros(num_envs, np.uint64)

    def start(self, games):
        self.stair[games] = self.age[games] = self.num_draws[games] = 0

    def move(self, actions):
        climbs = actions == 1
        self.age += 1
        slips = draw_many(self.keys, self.num_draws, self.slip) == 0
        self.num_draws += climbs
        self.stair += climbs
        self.stair[climbs & slips] = 0
        return (self.stair == 5) - 0.1 * (self.age > 140), self.stair == 5

    def observe(self, games):
        return self.stair[games]

    def scores(self):
        return self.stair.copy()


@right(single=Tower, max_episode_steps=500)
class ManyTowers(Towers):
    """It is played for long and by many, with a table that all batches share and none changes."""

    table = np.arange(6)

    def __init__(self, num_envs=1, **settings):
        super().__init__(num_envs, **settings)
        self.heights = self.table

    def observe(self, games):
        return self.heights[self.stair[games]]


@flawed("step 14\\d.*reward", single=Tower, max_episode_steps=500)
class AgesInAByte(Towers):
    """It counts steps in a byte, which turns below zero after 127 of them."""

    def __init__(self, num_envs=1, **settings):
        super().__init__(num_envs, **settings)
        self.age = np.zeros(num_envs, np.int8)


@flawed("batch of 300 games.*np.intp", single=Tower, max_episode_steps=500)
class LanesInAByte(Towers):
    """It numbers its games in a byte, so that from the 257th on they show those before."""

    def __init__(self, num_envs=1, **settings):
        super().__init__(num_envs, **settings)
        self.lane = np.arange(num_envs).astype(np.uint8)

    def observe(self, games):
        return self.stair[self.lane[games]]


@flawed("let no game decide for all", single=Tower, max_episode_steps=500)
class FirstDecides(Towers):
    """Where more than nine games all climb, the first one's luck is everybody's."""

    def move(self, actions):
        keys = self.keys
        if len(actions) > 9 and (actions == 1).all():
            self.keys = np.full_like(keys, keys[0])
        moved = super().move(actions)
        self.keys = keys
        return moved


@flawed("takes slip, and nothing reads it", single=Tower, max_episode_steps=500)
class OneSlip(Towers):
    """It takes how slippery the tower is, and always has the usual one."""

    def __init__(self, num_envs=1, slip=4, **settings):
        super().__init__(num_envs, 4, **settings)


@flawed("share the memory of self.age", single=Tower, max_episode_steps=500)
class SharedAges(Towers):
    """Batches of a size share one array."""

    kept: ClassVar = {}

    def __init__(self, num_envs=1, **settings):
        super().__init__(num_envs, **settings)
        self.age = self.kept.setdefault(num_envs, self.age)


@flawed("load_state_dict.*state_names", single=Tower, max_episode_steps=500)
class AgesUnsaved(Towers):
    """What it forgets when it is saved matters after 140 steps."""

    state_names = (*BatchedEnv.state_names, "stair", "num_draws")


# --- attributes that are chosen


class Canoe(KeyedShell):
    """Drift (0) or paddle (1) up a river of six places, which one tires of; the current takes one back."""

    def __init__(self, **settings):
        super().__init__(**settings)
        self.place = self.tired = 0
        self.register_attribute(ObsAttribute("place", DiscreteType(6), lambda: self.place))
        self.register_attribute(ObsAttribute("tired", DiscreteType(4), lambda: self.tired))
        self.register_attribute(ActionAttribute("paddle", DiscreteType(2)))

    def start_episode(self, options):
        super().start_episode(options)
        self.place = self.tired = 0

    def advance(self, action, d_t):
        moves = 1 if action == 1 and self.tired < 3 else -1 if self.keyed_random.draw(3) == 0 else 0
        self.tired = min(self.tired + 1, 3) if action == 1 else max(self.tired - 1, 0)
        self.place = max(self.place + moves, 0)

    def get_current_reward(self, action, current_state):
        return -0.1 * self.tired, self.place == 5

    def get_info(self):
        return {"score": self.place}


class Canoes(BatchedEnv):
    """Many canoes."""

    state_names = (*BatchedEnv.state_names, "place", "tired", "num_draws")

    def __init__(self, num_envs=1, attributes=None, **settings):
        seen = {"place": DiscreteType(6), "tired": DiscreteType(4)}
        super().__init__(num_envs, seen, DiscreteType(2), view=attributes, **settings)
        self.place, self.tired = np.zeros((2, num_envs), np.int64)
        self.num_draws = np.zeros(num_envs, np.uint64)

    def start(self, games):
        self.place[games] = self.tired[games] = self.num_draws[games] = 0

    def move(self, actions):
        paddles = (actions == 1) & (self.tired < 3)
        falls = (draw_many(self.keys, self.num_draws, 3) == 0) & ~paddles
        self.num_draws += ~paddles
        self.tired = np.where(actions == 1, np.minimum(self.tired + 1, 3), np.maximum(self.tired - 1, 0))
        self.place = np.maximum(self.place + paddles - falls, 0)
        return -0.1 * self.tired, self.place == 5

    def observe_attribute(self, name, games):
        return (self.place if name == "place" else self.tired)[games]

    def scores(self):
        return self.place.copy()


@right(single=Canoe)
class ManyCanoes(Canoes):
    """What is observed of it can be chosen."""


@flawed("Made with attributes='tired'.*observation is", single=Canoe)
class TiredOfBefore(Canoes):
    """How tired one is, is noted where places are looked at, and is that of before where they are not."""

    def observe_attribute(self, name, games):
        if name == "place":
            self.noted = self.tired.copy()
        elif self.view == "tired":
            noted, self.noted = self.__dict__.get("noted", self.tired), self.tired.copy()
            return noted[games]
        return super().observe_attribute(name, games)


@flawed("Made with attributes='place'.*single_observation_space", single=Canoe)
class AlwaysShowsBoth(Canoes):
    """It takes a choice of attributes, and makes none."""

    def __init__(self, num_envs=1, attributes=None, **settings):
        super().__init__(num_envs, ("place", "tired") if attributes else None, **settings)


@flawed(r"reward\[\d\] is -0\.30000000000000004 in the one and -0\.3 in the other", single=Canoe)
class TakesTenths(Canoes):
    """It divides by ten, where the single one multiplies with a tenth."""

    def move(self, actions):
        _, are_over = super().move(actions)
        return -self.tired / 10, are_over


# --- options of some games


class ClimbTo(Climb):
    """Climb to the stair that `options={"top": 4}` names."""

    def start_episode(self, options):
        super().start_episode(options)
        self.top = int(options.get("top", 3))

    def get_current_reward(self, action, current_state):
        return float(self.stair >= self.top), self.stair >= self.top


@right(single=ClimbTo)
class ClimbsTo(Climbs):
    """Many climbers, each with a stair of its own to climb to."""

    state_names = (*Climbs.state_names, "top", "asked_top")

    def __init__(self, num_envs=1, **settings):
        super().__init__(num_envs, **settings)
        self.top, self.asked_top = np.full(num_envs, 3), 3

    def reset(self, *, seed=None, options=None):
        self.asked_top = int((options or {}).get("top", 3))
        given = super().reset(seed=seed, options=options)
        self.asked_top = 3
        return given

    def start(self, games):
        super().start(games)
        self.top[games] = self.asked_top

    def move(self, actions):
        super().move(actions)
        is_at_top = self.stair >= self.top
        return is_at_top * 1.0, is_at_top


@flawed("keep what they say with a row for each game", single=ClimbTo)
class ClimbToOneTop(ClimbsTo):
    """Where one climber starts again, the stair that all others are climbing to is set as well."""

    def start(self, games):
        super().start(games)
        self.top[:] = self.asked_top
