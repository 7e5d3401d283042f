"""Networks of all kinds are built with the memory that their weights say, and no more."""

from __future__ import annotations

import pytest
import torch

from csai_neural.allocation import LimitedAllocation
from csai_neural.errors import NetFileError

WEIGHTS = {"weight": torch.zeros(10, 10)}


@pytest.mark.parametrize(
    "make",
    [
        lambda: torch.nn.Linear(10, 10),
        lambda: torch.nn.Sequential(*(torch.nn.Linear(1, 1) for _ in range(1000))),
        lambda: torch.nn.GRU(64, 64),
        lambda: torch.zeros(2**24),
        lambda: torch.arange(10).repeat(3),
    ],
)
def test_what_a_small_network_needs_is_given(make):
    with LimitedAllocation(WEIGHTS):
        make()


@pytest.mark.parametrize(
    "make",
    [
        lambda: torch.nn.Linear(10**6, 10**6),
        lambda: torch.nn.Linear(10_000, 10_000),
        lambda: torch.nn.Conv2d(10_000, 10_000, 3),
        lambda: torch.nn.Embedding(10**9, 8),
        lambda: torch.nn.LSTM(10**5, 10**5),
        lambda: torch.zeros(10**11),
        lambda: torch.ones(10**6, 10**6),
        lambda: torch.full((10**11,), 1.0),
        lambda: torch.rand(10**11),
        lambda: torch.randn(10**11),
        lambda: [torch.nn.Linear(4000, 4000) for _ in range(100)],
        lambda: [torch.nn.Linear(1, 1) for _ in range(100_000)],
    ],
)
def test_more_is_refused_before_it_is_taken(make):
    with pytest.raises(NetFileError, match="holds weights for a smaller one"), LimitedAllocation(WEIGHTS):
        make()
