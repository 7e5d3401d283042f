"""How a finished training is judged: its agent and random play, in the same games, and both are kept."""

from __future__ import annotations

from typing import NamedTuple

from csai_core import RandomAgent
from csai_train.agent import TrainedAgent
from csai_train.evaluation.evaluate import evaluate
from csai_train.evaluation.random_play import SEED
from csai_train.events import Evaluation
from csai_train.runs.evaluation_file import write_evaluation, write_random_play
from csai_train.runs.run import Run


class Judgment(NamedTuple):
    """What came of the games of both."""

    random: Evaluation
    trained: Evaluation


def judge(run: Run, agent: TrainedAgent, episodes: int) -> Judgment:
    """Let a random and the trained agent of a run play the same games, and keep what came of them there."""
    random_agent = RandomAgent(agent.action_space, seed=run.seed)
    found = Judgment(
        evaluate(random_agent, run.environment, episodes, SEED),
        evaluate(agent, run.environment, episodes, SEED),
    )
    write_evaluation(run, found.trained)
    write_random_play(run, found.random)
    return found
