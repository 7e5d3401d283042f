"""What a callback holds is weighed, and grows only where each step adds something for good."""

from __future__ import annotations

from collections import deque
from types import SimpleNamespace

import numpy as np
import pytest

from csai_train.testing.callback.growth import CALLS_BETWEEN, Growth, bytes_held


def grown(keep, calls=2100):
    """By how many bytes a step something grows whose attributes `keep` changes."""
    callback, growth = SimpleNamespace(kept=[], recent=deque(maxlen=100), seen=None), Growth()
    for call in range(calls):
        is_weighed = call % CALLS_BETWEEN == 0
        before = bytes_held(callback) if is_weighed else 0
        keep(callback, call)
        if is_weighed:
            growth.note(before, bytes_held(callback))
    return growth.per_step()


def test_arrays_of_every_step_count_whole():
    assert grown(lambda callback, call: callback.kept.append(np.zeros(100))) == pytest.approx(832, rel=0.02)


def test_numbers_of_every_step_count():
    assert grown(lambda callback, call: callback.kept.append(float(call))) == pytest.approx(32, rel=0.02)


def of_an_episode(callback, call):
    callback.kept = [*callback.kept, np.zeros(100)] if call % 30 else []


def once_an_episode(callback, call):
    if call % 30 == 0:
        callback.kept.append(np.zeros(100))


@pytest.mark.parametrize(
    "keep",
    [
        lambda callback, call: callback.recent.append(np.zeros(100)),
        lambda callback, call: setattr(callback, "seen", np.zeros(call % 50)),
        of_an_episode,
        once_an_episode,
    ],
    ids=["the last hundred", "one array", "of an episode", "once an episode"],
)
def test_what_is_let_go_of_or_comes_seldom_does_not(keep):
    assert grown(keep) < 1


def test_little_tells_nothing():
    assert grown(lambda callback, call: callback.kept.append(np.zeros(100)), calls=30) == 0


def test_what_holds_itself_is_weighed_once():
    callback = SimpleNamespace(kept=[np.zeros(10)])
    before = bytes_held(callback)
    callback.kept.append(callback.kept)
    assert bytes_held(callback) == before + 8
