"""The generators that all code of a process shares: Python's, numpy's, and torch's where that is imported."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np


@contextmanager
def generators_put_back() -> Iterator[None]:
    """Inside, code of others may draw from them and seed them; they are as before afterwards."""
    torch = sys.modules.get("torch")
    states = random.getstate(), np.random.get_state()  # noqa: NPY002
    of_torch = None if torch is None else torch.get_rng_state()
    try:
        yield
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])  # noqa: NPY002
        if torch is not None and of_torch is not None:
            torch.set_rng_state(of_torch)
