"""Copies that are handed out never change while anybody has them, or a part of them."""

import numpy as np
import pytest

from csai_core.games import copier

KEPT = {
    "whole": lambda copy: copy,
    "a part": lambda copy: copy[1],
    "a part of a part": lambda copy: copy[1:][0, 1:],
    "in another shape": lambda copy: copy.reshape(-1),
    "its bytes": memoryview,
    "in a list": lambda copy: [copy],
}


def array_and_copier(dtype):
    """An array of shape (3, 4) in memory that goes on behind it, and what copies it."""
    memory = bytearray(13 * np.dtype(dtype).itemsize)
    return np.ndarray((3, 4), dtype, memory), copier(memory, (3, 4), dtype)


@pytest.mark.parametrize("how", KEPT.values(), ids=KEPT)
def test_what_somebody_has_never_changes(how):
    array, copy = array_and_copier(np.uint8)
    kept = []
    for number in range(10):
        array[:] = number
        kept.append(how(copy()))
        for old, one in enumerate(kept):
            assert (np.asarray(one) == old).all()


def test_what_nobody_has_is_used_again():
    array, copy = array_and_copier(np.float32)
    places = set()
    for number in range(10):
        array[:] = number
        seen = copy()
        assert (seen == number).all()
        places.add(seen.ctypes.data)
    assert len(places) == 2


def test_copies_are_writable_and_apart():
    array, copy = array_and_copier(np.uint8)
    first = copy()
    first[:] = 7
    assert not array.any()
    assert not copy().any()
