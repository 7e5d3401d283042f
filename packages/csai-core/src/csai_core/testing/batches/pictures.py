"""Pictures of a batch: one for each game, of that game, as the single environment tells states apart."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from gymnasium.vector import AutoresetMode, SyncVectorEnv

from csai_core.testing.batches.equality import compare_outputs
from csai_core.testing.batches.making import Envs, batch_spec, made_batch, modes_of
from csai_core.testing.batches.play import Output, drive
from csai_core.testing.compare import difference
from csai_core.testing.environment.making import Maker, without_display
from csai_core.testing.environment.rendering import check_picture
from csai_core.testing.suite import called, fail, skip

_GAMES, _STEPS = 3, 24
_MODE = "rgb_array"
_LOOKS = "render() of a batch only looks: it changes nothing, and draws nothing random."


class _Seen(NamedTuple):
    """A game at some moment, as its batch shows it and as the single environment does."""

    when: str
    game: int
    picture: Any
    then: bytes
    """What the picture was when it was made."""
    single: bytes
    """The picture of the single environment."""


def check_pictures(make: Maker, seed: int) -> None:
    """A batch that draws shows each game as it is now, and goes on as one that does not."""
    batch_spec(make)
    make.skip_if_nondeterministic()
    make.drawable_modes(_MODE)
    mode = modes_of(make)[0]
    with made_batch(make, mode, _GAMES) as envs:
        if _MODE not in envs.metadata.get("render_modes", []):
            skip("its batched version draws no pictures")
    with without_display(), made_batch(make, mode, _GAMES, render_mode=_MODE) as envs:
        if envs.render_mode != _MODE:
            fail(
                f"Made with render_mode={_MODE!r}, its batch's render_mode is {envs.render_mode!r}; keep it."
            )
        kept = _played(make, envs, mode or envs.metadata["autoreset_mode"], seed)
    for seen in kept:
        if np.asarray(seen.picture).tobytes() != seen.then:
            fail(
                f"In its batched version, the picture of game {seen.game} at {seen.when} was changed by a "
                "later one. Return arrays of their own."
            )
    _check_games(kept)


def _played(make: Maker, envs: Envs, mode: AutoresetMode, seed: int) -> list[_Seen]:
    """What a play of the batch shows, beside that of single environments."""
    alone = SyncVectorEnv([lambda: make.make(render_mode=_MODE)] * _GAMES, autoreset_mode=mode)
    kept: list[_Seen] = []
    try:
        plays = zip(drive(envs, _STEPS, seed), drive(alone, _STEPS, seed), strict=True)
        for number, (theirs, ours) in enumerate(plays):
            compare_outputs(envs, ours, theirs, mode, _LOOKS)
            pictures = _pictures(envs, theirs)
            singles = [np.array(each) for each in alone.render() or ()]
            if number < 3 and difference(singles, [*(alone.render() or ())], ""):
                skip("pictures of the single environment are not the same each time")
            for game, (picture, single) in enumerate(zip(pictures, singles, strict=True)):
                kept.append(_Seen(theirs.when, game, picture, picture.tobytes(), single.tobytes()))
    finally:
        alone.close()
    return kept


def _pictures(envs: Envs, output: Output) -> Any:
    """What `render` gives: a picture for each game."""
    where = f"In its batched version, at {output.when}, render()"
    pictures: Any = called(envs.render, where)
    if not isinstance(pictures, (tuple, list)) or len(pictures) != _GAMES:
        given = (
            f"{len(pictures)} pictures" if isinstance(pictures, (tuple, list)) else type(pictures).__name__
        )
        fail(f"{where} of {_GAMES} games gave {given}; give a tuple with a picture of each game.")
    for each in pictures:
        check_picture(_MODE, each, f"{output.when} of its batched version")
    if len({each.shape for each in pictures}) > 1:
        fail(f"{where} gave pictures of several shapes; films need pictures of one size.")
    return pictures


def _check_games(kept: list[_Seen]) -> None:
    """Refuse pictures of other games or moments: equal where the single environment's are, and only there."""
    if len({each.single for each in kept}) < 2:
        return
    if len({each.then for each in kept}) == 1:
        fail("In its batched version, all pictures are the same; draw the present state of each game.")
    for one, other in (("single", "then"), ("then", "single")):
        shown: dict[bytes, _Seen] = {}
        for each in kept:
            first = shown.setdefault(getattr(each, one), each)
            if getattr(first, other) != getattr(each, other):
                words = ("the same", "other pictures") if one == "single" else ("other pictures", "the same")
                fail(
                    f"Of game {first.game} at {first.when} and of game {each.game} at {each.when}, the "
                    f"single environment draws {words[0]}, and its batched version {words[1]}. Draw in "
                    "render_frame(game) that game, as it is when it is called."
                )
