"""Learning, by its old path."""

from csai_train import PPO, QLearning, deep_q_learning

__all__ = ["PPO", "QLearning", "deep_q_learning"]
