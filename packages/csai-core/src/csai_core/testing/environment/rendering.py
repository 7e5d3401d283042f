"""Pictures and texts of an environment: of the right kind, of the present state, and without effect on it."""

from __future__ import annotations

import itertools
from collections.abc import Hashable
from typing import Any, NamedTuple

import numpy as np

from csai_core.testing.compare import difference, leaves, snapshot
from csai_core.testing.environment.generators import world_generator
from csai_core.testing.environment.making import Maker, has_window, without_display
from csai_core.testing.environment.rollout import Moment, compare_plays, moments_differ, play, start
from csai_core.testing.suite import fail, skip

_NUM_STEPS = 40
_DRAWN = ("rgb_array", "ansi")
"""Render modes that give what can be compared."""
_STARTS = 8
"""So many episodes of one environment begin with the picture that a new one shows."""
_APART, _REPEATED = 12, 4
"""A play is drawn for the first time after each so many steps, and where so many pictures come again."""


def check_rendering(make: Maker, seed: int) -> None:
    """Every render mode gives what it promises, before the first step too, and none needs a display."""
    with make.made() as env:
        metadata = env.metadata
        is_mujoco = hasattr(env.unwrapped, "mujoco_renderer")
    modes = metadata.get("render_modes", [])
    if is_mujoco:  # whose window, where there is no screen for it, ends the whole process
        modes = [mode for mode in modes if mode != "human"]
    if not modes:
        skip("it has no render modes")
    if not metadata.get("render_fps", 0) > 0:
        fail('metadata["render_fps"] is missing or not above 0; say how many steps a second look natural.')
    for mode in make.drawable_modes(*modes):
        had_window = has_window()
        with without_display(), make.made(render_mode=mode) as env:
            if env.render_mode != mode:
                fail(
                    f"Made with render_mode={mode!r}, its render_mode is {env.render_mode!r}; keep it: "
                    "self.render_mode = render_mode."
                )
            for number, moment in enumerate(play(env, _NUM_STEPS, seed)):
                check_picture(mode, env.render(), moment.when)
                if mode == "rgb_array" and has_window() and not had_window:
                    fail("Mode 'rgb_array' opened a window; draw on a pygame.Surface, not pygame.display.")
                if mode == "human" and number == 2:
                    break


def check_picture(mode: str, picture: Any, when: object) -> None:
    """Refuse what is no picture of a mode."""
    if mode == "rgb_array":
        is_frame = isinstance(picture, np.ndarray) and picture.dtype == np.uint8 and picture.ndim == 3
        if not is_frame or picture.shape[2] != 3:
            fail(
                f"At {when}, render() gave {_form(picture)} in mode 'rgb_array'; give uint8 (height, width, "
                "3)."
            )
        if picture.size == 0:
            fail(f"At {when}, render() gave a picture without pixels, of shape {picture.shape}.")
    elif mode == "ansi" and not isinstance(picture, str):
        fail(f"At {when}, render() gave {_form(picture)} in mode 'ansi'; give a str.")
    elif mode == "human" and picture is not None:
        fail(
            f"At {when}, render() gave {_form(picture)} in mode 'human'; draw in the window and return None."
        )
    elif mode not in ("human", "ansi", "rgb_array") and picture is None:
        fail(
            f'At {when}, render() gave None in mode {mode!r}, which metadata["render_modes"] promises. '
            "Draw it, or do not promise it."
        )


def check_pictures_change_nothing(make: Maker, seed: int) -> None:
    """An environment that is drawn goes on as one that is not, its generator too."""
    for mode in make.drawable_modes(*_DRAWN):
        with without_display(), make.made() as env, make.made(render_mode=mode) as drawn:
            plain = [moment.copied() for moment in play(env, _NUM_STEPS, seed)]
            seen = list(_seen(drawn, mode, seed))
        for each in seen:
            if each.changed:
                fail(f"At {each.moment.when}, render() in mode {mode!r} {each.changed}")
        if not make.is_nondeterministic:
            compare_plays(
                plain,
                [each.moment for each in seen],
                f"Drawn in mode {mode!r} (the other), the environment goes on otherwise",
                "render() only looks: work on copies, and draw nothing random from self.np_random in it.",
            )


def check_pictures_show_the_state(make: Maker, seed: int) -> None:
    """Pictures have one size, are arrays of their own, and tell states apart, the present one each time."""
    for mode in make.drawable_modes(*_DRAWN):
        plays = [_pictures(make, mode, seed + other) for other in range(3)]
        kept = [each for one in plays for each in one]
        _check_sizes(mode, kept)
        _check_owned(mode, kept)
        _check_change(mode, plays)
        _check_presence(mode, kept)
        if not make.is_nondeterministic:
            _check_first_pictures(make, mode, seed)
            for other, seen in enumerate(plays):
                _check_later_pictures(make, mode, seed + other, seen)


class _Seen(NamedTuple):
    moment: Moment
    picture: Any
    then: Any
    """What the picture was when it was made."""
    changed: str
    """What rendering changed, as the end of a sentence; empty if nothing."""


def _pictures(make: Maker, mode: str, seed: int) -> list[_Seen]:
    with without_display(), make.made(render_mode=mode) as env:
        return list(_seen(env, mode, seed))


def _seen(env: Any, mode: str, seed: int) -> Any:
    with without_display():
        for moment in play(env, _NUM_STEPS, seed):
            then, before = moment.copied(), world_generator(env)
            picture = env.render()
            changed = ""
            if world_generator(env) != before:
                changed = (
                    "draws from self.np_random, so that an environment that is watched goes on otherwise. "
                    "Give what is random in pictures a generator of its own."
                )
            elif moments_differ(then, moment):
                changed = "changes the observation or info that was handed out. Work on copies."
            yield _Seen(then, picture, snapshot(picture), changed)


def _check_sizes(mode: str, kept: list[_Seen]) -> None:
    shapes = {each.then.shape for each in kept if isinstance(each.then, np.ndarray)}
    if len(shapes) > 1:
        one, other = sorted(shapes)[:2]
        fail(
            f"render() in mode {mode!r} gives pictures of the shapes {one} and {other}; films and windows "
            "need pictures of one size."
        )


def _check_owned(mode: str, kept: list[_Seen]) -> None:
    for each in kept:
        if difference(each.then, each.picture, "picture"):
            fail(
                f"The picture of {each.moment.when} in mode {mode!r} was changed by a later one, so that a "
                "film shows the last one only. Return a copy: self.canvas.copy()."
            )


def _check_change(mode: str, plays: list[list[_Seen]]) -> None:
    episodes = [episode for one in plays for episode in _episodes(one) if len(_observations(episode)) > 2]
    if len(episodes) > 1 and all(len({_key(each.then) for each in one}) == 1 for one in episodes):
        fail(
            f"render() in mode {mode!r} gives the same all through an episode, in "
            f"{max(len(_observations(each)) for each in episodes)} states whose observations differ; draw "
            "the present state, each time again."
        )


def _check_first_pictures(make: Maker, mode: str, seed: int) -> None:
    """Refuse pictures of which something stays as it was painted in an episode before."""
    seeds = range(seed, seed + _STARTS)
    later = _first_pictures(make, mode, list(seeds))
    for each, picture in zip(seeds, later, strict=True):
        if not difference([picture], _first_pictures(make, mode, [each]), ""):
            continue
        fresh, again = _first_pictures(make, mode, [each, each])
        if difference(fresh, picture, "") and not difference(fresh, again, ""):
            fail(
                f"After other episodes, the first picture of reset(seed={each}) in mode {mode!r} is not the "
                "one that a new environment shows: something in it is still that of an episode before. "
                "Paint it again after each reset, or keep pictures under all that they show."
            )


def _check_later_pictures(make: Maker, mode: str, seed: int, seen: list[_Seen]) -> None:
    """Refuse pictures that show something of an earlier one, as one shows that nobody has drawn before."""
    numbers = {_key(each.then): number for number, each in reversed([*enumerate(seen)])}
    firsts = [numbers[_key(each.then)] for each in seen]
    repeated = [
        number
        for number, first in enumerate(firsts)
        if _key(seen[first].moment.observation) != _key(seen[number].moment.observation)
    ]
    for number in sorted({*repeated[-_REPEATED:], *range(_APART, len(seen), _APART)}):
        if not difference([seen[number].then], _drawn_once(make, mode, seed, number)[:1], ""):
            continue
        (one, other), again = (_drawn_once(make, mode, seed, number) for _ in range(2))
        if not difference([one, one], [other, again[0]], ""):
            fail(
                f"At {seen[number].moment.when}, the picture in mode {mode!r} is not the one of an "
                "environment that did the same and is drawn for the first time: something in it is still "
                "that of an earlier picture. Paint all of it each time, or keep pictures under all that "
                "they show."
            )


def _drawn_once(make: Maker, mode: str, seed: int, number: int) -> list[Any]:
    """What is shown at a moment of a play that was not drawn before, and shown there again."""
    with without_display(), make.made(render_mode=mode) as env:
        for _ in itertools.islice(play(env, _NUM_STEPS, seed), number + 1):
            pass
        return [snapshot(env.render()) for _ in range(2)]


def _first_pictures(make: Maker, mode: str, seeds: list[int]) -> list[Any]:
    """What one environment shows after resets with the seeds."""
    pictures = []
    with without_display(), make.made(render_mode=mode) as env:
        for seed in seeds:
            start(env, f"reset(seed={seed})", seed)
            pictures.append(snapshot(env.render()))
    return pictures


def _episodes(play: list[_Seen]) -> list[list[_Seen]]:
    episodes: list[list[_Seen]] = []
    for each in play:
        if each.moment.action is None:
            episodes.append([])
        episodes[-1].append(each)
    return episodes


def _observations(episode: list[_Seen]) -> set[Hashable]:
    return {_key(each.moment.observation) for each in episode}


def _check_presence(mode: str, kept: list[_Seen]) -> None:
    """Refuse pictures of the step before, which the last observation tells and not their own."""
    pairs = [(_key(each.moment.observation), _key(each.then)) for each in kept]
    late = [
        (_key(one.moment.observation), _key(two.then))
        for one, two in itertools.pairwise(kept)
        if two.moment.action is not None
    ]
    if _conflicts(pairs) >= 4 and _conflicts(late) == 0 and len(late) - len({one for one, _ in late}) >= 6:
        fail(
            f"render() in mode {mode!r} shows the state of the step before: the same observation comes with "
            "different pictures, and each picture tells what was observed a step earlier. Draw when render "
            "is called, from the present state."
        )


def _conflicts(pairs: list[tuple[Hashable, Hashable]]) -> int:
    """How often an observation comes with another picture than at first."""
    first: dict[Hashable, Hashable] = {}
    return sum(first.setdefault(observation, picture) != picture for observation, picture in pairs)


def _key(value: Any) -> Hashable:
    parts = (
        (path, each.tobytes() if isinstance(each, np.ndarray) else str(each))
        for path, each in leaves(value, "")
    )
    return tuple(parts)


def _form(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"an array of {value.dtype} of shape {value.shape}"
    return "None" if value is None else f"a {type(value).__name__}"
