"""Checks of what a wrapper gives to whoever plays: observations, infos and ends."""

from __future__ import annotations

import itertools
from typing import Any

from csai_core.testing.compare import difference, snapshot
from csai_core.testing.probe import Probe
from csai_core.testing.suite import fail
from csai_core.testing.wrapper.base import SEED, WrapperChecks
from csai_core.testing.wrapper.turns import Turn, check_observation

_ALWAYS = 3
"""From so many episodes on, an end of another kind that comes with each is no chance."""


class GivingChecks(WrapperChecks):
    """What comes out of it."""

    def test_observations_lie_in_its_space(self) -> None:
        """Shape, dtype and range are those that its observation space says, at resets too."""
        for number, (wrapper, _) in enumerate(self._wrapped()):
            for seed in range(SEED + 3 * number, SEED + 3 * number + 3):
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

    def test_ends_keep_their_meaning(self) -> None:
        """What is truncated is not terminated, and a limit of time is no end."""
        for end, other in (("terminated", "truncated"), ("truncated", "terminated")):
            both = []
            for wrapper, env in self._wrapped(end=end):
                for turn in self._play(wrapper):
                    said = {"terminated": turn.terminated, "truncated": turn.truncated}
                    both += [said[other]] if env.has_just_ended and turn.action is not None else []
                    if env.has_just_ended and said[other] and not said[end]:
                        fail(
                            f"At {turn.when}, the environment's episode was {end}, and the wrapper said that "
                            f"it was {other}; a terminated state is worth nothing more, a truncated one goes "
                            "on."
                        )
            if len(both) >= _ALWAYS and all(both):
                fail(
                    f"Each of {len(both)} episodes that the environment {end}, the wrapper called {other} "
                    "too; hand both on as they come: a terminated state is worth nothing more, a truncated "
                    "one goes on."
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

    # --- inner workings

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


def _keeps_actions(wrapper: Any) -> bool:
    return bool(wrapper.action_space == wrapper.unwrapped.action_space)
