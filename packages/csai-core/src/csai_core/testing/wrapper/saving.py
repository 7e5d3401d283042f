"""Checks that a wrapper can be saved: what it remembers, what it was made with, and copies of it."""

from __future__ import annotations

import contextlib
import copy
import functools
import pickle

from csai_core.testing.suite import called, fail
from csai_core.testing.wrapper.base import WrapperChecks
from csai_core.testing.wrapper.layers import advice, check_recorded, layers, remind_layer, through_a_file
from csai_core.testing.wrapper.turns import first_difference


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
