"""Film every game at random, half-trained and trained: python docs/environments/make_films.py.

Trains each, or those that are named, with its preset and seed 0, and films the same game at three
moments of the training, by `csai train`, then `csai replay`. All of them take minutes.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from click.testing import CliRunner

from csai_core.commands import main as csai

FOLDER = Path(__file__).parent
GAMES = ("catch", "cartpole", "flappy", "frozenlake", "maze", "simplegrid", "tictactoe")
"""Those filmed here; Snake's film is the README's."""
SMALLEST = ("--total-steps", "2500", "--num-envs", "1")
SEEDS = {"tictactoe": "4"}
"""Of the game that is filmed, where that of seed 8 is won by luck before any training."""
LONGEST = "120"
"""Steps shown of a game, so that films stay small."""


def film(game: str, more: tuple[str, ...] = ()) -> Path:
    """Train, and film."""
    path = FOLDER / f"{game}.gif"
    with tempfile.TemporaryDirectory() as folder:
        run = f"{folder}/run"
        command(
            ["train", f"CSAI/{NAMES[game]}-v0", "--seed", "0", "--episodes", "1", "--run-dir", run, *more]
        )
        stages = ["--stages", "3", "--seed", SEEDS.get(game, "8"), "--max-episode-steps", LONGEST]
        command(["replay", run, *stages, "--out", str(path)])
    return path


NAMES = {
    **{game: game.capitalize() for game in GAMES},
    **{
        "cartpole": "CartPole",
        "frozenlake": "FrozenLake",
        "simplegrid": "SimpleGrid",
        "tictactoe": "TicTacToe",
    },
}


def command(words: list[str]) -> None:
    """Do what the command of these words does."""
    result = CliRunner().invoke(csai, words, catch_exceptions=False)
    if result.exit_code:
        raise SystemExit(result.output)


def main() -> None:
    """Film the games that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("games", nargs="*", metavar="NAME", help=", ".join(GAMES))
    parser.add_argument("--smallest", action="store_true", help="one game, hardly trained")
    options = parser.parse_args()
    games = options.games or (GAMES[:1] if options.smallest else GAMES)
    for game in games:
        path = film(game, SMALLEST if options.smallest else ())
        print(f"{path.name}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
