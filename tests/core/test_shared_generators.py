"""Generators that all code shares are put back, whatever was done with them."""

from __future__ import annotations

import random
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from csai_core.shared_generators import generators_put_back


def drawn():
    return random.random(), np.random.random()  # noqa: NPY002


def fail_after_seeding():
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002
    drawn()
    raise ZeroDivisionError


def test_they_go_on_as_if_nothing_had_been_drawn():
    with generators_put_back():
        expected = drawn()
    with pytest.raises(ZeroDivisionError), generators_put_back():
        fail_after_seeding()
    assert drawn() == expected


def test_torch_is_looked_at_where_it_is_there(monkeypatch):
    states = ["before"]
    torch = SimpleNamespace(get_rng_state=lambda: states[-1], set_rng_state=states.append)
    monkeypatch.setitem(sys.modules, "torch", torch)
    with generators_put_back():
        states.append("seeded")
    assert states == ["before", "seeded", "before"]
