"""A training watched from a notebook, or by a program: what `run.live()` shows."""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray

from csai_core import notebooks
from csai_core.arguments import check_bool, check_number, drawn_seed
from csai_core.display import draw_without_display
from csai_core.errors import CsaiError
from csai_train.live.lines import tell
from csai_train.live.spectator import Match, Spectator
from csai_train.runs.directory import RunDirectory
from csai_train.runs.run import Run

_SECONDS_BETWEEN = 0.5
"""A page that is drawn more often shows nothing more."""


def show_live(
    run: RunDirectory, *, speed: float | None = None, plays: bool = True, seed: int | None = None
) -> None:
    """Show a training until it is over; see `RunDirectory.live`."""
    seed = drawn_seed("live", seed)
    check_bool("live", "plays", plays)
    if speed is not None:
        check_number("live", "speed", speed, above=0.0)
    if not notebooks.is_notebook():
        tell(Spectator(run, speed, is_patient=False), print)
        return
    spectator, match = Spectator(run, speed), None
    display, why_no_game = notebooks.Display(), ""
    try:
        if plays and isinstance(run, Run):
            try:
                match = _match(spectator, seed)
            except CsaiError as error:
                why_no_game = f"No game can be shown: {error}"
        while True:
            spectator.look()
            if match is not None:
                match.step()
            display.show(*page(spectator, None if match is None else match.picture(), why_no_game))
            if spectator.is_over:
                return
            time.sleep(_SECONDS_BETWEEN)
    except KeyboardInterrupt:  # the cell was stopped; the training goes on
        return
    finally:
        if match is not None:
            match.close()


def _match(spectator: Spectator, seed: int) -> Match | None:
    """Games of the agent, as pictures."""
    draw_without_display()
    spectator.let_play()
    return None if spectator.pupil is None else Match(spectator.pupil, seed, ("rgb_array", "ansi"))


def page(spectator: Spectator, picture: NDArray[np.uint8] | None = None, note: str = "") -> tuple[str, str]:
    """What there is to see of a training now, as HTML, and in words.

    Args:
        spectator: who watches it.
        picture: of a game of its agent; None shows none.
        note: what else there is to say.
    """
    facts, account = spectator.facts, spectator.account
    total = facts.total_steps(account)
    words = f"{account.state}, {account.steps:,} of {total:,} {facts.unit}"
    steps, values = account.curve(facts.measure(account))
    points = list(zip(steps.tolist(), values.tolist(), strict=True))
    told = {
        "now": ", ".join(facts.numbers(account)),
        "to compare with": ", ".join(
            each.words for each in facts.references(facts.measure(account), account)
        ),
        "plays": "" if spectator.pupil is None else f"the agent {spectator.pupil.age}",
        "note": " ".join(part for part in (spectator.told_in_words, note, account.error) if part),
    }
    remarks = {
        f"{each.level} after {each.steps:,}": f"{each.text} {each.advice}" for each in account.remarks[-2:]
    }
    pieces = [notebooks.bar(account.steps / max(total, 1), words)]
    pieces.append(notebooks.curve(points, facts.heading(account)))
    if picture is not None:
        pieces.append(notebooks.image(notebooks.png(picture), "png", "a game of the agent"))
    return notebooks.card(facts.title, {**told, **remarks}, *pieces), f"{facts.title}: {words}"
