"""The losses against sums done by hand."""

import pytest
import torch

from csai_train.losses import td_target, value_of


def test_td_target_by_hand():
    target = td_target(
        torch.tensor([1.0, 1.0]), torch.tensor([10.0, 10.0]), torch.tensor([False, True]), gamma=0.9
    )
    assert target.tolist() == pytest.approx([10.0, 1.0])


def test_value_of_takes_the_column_of_each_action():
    values = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    assert value_of(values, torch.tensor([2, 0])).tolist() == [3.0, 4.0]
