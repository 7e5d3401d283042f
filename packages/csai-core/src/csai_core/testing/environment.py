"""What every environment should pass: Gymnasium's own check, and what that lets through."""

from __future__ import annotations

import copy
import inspect
import itertools
import math
import numbers
import os
import pickle
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import gymnasium
import numpy as np
from gymnasium import spaces

from csai_core.environments import complaint, find_spec, make
from csai_core.errors import CsaiError
from csai_core.shell import ObsAttribute, Shell
from csai_core.testing.compare import difference, leaves, snapshot
from csai_core.testing.controls import check_drawing, check_keys, check_outcome
from csai_core.testing.gymnasium_check import run_gymnasiums_check
from csai_core.testing.rollout import Moment, draw_action, play, start, take
from csai_core.testing.suite import ConformanceError, Suite, fail, skip
from csai_core.testing.vector_equality import compare_with_singles, make_batched


class EnvironmentSuite(Suite):
    """Checks one environment; a subclass names its id, or writes `make`.

    class TestMaze(EnvironmentSuite):
        environment_id = "acme/Maze-v0"

    class TestSmallMaze(EnvironmentSuite):
        def make(self, **settings):
            return Maze(size=4, **settings)
    """

    environment_id: str = ""
    num_steps: ClassVar[int] = 300
    """How many random steps the long plays take."""
    seeds: ClassVar[tuple[int, ...]] = (0, 1, 2)
    """The seeds that runs are made with."""

    @classmethod
    def of(cls, entry_name: str) -> EnvironmentSuite:
        """The suite for an environment's id."""
        suite = cls()
        suite.environment_id = entry_name
        return suite

    def make(self, **settings: Any) -> gymnasium.Env[Any, Any]:
        """Make the environment."""
        if not self.environment_id:
            return super().make()  # type: ignore[no-any-return]
        return make(self.environment_id, disable_env_checker=True, **settings)

    def test_it_can_be_made(self) -> None:
        """It can be made and closed, and says what can be seen and done in it."""
        with self._made() as env:
            if not isinstance(env, gymnasium.Env):
                fail(
                    f"What was made is a {type(env).__name__}; derive its class from Shell or gymnasium.Env."
                )
            for name in ("observation_space", "action_space"):
                space = getattr(env, name, None)
                if not isinstance(space, spaces.Space):
                    fail(f"Its {name} is {space!r}; set it in __init__ to a space such as Discrete(2).")

    def test_gymnasium_check(self) -> None:
        """Gymnasium's `check_env` raises nothing and warns of nothing."""
        with self._made() as env:
            run_gymnasiums_check(env)

    def test_observations_lie_in_their_space(self) -> None:
        """Shape, dtype and range of every observation of long random plays."""
        with self._made() as env:
            for seed in self.seeds:
                for moment in play(env, self.num_steps, seed):
                    _check_in_space(moment.observation, env.observation_space, "observation", moment.when)

    def test_rewards_and_ends(self) -> None:
        """Rewards are finite numbers, ends are True or False, infos are dicts."""
        with self._made() as env:
            for seed in self.seeds:
                for moment in play(env, self.num_steps, seed):
                    _check_outcome(moment)

    def test_same_seed_same_run(self) -> None:
        """A seed decides everything, and nothing outside the environment does."""
        for seed in self.seeds:
            self._compare_runs(seed, self._run(seed), self._run(seed))

    def test_reset_forgets_the_last_episode(self) -> None:
        """`reset(seed=…)` starts the same run, whatever happened before."""
        seed = self.seeds[0]
        with self._made() as env:
            first = [_copied(moment) for moment in play(env, 30, seed)]
            again = [_copied(moment) for moment in play(env, 30, seed)]
        for one, two in zip(first, again, strict=True):
            if found := difference(one[1:5], two[1:5], "(observation, reward, terminated, truncated)"):
                fail(
                    f"After an episode was played, reset(seed={seed}) does not start the run that it started "
                    f"before: at {one.when}, {found}. Set every variable of the world in reset."
                )

    def test_observations_stay_as_they_were(self) -> None:
        """No later step changes an observation that was handed out."""
        with self._made() as env:
            kept: list[tuple[Moment, Any]] = []
            for moment in play(env, 30, self.seeds[0]):
                kept.append((moment, snapshot(moment.observation)))
        for moment, then in kept:
            if found := difference(then, moment.observation, "observation"):
                fail(
                    f"The observation of {moment.when} was changed by a later step: {found}. "
                    "Return a copy: self.board.copy()."
                )
        for (one, _), (two, _) in itertools.pairwise(kept):
            _check_memory(one, two)

    def test_pickling_and_copying(self) -> None:
        """A pickled or copied environment goes on as the original does."""
        for how, copied in (("pickled", _pickled), ("copied with copy.deepcopy", copy.deepcopy)):
            with self._made() as env:
                list(play(env, 3, self.seeds[0]))
                try:
                    twin = copied(env)
                except Exception as error:
                    fail(
                        f"The environment cannot be {how}: {type(error).__name__}: {error}. Keep windows, "
                        "files and functions written inside a method out of its variables."
                    )
                one, two = (list(play(each, 20, self.seeds[0])) for each in (env, twin))
                self._compare_runs(self.seeds[0], one, two, f"when it is {how}")

    def test_vectors_equal_singles(self) -> None:
        """In Gymnasium's vector environment each plays as it does alone, in all three autoreset modes."""
        for mode in gymnasium.vector.AutoresetMode:
            envs = gymnasium.vector.SyncVectorEnv([self._for_vector] * 3, autoreset_mode=mode)
            compare_with_singles(envs, self._for_vector, mode, num_steps=60, seed=self.seeds[-1])

    def test_batched_version_equals_singles(self) -> None:
        """The environment's own vector class plays as the single environment does."""
        spec = find_spec(self.environment_id) if self.environment_id else None
        if spec is None or spec.vector_entry_point is None:
            skip("it has no batched version (vector_entry_point)")
        for mode, envs in make_batched(spec, num_envs=3):
            compare_with_singles(envs, self._for_vector, mode, num_steps=200, seed=self.seeds[-1])

    def test_rendering(self) -> None:
        """Every render mode works, and none needs a display."""
        with self._made() as env:
            metadata = env.metadata
        modes = metadata.get("render_modes", [])
        if not modes:
            skip("it has no render modes")
        if not metadata.get("render_fps", 0) > 0:
            fail(
                'metadata["render_fps"] is missing or not above 0; say how many steps a second look natural.'
            )
        for mode in modes:
            had_window = _has_window()
            with _without_display(), self._made(render_mode=mode) as env:
                start(env, "reset(seed=0)", seed=0)
                action = draw_action(env, {})
                take(env, action, f"the first step in render mode {mode!r}")
                _check_picture(mode, env.render())
                if mode == "rgb_array" and _has_window() and not had_window:
                    fail("Mode 'rgb_array' opened a window; draw on a pygame.Surface, not pygame.display.")

    def test_playing(self) -> None:
        """Of a Shell: keys and clicks mean actions, `has_won` answers, and `draw` is what is rendered."""
        with self._made() as env:
            shell: Any = env.unwrapped
            if not isinstance(shell, Shell):
                skip("it is not made of attributes (not a Shell)")
            check_keys(shell)
            is_drawn = "rgb_array" in shell.metadata["render_modes"]
        with _without_display(), self._made(**{"render_mode": "rgb_array"} if is_drawn else {}) as env:
            shell = env.unwrapped
            for number, moment in enumerate(play(env, 100, self.seeds[0])):
                is_over = moment.terminated or moment.truncated
                if is_over:
                    check_outcome(shell, moment.when)
                if is_drawn and (is_over or number < 2):
                    check_drawing(shell, moment.when)

    def test_specification(self) -> None:
        """The specification survives JSON, so that a run's configuration can name the environment."""
        if not self.environment_id:
            skip("it was made by hand, without an id")
        with self._made() as env:
            try:
                text = env.spec.to_json() if env.spec else ""
            except Exception as error:
                fail(
                    f"Its specification cannot be written as JSON: {error}. Register it with an entry point "
                    "of the form 'package.module:Class' and with settings that are plain values."
                )
            gymnasium.envs.registration.EnvSpec.from_json(text).make(disable_env_checker=True).close()

    def test_attributes(self) -> None:
        """Every attribute lies in its space, makes up the observation, and can be observed alone."""
        with self._made() as env:
            shell = env.unwrapped
            if not isinstance(shell, Shell):
                skip("it is not made of attributes (not a Shell)")
            for moment in play(env, 50, self.seeds[0]):
                for attribute in shell._attributes:
                    try:
                        value = attribute.copy_data()
                    except CsaiError as error:
                        fail(f"At {moment.when}: {error}")
                    _check_in_space(value, attribute.space, f"attribute {attribute.name!r}", moment.when)
            names = [each.name for each in shell._attributes if isinstance(each, ObsAttribute)]
        for name in names:
            self._check_view(name)

    def test_overlay_states(self) -> None:
        """Of a Shell: the states that views paint are what it observes, whichever attributes it observes."""
        with self._made() as env:
            shell = env.unwrapped
            if not isinstance(shell, Shell):
                skip("it is not made of attributes (not a Shell)")
            shell.reset(seed=self.seeds[0])
            if shell.overlay_states() is None:
                skip("a place on its board is not a state (it has no overlay_states)")
            self._check_overlay(shell)
            names = [each.name for each in shell._attributes if isinstance(each, ObsAttribute)]
        for name in names:
            with self._made(attributes=name) as env:
                self._check_overlay(env.unwrapped)

    def test_state_dict(self) -> None:
        """A saved state is plain, and the environment goes on from it identically, a new one too."""
        with self._made() as env, self._made() as other:
            shell, fresh = env.unwrapped, other.unwrapped
            if not (hasattr(shell, "state_dict") and hasattr(shell, "load_state_dict")):
                skip("it has no state_dict and load_state_dict")
            for seed in self.seeds:
                if any(m.terminated for m in play(shell, 5, seed)):
                    shell.reset()
                state: Any = shell.state_dict()
                _check_plain(state, "state_dict()")
                saved = copy.deepcopy(state)
                actions = [shell.action_space.sample() for _ in range(30)]
                expected = _follow(shell, actions)
                if found := difference(saved, state, "state_dict()"):
                    fail(f"A saved state was changed by later steps: {found}. Put copies into it.")
                for which, target in (("the same environment", shell), ("a new one", fresh)):
                    target.load_state_dict(copy.deepcopy(saved))
                    if found := difference(expected, _follow(target, actions), "what followed"):
                        fail(
                            f"After load_state_dict, {which} does not go on as before: {found}. Put every "
                            "variable of the world and the generator's state into state_dict."
                        )

    # --- inner workings

    @contextmanager
    def _made(self, **settings: Any) -> Iterator[gymnasium.Env[Any, Any]]:
        takes = inspect.signature(self.make).parameters.values()
        if settings and not any(each.kind is each.VAR_KEYWORD or each.name in settings for each in takes):
            skip("make(self) takes no settings; write make(self, **settings) and hand them on")
        try:
            env = self.make(**settings)
        except Exception as error:
            message = complaint(error)
            if settings and "unexpected keyword argument" in message:
                message += ". Let its __init__ take these and hand them to super().__init__(…)."
            how = f" with {settings}" if settings else ""
            raise ConformanceError(f"It cannot be made{how}: {message}") from error
        try:
            yield env
        finally:
            env.close()

    def _for_vector(self) -> gymnasium.Env[Any, Any]:
        return self.make()

    def _run(self, seed: int) -> list[Moment]:
        """A run while the global generators, which must not matter, stand elsewhere than before."""
        random.random()
        np.random.random()  # noqa: NPY002
        with self._made() as env:
            return [_copied(moment) for moment in play(env, self.num_steps, seed)]

    def _compare_runs(self, seed: int, one: list[Moment], two: list[Moment], when: str = "") -> None:
        for first, second in zip(one, two, strict=False):
            if found := difference(first[1:5], second[1:5], "(observation, reward, terminated, truncated)"):
                fail(
                    f"Two runs with seed {seed} and the same actions differ{' ' + when if when else ''}: at "
                    f"{first.when}, {found}. Draw everything random from self.np_random (not from numpy's or "
                    "Python's global generator), and set every variable of the world in reset."
                )

    def _check_view(self, name: str) -> None:
        with self._made(attributes=name) as env:
            space = env.unwrapped[name].space  # type: ignore[index]
            if env.observation_space != space:
                fail(
                    f"Made with attributes={name!r}, its observation_space is {env.observation_space}, but "
                    f"that attribute's space is {space}. Leave observation_space to Shell."
                )
            for moment in play(env, 10, self.seeds[0]):
                _check_in_space(moment.observation, space, f"attribute {name!r} observed alone", moment.when)

    def _check_overlay(self, shell: Any) -> None:
        shell.reset(seed=self.seeds[0])
        for _ in range(5):
            before = copy.deepcopy(shell.get_observation())
            states = shell.overlay_states()
            for cell, observation in states.items():
                _check_in_space(
                    observation, shell.observation_space, f"overlay_states()[{cell}]", "the start"
                )
            if difference(before, shell.get_observation(), "observation"):
                fail("overlay_states changed what is observed; let it put everything back.")
            if all(difference(before, each, "observation") for each in states.values()):
                fail(
                    f"None of the {len(states)} observations in overlay_states() is the present one; give "
                    "what would be observed in each cell, all else as it is now."
                )
            if shell.step(shell.action_space.sample())[2]:
                return


def _check_in_space(value: Any, space: spaces.Space[Any], what: str, when: str) -> None:
    if isinstance(space, spaces.Dict) and isinstance(value, dict) and value.keys() == space.spaces.keys():
        for key, each in space.spaces.items():
            _check_in_space(value[key], each, f"{what}[{key!r}]", when)
        return
    if isinstance(space, (spaces.Box, spaces.MultiDiscrete, spaces.MultiBinary)):
        if not isinstance(value, np.ndarray):
            fail(f"At {when}, {what} is {value!r}; make it a numpy array of dtype {space.dtype}.")
        if value.dtype != space.dtype:
            fail(f"At {when}, {what} has dtype {value.dtype}; the space says {space.dtype}. Cast it.")
        if value.shape != space.shape:
            fail(f"At {when}, {what} has shape {value.shape}; the space says {space.shape}.")
    if not space.contains(value):
        fail(f"At {when}, {what} is {value!r}, outside {space}. Clip it, or declare the space wider.")


def _check_outcome(moment: Moment) -> None:
    reward = moment.reward
    if not isinstance(reward, (numbers.Real, np.bool_)) or not math.isfinite(reward):
        fail(f"At {moment.when}, the reward is {reward!r}; return a finite number.")
    for name, flag in (("terminated", moment.terminated), ("truncated", moment.truncated)):
        if not isinstance(flag, (bool, np.bool_)):
            fail(f"At {moment.when}, {name} is {flag!r}; return True or False.")
    if not isinstance(moment.info, dict):
        fail(f"At {moment.when}, info is {moment.info!r}; return a dict, empty if there is nothing to tell.")


def _check_memory(one: Moment, two: Moment) -> None:
    for path, first in _arrays(one.observation):
        for other_path, second in _arrays(two.observation):
            if first.size and np.shares_memory(first, second):
                fail(
                    f"{path} of {one.when} and {other_path} of {two.when} are the same memory. "
                    "Return a copy: self.board.copy()."
                )


def _arrays(observation: Any) -> list[tuple[str, Any]]:
    return [(path, each) for path, each in leaves(observation, "observation") if isinstance(each, np.ndarray)]


def _check_picture(mode: str, picture: Any) -> None:
    if mode == "rgb_array":
        is_frame = isinstance(picture, np.ndarray) and picture.dtype == np.uint8 and picture.ndim == 3
        if not is_frame or picture.shape[2] != 3:
            fail(f"render() gave {_form(picture)} in mode 'rgb_array'; give uint8 (height, width, 3).")
    elif mode == "ansi" and not isinstance(picture, str):
        fail(f"render() gave {_form(picture)} in mode 'ansi'; give a str.")
    elif mode == "human" and picture is not None:
        fail(f"render() gave {_form(picture)} in mode 'human'; draw in the window and return None.")


def _check_plain(value: Any, path: str) -> None:
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                fail(f"{path} has the key {key!r}; use texts as keys, so that any format can store it.")
            _check_plain(item, f"{path}[{key!r}]")
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            _check_plain(item, f"{path}[{index}]")
    elif isinstance(value, np.ndarray):
        if value.dtype.kind not in "biufc":
            fail(f"{path} is an array of {value.dtype}; keep numbers in it.")
    elif not isinstance(value, (bool, int, float, str, np.generic, type(None))):
        fail(
            f"{path} is a {type(value).__name__}; state_dict holds only numbers, texts, lists, dicts and "
            "arrays, so that it can be stored without pickle."
        )


def _follow(env: Any, actions: list[Any]) -> list[Any]:
    """What a fixed sequence of actions leads to."""
    followed: list[Any] = []
    for number, action in enumerate(actions, 1):
        moment = take(env, action, f"step {number} after state_dict, action {action!r}")
        followed.append(snapshot(list(moment[1:5])))
        if moment.terminated or moment.truncated:
            followed.append(snapshot(start(env, "the reset after an end").observation))
    return followed


def _copied(moment: Moment) -> Moment:
    return moment._replace(observation=snapshot(moment.observation))


def _pickled(env: Any) -> Any:
    return pickle.loads(pickle.dumps(env))


@contextmanager
def _without_display() -> Iterator[None]:
    """Have pygame draw into memory, as on a machine without a screen; a window left open is closed."""
    had_window = _has_window()
    before = {name: os.environ.get(name) for name in ("SDL_VIDEODRIVER", "DISPLAY", "WAYLAND_DISPLAY")}
    os.environ["SDL_VIDEODRIVER"] = "dummy"
    os.environ.pop("DISPLAY", None)
    os.environ.pop("WAYLAND_DISPLAY", None)
    try:
        yield
    finally:
        if _has_window() and not had_window:
            sys.modules["pygame"].display.quit()
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _has_window() -> bool:
    pygame = sys.modules.get("pygame")
    return pygame is not None and pygame.display.get_init() and pygame.display.get_surface() is not None


def _form(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"an array of {value.dtype} of shape {value.shape}"
    return f"a {type(value).__name__}"
