"""What is held on to is counted, and what all share is not."""

from __future__ import annotations

import numpy as np

from csai_core.testing.algorithm.reachable import held_by


class Holder:
    shared: list = []  # noqa: RUF012

    def __init__(self):
        self.kept = []


def test_what_is_kept_counts():
    holder = Holder()
    before = held_by(holder)
    holder.kept += [[1.5, 2.5], {"a": 3.5}]
    more = held_by(holder)
    assert more.objects - before.objects >= 5
    holder.kept.append(np.zeros(10))
    assert held_by(holder).bytes - more.bytes == 80


def test_lists_of_the_class_count_too():
    holder = Holder()
    before = held_by(holder)
    Holder.shared.extend([0.25, 0.75])
    assert held_by(holder).objects == before.objects + 2


def test_the_same_object_counts_once():
    holder = Holder()
    array = np.zeros(10)
    holder.kept += [array, array]
    assert held_by(holder).bytes == 80
