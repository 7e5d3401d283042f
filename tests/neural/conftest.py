"""What all tests of networks share."""

import pytest
import torch


@pytest.fixture(autouse=True)
def _same_weights_every_time():
    torch.manual_seed(0)
