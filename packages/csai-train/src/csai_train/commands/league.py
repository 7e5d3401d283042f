"""`csai league`: everybody's agents, the same games, and who is best."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from csai_core.commands.output import console, json_option, print_json, print_rows
from csai_core.commands.typed import TypedCommand
from csai_core.commands.values import COUNT, SEED, OutputFile
from csai_core.terminal import as_markup
from csai_train.commands.run_arguments import import_option, open_to_play, plain_warnings
from csai_train.commands.run_names import RunName, runs_in

if TYPE_CHECKING:
    from csai_train.comparison.league import League


@click.command("league", cls=TypedCommand)
@click.argument("runs", type=RunName(), nargs=-1, required=True)
@click.option("--episodes", type=COUNT, default=100, show_default=True, help="How many games each plays.")
@click.option("--seed", type=SEED, help="Same seed, same games; drawn if not given.")
@click.option("--out", type=OutputFile(".png", ".svg"), help="Draw it into a file too; .png or .svg.")
@json_option
@import_option
def league_command(
    runs: tuple[Path, ...], episodes: int, seed: int | None, out: Path | None, as_json: bool
) -> None:
    """Let the agents of RUNS play the same games, and rank them: runs, or folders that hold runs.

    All must be of one game; what they observe of it may differ. Random actions play too. What is compared
    is the game's own score where it keeps one, and otherwise the return. A run whose agent cannot play is
    passed over, and said.

    As JSON it is an object with environment, measure, players (name, algorithm, mean, interval, values), the
    best first, and passed_over.
    """
    from csai_train.comparison.league import draw_league, play_league

    screen = console(stderr=as_json)
    opened = [open_to_play(path) for path in runs_in(runs)]
    with plain_warnings(screen), screen.status("Playing …") as status:
        league = play_league(
            opened,
            episodes=episodes,
            seed=seed,
            watch=lambda name: status.update(f"Playing {episodes} games: {as_markup(name)} …"),
        )
    if as_json:
        print_json(_described(league))
    else:
        _print(screen, league)
    if out is not None:
        draw_league(league, out)
        screen.print(f"Drawn to {as_markup(out)}", soft_wrap=True)


def _print(screen: Console, league: League) -> None:
    rows = []
    for place, player in enumerate(league.players, 1):
        low, high = player.interval
        between = f"{low:.2f} to {high:.2f}" if len(player.values) > 1 else ""
        best = f"{player.values.max():.2f}"
        rows.append((player.name, str(place), player.algorithm, f"{player.mean:.2f}", between, best))
    headings = ("agent", "place", "algorithm", "mean", "95% interval", "best game")
    print_rows(screen, headings, rows, title=f"{league.environment}, {league.measure}")
    for each in league.passed_over:
        screen.print(f"[yellow]Passed over:[/yellow] {as_markup(each)}", soft_wrap=True)


def _described(league: League) -> dict[str, Any]:
    return {
        "environment": league.environment,
        "measure": league.measure,
        "players": [
            {
                "name": player.name,
                "algorithm": player.algorithm,
                "mean": player.mean,
                "interval": player.interval,
                "values": player.values,
            }
            for player in league.players
        ],
        "passed_over": league.passed_over,
    }
