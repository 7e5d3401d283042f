"""The batched version of an environment: whatever it gives is what single ones give."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
from gymnasium.vector import AutoresetMode, SyncVectorEnv, VectorEnv
from gymnasium.vector.utils import batch_space, iterate

from csai_core.errors import ConformanceError
from csai_core.shell import ObsAttribute
from csai_core.testing.batches.equality import FOLLOWS, compare_outputs, compare_with_singles
from csai_core.testing.batches.making import (
    Envs,
    batch_spec,
    close_batch,
    limited,
    made_batch,
    modes_of,
    settings_of_batch,
)
from csai_core.testing.batches.play import Output, Source, drive, go_on, reset
from csai_core.testing.compare import difference
from csai_core.testing.environment.actions import ActionSource, SteadySource
from csai_core.testing.environment.determinism import is_random
from csai_core.testing.environment.making import Maker
from csai_core.testing.environment.outcomes import check_in_space
from csai_core.testing.environment.recorded_options import options_of
from csai_core.testing.environment.rollout import start
from csai_core.testing.saved_states import check_given_stays, check_plain, check_taken_stays
from csai_core.testing.suite import fail, skip
from csai_core.testing.unread_settings import check_settings

_MANY, _FIRST = 300, 256
"""In a batch of so many games, those after the first so many are looked at: numbers of a byte end there."""
_CHOSEN = 25
"""So many steps are played with each attribute alone."""
_LONGEST = 600
"""Up to so many steps, a time limit is played to its end."""
_LATE = 160
"""After so many steps of the same action a state is saved, without a shorter time limit."""
_LIMITS = (3, 8)
"""Time limits that short plays reach."""
_OF_OPTIONS = (
    "Here games are reset with options, and some of them again while the others go on. Options hold for the "
    "games that a reset starts, until their episodes end: keep what they say with a row for each game, and "
    "set it in the rows of those alone."
)


def check_form(make: Maker) -> None:
    """It says how many games it has, its spaces and its autoreset mode."""
    for mode, count in itertools.product(modes_of(make), (1, 3)):
        with made_batch(make, mode, count) as envs, make.made() as env:
            if not isinstance(envs, VectorEnv):
                fail(f"What vector_entry_point makes is a {type(envs).__name__}; derive it from VectorEnv.")
            if envs.num_envs != count:
                fail(f"Made with num_envs={count}, its num_envs is {envs.num_envs}.")
            _check_spaces(envs, env, count)
            check_settings(type(envs), "Its batched version's")
            told = envs.metadata.get("autoreset_mode")
            if not isinstance(told, AutoresetMode) or (mode is not None and told != mode):
                made_with = f"Made with autoreset_mode={mode}, its" if mode else "Its"
                fail(
                    f'{made_with} metadata["autoreset_mode"] is {told!r}; say how games are reset: '
                    'self.metadata = {**self.metadata, "autoreset_mode": AutoresetMode(autoreset_mode)}.'
                )


def check_equality(make: Maker, seeds: tuple[int, ...], num_steps: int) -> None:
    """In every autoreset mode, in batches of 1, 3, 9 and 64, game i is the single one with seed + i."""
    make.skip_if_nondeterministic()
    for mode in modes_of(make):
        for number, (count, steps) in enumerate(((3, num_steps), (1, 60), (9, 40), (64, 25))):
            seed = seeds[number % len(seeds)] + 10 * number
            kept = _compare(make, mode, count, steps, seed)
            if count == 3:
                _check_form_of_outputs(make, mode, kept)
                _check_owned(kept)
    for mode in modes_of(make):
        for limit in _LIMITS:
            _compare(make, mode, 9, 6 * limit, seeds[0], max_episode_steps=limit)


def check_choices(make: Maker, seed: int) -> None:
    """With one attribute of a Shell observed alone, it plays as single environments with that one do."""
    make.skip_if_nondeterministic()
    mode, takes = modes_of(make)[0], "attributes" in settings_of_batch(make)
    with make.made() as env:
        known = getattr(env.unwrapped, "_attributes", ())
        names = [each.name for each in known if isinstance(each, ObsAttribute)]
    for name in names if takes and len(names) > 1 else ():
        try:
            with made_batch(make, mode, 3, attributes=name) as envs, make.made(attributes=name) as env:
                _check_spaces(envs, env, 3)
            _compare(make, mode, 3, _CHOSEN, seed, attributes=name)
        except ConformanceError as error:
            raise ConformanceError(f"Made with attributes={name!r}: {error}") from error


def check_steady_play(make: Maker, seed: int, num_steps: int) -> None:
    """Each game takes one action again and again, so that episodes become long, as random ones seldom do."""
    make.skip_if_nondeterministic()
    limit = batch_spec(make).max_episode_steps or 0
    steps = num_steps if limit > _LONGEST else max(num_steps, limit + 5)
    _compare(make, modes_of(make)[0], 3, steps, seed, source=SteadySource)


def check_many(make: Maker, seed: int) -> None:
    """In a large batch each game plays as in a small one, also where all games do the same."""
    make.skip_if_nondeterministic()
    mode = modes_of(make)[0]
    for source in (ActionSource, *(_all_take(number) for number in range(2))):
        with made_batch(make, mode, _MANY) as large, made_batch(make, mode, _MANY - _FIRST) as small:
            if large.metadata["autoreset_mode"] == AutoresetMode.DISABLED:
                return  # games wait for each other
            plays = drive(large, 25, seed, source=source), drive(small, 25, seed + _FIRST, source=source)
            for one, other in zip(*plays, strict=True):
                _check_same_games(large, small, one, other)


def check_sharing(make: Maker, seed: int) -> None:
    """Two batches share no memory that changes."""
    mode = modes_of(make)[0]
    with made_batch(make, mode, 3) as one, made_batch(make, mode, 3) as other:
        theirs = [each for each in vars(other).values() if isinstance(each, np.ndarray)]
        shared = {
            name: (each, each.copy())
            for name, each in vars(one).items()
            if isinstance(each, np.ndarray) and any(np.shares_memory(each, array) for array in theirs)
        }
        for _ in drive(one, 12, seed):
            pass
        for name, (now, then) in shared.items():
            if difference(now, then, name):
                fail(
                    f"Two batches share the memory of self.{name}, so that each changes the games of the "
                    "other. Make its arrays in __init__, and keep none in the class or the module."
                )


def check_resets(make: Maker, seed: int) -> None:
    """Resets in the middle of episodes, with lists of seeds, options, and of some games only."""
    make.skip_if_nondeterministic()
    options = _options(make, seed)

    def resets(step: int, last: Output) -> dict[str, Any] | None:
        calls: dict[int, dict[str, Any]] = {
            5: {"seed": [seed + 40, seed + 3, seed + 17]},
            11: {"options": None},
            17: {"seed": seed + 5, "options": options} if options else {"seed": seed + 5},
            23: {"seed": seed + 6},
        }
        return calls.get(step)

    def masked_resets(step: int, last: Output) -> dict[str, Any] | None:
        some = np.array([False, True, True]) if step % 2 else np.array([True, False, False])
        if step % 7 != 3:
            return None
        seeds = {"seed": [seed + 8, seed + 9, seed + 10]} if step % 3 == 0 else {}
        return {"options": {"reset_mask": some}, **seeds}

    def first_with_options(step: int, last: Output) -> dict[str, Any] | None:
        return {"seed": seed + 5, "options": options} if step == 1 else None

    def masked_with_options(step: int, last: Output) -> dict[str, Any] | None:
        call = masked_resets(step, last)
        return {**call, "options": {**call["options"], **(options or {})}} if call and step % 2 else call

    for mode in modes_of(make):
        _compare(make, mode, 3, 30, seed, resets=resets)
        if mode == AutoresetMode.DISABLED:
            _compare(make, mode, 3, 60, seed, resets=masked_resets)
        if not options:
            continue
        _compare(make, mode, 9, 60, seed, resets=first_with_options, cure=_OF_OPTIONS)
        if mode == AutoresetMode.DISABLED:
            _compare(make, mode, 3, 60, seed, resets=masked_with_options, cure=_OF_OPTIONS)


def check_randomness(make: Maker, seed: int) -> None:
    """Without a seed, batches differ, and so do the games of one."""
    make.skip_if_nondeterministic()
    if not is_random(make, seed):
        return
    mode = modes_of(make)[0]
    if _are_all_same([_unseeded(make, mode, seed) for _ in range(9)]):
        fail(
            "Without a seed, each new batch plays the same games, though other seeds give others. Seed "
            "nothing in __init__: the first reset without a seed takes what the system gives."
        )
    for _ in range(5):
        with made_batch(make, mode, 9) as envs:
            outputs = [reset(envs, {}), *(reset(envs, {}) for _ in range(3))]
            games = [[_row(envs, output, i) for output in outputs] for i in range(9)]
        if not _are_all_same(games):
            return
    if _starts_differ(make, seed):
        fail(
            "Without a seed, all games of a batch start the same. Give each game random numbers of its own, "
            "as seed, seed + 1 and so on do."
        )


def check_state_dict(make: Maker, seed: int) -> None:
    """A batch that loads a saved state goes on as the one that was saved, and no later step changes it."""
    for mode in modes_of(make):
        settings = limited(make, _LIMITS[-1])
        with made_batch(make, mode, 3, **settings) as envs, made_batch(make, mode, 3, **settings) as other:
            if not (hasattr(envs, "state_dict") and hasattr(envs, "load_state_dict")):
                skip("it has no state_dict and load_state_dict")
            for steps in (4, 13, 22):
                _check_saved(envs, other, steps, seed, mode, ActionSource)
    mode = modes_of(make)[0]
    with made_batch(make, mode, 3) as envs, made_batch(make, mode, 3) as other:
        _check_saved(envs, other, _LATE, seed, mode, SteadySource)


def check_closing(make: Maker) -> None:
    """It can be closed, and again."""
    for mode in modes_of(make)[:1]:
        with made_batch(make, mode, 2) as envs:
            envs.reset(seed=0)
            close_batch(envs)
            close_batch(envs)


def _check_saved(
    envs: Envs, other: Envs, steps: int, seed: int, mode: AutoresetMode | None, source: Source
) -> None:
    """Save after so many steps, and load in both batches."""
    *_, last = (output.copied() for output in drive(envs, steps, seed, source=source))
    state: Any = envs.state_dict()  # type: ignore[attr-defined]
    check_plain(state, "state_dict()")
    saved = copy.deepcopy(state)
    expected = [output.copied() for output in go_on(envs, last, 60, seed, source=source)]
    check_given_stays(saved, state)
    for which, target in (("the same batch", envs), ("another one", other)):
        for _ in drive(other, 7, seed + 50):
            pass
        handed = copy.deepcopy(saved)
        target.load_state_dict(handed)  # type: ignore[attr-defined]
        followed = go_on(target, last, 60, seed, source=source)
        _check_followed(target, expected, followed, which, mode)
        check_taken_stays(saved, handed)


def _all_take(number: int) -> Source:
    """The same action for all games."""
    return lambda space, seed: SteadySource(space, number)


def _check_same_games(large: Envs, small: Envs, one: Output, other: Output) -> None:
    """Refuse the later games of a large batch that are not those of a small one."""
    rows = list(iterate(large.observation_space, one.observation))[_FIRST:]
    pairs: list[tuple[str, Any, Any]] = [
        ("observation", rows, list(iterate(small.observation_space, other.observation)))
    ]
    for name in ("reward", "terminated", "truncated"):
        pairs.append((name, np.asarray(getattr(one, name))[_FIRST:], np.asarray(getattr(other, name))))
    for name, theirs, ours in pairs:
        if found := difference(theirs, ours, name):
            fail(
                f"In a batch of {_MANY} games, the last {_MANY - _FIRST} (the one) do not play at {one.when} "
                f"as in a batch of those alone (the other): {found}. Each game depends on its own row alone: "
                "number games by np.intp, and let no game decide for all."
            )


def _check_followed(
    target: Envs, expected: list[Output], followed: Iterator[Output], which: str, mode: AutoresetMode | None
) -> None:
    try:
        for ours, theirs in zip(expected, followed, strict=True):
            compare_outputs(target, ours, theirs, mode or AutoresetMode.NEXT_STEP, FOLLOWS)
    except ConformanceError as error:
        raise ConformanceError(
            f"After load_state_dict, {which} does not go on as before: {str(error).partition('. ')[0]}. Name "
            "every array that changes in state_names, and save the generators."
        ) from error


def _compare(
    make: Maker,
    mode: AutoresetMode | None,
    count: int,
    num_steps: int,
    seed: int,
    *,
    max_episode_steps: int | None = None,
    resets: Any = None,
    source: Source = ActionSource,
    cure: str = FOLLOWS,
    **chosen: Any,
) -> list[tuple[Output, Output]]:
    settings = {**limited(make, max_episode_steps), **chosen}
    with made_batch(make, mode, count, **settings) as envs:
        return compare_with_singles(
            envs,
            lambda: make.make(**settings),
            envs.metadata["autoreset_mode"],
            num_steps=num_steps,
            seed=seed,
            resets=resets,
            source=source,
            cure=cure,
        )


def _check_spaces(envs: Envs, env: Any, count: int) -> None:
    for name in ("observation_space", "action_space"):
        single, whole = getattr(envs, f"single_{name}", None), getattr(envs, name, None)
        if single != getattr(env, name):
            fail(
                f"Its batched version's single_{name} is {single}, but the single environment's {name} is "
                f"{getattr(env, name)}. They are the same."
            )
        if whole != batch_space(single, count):
            fail(
                f"Its batched version's {name} is {whole}; make it of the single one: "
                f"gymnasium.vector.utils.batch_space(self.single_{name}, num_envs)."
            )


def _check_form_of_outputs(
    make: Maker, mode: AutoresetMode | None, kept: list[tuple[Output, Output]]
) -> None:
    with made_batch(make, mode, 3) as envs:
        space = envs.observation_space
    for output, _ in kept:
        check_in_space(output.observation, space, "the batch of observations", output.when)
        for name, kinds, form in (
            ("reward", "f", "floats"),
            ("terminated", "b", "bools"),
            ("truncated", "b", "bools"),
        ):
            value = getattr(output, name)
            is_sound = isinstance(value, np.ndarray) and value.shape == (3,) and value.dtype.kind in kinds
            if not is_sound:
                fail(f"At {output.when}, {name} of three games is {value!r}; give an array of three {form}.")


def _check_owned(kept: list[tuple[Output, Output]]) -> None:
    for output, then in kept:
        for name in Output._fields[1:]:
            if found := difference(getattr(then, name), getattr(output, name), name):
                fail(
                    f"The {name} of {output.when} was changed by a later step: {found}. Hand out arrays of "
                    "their own: array.copy()."
                )


def _options(make: Maker, seed: int) -> dict[str, Any] | None:
    """Options that the single environment looks for and takes, with other values than its defaults."""
    with make.made() as env:
        given = {name: values[0] for name, values in options_of(env, seed).items()}
        try:
            start(env, "reset", seed, dict(given))
        except ConformanceError:
            return None
    return given or None


def _unseeded(make: Maker, mode: AutoresetMode | None, seed: int) -> list[Any]:
    with made_batch(make, mode, 3) as envs:
        return [output.copied()[1:5] for output in go_on(envs, reset(envs, {}), 12, seed)]


def _row(envs: Envs, output: Output, i: int) -> Any:
    return list(iterate(envs.observation_space, output.observation))[i]


def _starts_differ(make: Maker, seed: int) -> bool:
    """Whether single environments of several seeds start with different observations."""
    with make.made() as env:
        starts = [start(env, "reset", seed + i).copied().observation for i in range(9)]
    return not _are_all_same(starts)


def _are_all_same(values: list[Any]) -> bool:
    return not any(difference(values[0], each, "") for each in values[1:])


def check_in_gymnasiums_vector(make: Maker, seed: int) -> None:
    """In Gymnasium's vector environment each plays as it does alone, in all three autoreset modes."""
    make.skip_if_nondeterministic()
    for mode in AutoresetMode:
        envs = SyncVectorEnv([make.make] * 3, autoreset_mode=mode)
        compare_with_singles(envs, make.make, mode, num_steps=60, seed=seed)
