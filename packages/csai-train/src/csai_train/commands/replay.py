"""`csai replay`: a film of growing skill, from before the training to its end."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from csai_core.arguments import drawn_seed
from csai_core.commands import output
from csai_core.commands.typed import TypedCommand
from csai_core.commands.values import COUNT, SEED, Number, OutputFile
from csai_train.commands.run_arguments import import_option, open_to_play, plain_warnings
from csai_train.commands.run_names import run_argument

if TYPE_CHECKING:
    from csai_train.evaluation.growth import Grown
    from csai_train.runs.run import Run


@click.command("replay", cls=TypedCommand)
@run_argument()
@click.option(
    "--stages",
    default="5",
    show_default=True,
    metavar="N|A,B,…",
    help="How many moments of the training, or after which steps; the nearest that were kept are taken.",
)
@click.option(
    "--out",
    type=OutputFile(".gif", ".mp4"),
    help="The film, FILE.gif or FILE.mp4. [default: video/growth.gif in the run]",
)
@click.option("--seed", type=SEED, help="Of the game, which is the same at all stages; drawn if not given.")
@click.option("--fps", type=Number(above=0), help="Pictures a second.")
@click.option("--max-episode-steps", type=COUNT, default=600, show_default=True, help="Leave games then.")
@import_option
def replay_command(
    run: Path, stages: str, out: Path | None, seed: int | None, fps: float | None, max_episode_steps: int
) -> None:
    """Film the agent of RUN before its training, at moments of it, and at its end, in the same game.

    A run keeps six small snapshots of its agent, closer together at the start; an older run has only its
    checkpoints. Of long games every third picture is shown, or every ninth, which the film says.
    """
    from csai_train.evaluation.growth import film_growth
    from csai_train.runs.earlier_agents import open_earlier_agents

    opened = open_to_play(run)
    console = output.console()
    path = out or opened.path / "video" / "growth.gif"
    chosen = _chosen(opened, stages)
    seed = drawn_seed("csai replay", seed)
    with plain_warnings(console), console.status("Playing …"):
        grown = film_growth(
            open_earlier_agents(opened, chosen),
            opened.environment,
            path,
            seed=seed,
            fps=fps,
            max_steps=max_episode_steps,
        )
    has_score = any(each.score is not None for each in grown)
    headings = ("after", "games", *(["score"] if has_score else []), "return", "steps", "")
    output.print_rows(console, headings, [_row(each, has_score) for each in grown])
    console.print(f"Saved to {path} (--seed {seed})", soft_wrap=True, markup=False)


def _chosen(run: Run, typed: str) -> list[int]:
    """The stages that are meant, as numbers of steps."""
    from csai_train.runs.earlier_agents import known_steps, spread

    try:
        numbers = [int(each.replace("_", "")) for each in typed.split(",")]
    except ValueError:
        numbers = []
    if not numbers or min(numbers) < 0 or (len(numbers) == 1 and numbers[0] < 2):
        raise click.UsageError(
            f"--stages was given {typed!r}; it must be how many, such as 5, or which: 0,2000,9000."
        )
    known = known_steps(run)
    if len(numbers) == 1:
        return spread(known, numbers[0])
    return sorted({min(known, key=lambda each: abs(each - wished)) for wished in numbers})


def _row(grown: Grown, has_score: bool) -> Sequence[str]:
    return (
        f"{grown.steps:,} steps",
        f"{grown.episodes:,}",
        *(["" if grown.score is None else f"{grown.score:g}"] if has_score else []),
        f"{grown.total_reward:.2f}",
        f"{grown.length:,}",
        "" if grown.is_over else "not over",
    )
