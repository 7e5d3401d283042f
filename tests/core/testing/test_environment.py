"""The environment suite passes what is sound, and each planted fault gets its own plain message."""

from __future__ import annotations

import random
import re
import unittest
import warnings
from types import SimpleNamespace

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode, VectorEnv

from csai_core.errors import ContractError, CsaiError
from csai_core.games import Canvas
from csai_core.shell import BoxType, DiscreteType, ObsAttribute
from csai_core.shell.target import Target
from csai_core.testing import ConformanceError, EnvironmentSuite
from csai_core.testing.toys import Choice, EverySpace, Walk

pytest.importorskip("pygame")


class TestWalk(EnvironmentSuite):
    def make(self, **settings):
        return Walk(**settings)


class TestEverySpace(EnvironmentSuite):
    def make(self, **settings):
        return EverySpace(**settings)


class TestChoice(EnvironmentSuite):
    def make(self):
        return Choice(num_choices=4)


class TestCartPole(EnvironmentSuite):
    environment_id = "CartPole-v1"


class Guess(gymnasium.Env):
    """A sound plain Gymnasium environment, whose faults are planted by subclasses."""

    metadata = {"render_modes": ["rgb_array", "ansi"], "render_fps": 4}  # noqa: RUF012

    def __init__(self, render_mode=None):
        self.render_mode = render_mode
        self.observation_space = BoxType(0, 1, (3,), np.float32)
        self.action_space = DiscreteType(2)
        self.count = 0

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.count = 0
        self.start = self.np_random.random(3, np.float32)
        return self.start.copy(), {}

    def step(self, action):
        self.count += 1
        self.start = np.roll(self.start, action)
        return self.start.copy(), float(self.start[0]), self.count == 4, False, {}

    def render(self):
        if self.render_mode == "ansi":
            return str(self.start)
        return np.tile((self.start * 255).astype(np.uint8), (4, 4, 1))


class OutOfRange(Guess):
    def step(self, action):
        observation, *rest = super().step(action)
        return (observation + 1.0 if self.count == 3 else observation, *rest)


class AlwaysOut(Guess):
    def step(self, action):
        observation, *rest = super().step(action)
        return (observation + 1.0, *rest)


class AlwaysNaN(Guess):
    def step(self, action):
        observation, _, *rest = super().step(action)
        return (observation, float("nan"), *rest)


class WrongDtype(Guess):
    def step(self, action):
        observation, *rest = super().step(action)
        return (observation.astype(np.float64), *rest)


class NotAnArray(Guess):
    def step(self, action):
        observation, *rest = super().step(action)
        return (observation.tolist(), *rest)


class NaNReward(Guess):
    def step(self, action):
        observation, _, *rest = super().step(action)
        return (observation, float("nan") if self.count == 2 else 1.0, *rest)


class OddFlag(Guess):
    def step(self, action):
        observation, reward, _, *rest = super().step(action)
        return (observation, reward, int(self.count == 4), *rest)


class ThreeItems(Guess):
    def step(self, action):
        return super().step(action)[:3]


class GlobalNumpy(Guess):
    def step(self, action):
        observation, _, *rest = super().step(action)
        return (observation, float(np.random.random()), *rest)  # noqa: NPY002


class GlobalPython(Guess):
    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.start = np.full(3, random.random(), np.float32)
        return self.start.copy(), {}


class Unseeded(Guess):
    def reset(self, *, seed=None, options=None):
        observation, info = super().reset(seed=None)
        return observation, info


class Remembers(Guess):
    ever = 0

    def step(self, action):
        self.ever += 1
        observation, _, *rest = super().step(action)
        return (observation, float(self.ever), *rest)


class SharesMemory(Guess):
    def step(self, action):
        self.start[:] = np.roll(self.start, 1)
        self.count += 1
        return self.start, 0.0, self.count == 4, False, {}


class Unpicklable(Guess):
    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.helper = lambda: 1


class ForgetsWhenPickled(Guess):
    def __getstate__(self):
        return {**self.__dict__, "observation_space": BoxType(0, 9, (3,), np.float32), "offset": 1}

    def step(self, action):
        observation, reward, *rest = super().step(action)
        return (observation, reward + getattr(self, "offset", 0), *rest)


class ClassState(Guess):
    players = 0

    def reset(self, *, seed=None, options=None):
        type(self).players = 0
        return super().reset(seed=seed)

    def step(self, action):
        type(self).players += 1
        observation, _, *rest = super().step(action)
        return (observation, float(type(self).players), *rest)


class OddPicture(Guess):
    def render(self):
        return np.zeros((4, 4, 3)) if self.render_mode == "rgb_array" else "picture"


class SilentText(Guess):
    def render(self):
        return super().render() if self.render_mode == "rgb_array" else None


class OpensWindow(Guess):
    def render(self):
        import pygame

        pygame.display.init()
        pygame.display.set_mode((4, 4))
        return super().render()


class NoFps(Guess):
    metadata = {"render_modes": ["ansi"]}  # noqa: RUF012


class NoRenderMode(Guess):
    def __init__(self):
        super().__init__()


class Crashes(Guess):
    def step(self, action):
        if self.count == 2:
            raise ValueError("boom")
        return super().step(action)


class SeedIgnored(Guess):
    def reset(self, *, options=None):
        return super().reset()


class StateNotPlain(Guess):
    def state_dict(self):
        return {"count": {1, 2}}

    def load_state_dict(self, state):
        pass


class StateIncomplete(Guess):
    def state_dict(self):
        return {"start": self.start.copy()}

    def load_state_dict(self, state):
        self.start = state["start"].copy()


class StateAlive(Guess):
    def state_dict(self):
        self.log = getattr(self, "log", [0])
        return {"count": self.count, "start": self.start, "log": self.log}

    def step(self, action):
        if hasattr(self, "log"):
            self.log.append(1)
        return super().step(action)

    def load_state_dict(self, state):
        self.count, self.start = state["count"], state["start"].copy()


class NoSpace(Guess):
    def __init__(self, render_mode=None):
        super().__init__(render_mode)
        self.observation_space = None


class NoEnvironment:
    def __init__(self, render_mode=None):
        pass

    def close(self):
        pass


class NoLicense(Guess):
    def __init__(self, render_mode=None):
        raise RuntimeError("no license")


class ObservationOnly(Guess):
    def reset(self, *, seed=None, options=None):
        return super().reset(seed=seed)[0]


class SeedStyle(Walk):
    def step(self, action, d_t=None, attributes=None):
        return super().step(action)[:3]


class ForgotSuper(Walk):
    def __init__(self, **settings):
        self.register_attribute(ObsAttribute("x", DiscreteType(2)))


class HiddenAttribute(Walk):
    """One that nobody observes by default and that lies outside its space."""

    def __init__(self, **settings):
        super().__init__(**{"attributes": "position", **settings})
        self.register_attribute(ObsAttribute("twice", DiscreteType(5), lambda: self.position * 2))


class OwnSpace(Walk):
    def __init__(self, **settings):
        super().__init__(**settings)
        self.observation_space = DiscreteType(99)


class OddDice(EverySpace):
    """Draws something of its state from outside what it saves."""

    not_state = ("position",)


class OddKey(Walk):
    keys_to_action = {"left": 0, "right": 7}  # noqa: RUF012


class OddIdle(Walk):
    idle_action = "stay"


class OddVerdict(Walk):
    def has_won(self):
        return "yes"


class OddDrawing(Walk):
    def draw(self):
        return SimpleNamespace(finish=lambda: np.zeros((4, 4, 3), np.uint8))


class OddTarget(Walk):
    def target_at(self, x, y):
        return 1


class OddClick(Walk):
    def target_at(self, x, y):
        return Target(7, (0, 0, 1, 1))


class OddArea(Walk):
    def target_at(self, x, y):
        return Target(1, (1, 2, 0, 4))


class OverlayOfOne(Walk):
    """Gives the bare attribute, whatever was asked to be observed."""

    def __init__(self, **settings):
        super().__init__(**settings)
        self.register_attribute(ObsAttribute("row", DiscreteType(1), lambda: 0))

    def overlay_states(self):
        return {(0, place): place for place in range(5)}


class OverlayElsewhere(Walk):
    def overlay_states(self):
        return {(0, place): place for place in (3, 4)}


class OverlayMoves(Walk):
    def overlay_states(self):
        states = {(0, place): place for place in range(5)}
        self.position = 3
        self.update_env_attributes()
        return states


class PlayerOutside(Walk):
    """Numbers its cells from 1."""

    metadata = {"render_modes": ["rgb_array"], "render_fps": 4}  # noqa: RUF012

    def draw(self):
        canvas = Canvas((100, 20), 5, 1, "")
        canvas.rectangle((255, 0, 0), self.position, 0, 1, 1)
        return canvas

    def overlay_player(self):
        return self.position + 1.5, 1.5


class PlayerUnplaced(PlayerOutside):
    def overlay_player(self):
        return self.position


class PlayerMoves(PlayerOutside):
    def overlay_player(self):
        self.position = 2
        self.update_env_attributes()
        return 2.5, 0.5


class Told(PlayerOutside):
    """Says what follows, all of it true."""

    overlay_player = Walk.overlay_player

    def overlay_states(self):
        return {(0, place): place for place in range(5)}

    @property
    def P(self):  # noqa: N802
        return {place: {action: [self.told(place, action)] for action in (0, 1)} for place in range(5)}

    def told(self, place, action):
        there = min(max(place + (-1, 1)[action], 0), 4)
        return (1.0, there, 1.0 if there == 4 else -0.1, there == 4)


class ToldHalf(Told):
    def told(self, place, action):
        return (0.5, *super().told(place, action)[1:])


class ToldElsewhere(Told):
    def told(self, place, action):
        return super().told(place, 1 - action)


class ToldUnpaid(Told):
    def told(self, place, action):
        chance, there, _, ends = super().told(place, action)
        return chance, there, 0.0, ends


class ToldEndless(Told):
    def told(self, place, action):
        return (*super().told(place, action)[:3], False)


class ToldBeyond(Told):
    def told(self, place, action):
        return (1.0, place + 1, -0.1, False)


class ToldShort(Told):
    def told(self, place, action):
        return super().told(place, action)[:3]


FAULTS = [
    (
        OutOfRange,
        "observations lie in their space",
        r"step 3 after reset\(seed=0\), action .* outside Box.*Clip",
    ),
    (
        WrongDtype,
        "observations lie in their space",
        r"observation has dtype float64; the space says float32. Cas",
    ),
    (NotAnArray, "observations lie in their space", r"make it a numpy array of dtype float32"),
    (NaNReward, "rewards and ends", r"the reward is nan; return a finite number"),
    (AlwaysNaN, "gymnasium check", r"The reward is not a finite number"),
    (AlwaysOut, "gymnasium check", r"An observation does not lie in the observation space"),
    (OddFlag, "gymnasium check", r"not a plain True or False"),
    (Remembers, "gymnasium check", r"Two runs with the same seed"),
    (OddFlag, "rewards and ends", r"terminated is 0; return True or False"),
    (ThreeItems, "rewards and ends", r"return five items: \(observation, reward, terminated"),
    (ThreeItems, "gymnasium check", r"step returns five items: \(observation"),
    (GlobalNumpy, "same seed same run", r"differ: at step 1 after .*, reward is"),
    (GlobalPython, "same seed same run", r"Draw everything random from self.np_random"),
    (Unseeded, "gymnasium check", r"super\(\).reset\(seed=seed\)|same seed"),
    (Unseeded, "same seed same run", r"Two runs with seed 0 and the same actions differ"),
    (Remembers, "reset forgets the last episode", r"Set every variable of the world in reset"),
    (SharesMemory, "observations stay as they were", r"are the same memory. Return a copy"),
    (SharesMemory, "gymnasium check", r"holds the same memory.*Return a copy"),
    (Unpicklable, "pickling and copying", r"cannot be pickled: .*functions written inside a method"),
    (ForgetsWhenPickled, "pickling and copying", r"When it is pickled in the middle of an episode, the copy"),
    (ClassState, "vectors equal singles", r"keep no state in class variables"),
    (OddPicture, "rendering", r"an array of float64 of shape \(4, 4, 3\) in mode 'rgb_array'; give uint8"),
    (SilentText, "rendering", r"At reset\(seed=0\), render\(\) gave None in mode 'ansi'; give a str"),
    (OpensWindow, "rendering", r"Mode 'rgb_array' opened a window; draw on a pygame.Surface"),
    (NoFps, "rendering", r'metadata\["render_fps"\] is missing'),
    (NoRenderMode, "rendering", r"cannot be made with {'render_mode': 'rgb_array'}.*__init__ take these"),
    (Crashes, "rewards and ends", r"step 3 after reset\(seed=0\), action .*it raised ValueError: boom"),
    (SeedIgnored, "gymnasium check", r"does not take Gymnasium's arguments"),
    (
        StateNotPlain,
        "state dict",
        r"state_dict\(\)\['count'\] is a set; state_dict holds only numbers, texts",
    ),
    (StateIncomplete, "state dict", r"does not go on as before.*Put every variable"),
    (StateAlive, "state dict", r"saved state was changed by later steps.*Put copies"),
    (
        HiddenAttribute,
        "attributes",
        r"The attribute 'twice' of HiddenAttribute must be an integer from 0 to",
    ),
    (
        OwnSpace,
        "attributes",
        r"its observation_space is Discrete\(99\), but that attribute's space is Discrete\(5",
    ),
    (NoSpace, "it can be made", r"Its observation_space is None; set it in __init__"),
    (NoEnvironment, "it can be made", r"What was made is a NoEnvironment; derive its class from Shell"),
    (NoLicense, "it can be made", "It cannot be made: RuntimeError: no license"),
    (ObservationOnly, "gymnasium check", r"wrong number of items. reset returns \(observation, info\)"),
    (
        ObservationOnly,
        "rewards and ends",
        r"At reset\(seed=0\), reset returned array.*return \(observation, in",
    ),
    (SeedStyle, "gymnasium check", r"^SeedStyle.step returned 3 items.*from_classic\(SeedStyle"),
    (
        SeedStyle,
        "rewards and ends",
        r"At step 1 after reset\(seed=0\), action .*: SeedStyle.step returned 3 items",
    ),
    (
        ForgotSuper,
        "it can be made",
        r"ForgotSuper was used before Shell.__init__ had run; its __init__ must call",
    ),
    (OddDice, "state dict", r"does not go on as before|a new one"),
    (OddKey, "playing", r"The key 'right' means 7, which does not lie in Discrete\(2\)"),
    (OddIdle, "playing", r"Idle_action means 'stay'"),
    (OddVerdict, "playing", r"At step .*, has_won gave 'yes'; give True, False, or None"),
    (OddDrawing, "playing", r"draw\(\) and render_frame\(\) show different pictures"),
    (OddTarget, "playing", r"target_at\(0, 0\) gave 1; give a csai_core.games.Target"),
    (OddClick, "playing", r"target_at\(0, 0\) means 7, which does not lie in Discrete"),
    (OddArea, "playing", r"target_at\(0, 0\) has the area \(1, 2, 0, 4\)"),
    (OverlayOfOne, "overlay states", r"overlay_states\(\)\[\(0, 0\)\] (is|has)"),
    (OverlayElsewhere, "overlay states", r"None of the 2 observations in overlay_states\(\) is the present"),
    (OverlayMoves, "overlay states", r"overlay_states changed what is observed"),
    (PlayerOutside, "overlay player", r"gave \(1\.5, 1\.5\), which is outside of its canvas of 5 x 1 cells"),
    (PlayerUnplaced, "overlay player", r"overlay_player gave 0; give \(x, y\)"),
    (PlayerMoves, "overlay player", r"overlay_player changed what is observed"),
    (ToldHalf, "transition table", r"The chances in P\[0\]\[0\] add up to 0\.5"),
    (ToldElsewhere, "transition table", r"it came from state 0 to state \d .*P\[0\]\[\d\] says"),
    (ToldUnpaid, "transition table", r"with reward -0\.1, terminated False; P\[0\]\[\d\] says"),
    (ToldEndless, "transition table", r"terminated True; P\[3\]\[1\] says"),
    (ToldBeyond, "transition table", r"P\[4\]\[0\] leads to state 5, which P says nothing of"),
    (ToldShort, "transition table", r"P\[0\]\[0\] holds \(1\.0, 0, -0\.1\); it must be \(chance"),
]


def suite_for(environment):
    class Suite(EnvironmentSuite):
        num_steps = 40

        def make(self, **settings):
            return environment(**settings)

    return Suite()


def run(suite, check):
    """Run one check alone, as pytest does."""
    getattr(suite, f"test_{check.replace(' ', '_')}")()


def outcomes(suite):
    return {outcome.check: outcome for outcome in suite.run()}


@pytest.mark.parametrize(
    ("fault", "check", "message"), FAULTS, ids=[f"{f[0].__name__}-{f[1]}" for f in FAULTS]
)
def test_each_fault_is_found_and_explained(fault, check, message):
    with pytest.raises(CsaiError) as raised:
        run(suite_for(fault), check)
    assert re.search(message, str(raised.value), re.DOTALL), raised.value


def test_a_window_that_was_open_before_is_nobodys_fault(monkeypatch):
    import pygame

    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    with pytest.raises(ConformanceError, match="opened a window"):
        run(suite_for(OpensWindow), "rendering")
    assert not pygame.display.get_init()
    window = pygame.display.set_mode((4, 4))
    try:
        run(suite_for(Guess), "rendering")
        assert pygame.display.get_surface() is window
    finally:
        pygame.display.quit()


class Littered(Guess):
    def step(self, action):
        warnings.warn("unclosed file of somebody else", ResourceWarning, stacklevel=2)
        return super().step(action)


def test_what_is_collected_meanwhile_is_nobodys_fault():
    run(suite_for(Littered), "gymnasium check")


def test_the_sound_one_passes_everything():
    statuses = {check: outcome.status for check, outcome in outcomes(suite_for(Guess)).items()}
    assert set(statuses.values()) == {"passed", "skipped"}
    skipped = {check for check, status in statuses.items() if status == "skipped"}
    assert skipped == {
        "action masks",
        "attributes",
        "batched version",
        "batched version equals singles",
        "batched version is drawn",
        "batched version is saved",
        "observations follow the world",
        "overlay player",
        "overlay states",
        "playing",
        "specification",
        "state dict",
        "transition table",
    }


def test_a_suite_that_names_nothing_says_so():
    with pytest.raises(ContractError, match="has neither a name nor a method make"):
        EnvironmentSuite().make()


def test_a_make_without_settings_skips_what_needs_them():
    class Suite(EnvironmentSuite):
        def make(self):
            return Guess()

    with pytest.raises(unittest.SkipTest, match=r"make\(self, \*\*settings\)"):
        run(Suite(), "rendering")


def test_of_names_the_environment():
    found = outcomes(EnvironmentSuite.of("CartPole-v1"))
    assert found["specification"].status == "passed"
    assert "one generator for all games" in found["batched version equals singles"].message


class BatchedWalk(VectorEnv):
    """Three walks in arrays; `fault` plants a mistake at the ends of episodes."""

    fault = False

    def __init__(self, num_envs=1, autoreset_mode=AutoresetMode.NEXT_STEP, max_episode_steps=None):
        self.num_envs = num_envs
        self.metadata = {"autoreset_mode": autoreset_mode}
        self.single_observation_space, self.single_action_space = DiscreteType(5), DiscreteType(2)
        self.observation_space = gymnasium.vector.utils.batch_space(self.single_observation_space, num_envs)
        self.action_space = gymnasium.vector.utils.batch_space(self.single_action_space, num_envs)
        self.mode = autoreset_mode

    def reset(self, *, seed=None, options=None):
        mask = np.ones(self.num_envs, bool) if options is None else options["reset_mask"]
        if options is None:
            self.position = np.zeros(self.num_envs, np.int64)
            self.over = np.zeros(self.num_envs, bool)
        self.position[mask], self.over[mask] = 0, False
        return self.position.copy(), {}

    def step(self, actions):
        waiting = self.over if self.mode == AutoresetMode.NEXT_STEP else np.zeros_like(self.over)
        position = np.maximum(0, self.position + np.where(actions == 1, 1, -1))
        self.position = np.where(waiting, int(self.fault), position)
        self.over = (self.position == 4) & ~waiting
        reward = np.where(waiting, 0.0, np.where(self.over, 1.0, -0.1))
        terminated, infos = self.over.copy(), {}
        if self.mode == AutoresetMode.SAME_STEP and terminated.any():
            finals = np.where(terminated, self.position, None)
            infos = {"final_obs": finals, "_final_obs": terminated.copy()}
            infos |= {"final_info": {}, "_final_info": terminated.copy()}
            self.position = np.where(self.over, int(self.fault), self.position)
            self.over[:] = False
        return self.position.copy(), reward, terminated, np.zeros(self.num_envs, bool), infos


class FaultyBatchedWalk(BatchedWalk):
    fault = True


@pytest.mark.parametrize(("batched", "status"), [(BatchedWalk, "passed"), (FaultyBatchedWalk, "failed")])
def test_a_batched_version_is_compared_in_every_mode(batched, status):
    gymnasium.register("toys/Batched-v0", Walk, vector_entry_point=batched)
    try:
        suite = EnvironmentSuite.of("toys/Batched-v0")
        if status == "passed":
            run(suite, "batched version equals singles")
        else:
            with pytest.raises(ConformanceError, match=r"mode NextStep .the other., it differs at step"):
                run(suite, "batched version equals singles")
    finally:
        del gymnasium.registry["toys/Batched-v0"]


def test_actions_follow_the_mask():
    class Masked(Walk):
        def get_info(self):
            return {"action_mask": np.array([self.position > 0, 1], np.int8)}

        def advance(self, action, d_t):
            if action == 0 and self.position == 0:
                raise ValueError("not allowed")
            super().advance(action, d_t)

    run(suite_for(Masked), "rewards and ends")
