"""csai-train: learning algorithms to read, buffers, datasets, evaluation and runs.

Names are imported when first used, so that importing this package costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from csai_core.lazy import lazy_names

if TYPE_CHECKING:
    from csai_train.agent import TrainedAgent
    from csai_train.algorithms.a2c import A2CConfig
    from csai_train.algorithms.deep_q_learning import DeepQLearningConfig
    from csai_train.algorithms.ppo import PPOConfig
    from csai_train.algorithms.q_learning import QLearning, QLearningConfig
    from csai_train.algorithms.reinforce import ReinforceConfig
    from csai_train.buffers.prioritized import PrioritizedReplayBuffer
    from csai_train.buffers.replay import BasicReplayBuffer, DictReplayBuffer, ReplayBuffer, Transitions
    from csai_train.buffers.rollout import RolloutBuffer
    from csai_train.callbacks.progress import ProgressBar
    from csai_train.comparison.comparison import compare
    from csai_train.datasets.learning.history import History
    from csai_train.datasets.learning.train import resume_on_dataset, train_on_dataset
    from csai_train.environments.make import one_of
    from csai_train.evaluation.evaluate import evaluate
    from csai_train.events import Callback, Episode, Evaluation
    from csai_train.functions.deep_q_learning import deep_q_learning
    from csai_train.functions.ppo import PPO
    from csai_train.runs.run import Run
    from csai_train.studies.seeds import train_seeds
    from csai_train.training.fork import fork
    from csai_train.training.loop import Training
    from csai_train.training.start import Start
    from csai_train.training.train import resume, train
    from csai_train.tuning.tune import tune

__version__ = "0.1.0"

__all__ = [
    "PPO",
    "A2CConfig",
    "BasicReplayBuffer",
    "Callback",
    "DeepQLearningConfig",
    "DictReplayBuffer",
    "Episode",
    "Evaluation",
    "History",
    "PPOConfig",
    "PrioritizedReplayBuffer",
    "ProgressBar",
    "QLearning",
    "QLearningConfig",
    "ReinforceConfig",
    "ReplayBuffer",
    "RolloutBuffer",
    "Run",
    "Start",
    "TrainedAgent",
    "Training",
    "Transitions",
    "compare",
    "deep_q_learning",
    "evaluate",
    "fork",
    "one_of",
    "resume",
    "resume_on_dataset",
    "train",
    "train_on_dataset",
    "train_seeds",
    "tune",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "A2CConfig": "algorithms.a2c",
        "BasicReplayBuffer": "buffers.replay",
        "Callback": "events",
        "DeepQLearningConfig": "algorithms.deep_q_learning",
        "DictReplayBuffer": "buffers.replay",
        "Episode": "events",
        "Evaluation": "events",
        "History": "datasets.learning.history",
        "PPO": "functions.ppo",
        "PPOConfig": "algorithms.ppo",
        "PrioritizedReplayBuffer": "buffers.prioritized",
        "ProgressBar": "callbacks.progress",
        "QLearning": "algorithms.q_learning",
        "QLearningConfig": "algorithms.q_learning",
        "ReinforceConfig": "algorithms.reinforce",
        "ReplayBuffer": "buffers.replay",
        "RolloutBuffer": "buffers.rollout",
        "Run": "runs.run",
        "Start": "training.start",
        "TrainedAgent": "agent",
        "Training": "training.loop",
        "Transitions": "buffers.replay",
        "compare": "comparison.comparison",
        "deep_q_learning": "functions.deep_q_learning",
        "evaluate": "evaluation.evaluate",
        "fork": "training.fork",
        "one_of": "environments.make",
        "resume": "training.train",
        "resume_on_dataset": "datasets.learning.train",
        "train": "training.train",
        "train_on_dataset": "datasets.learning.train",
        "train_seeds": "studies.seeds",
        "tune": "tuning.tune",
    },
)
