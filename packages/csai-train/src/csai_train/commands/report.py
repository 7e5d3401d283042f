"""What a person is told when a training is over.

The agent is saved by then. So whatever else cannot be made, a game or a picture of it, is a line that says
why, and the training has not failed for that.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from rich.console import Console

from csai_core.commands.output import print_rows
from csai_core.errors import CsaiError
from csai_core.terminal import as_markup, as_typed
from csai_train.agent import TrainedAgent
from csai_train.commands.attempt import passing_over
from csai_train.commands.findings import print_findings
from csai_train.environments.make import render_modes
from csai_train.environments.workers import WorkerVectorEnv
from csai_train.evaluation.judgment import judge
from csai_train.evaluation.random_play import SEED
from csai_train.events import Evaluation
from csai_train.health.finding import still_seen
from csai_train.health.history import after_games
from csai_train.runs.episodes import read_episodes
from csai_train.runs.fork import Fork
from csai_train.runs.run import Run
from csai_train.training.loop import Training


def report_interruption(console: Console, run: Run) -> None:
    """Say where a stopped training stands and how to go on."""
    taken = run.steps_taken()
    if taken >= run.total_steps:
        console.print("\nStopped. The training is complete and saved.")
        _say_next(console, ("See how well it plays", f"csai evaluate {as_typed(run.path)}"))
        return
    console.print(f"\nStopped; saved after {taken:,} of {run.total_steps:,} steps.")
    _say_next(console, ("Go on with", f"csai train --resume {as_typed(run.path)}"))


def report_failure(console: Console, run: Run) -> None:
    """Say where a training that failed can be taken up again."""
    taken = run.steps_taken()
    saved = f"it is saved as it was after {taken:,} steps" if taken else "nothing had been saved yet"
    console.print(f"\nThe training failed; {saved}.")
    how = "Go on from there with" if taken else "Begin it again with"
    _say_next(console, (how, f"csai train --resume {as_typed(run.path)}"))


def report_training(console: Console, run: Run, training: Training, episodes: int) -> None:
    """Judge the agent against a random one, leave a curve and a game in the run, and say what is next."""
    agent = training.agent()
    best_seed = SEED
    with passing_over(console, "The agent could not be judged"):
        best_seed = _judge(console, run, agent, episodes)
        training.findings[:] = after_games(training.findings, run)
    if training.num_unlearned:
        console.print(
            f"[dim]The last {training.num_unlearned:,} steps were not learned from: they were too few for an "
            "update.[/dim]",
            soft_wrap=True,
        )
    if isinstance(training.envs, WorkerVectorEnv):
        console.print(training.envs.describe_gain(), soft_wrap=True)
    with passing_over(console, "The curve could not be drawn"):
        _draw(console, run)
    with passing_over(console, "No game could be recorded"):
        _film(console, run, agent, best_seed)
    print_findings(console, training.findings)
    if run.steps_taken() < training.steps:
        console.print(
            f"\nThe end of the training could not be saved; the newest checkpoint comes after "
            f"{run.steps_taken():,} steps. Make room, then:"
        )
        _say_next(console, ("Train its end again", f"csai train --resume {as_typed(run.path)}"))
        return
    longer = 2 * training.steps
    console.print()
    if still_seen(training.findings):
        _say_next(console, ("Look into its health", f"csai doctor {as_typed(run.path)}"))
    if render_modes(run.environment):
        _say_next(console, ("Watch it play", f"csai watch {as_typed(run.path)}"))
    _say_next(
        console,
        ("Measure it again", f"csai evaluate {as_typed(run.path)}"),
        ("Train it for longer", f"csai train --resume {as_typed(run.path)} --total-steps {longer}"),
    )


def _judge(console: Console, run: Run, agent: TrainedAgent, episodes: int) -> int:
    """Print how a random and the trained agent play; the seed of the game with the highest return."""
    waiting = f"Playing {episodes} games to judge it …"
    if not console.is_terminal:
        console.print(waiting)
    with console.status(waiting):
        found = judge(run, agent, episodes)
    print_comparison(console, found._asdict())
    return SEED + int(found.trained.returns.argmax())


def _draw(console: Console, run: Run) -> None:
    from csai_train.runs.curves import draw_comparison, draw_curves

    if (drawn := draw_curves(run)) is not None:
        _say_file(console, "Curve", drawn)
        if (old := _forked_from(run)) is not None:
            _say_file(console, "Both curves", draw_comparison([old, run], run.path / "comparison.png"))


def _forked_from(run: Run) -> Run | None:
    """The run that one was forked from, where that is still beside it and has something to draw."""
    fork = Fork.of(run)
    if fork is None or Path(fork.run).name != fork.run:
        return None
    with suppress(CsaiError):
        old = Run.open(run.path.with_name(fork.run))
        return old if read_episodes(old) else None
    return None


def _film(console: Console, run: Run, agent: TrainedAgent, seed: int) -> None:
    from csai_train.evaluation.video import MOST_STEPS, record_game

    with console.status("Recording a game …"):
        path = run.path / "video" / "game.gif"
        film = record_game(agent, run.environment, path, seed=seed, max_steps=MOST_STEPS)
    _say_file(console, "Game", film)


def _say_file(console: Console, name: str, path: Path) -> None:
    console.print(f"{name + ':':<22} {as_markup(path)}", soft_wrap=True)


def _say_next(console: Console, *commands: tuple[str, str]) -> None:
    """Name commands to go on with, ready to be copied."""
    for aim, command in commands:
        console.print(f"{aim + ':':<22} [bold]{as_markup(command)}[/bold]", soft_wrap=True)


def print_comparison(console: Console, evaluations: dict[str, Evaluation]) -> None:
    """One row for each agent: mean, spread and interval of the return, score and length."""
    has_scores = all(evaluation.scores is not None for evaluation in evaluations.values())
    headings = ("agent", "return", "± (std)", "95% interval", *(["score"] if has_scores else []), "steps")
    rows = []
    for name, evaluation in evaluations.items():
        low, high = evaluation.interval_return
        row = [
            name,
            f"{evaluation.mean_return:.2f}",
            f"{evaluation.std_return:.2f}",
            f"{low:.2f} to {high:.2f}" if len(evaluation.returns) > 1 else "",
            *([f"{evaluation.mean_score:.2f}"] if has_scores else []),
            f"{evaluation.mean_length:.0f}",
        ]
        rows.append(row)
    episodes = len(next(iter(evaluations.values())).returns)
    print_rows(console, headings, rows, title=f"{episodes} game{'s' if episodes > 1 else ''}")
