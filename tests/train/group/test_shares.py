"""What one of several processes trains with."""

from __future__ import annotations

import pytest

from csai_core.errors import ConfigError
from csai_train import DeepQLearningConfig, PPOConfig
from csai_train.group import Group
from csai_train.group.shares import own_seed, own_share


def test_totals_are_shared_and_nothing_else():
    config = DeepQLearningConfig(num_envs=5, batch_size=33, buffer_capacity=1_001, learning_starts=999)
    shares = [own_share(config, Group(rank, 2)) for rank in range(2)]
    assert [each.num_envs for each in shares] == [3, 2]
    assert [each.batch_size for each in shares] == [17, 16]
    assert [each.buffer_capacity for each in shares] == [501, 500]
    assert {each.learning_starts for each in shares} == {999}
    assert own_share(config, Group()) is config


def test_too_little_for_all_is_refused():
    with pytest.raises(ConfigError, match="num_envs is 2, which is a total over all 3 processes"):
        own_share(PPOConfig(num_envs=2), Group(0, 3))
    with pytest.raises(ConfigError, match=r"share of num_envs, where PPOConfig\.num_minibatches"):
        own_share(PPOConfig(num_envs=2, num_steps=4, num_minibatches=8), Group(0, 2))


def test_seeds_differ_by_process():
    seeds = [own_seed(3, Group(rank, 4)) for rank in range(4)]
    assert seeds[0] == 3
    assert len({*seeds}) == 4
    assert seeds == [own_seed(3, Group(rank, 4)) for rank in range(4)]
