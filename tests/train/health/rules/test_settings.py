"""Settings are said as they are typed."""

from __future__ import annotations

from csai_core.schedules import Schedule
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


def test_a_schedule_is_changed_at_both_ends_and_quoted_for_a_shell():
    config = {"learning_rate": Schedule("cosine", 3e-3, 1e-5)}
    subject = Subject(algorithm="", environment="", total_steps=1, config=config)
    assert slower(subject) == "--learning-rate 'cosine:0.0003->1e-06'"
    assert faster(subject) == "--learning-rate 'cosine:0.03->0.0001'"
    assert faster(subject, 1000) == "--learning-rate 1"


def test_numbers_are_short():
    assert [number(each) for each in (0.123456, 12, 12345.6)] == ["0.123", "12", "12,346"]
