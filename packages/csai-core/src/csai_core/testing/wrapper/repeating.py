"""Checks that a wrapper does the same again: by its seed, beside others, and after each reset."""

from __future__ import annotations

import functools
import hashlib
from typing import Any

import numpy as np

from csai_core.errors import ConformanceError
from csai_core.testing.compare import difference, leaves, snapshot
from csai_core.testing.environment.recorded_options import check_options_stay, options_to_try
from csai_core.testing.held_generators import SEEDED_ONLY_IF_GIVEN, set_back
from csai_core.testing.probe import Probe
from csai_core.testing.process.effects import class_left_alone, generators_left_alone
from csai_core.testing.process.elsewhere import found_elsewhere
from csai_core.testing.suite import called, fail, skip
from csai_core.testing.wrapper.base import SEED, WrapperChecks
from csai_core.testing.wrapper.generators import own_generators
from csai_core.testing.wrapper.layers import are_gymnasiums
from csai_core.testing.wrapper.turns import Turn, clear_difference, first_difference, other_ends

_PLAYS: tuple[dict[str, Any], ...] = ({}, {"end": "truncated"}, {"has_masks": True})
"""The environments in which everything that it does is tried."""
_FOLLOWED = 45
"""So many steps of two plays are compared."""
_SEEDS = 200
"""With one of so many seeds, the first step ends an episode."""


class RepeatingChecks(WrapperChecks):
    """What decides what it does."""

    def test_it_draws_from_generators_that_are_seeded(self) -> None:
        """Global generators are left alone."""
        for how in _PLAYS:
            for env in self._accepted(**how):
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
        for seed in (SEED, 0):
            for one, two in zip(self._wrapped(), self._wrapped(), strict=True):
                if found := first_difference(*(list(self._play(each, seed=seed)) for each, _ in (one, two))):
                    fail(
                        f"Two of them, made alike and reset with the same seed, {seed}, differ: {found}. "
                        "Draw from self.np_random, which is the environment's generator, or seed your own "
                        "in reset: if seed is not None, as 0 is a seed too."
                    )
        for (wrapper, _), (fresh, _) in zip(self._wrapped(), self._wrapped(), strict=True):
            self._require_seeded(wrapper, fresh)

    def test_callers_change_nothing(self) -> None:
        """What a caller does to the array of an action after its step changes nothing."""
        for (wrapper, env), (other, other_env) in zip(self._wrapped(), self._wrapped(), strict=True):
            if are_gymnasiums(wrapper):
                return  # StickyAction keeps them
            taken = [snapshot([*turn[1:5], env.last_action]) for turn in self._play(wrapper)]
            overwritten = []
            for turn in self._play(other):
                overwritten.append(snapshot([*turn[1:5], other_env.last_action]))
                if isinstance(turn.action, np.ndarray):
                    turn.action[...] = 0
            if difference(taken, overwritten, ""):
                fail(
                    "Where its caller uses the array of an action again for the next one, other actions "
                    "reach the environment, or it gives something else. Keep a copy of an action, not the "
                    "caller's array: self.last = np.array(action)."
                )

    def test_another_process_does_the_same(self) -> None:
        """The same seed does the same in another process, with another PYTHONHASHSEED."""
        there = found_elsewhere(self, "digest")
        if not there:
            skip("another process cannot import the suite; write it in a module")
        if there != [self.digest()]:
            fail(
                "Another process, with another PYTHONHASHSEED, does otherwise with the same seed. The order "
                "of a set, the hash of a text or of bytes and id() are others in each process: sort sets "
                "before you draw from them, and count under what is observed itself, such as its tobytes()."
            )

    def digest(self) -> str:
        """Of what it gives in some environments."""
        digest = hashlib.sha256()
        for wrapper, _ in self._wrapped():
            for turn in self._play(wrapper):
                for path, value in leaves(turn[1:5], ""):
                    digest.update(f"{path} {np.asarray(value).tolist()!r}".encode())
        return digest.hexdigest()

    def test_no_seed_leaves_its_generators_alone(self) -> None:
        """A reset without a seed goes on with the generators that there are."""
        for wrapper, _ in self._wrapped():
            if same := set_back(functools.partial(_generators_after, wrapper), SEED):
                fail(
                    f"Without a seed, reset() sets {same[0]} to the same place each time, though other seeds "
                    f"set it elsewhere: each episode has the same randomness. {SEEDED_ONLY_IF_GIVEN}"
                )

    def test_a_reset_begins_anew(self) -> None:
        """What happens in an episode does not depend on what happened in the one before."""
        for index in self._some():
            env = list(self._accepted())[index]
            at_once = SEED if are_gymnasiums(self.make(env)) else _ends_at_once(env)
            for end, options, seed in (
                ("terminated", None, SEED),
                ("terminated", {"level": 2}, SEED),
                ("truncated", None, SEED),
                ("terminated", None, at_once),
            ):
                last = {"seed": seed, "num_steps": _FOLLOWED, "options": options}
                first, second, shorter = (
                    self._after(index, end, {"seed": other, "num_steps": count}, last)
                    for other, count in ((11, 12), (12, 12), (11, 7))
                )
                asked = f"seed={seed}" if options is None else f"seed={seed}, options={options}"
                if found := clear_difference(first, second) or other_ends(first, shorter):
                    fail(
                        f"After two different episodes, reset({asked}) does not begin the same: {found}. "
                        "Set in reset every variable that is about the episode."
                    )

    def test_options_are_for_one_episode(self) -> None:
        """Options of a reset stay as the caller gave them, and hold for no later episode."""
        for index in self._some():
            for options in options_to_try(self.make(list(self._accepted())[index]), SEED):
                handed = snapshot(options)
                try:
                    list(self._play(self.make(list(self._accepted())[index]), options=options))
                except ConformanceError:
                    continue  # it knows its options and refuses others, or these values of them
                check_options_stay(handed, options)
                with_them, without = (
                    self._after(index, "terminated", {"seed": 11, "options": each}, {"num_steps": _FOLLOWED})
                    for each in (options, None)
                )
                if found := clear_difference(without, with_them):
                    fail(
                        f"After reset(options={handed}), a reset without options does not begin what it "
                        f"begins where there were none before: {found}. Options are for the one episode: set "
                        "what they say in every reset, also where they are not given."
                    )

    # --- inner workings

    def _some(self) -> range:
        """The positions of the first environments that it wraps."""
        return range(min(2, len(list(self._accepted()))))

    def _after(self, index: int, end: str, other: dict[str, Any], last: dict[str, Any]) -> list[Turn]:
        """A play after many episodes that always are the same, and another play."""
        wrapper = self.make(list(self._accepted(end=end))[index])
        list(self._play(wrapper, seed=7, num_steps=100))
        list(self._play(wrapper, **other))
        return list(self._play(wrapper, **last))

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
                    f"It draws from {name}, which reset(seed={SEED}) does not seed: after other episodes it "
                    "stands elsewhere than in a new one. Draw from self.np_random, which is the "
                    "environment's generator, or seed your own in reset."
                )


def _ends_at_once(env: Probe) -> int:
    """A seed with which the first episode of an environment is one step long, if any ends."""
    for seed in range(_SEEDS):
        env.reset(seed=seed)
        env.step(env.action_space.sample())
        if env.is_over:
            return seed
    return SEED


def _generators_after(wrapper: Any, seed: int | None) -> dict[str, str]:
    called(lambda: wrapper.reset(seed=seed), f"reset(seed={seed})")
    return own_generators(wrapper)
