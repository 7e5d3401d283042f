"""A seed decides everything: in one environment again, in two, and whatever was played before."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from csai_core.errors import ConformanceError
from csai_core.testing.compare import difference, snapshot
from csai_core.testing.environment.generators import space_generators
from csai_core.testing.environment.making import Maker
from csai_core.testing.environment.recorded_options import check_options_stay, options_to_try
from csai_core.testing.environment.rollout import Moment, compare_plays, go_on, moments_differ, play, start
from csai_core.testing.held_generators import SEEDED_ONLY_IF_GIVEN, held_generators, set_back
from csai_core.testing.suite import fail, skip

_SAMPLES = 30
"""Drawn from a space; so many of two actions are the same twice once in a thousand million times."""
_IN_TURN = "Two environments that are stepped in turn"
_SHARED = (
    "They share something: keep the world in variables of self, and nothing that changes in class variables, "
    "default arguments or modules."
)
_SAMPLED = 40
"""Steps between which spaces are sampled."""
_MANY = 40
"""So many episodes that all are the same are no chance, where every other one differs."""
_AFTER_OPTIONS = 120
"""Steps in which an option that holds on would show, also where it only changes chances."""
_BITS = range(31)
"""Of seeds: csai draws them below 2**31."""
_UNCLEAR = 40
"""So many seeds are tried where few do not tell whether they make a difference."""
_FORGETS = "Set every variable of the world in reset, also where the last episode had not ended."
_SEEDS_ONCE = (
    "Its second reset does not seed self.np_random: call super().reset(seed=seed) in every reset, whatever "
    "was before."
)
_MEND = "Draw everything random from self.np_random, and set every variable of the world in reset."


def check_same_seed(make: Maker, num_steps: int, seeds: tuple[int, ...]) -> None:
    """Two environments with the same seed and actions do the same."""
    make.skip_if_nondeterministic()
    with make.made() as env:
        shared = _shared_variables(type(env.unwrapped))
    for seed in seeds:
        one, two = (_run(make, num_steps, seed) for _ in range(2))
        compare_plays(
            one,
            two,
            f"Two runs with seed {seed} and the same actions differ",
            lambda seed=seed: _cause(make, seed, shared) or _MEND,  # type: ignore[misc]
        )
    _check_sampling(make, seeds[0])


def check_reset(make: Maker, num_steps: int, seed: int) -> None:
    """`reset(seed=…)` starts the same run after any episode, whole or cut short."""
    make.skip_if_nondeterministic()
    fresh = _run(make, num_steps, seed)
    for length in (1, 7, num_steps):
        with make.made() as env:
            for _ in play(env, length, seed + 1):
                pass
            again = [moment.copied() for moment in play(env, num_steps, seed)]
        compare_plays(
            fresh,
            again,
            f"After {length} steps of another episode, reset(seed={seed}) does not start the run that it "
            "starts in a new environment",
            lambda: _unseeded_by(make, seed) or _own_generator(make, seed) or _FORGETS,
        )


def check_options(make: Maker, seed: int) -> None:
    """Options of one reset change neither the caller's dict nor the episodes after it."""
    with make.made() as env:
        tried = options_to_try(env, seed)
    for each in tried:
        _check_options(make, seed, each)


def check_unseeded(make: Maker, seed: int) -> None:
    """Without a seed, episodes differ from each other, and from those of another environment."""
    make.skip_if_nondeterministic()
    with make.made() as env:
        same = set_back(lambda each: _generators_after(env, each), seed)
    if same:
        fail(
            f"Without a seed, reset() sets {same[0]} to the same place each time, though other seeds set it "
            f"elsewhere, so that episodes are alike. {SEEDED_ONLY_IF_GIVEN}"
        )
    if not is_random(make, seed):
        skip("nothing in it is random")
    with make.made() as env:
        start(env, "reset()")
        if _never_differs(lambda: _unseeded(env, seed)):
            fail(
                "Without a seed, every reset() starts the same episode, though episodes of other seeds "
                "differ. Hand the seed on as it is, super().reset(seed=seed): None goes on with the "
                "generator."
            )
    if _never_differs(lambda: _unseeded_in_a_new_one(make, seed)):
        fail(
            "Without a seed, each new environment plays the same episodes, though other seeds give others. "
            "Seed nothing in __init__: the first reset without a seed takes what the system gives."
        )


def check_seeds(make: Maker, seed: int) -> None:
    """Seeds that differ in a single bit, up to the largest that csai draws, set its generators elsewhere."""
    make.skip_if_nondeterministic()
    with make.made() as env:
        states = {each: _generators_after(env, each) for each in (seed, *(seed ^ 1 << bit for bit in _BITS))}
    first = states.pop(seed)
    same = [each for each, state in states.items() if state == first]
    if first and 0 < len(same) < len(states):
        fail(
            f"reset(seed={same[0]}) sets its generators where reset(seed={seed}) sets them, so that it plays "
            "the same few games in all. Use the whole seed: super().reset(seed=seed)."
        )


def check_instances(make: Maker, seed: int) -> None:
    """Two environments, stepped in turn, do what each does alone."""
    make.skip_if_nondeterministic()
    alone = [_run(make, 40, seed), _run(make, 40, seed + 1)]
    with make.made() as one, make.made() as two:
        _check_metadata(make, type(one.unwrapped))
        together = _in_turn(play(one, 40, seed), play(two, 40, seed + 1))
    for mine, others in zip(alone, together, strict=True):
        compare_plays(mine, others, f"{_IN_TURN} do not do what each does alone", _SHARED)


def check_spaces(make: Maker, seed: int) -> None:
    """The spaces are the same over time, and a seed of theirs decides what they sample."""
    with make.made() as env:
        then = {name: getattr(env, name) for name in ("observation_space", "action_space")}
        written = {name: repr(space) for name, space in then.items()}
        for moment in play(env, 60, seed):
            for name, space in then.items():
                _check_space(name, getattr(env, name), space, written[name], moment.when)
        one, two = (_samples(env, seed) for _ in range(2))
        if difference(one, two, "sample"):
            fail(
                "action_space.seed(…) does not decide what action_space.sample() gives, as the space is "
                "another object each time that it is asked for. Make it once, in __init__."
            )


def _samples(env: Any, seed: int) -> list[Any]:
    env.action_space.seed(seed)
    return [snapshot(env.action_space.sample()) for _ in range(_SAMPLES)]


def _check_space(name: str, now: Any, then: Any, written: str, when: object) -> None:
    if (now is not then and now != then) or repr(now) != written:
        fail(
            f"At {when}, {name} is {now}, but it was {written}. A space is the same for as long as the "
            "environment lives; what is possible right now an action mask can tell."
        )


def _check_options(make: Maker, seed: int, options: dict[str, Any]) -> None:
    with make.made() as env, make.made() as fresh:
        handed = {name: snapshot(value) for name, value in options.items()}
        try:
            list(play(env, 20, seed, options))
        except ConformanceError:
            return  # it knows its options and refuses others, or these values of them
        check_options_stay(handed, options)
        if make.is_nondeterministic:
            return
        again, never = (list(_copies(play(each, _AFTER_OPTIONS, seed))) for each in (env, fresh))
    compare_plays(
        again,
        never,
        f"After reset(options={handed}), a reset without options does not start what it starts in a new "
        "environment",
        "Options are for the one episode: set what they say in every reset, also where they are not given.",
    )


def _check_metadata(make: Maker, env_class: Any) -> None:
    before = dict(env_class.metadata)
    with make.made():
        found = difference(before, dict(env_class.metadata), "metadata")
    if found:
        fail(
            f"Making one changes the metadata of the class, which all environments share: {found}. Give it "
            "one of its own: self.metadata = {**self.metadata, …}."
        )


def _in_turn(*plays: Iterator[Moment]) -> list[list[Moment]]:
    """Plays of which each takes a step before the next one does."""
    together: list[list[Moment]] = [[] for _ in plays]
    try:
        for moments in itertools.zip_longest(*plays):
            for kept, moment in zip(together, moments, strict=True):
                if moment is not None:
                    kept.append(moment.copied())
    except ConformanceError as error:
        raise ConformanceError(
            f"{_IN_TURN} fail where each alone does not. {_SHARED} (What it said: {error})"
        ) from error
    return together


def _run(make: Maker, num_steps: int, seed: int) -> list[Moment]:
    with make.made() as env:
        return list(_copies(play(env, num_steps, seed)))


def _copies(moments: Any) -> Any:
    return (moment.copied() for moment in moments)


def _unseeded(env: Any, seed: int) -> list[Moment]:
    """The first steps of an episode without a seed, the actions drawn by one."""
    return list(_copies(go_on(env, start(env, "reset()"), 12, seed)))


def _unseeded_in_a_new_one(make: Maker, seed: int) -> list[Moment]:
    with make.made() as env:
        return _unseeded(env, seed)


def _never_differs(episode: Callable[[], list[Moment]]) -> bool:
    """Whether many episodes are all the same; one that differs ends the search."""
    first = episode()
    return all(_are_same(first, episode()) for _ in range(_MANY))


def is_random(make: Maker, seed: int) -> bool:
    """Whether seeds make a difference where the same is done, and not only once in a while."""
    episodes = [_seeded(make, seed + other, seed) for other in range(9)]
    alike = _most_alike(episodes)
    if len(episodes) // 2 + 1 < alike < len(episodes):
        episodes += [_seeded(make, seed + other, seed) for other in range(len(episodes), _UNCLEAR)]
        return _most_alike(episodes) <= 3 * len(episodes) // 4
    return alike < len(episodes)


def _seeded(make: Maker, seed: int, actions: int) -> list[Moment]:
    """The first steps of an episode of a seed, the actions drawn by another."""
    with make.made() as env:
        return list(_copies(go_on(env, start(env, f"reset(seed={seed})", seed), 12, actions)))


def _most_alike(episodes: list[list[Moment]]) -> int:
    return max(sum(_are_same(one, other) for other in episodes) for one in episodes)


def _generators_after(env: Any, seed: int | None) -> dict[str, str]:
    start(env, f"reset(seed={seed})", seed)
    return held_generators(env.unwrapped)


def _are_same(one: list[Moment], two: list[Moment]) -> bool:
    return not any(moments_differ(*pair) for pair in zip(one, two, strict=False))


def _check_sampling(make: Maker, seed: int) -> None:
    """Refuse an environment that goes on otherwise where somebody samples its spaces."""
    with make.made() as env:
        sampled = []
        for moment in play(env, _SAMPLED, seed):
            sampled.append(moment.copied())
            env.action_space.sample()
            env.observation_space.sample()
    compare_plays(
        _run(make, _SAMPLED, seed),
        sampled,
        "Where its spaces are sampled between steps, it goes on otherwise than where they are not",
        "The generator of a space is that of who samples it, and self.np_random that of the world: share "
        "none between them.",
    )


def _unseeded_by(make: Maker, seed: int) -> str:
    """Whether a reset in the midst of an episode leaves the generator with the seed that it had."""
    with make.made() as env:
        for _ in play(env, 1, seed + 1):
            pass
        start(env, f"reset(seed={seed})", seed)
        has_seeded = getattr(env.unwrapped, "_np_random_seed", seed) == seed
    return "" if has_seeded else _SEEDS_ONCE


def _own_generator(make: Maker, seed: int) -> str:
    """What to say where it draws from a generator that a reset with a seed leaves where it was."""
    states = []
    for num_steps in (1, 40):
        with make.made() as env:
            for _ in play(env, num_steps, seed + 1):
                pass
            start(env, f"reset(seed={seed})", seed)
            states.append(held_generators(env.unwrapped))
    moved = [path for path, state in states[0].items() if states[1].get(path) != state]
    if not moved:
        return ""
    return (
        f"It draws from {moved[0]}, a generator of its own, which reset(seed=…) leaves where it was. Draw "
        "from self.np_random, which super().reset(seed=seed) seeds; one that reset makes with a number of "
        "its own would draw the same for every seed."
    )


def _cause(make: Maker, seed: int, shared: dict[str, str]) -> str:
    """What is to blame where two runs differ, if that can be seen; `shared` is what classes kept before."""
    with make.made() as env:
        env_class = type(env.unwrapped)
        generators = space_generators(env.unwrapped)
        start(env, f"reset(seed={seed})", seed)
        is_seeded = getattr(env.unwrapped, "_np_random_seed", seed) in (seed, None)  # None: it draws nothing
        for _ in play(env, 60, seed):
            pass
        moved = [name for name, state in space_generators(env.unwrapped).items() if state != generators[name]]
    changed = [name for name, value in _shared_variables(env_class).items() if value != shared.get(name)]
    if moved:
        return (
            f"It samples from its own {moved[0]}, whose generator is the caller's and which reset does not "
            "seed; draw from self.np_random."
        )
    if not is_seeded:
        return "reset does not seed self.np_random: call super().reset(seed=seed) at its beginning."
    if changed:
        return f"{changed[0]} changes, which all environments share; keep it in a variable of self. {_MEND}"
    return ""


def _shared_variables(env_class: type) -> dict[str, str]:
    """What the classes and modules of an environment keep, as texts, by name."""
    found = {}
    for each in env_class.__mro__:
        if each.__module__.partition(".")[0] in ("gymnasium", "csai_core", "builtins", "typing"):
            continue
        for name, value in vars(each).items():
            if isinstance(value, _VARIABLES) and not name.startswith("__"):
                found[f"The class variable {each.__name__}.{name}"] = repr(value)
            elif defaults := getattr(value, "__defaults__", None):
                found[f"A default argument of {each.__name__}.{name}"] = repr(defaults)
        for name, value in vars(sys.modules[each.__module__]).items():
            if isinstance(value, _VARIABLES) and not name.startswith("__"):
                found[f"The variable {name} of the module {each.__module__}"] = repr(value)
    return found


_VARIABLES = (bool, int, float, str, list, dict, set, tuple, np.ndarray)
"""Types of variables in which a world may be kept."""
