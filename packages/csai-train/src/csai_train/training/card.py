"""What a notebook shows of a training."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csai_core import notebooks
from csai_train.events import mean_score

if TYPE_CHECKING:
    from csai_train.training.loop import Training


def training_card(training: Training) -> str:
    """What is trained where, how far it has come, and the returns of its last 100 episodes."""
    spec = training.environment
    score, mean = mean_score(training.recent), training.recent_return()
    facts: dict[str, object] = {
        "environment": f"{training.envs.num_envs} x {spec.id if spec else type(training.envs).__name__}",
        "steps": f"{training.steps:,} of {training.total_steps:,}",
        "episodes": f"{training.num_episodes:,}",
        "mean return": "" if mean is None else f"{mean:.4g}, of the last {len(training.recent)} episodes",
        "mean score": "" if score is None else f"{score:.4g}",
        "seed": training.seed,
    }
    points = [(float(number), episode.total_reward) for number, episode in enumerate(training.recent)]
    title = f"Training of {type(training.algorithm).__name__}"
    return notebooks.card(title, facts, notebooks.curve(points, "return of the last episodes, one by one"))
