"""Checks that a wrapper can be saved: what it remembers, what it was made with, and copies of it."""

from __future__ import annotations

import contextlib
import copy
import functools
import pickle
from collections.abc import Iterator
from typing import Any

from csai_core.testing.algorithm.reachable import GROWTH_STEPS, check_no_growth
from csai_core.testing.probe import Probe
from csai_core.testing.saved_states import check_given_stays, check_taken_stays
from csai_core.testing.suite import called, fail
from csai_core.testing.wrapper.base import WrapperChecks
from csai_core.testing.wrapper.layers import advice, check_recorded, layers, remind_layer, through_a_file
from csai_core.testing.wrapper.turns import first_difference
from csai_core.wrapper_memory import says_itself


class SavingChecks(WrapperChecks):
    """What can be kept of it."""

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

    def test_what_it_saves_stays_as_it_was(self) -> None:
        """No later step changes a state that it gave or took."""
        for wrapper, _ in self._wrapped():
            list(self._play(wrapper, num_steps=5))
            for layer in filter(says_itself, layers(wrapper)):
                self._require_copies(wrapper, layer)

    def test_it_can_be_made_again(self) -> None:
        """Its settings are plain values, and as far as it records them, all of them."""
        for wrapper, _ in self._wrapped():
            for layer in layers(wrapper):
                check_recorded(layer)

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

    def test_it_does_not_grow(self) -> None:
        """What it holds on to does not grow with the steps, for ever."""
        for wrapper, env in list(self._wrapped())[:1]:
            check_no_growth(wrapper, self._rounds(wrapper, env))

    # --- inner workings

    def _rounds(self, wrapper: Any, env: Probe) -> Iterator[None]:
        while True:
            for _ in self._play(wrapper, num_steps=GROWTH_STEPS):
                pass
            env.resets.clear()
            env.forbidden.clear()
            yield

    def _require_copies(self, wrapper: Any, layer: Any) -> None:
        """Refuse a layer whose saved state is its own memory."""
        state = called(layer.state_dict, "state_dict()")
        saved = copy.deepcopy(state)
        list(self._follow(wrapper, 10))
        check_given_stays(saved, state)
        handed = copy.deepcopy(saved)
        called(functools.partial(layer.load_state_dict, handed), "load_state_dict")
        list(self._follow(wrapper, 10))
        check_taken_stays(saved, handed)
