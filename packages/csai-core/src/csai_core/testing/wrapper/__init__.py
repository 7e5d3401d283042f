"""What every wrapper should do: keep Gymnasium's contract on both sides, and be made and saved again."""

from __future__ import annotations

import contextlib
import copy
import functools
import inspect
import itertools
import pickle
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import gymnasium
import numpy as np
from gymnasium import spaces

from csai_core.plugins import installed
from csai_core.testing.compare import difference, snapshot
from csai_core.testing.environment.actions import ActionSource
from csai_core.testing.probe import Probe
from csai_core.testing.process.effects import class_left_alone, generators_left_alone, nothing_printed
from csai_core.testing.suite import Suite, called, fail, skip
from csai_core.testing.wrapper.between import Between, check_nothing_passed_over
from csai_core.testing.wrapper.generators import own_generators
from csai_core.testing.wrapper.layers import advice, check_recorded, layers, remind_layer, through_a_file
from csai_core.testing.wrapper.masks import check_first_action, check_later_actions
from csai_core.testing.wrapper.turns import (
    Turn,
    check_observation,
    clear_difference,
    first_difference,
    mask_of,
    other_ends,
    turn_of_reset,
    turn_of_step,
)

_SEED = 3
_VECTOR = spaces.Box(-5, 5, (3,), np.float32)
_PAIR = spaces.Dict({"place": _VECTOR, "mood": spaces.Discrete(3)})
_TOYS: tuple[Callable[..., Probe], ...] = (
    lambda **how: Probe(_VECTOR, spaces.Discrete(4), **how),
    lambda **how: Probe(_VECTOR, spaces.Box(-2, 2, (2,), np.float32), **how),
    lambda **how: Probe(spaces.Box(0, 255, (12, 12, 3), np.uint8), spaces.Discrete(3), **how),
    lambda **how: Probe(spaces.Discrete(6), spaces.Discrete(3), **how),
    lambda **how: Probe(_VECTOR, spaces.Discrete(3, start=2), **how),
    lambda **how: Probe(_PAIR, spaces.Discrete(3), **how),
    lambda **how: Probe(_PAIR, spaces.Dict({"push": _VECTOR, "jump": spaces.Discrete(2)}), **how),
    lambda **how: Probe(spaces.Tuple((_VECTOR, spaces.Discrete(2))), spaces.MultiDiscrete([3, 2]), **how),
)
Wrapper = gymnasium.Wrapper[Any, Any, Any, Any]


class WrapperSuite(Suite):
    """Checks one wrapper; a subclass names the entry, or writes `make`.

    class TestGenerous(WrapperSuite):
        entry_name = "generous"
        settings = {"bonus": 0.5}

    A wrapper need not take every environment: whatever it raises when it is made is its refusal.
    """

    settings: ClassVar[dict[str, Any]] = {}
    """What it is made with besides the environment, by name."""
    num_steps: ClassVar[int] = 30
    """How many steps it is played in each environment; episodes of toys end after about twelve."""

    def make(self, env: gymnasium.Env[Any, Any]) -> Any:
        """Wrap an environment."""
        if not self.entry_name:
            return super().make()
        return installed().find("wrappers", self.entry_name).load()(env=env, **self.settings)

    def environments(self, **how: Any) -> list[Probe]:
        """New environments to wrap, made as `Probe` is told."""
        return [toy(**{"render_mode": "rgb_array", **how}) for toy in _TOYS]

    def test_it_can_be_made(self) -> None:
        """It wraps one environment at least, and is a wrapper."""
        self._require_settings()
        refusals = []
        for env in self.environments():
            try:
                wrapper = self.make(env)
            except Exception as error:
                refusals.append(f"{env.observation_space}: {type(error).__name__}: {error}")
                continue
            _check_kind(wrapper, env)
            return
        fail(f"It wraps none of the environments that were tried. {' '.join(refusals)}")

    def test_it_hands_seeds_and_options_on(self) -> None:
        """What `reset` is given reaches the environment, and nothing that it is not given."""
        for wrapper, env in self._wrapped():
            asked: dict[str, Any] = {"seed": _SEED, "options": {"level": 2}}
            env.resets.clear()
            called(functools.partial(wrapper.reset, **asked), "reset(seed=3, options=…)")
            if not env.resets or env.resets[0][0] != _SEED:
                fail(
                    "reset(seed=3) did not hand the seed on to the environment; write "
                    "self.env.reset(seed=seed, options=options) in it."
                )
            if env.resets[0][1] != asked["options"]:
                fail(
                    "reset(options=…) did not hand the options on to the environment; write "
                    "self.env.reset(seed=seed, options=options) in it."
                )
            seeds = []
            for _ in range(3):
                count = len(env.resets)
                called(wrapper.reset, "reset()")
                seeds.append(env.resets[count][0] if len(env.resets) > count else None)
            if seeds[0] is not None and len(set(seeds)) == 1:
                fail(
                    f"reset() without a seed resets the environment with seed={seeds[0]} each time, so that "
                    "all episodes are the same; hand on the seed that it was given, None too."
                )

    def test_it_gives_what_reset_and_step_give(self) -> None:
        """Two items and five, rewards that are numbers, ends that are True or False, infos that are dicts."""
        for wrapper, _ in self._wrapped():
            for _ in self._play(wrapper):
                pass

    def test_it_prints_nothing(self) -> None:
        """It makes no noise."""
        for env in self._accepted():
            with nothing_printed("The wrapper"):
                for _ in self._play(self.make(env)):
                    pass

    def test_it_does_with_the_environment_as_one_should(self) -> None:
        """Actions that reach it lie in its space, episodes that are over are reset, what it shows stays."""
        for how in ({}, {"end": "truncated"}, {"has_masks": True}):
            for env in self._accepted(**how):
                before = copy.deepcopy((env.observation_space, env.action_space))
                wrapper = self.make(env)
                if (env.observation_space, env.action_space) != before:
                    fail(
                        "It changes a space of the environment in place, which is everybody's; make one of "
                        "its own: self.observation_space = Box(…)."
                    )
                _require_right_use(env, self._drawn_play(wrapper))

    def test_it_passes_no_wrapper_over(self) -> None:
        """Another wrapper, between it and the environment, is called too."""
        for env in self._accepted():
            try:
                wrapper = self.make(between := Between(env))
            except Exception:
                continue
            for _ in self._drawn_play(wrapper):
                pass
            called(wrapper.close, "close()")
            check_nothing_passed_over(between, env)

    def test_observations_lie_in_its_space(self) -> None:
        """Shape, dtype and range are those that its observation space says, at resets too."""
        for number, (wrapper, _) in enumerate(self._wrapped()):
            for seed in range(_SEED + 3 * number, _SEED + 3 * number + 3):
                for turn in self._play(wrapper, seed=seed, num_steps=4 * self.num_steps):
                    check_observation(turn, wrapper.observation_space)

    def test_infos_reach_whoever_plays(self) -> None:
        """What the environment tells in its infos is still there."""
        for wrapper, env in self._wrapped(has_masks=True):
            for turn in self._play(wrapper):
                told = env.told if _keeps_actions(wrapper) else env.told - {"action_mask"}
                if lost := told - set(turn.info):
                    fail(
                        f"At {turn.when}, the environment's info had {' and '.join(sorted(lost))}, and the "
                        "wrapper's has not; add to the info that came: info['bonus'] = …, and return it."
                    )

    def test_it_turns_masks_as_it_turns_actions(self) -> None:
        """What `info["action_mask"]` allows, the environment allows."""
        for wrapper, env in self._wrapped(has_masks=True):
            if not isinstance(env.action_space, spaces.Discrete):
                continue
            for seed in range(20):
                other = copy.deepcopy(env)
                check_first_action(wrapper, env, (self.make(other), other), seed)

    def test_ends_keep_their_meaning(self) -> None:
        """What is truncated is not terminated, and a limit of time is no end."""
        for end, other in (("terminated", "truncated"), ("truncated", "terminated")):
            for wrapper, env in self._wrapped(end=end):
                for turn in self._play(wrapper):
                    said = {"terminated": turn.terminated, "truncated": turn.truncated}
                    if env.has_just_ended and said[other] and not said[end]:
                        fail(
                            f"At {turn.when}, the environment's episode was {end}, and the wrapper said that "
                            f"it was {other}; a terminated state is worth nothing more, a truncated one goes "
                            "on."
                        )
        self._require_no_time_limit(next(self._accepted(end=None)))

    def test_what_it_gives_stays_as_it_was(self) -> None:
        """No later step changes an observation that was handed out, and no step its action."""
        for wrapper, _ in self._wrapped():
            kept: list[tuple[Turn, Any]] = []
            for turn in self._play(wrapper):
                kept.append((turn, snapshot(turn.observation)))
            for (one, _), (two, _) in itertools.pairwise(kept):
                if one.info is two.info:
                    fail(
                        f"The infos of {one.when} and of {two.when} are one and the same dict; give a new "
                        "one each time, or that of the environment."
                    )
            for turn, then in kept:
                if found := difference(then, turn.observation, "the observation"):
                    fail(
                        f"The observation of {turn.when} was changed by a later step: {found}. Return a "
                        "copy: self.buffer.copy()."
                    )

    def test_it_draws_from_generators_that_are_seeded(self) -> None:
        """Global generators are left alone."""
        for env in self._accepted():
            with generators_left_alone("The wrapper"):
                for _ in self._play(self.make(env)):
                    pass

    def test_wrappers_share_nothing(self) -> None:
        """What one of them remembers, no other knows."""
        for wrapper, _ in self._wrapped():
            with class_left_alone(wrapper, "Playing"):
                for _ in self._play(wrapper):
                    pass

    def test_the_same_seed_gives_the_same(self) -> None:
        """Two of them around equal environments do the same after `reset(seed=…)`."""
        for one, two in zip(self._wrapped(), self._wrapped(), strict=True):
            if found := first_difference(*(list(self._play(each)) for each, _ in (one, two))):
                fail(
                    f"Two of them, made alike and reset with the same seed, differ: {found}. Draw from "
                    "self.np_random, which is the environment's generator, or seed your own in reset."
                )
        for wrapper, fresh in zip(self._wrapped(), self._wrapped(), strict=True):
            self._require_seeded(wrapper[0], fresh[0])

    def test_a_reset_begins_anew(self) -> None:
        """What happens in an episode does not depend on what happened in the one before."""
        for index in range(min(2, len(list(self._accepted())))):
            for options in (None, {"level": 2}):
                first, second, shorter = (
                    self._after(index, seed, count, options) for seed, count in ((11, 12), (12, 12), (11, 7))
                )
                asked = f"seed={_SEED}" if options is None else f"seed={_SEED}, options={options}"
                if found := clear_difference(first, second) or other_ends(first, shorter):
                    fail(
                        f"After two different episodes, reset({asked}) does not begin the same: {found}. "
                        "Set in reset every variable that is about the episode."
                    )

    def test_it_can_be_resumed(self) -> None:
        """What it remembers can be saved, and a new one goes on from there."""
        for wrapper, env in self._wrapped():
            list(self._play(wrapper, num_steps=17))
            memories = [through_a_file(layer) for layer in layers(wrapper)]
            fresh_env = copy.deepcopy(env)
            fresh = self.make(fresh_env)
            fresh.reset()
            fresh_env.load_state_dict(env.state_dict())
            for layer, memory in zip(layers(fresh), memories, strict=True):
                remind_layer(layer, memory)
            lost = [name for memory in memories for name in memory.get("unknown", ())]
            following = [list(self._follow(each, 25)) for each in (wrapper, fresh)]
            if found := first_difference(*following):
                fail(
                    f"A run that is resumed goes on otherwise than if it had not stopped: {found}. "
                    f"{advice(lost)}"
                )

    def test_it_can_be_made_again(self) -> None:
        """Its settings are plain values, and as far as it records them, all of them."""
        for wrapper, _ in self._wrapped():
            for layer in layers(wrapper):
                check_recorded(layer)

    def test_it_shows_what_the_environment_shows(self) -> None:
        """`render` gives a picture where the environment does, and its render mode is known."""
        for wrapper, env in self._wrapped():
            wrapper.reset(seed=_SEED)
            picture = called(wrapper.render, "render()")
            if picture is None:
                fail(
                    "Where the environment's render() gives a picture, the wrapper's gives None; return what "
                    "is to be shown."
                )
            if wrapper.render_mode != env.render_mode:
                fail(
                    f"Its render_mode is {wrapper.render_mode!r}, and the environment's {env.render_mode!r}."
                )

    def test_it_hides_no_error(self) -> None:
        """What the environment raises, whoever plays hears of."""
        for wrapper, env in self._wrapped():
            wrapper.reset(seed=_SEED)
            env.fails = True
            try:
                wrapper.step(wrapper.action_space.sample())
            except Exception:
                continue
            fail(
                "The environment raised an exception in step, and the wrapper went on as if nothing had "
                "been; let it through."
            )

    def test_it_closes_the_environment(self) -> None:
        """`close` reaches the environment."""
        for wrapper, env in self._wrapped():
            wrapper.reset(seed=_SEED)
            called(wrapper.close, "close()")
            if not env.is_closed:
                fail("close() did not close the environment; end it with super().close().")

    def test_a_copy_goes_on_alike(self) -> None:
        """Copied, or pickled if that can be done, it goes on as it does."""
        for wrapper, _ in self._wrapped():
            list(self._play(wrapper, num_steps=5))
            copied = called(functools.partial(copy.deepcopy, wrapper), "copy.deepcopy")
            twins = {"copied with copy.deepcopy": copied}
            with contextlib.suppress(Exception):  # many of Gymnasium's own cannot be
                twins["pickled"] = pickle.loads(pickle.dumps(wrapper))
            expected = list(self._follow(wrapper, 20))
            for how, twin in twins.items():
                if found := first_difference(expected, list(self._follow(twin, 20))):
                    fail(f"When it is {how}, the copy goes on otherwise: {found}.")

    def test_what_it_chooses_itself_is_allowed(self) -> None:
        """Actions that it repeats or replaces in an episode are those that the mask of the moment allows."""
        for wrapper, env in self._wrapped(has_masks=True):
            if isinstance(env.action_space, spaces.Discrete):
                check_later_actions(wrapper, env, self._play(wrapper, num_steps=100))

    # --- inner workings

    def _require_settings(self) -> None:
        """Skip a registered wrapper with settings that nobody has said."""
        if not self.entry_name or type(self).make is not WrapperSuite.make:
            return
        target = installed().find("wrappers", self.entry_name).load()
        parameters = dict(inspect.signature(target).parameters)
        if parameters.pop("env", None) is None:
            fail("It takes no argument named env; csai and Gymnasium give the environment by that name.")
        lacking = [
            name
            for name, each in parameters.items()
            if each.default is each.empty
            and each.kind not in (each.VAR_KEYWORD, each.VAR_POSITIONAL)
            and name not in self.settings
        ]
        if lacking:
            skip(f"it needs {' and '.join(lacking)}: say it in `settings`, in a WrapperSuite of your own")

    def _accepted(self, **how: Any) -> Iterator[Probe]:
        """Environments that it wraps."""
        for env, tried in zip(self.environments(**how), self.environments(**how), strict=True):
            with contextlib.suppress(Exception):
                self.make(tried)
                yield env

    def _wrapped(self, **how: Any) -> Iterator[tuple[Wrapper, Probe]]:
        """Environments that it wraps, wrapped."""
        for env in self._accepted(**how):
            yield self.make(env), env

    def _play(
        self, wrapper: Any, *, seed: int = _SEED, num_steps: int | None = None, **settings: Any
    ) -> Iterator[Turn]:
        """Reset with the seed, and take random steps."""
        wrapper.action_space.seed(seed)
        turn = turn_of_reset(wrapper, f"reset(seed={seed})", seed=seed, **settings)
        yield turn
        mask = mask_of(turn, wrapper.action_space)
        yield from self._follow(wrapper, num_steps or self.num_steps, mask)

    def _drawn_play(self, wrapper: Any) -> Iterator[Turn]:
        """A play of which each moment is drawn."""
        for turn in self._play(wrapper):
            yield turn
            called(wrapper.render, "render()")

    def _follow(self, wrapper: Any, num_steps: int, mask: Any = None) -> Iterator[Turn]:
        """Take random steps from wherever it is; after an episode that ends comes the next."""
        action_space = wrapper.action_space
        source = ActionSource(action_space, _SEED)
        for step in range(1, num_steps + 1):
            action = source.draw_allowed(mask)
            turn = turn_of_step(wrapper, action, f"step {step}")
            yield turn
            mask = mask_of(turn, action_space)
            if (turn.terminated or turn.truncated) and wrapper.unwrapped.is_over:
                turn = turn_of_reset(wrapper, f"the reset before step {step + 1}")
                yield turn
                mask = mask_of(turn, action_space)

    def _after(self, index: int, seed: int, count: int, options: dict[str, Any] | None) -> list[Turn]:
        """An episode after many others that were the same, and one that was not."""
        wrapper = self.make(list(self._accepted())[index])
        list(self._play(wrapper, seed=7, num_steps=100))
        list(self._play(wrapper, seed=seed, num_steps=count))
        return list(self._play(wrapper, num_steps=45, options=options))

    def _require_seeded(self, wrapper: Any, fresh: Any) -> None:
        """Refuse a generator that is drawn from, and that a reset with a seed does not set back."""
        before = own_generators(wrapper)
        list(self._play(wrapper, seed=7, num_steps=50))
        drawn = [name for name, state in own_generators(wrapper).items() if before.get(name) != state]
        plays = [list(self._play(each, num_steps=5)) for each in (wrapper, fresh)]
        one, two = (own_generators(each) for each in (wrapper, fresh))
        for name in drawn:
            if name in two and one.get(name) != two[name] and not other_ends(*plays):
                fail(
                    f"It draws from {name}, which reset(seed={_SEED}) does not seed: after other episodes it "
                    "stands elsewhere than in a new one. Draw from self.np_random, which is the "
                    "environment's generator, or seed your own in reset."
                )

    def _require_no_time_limit(self, env: Probe) -> None:
        """Refuse a wrapper that ends every episode at the same step, and says that the state was terminal."""
        ends = set()
        wrapper = self.make(env)
        for seed in range(6):
            turns = enumerate(self._play(wrapper, seed=seed, num_steps=120))
            ends.add(next((count for count, turn in turns if turn.terminated), None))
        if len(ends) == 1 and None not in ends:
            fail(
                f"Whatever happens, it says after {ends.pop()} steps that the state is terminated; a limit "
                "of time is a truncation: let it set truncated, so that what would follow still counts."
            )


def _check_kind(wrapper: Any, env: Probe) -> None:
    if not isinstance(wrapper, gymnasium.Wrapper):
        fail(f"What was made is a {type(wrapper).__name__}; derive its class from gymnasium.Wrapper.")
    if "env" not in vars(wrapper):
        fail(f"{type(wrapper).__name__}.__init__ does not call super().__init__(env); do so at its start.")
    if wrapper.unwrapped is not env.unwrapped:
        fail(
            "Its `unwrapped` is not the environment that it was given; leave unwrapped to gymnasium.Wrapper."
        )
    for name in ("observation_space", "action_space"):
        if not isinstance(getattr(wrapper, name, None), spaces.Space):
            fail(f"Its {name} is no space; set it in __init__, or leave it to gymnasium.Wrapper.")


def _require_right_use(env: Probe, turns: Iterator[Turn]) -> None:
    """Refuse what the environment complains of, also where its end was not told."""
    hidden = ""
    for turn in turns:
        if env.complaint:
            fail(hidden or f"At {turn.when}, the environment was used wrongly: {env.complaint}.")
        is_told = turn.terminated or turn.truncated
        if env.is_over and not is_told:
            hidden = (
                f"At {turn.when}, the environment's episode was {env.end}, and the wrapper said that it goes "
                "on, so that the next step came after the end. Return terminated and truncated as the "
                "environment gave them."
            )
        else:
            hidden = ""


def _keeps_actions(wrapper: Any) -> bool:
    return bool(wrapper.action_space == wrapper.unwrapped.action_space)
