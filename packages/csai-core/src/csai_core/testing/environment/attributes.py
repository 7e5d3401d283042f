"""What a Shell promises of its attributes: their values, and any choice of them."""

from __future__ import annotations

import itertools
from typing import Any

from csai_core.errors import ConformanceError, CsaiError
from csai_core.shell import ObsAttribute, Shell
from csai_core.testing.compare import difference
from csai_core.testing.environment.actions import SteadySource
from csai_core.testing.environment.generators import world_generator
from csai_core.testing.environment.making import Maker
from csai_core.testing.environment.outcomes import check_in_space
from csai_core.testing.environment.rollout import Moment, play
from csai_core.testing.suite import fail

_NUM_STEPS = 50
_STEADY = 3
"""So many actions are each taken again and again, which leads to places where random play seldom comes."""


def check_attributes(make: Maker, seed: int) -> None:
    """Every attribute lies in its space, and any can be observed alone, which changes nothing else."""
    with make.made_shell() as shell:
        moments = []
        for moment in play(shell, _NUM_STEPS, seed):
            moments.append(moment.copied())
            _check_values(shell, moment)
        names = [each.name for each in shell._attributes if isinstance(each, ObsAttribute)]
    for name in names:
        _check_view(make, name, moments, seed)


def check_it_follows(make: Maker, seed: int) -> None:
    """Refuse looks that draw, and a step that shows the world as it was, where looks show the same twice."""
    with make.made_shell() as shell:
        sources = (None, *(SteadySource(shell.action_space, number) for number in range(_STEADY)))
        plays = (play(shell, _NUM_STEPS, seed, source=each) for each in sources)
        for moment in itertools.chain.from_iterable(plays):
            before = world_generator(shell)
            first, second = _look(shell), _look(shell)
            if before not in (None, world_generator(shell)):
                fail(
                    f"At {moment.when}, looking at the attributes draws from self.np_random, so that a game "
                    "that is looked at goes on otherwise. A function of an attribute only reads the world: "
                    "draw in start_episode and advance, and keep what was drawn."
                )
            found = difference(moment.observation, first, "observation")
            if found and not difference(first, second, ""):
                fail(
                    f"At {moment.when}, what is observed (the one) is not the present state (the other): "
                    f"{found}. A step of one's own calls self.update_env_attributes() once the world has "
                    "moved on, before it observes; leave step to Shell, and write advance."
                )


def _look(shell: Shell) -> Any:
    shell.update_env_attributes()
    return shell.get_observation()


def _check_values(shell: Shell, moment: Moment) -> None:
    for attribute in shell._attributes:
        try:
            value = attribute.copy_data()
        except CsaiError as error:
            fail(f"At {moment.when}: {error}")
        check_in_space(value, attribute.space, f"attribute {attribute.name!r}", moment.when)
    if found := difference(moment.observation, shell.get_observation(), "observation"):
        fail(
            f"At {moment.when}, get_observation() gives another observation than the call itself: {found}. "
            "Looking changes nothing: a function of an attribute only reads the world."
        )


def _check_view(make: Maker, name: str, expected: list[Moment], seed: int) -> None:
    with make.made_shell(attributes=name) as shell:
        space = shell[name].space
        if shell.observation_space != space:
            fail(
                f"Made with attributes={name!r}, its observation_space is {shell.observation_space}, but "
                f"that attribute's space is {space}. Leave observation_space to Shell."
            )
        try:
            for moment, then in zip(play(shell, _NUM_STEPS, seed), expected, strict=False):
                check_in_space(moment.observation, space, f"attribute {name!r} observed alone", moment.when)
                if not make.is_nondeterministic:
                    _check_same_world(name, moment, then)
        except ConformanceError as error:
            raise ConformanceError(f"Made with attributes={name!r}: {error} {_VIEW}") from error


_VIEW = (
    "Which attributes are observed must change nothing else: compute rewards and ends from self, not from "
    "the observation, and draw nothing random in a function of an attribute."
)


def _check_same_world(name: str, moment: Moment, then: Moment) -> None:
    for item in ("reward", "terminated", "info"):
        if found := difference(getattr(then, item), getattr(moment, item), item):
            fail(f"At {moment.when}, with the usual attributes (the one) or this (the other), {found}.")
    if isinstance(then.observation, dict) and name in then.observation:
        found = difference(then.observation[name], moment.observation, f"attribute {name!r}")
        if found:
            fail(f"At {moment.when}, with the usual attributes (the one) or this (the other), {found}.")
