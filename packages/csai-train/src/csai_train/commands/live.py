"""`csai live`: watch a training while it learns, or one that is over as it was."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from csai_core.arguments import drawn_seed
from csai_core.commands import output
from csai_core.commands.typed import TypedCommand
from csai_core.commands.values import SEED, Number
from csai_core.errors import CsaiError
from csai_core.signals import interrupt_on_signals
from csai_core.terminal import as_markup
from csai_train.commands.run_arguments import import_option, open_to_play, plain_warnings
from csai_train.commands.run_names import run_argument
from csai_train.commands.watch import has_screen

if TYPE_CHECKING:
    from csai_train.live.spectator import Match, Spectator

_REFRESHES_PER_SECOND = 2.0
_LEAVE = "Ctrl-C leaves; the training goes on."


@click.command("live", cls=TypedCommand)
@run_argument("")
@click.option("--text", is_flag=True, help="Watch in the terminal, as happens without a display.")
@click.option("--speed", type=Number(above=0), help="Play a run again, so many times as fast as it was.")
@click.option("--fps", type=Number(above=0), help="Steps a second of the game. [default: 2 in a terminal]")
@click.option("--seed", type=SEED, help="Of the first game; drawn if not given.")
@import_option
def live_command(run: Path, text: bool, speed: float | None, fps: float | None, seed: int | None) -> None:
    """Watch RUN learn: its curve, what it explores, and a game of its agent with what that thinks.

    Of a training that is under way the newest agent plays; nothing of the training is delayed or changed by
    it, and any number may watch. One that is over is played again from its feed, in half a minute unless
    --speed says otherwise, and --speed does so too for one that is under way. A training on a dataset is
    told by its curve alone, in the terminal.
    """
    from csai_train.live.lines import tell
    from csai_train.live.spectator import Spectator
    from csai_train.runs.listing import open_any
    from csai_train.runs.run import Run

    opened = open_any(run)
    has_game = isinstance(opened, Run)
    if has_game:
        opened = open_to_play(run)
    console = output.console()
    with interrupt_on_signals(), plain_warnings(console):
        is_seen = console.is_terminal or (has_game and has_screen() and not text)
        spectator = Spectator(opened, speed, is_patient=is_seen)
        seed = drawn_seed("csai live", seed)
        try:
            if has_game and not text and has_screen() and _show_window(console, spectator, fps, seed):
                return
            match = _match(console, spectator, seed) if has_game else None
            if console.is_terminal:
                _show(console, spectator, match, fps or _REFRESHES_PER_SECOND)
            else:
                tell(spectator, click.echo)
        except KeyboardInterrupt:
            click.echo()


def _show_window(console: Console, spectator: Spectator, fps: float | None, seed: int) -> bool:
    """Show the training in a window, if that can be; why it cannot is said."""
    from csai_train.live.window import show_in_window

    try:
        spectator.let_play()
        show_in_window(spectator, fps=fps, seed=seed)
    except CsaiError as error:
        console.print(f"[yellow]No window can be shown:[/yellow] {as_markup(error)}", soft_wrap=True)
        return False
    return True


def _match(console: Console, spectator: Spectator, seed: int) -> Match | None:
    """Games of the agent; where there can be none, why is said."""
    from csai_train.live.spectator import Match

    if not console.is_terminal:
        return None
    try:
        spectator.let_play()
        return Match(spectator.pupil, seed) if spectator.pupil else None
    except CsaiError as error:
        console.print(f"[yellow]No game can be shown:[/yellow] {as_markup(error)}", soft_wrap=True)
        return None


def _show(console: Console, spectator: Spectator, match: Match | None, fps: float) -> None:
    """Draw the page until the training is over."""
    from rich.live import Live

    from csai_train.live.terminal import Page

    page = Page(spectator.facts, console)
    note = _LEAVE if spectator.is_live else f"{spectator.told_in_words} Ctrl-C leaves."
    with Live(console=console, auto_refresh=False, screen=False, vertical_overflow="crop") as live:
        while True:
            due_at = time.monotonic() + 1.0 / min(fps, _REFRESHES_PER_SECOND * 4)
            spectator.look()
            if match is not None:
                match.step()
            is_over = spectator.is_over
            scene = None if match is None else match.scene()
            live.update(page.draw(spectator.account, scene, "" if is_over else note), refresh=True)
            if is_over:
                return
            time.sleep(max(due_at - time.monotonic(), 0.0))
