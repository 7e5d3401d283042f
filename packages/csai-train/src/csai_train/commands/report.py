"""What a person is told when a training is over."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from csai_core import RandomAgent
from csai_train.errors import RunError
from csai_train.evaluation.evaluate import evaluate
from csai_train.evaluation.video import record_game
from csai_train.events import Evaluation
from csai_train.runs.curves import draw_curves
from csai_train.runs.run import Run
from csai_train.training.loop import Training

_EVALUATION_SEED = 1_000_000
"""Games that are judged start from seeds that no training uses by accident."""


def report_interruption(console: Console, run: Run) -> None:
    """Say where a stopped training stands and how to go on."""
    taken = run.steps_taken()
    if taken >= run.total_steps:
        console.print(
            f"\nStopped. The training is complete and saved.\n"
            f"See how well it plays:  [bold]csai evaluate {run.path}[/bold]",
            soft_wrap=True,
        )
        return
    console.print(f"\nStopped; saved after {taken:,} of {run.total_steps:,} steps.")
    console.print(f"Go on with:  [bold]csai train --resume {run.path}[/bold]", soft_wrap=True)


def report_failure(console: Console, run: Run) -> None:
    """Say where a training that failed can be taken up again."""
    console.print(
        f"\nThe training failed; it is saved as it was after {run.steps_taken():,} steps.\n"
        f"Go on from there with:  [bold]csai train --resume {run.path}[/bold]",
        soft_wrap=True,
    )


def report_training(console: Console, run: Run, training: Training, episodes: int) -> None:
    """Judge the trained agent against a random one, and leave a curve and a game in the run."""
    agent = training.agent()
    with console.status(f"Playing {episodes} games …"):
        random_agent = RandomAgent(agent.action_space, seed=run.seed)
        before = evaluate(random_agent, run.environment, episodes, _EVALUATION_SEED)
        after = evaluate(agent, run.environment, episodes, _EVALUATION_SEED)
    console.print(comparison_table({"random": before, "trained": after}, episodes))
    with console.status("Recording a game …"):
        try:
            draw_curves(run)
            record_game(agent, run.environment, run.path / "video" / "game.gif", seed=_best_seed(after))
        except RunError as error:
            console.print(f"[dim]{escape(str(error))}[/dim]", soft_wrap=True)
        except OSError as error:  # the numbers are worth more than the pictures
            console.print(f"[yellow]Warning:[/yellow] a picture could not be written: {error}")
    if run.steps_taken() < training.steps:
        console.print(
            f"\nThe end of the training could not be saved; the newest checkpoint comes after "
            f"{run.steps_taken():,} steps. Make room, then:  [bold]csai train --resume {run.path}[/bold]",
            soft_wrap=True,
        )
    else:
        console.print(f"\nWatch it play:  [bold]csai watch {run.path}[/bold]", soft_wrap=True)


def comparison_table(evaluations: dict[str, Evaluation], episodes: int) -> Table:
    """One row for each agent: mean, spread and interval of the return, score and length."""
    table = Table(
        title=f"{episodes} games", title_justify="left", title_style="bold", box=None, pad_edge=False
    )
    has_scores = all(evaluation.scores is not None for evaluation in evaluations.values())
    headings = ["agent", "return", "± (std)", "95% interval", *(["score"] if has_scores else []), "steps"]
    for heading in headings:
        table.add_column(heading, justify="left" if heading == "agent" else "right")
    for name, evaluation in evaluations.items():
        score = [f"{evaluation.mean_score:.2f}"] if has_scores else []
        low, high = evaluation.interval_return
        table.add_row(
            name,
            f"{evaluation.mean_return:.2f}",
            f"{evaluation.std_return:.2f}",
            f"{low:.2f} to {high:.2f}" if len(evaluation.returns) > 1 else "",
            *score,
            f"{evaluation.mean_length:.0f}",
        )
    return table


def _best_seed(evaluation: Evaluation) -> int:
    """The seed of the game with the highest return, which is worth a recording."""
    return _EVALUATION_SEED + int(evaluation.returns.argmax())
