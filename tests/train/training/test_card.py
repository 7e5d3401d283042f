"""What a notebook shows of a training, and of an evaluation."""

from __future__ import annotations

import gymnasium
import numpy as np

from csai_train import Evaluation, train


def test_a_training_tells_how_far_it_has_come():
    training = train("q_learning", "FrozenLake-v1", total_steps=500, seed=4)
    shown = training._repr_html_()
    for words in ("Training of TabularQLearning", "1 x FrozenLake-v1", "500 of 500", "<svg", ">4<"):
        assert words in shown
    short = train("q_learning", gymnasium.make("FrozenLake-v1"), total_steps=1, seed=4)._repr_html_()
    assert "mean return" not in short


def test_an_evaluation_tells_its_numbers():
    many = Evaluation(np.array([1.0, 2.0]), np.array([3, 4]), np.array([5.0, 6.0]), num_cut=1)
    shown = many._repr_html_()
    for words in ("Evaluation of 2 games", "1.5 ± 0.5", "-4.853 to 7.853", ">5.5<", ">3.5<", ">1<"):
        assert words in shown
    one = Evaluation(np.array([1.0]), np.array([3]))._repr_html_()
    assert "Evaluation of 1 game<" in one
    assert "nan" not in one
