"""Pickles, deep copies and saved states of an environment: whole, and independent of it."""

from __future__ import annotations

import copy
import itertools
import pickle
from collections.abc import Callable
from typing import Any

import gymnasium
import numpy as np

from csai_core.errors import said
from csai_core.testing.compare import arrays_in
from csai_core.testing.environment.actions import ActionSource
from csai_core.testing.environment.making import Maker
from csai_core.testing.environment.rollout import Moment, When, compare_plays, go_on, play, start, take
from csai_core.testing.saved_states import check_given_stays, check_plain, check_taken_stays
from csai_core.testing.suite import fail, skip

_SAVED_AFTER = (3, 11, 30)
"""After so many steps the state is saved."""
_FOLLOWED = 60
_OF_A_COPY = (
    "A copy has variables of its own, the generator too, and shares none that changes; leave that to Python, "
    "or write __deepcopy__ and __getstate__ so that they hand on everything."
)


def check_copies(make: Maker, seed: int) -> None:
    """A pickled or copied environment goes on as the original does, without touching it."""
    if make.is_wrapped:
        skip("it is wrapped, and nothing in csai pickles wrappers; Gymnasium's own cannot all be")
    for how, copied in (("pickled", _pickled), ("copied with copy.deepcopy", copy.deepcopy)):
        with make.made() as env:
            moment = _last(play(env, 10, seed))
            twin = _twin(env, how, copied)
            if make.is_nondeterministic:
                continue
            _compare_twins(env, twin, moment, how, seed)


def check_state_dict(make: Maker, seeds: tuple[int, ...]) -> None:
    """A saved state is plain, and the environment goes on from it identically, another one too."""
    with make.made() as env:
        if not (hasattr(env.unwrapped, "state_dict") and hasattr(env.unwrapped, "load_state_dict")):
            skip("it has no state_dict and load_state_dict")
    make.skip_if_nondeterministic()
    for seed in seeds:
        for num_steps in _SAVED_AFTER:
            _check_saved(make, seed, num_steps)


def _check_saved(make: Maker, seed: int, num_steps: int) -> None:
    with make.made() as env, make.made() as other:
        shell, another = env.unwrapped, other.unwrapped
        moment = _last(play(shell, num_steps, seed))
        if moment.is_over:
            moment = start(shell, "the reset after an end")
        state: Any = shell.state_dict()
        check_plain(state, "state_dict()")
        saved, mask = copy.deepcopy(state), moment.info
        actions = ActionSource(shell.action_space, seed)
        expected = _follow(shell, mask, actions)
        check_given_stays(saved, state)
        _last(play(another, 5, seed + 1))  # it has a past of its own
        for which, target in (("the same environment", shell), ("another one", another)):
            handed = copy.deepcopy(saved)
            target.load_state_dict(handed)
            followed = _follow(target, mask, ActionSource(shell.action_space, seed))
            compare_plays(
                expected,
                followed,
                f"After load_state_dict, {which} does not go on as before",
                "Put every variable of the world and the generator's state into state_dict. Of a Shell, "
                "these are the variables of self that not_state does not name, and not what functions or "
                "classes keep.",
            )
            check_taken_stays(saved, handed)


def _follow(env: Any, info: Any, source: ActionSource) -> list[Moment]:
    """What comes after a saved state."""
    followed: list[Moment] = []
    for number in range(1, _FOLLOWED):
        moment = take(env, source.draw(info), When("the state was saved", number))
        followed.append(moment.copied())
        if moment.is_over:
            moment = start(env, "the reset after an end")
            followed.append(moment.copied())
        info = followed[-1].info
    return followed


def _twin(env: Any, how: str, copied: Callable[[Any], Any]) -> Any:
    try:
        twin = copied(env)
    except Exception as error:
        _skip_if_by_gymnasium(env, copied)
        fail(
            f"The environment cannot be {how}: {said(error)}. Keep windows, "
            "files and functions written inside a method out of its variables."
        )
    if twin.unwrapped is env.unwrapped:
        fail(f"When it is {how}, the copy is the environment itself. {_OF_A_COPY}")
    return twin


def _skip_if_by_gymnasium(env: Any, copied: Callable[[Any], Any]) -> None:
    """Some of Gymnasium's own wrappers cannot be copied, which is not for their user to mend."""
    inner = env
    while isinstance(inner, gymnasium.Wrapper) and type(inner).__module__.startswith("gymnasium."):
        inner = inner.env
    if inner is env:
        return
    try:
        copied(inner)
    except Exception:
        return
    skip("a wrapper of Gymnasium's around it cannot be copied")


def _compare_twins(env: Any, twin: Any, moment: Moment, how: str, seed: int) -> None:
    """The original first, then the copy, neither seeded again."""
    if moment.is_over:
        start(env, "the reset after an end")
        moment = start(twin, "the reset after an end")
    moment = moment._replace(when=When(f"it was {how}"))
    one, two = ([each.copied() for each in go_on(this, moment, 20, seed)] for this in (env, twin))
    compare_plays(
        one,
        two,
        f"When it is {how} in the middle of an episode, the copy (the other) goes on otherwise",
        lambda: _of_views(env) or _OF_A_COPY,
    )


def _of_views(env: Any) -> str:
    """What to change where two variables of an environment are views of one memory; empty if none are."""
    arrays = [
        pair for name, value in vars(env.unwrapped).items() for pair in arrays_in(value, f"self.{name}")
    ]
    for (one, first), (two, second) in itertools.combinations(arrays, 2):
        if first is not second and np.may_share_memory(first, second):
            return (
                f"{one} and {two} are one memory, of which a copy makes two arrays. Keep one of them, "
                "and look into it where the other is needed: a property that returns self.body[0]."
            )
    return ""


def _last(moments: Any) -> Moment:
    moment: Moment = next(moments)
    for each in moments:
        moment = each
    return moment.copied()


def _pickled(env: Any) -> Any:
    return pickle.loads(pickle.dumps(env))
