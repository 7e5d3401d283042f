"""Settings are said as they are typed."""

from __future__ import annotations

from csai_train.health import Subject
from csai_train.health.rules.settings import faster, number, option, scaled, slower

PPO = Subject(algorithm="ppo", environment="", total_steps=1, config={"learning_rate": 3e-3})
OTHER = Subject(algorithm="mine", environment="", total_steps=1)


def test_settings_are_options():
    assert option("entropy_coef", 0.01) == "--entropy-coef 0.01"
    assert option("double") == "--double"
    assert scaled(PPO, "learning_rate", 0.5) == "--learning-rate 0.0015"


def test_a_learning_rate_that_is_called_otherwise_is_said_in_words():
    assert slower(PPO) == "--learning-rate 0.0003"
    assert faster(PPO, 2) == "--learning-rate 0.006"
    assert faster(PPO, 1000) == "--learning-rate 1"
    table = Subject(algorithm="", environment="", total_steps=1, config={"learning_rate": 1.0})
    assert faster(table) == "another --seed"
    assert slower(OTHER) == "a learning rate 10 times as small"
    assert faster(OTHER, 3) == "a learning rate 3 times as large"


def test_numbers_are_short():
    assert [number(each) for each in (0.123456, 12, 12345.6)] == ["0.123", "12", "12,346"]
