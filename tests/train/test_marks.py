"""When something is due now and then: at the same steps, however long and however often stopped."""

from __future__ import annotations

import pytest

from csai_train.marks import MARKS, Interval, Marks


def test_an_interval_passes_at_the_same_steps_however_often_it_was_stopped():
    whole = Interval(10)
    assert [steps for steps in range(0, 36, 3) if whole.has_passed(steps)] == [12, 21, 30]
    resumed = Interval(10, steps=15)
    assert [steps for steps in range(15, 36, 3) if resumed.has_passed(steps)] == [21, 30]


@pytest.mark.parametrize(
    ("every", "first"),
    [
        (3, [3, 6, 9]),
        (1024, [1024, 2048]),
        (1500, [1024, 1500, 3000]),
        (5000, [1024, 2048, 4096, 5000, 10_000]),
    ],
)
def test_a_long_training_is_marked_early_too(every, first):
    marks, resumed = Marks(every), []
    passed = [step for step in range(1, first[-1] + 1) if marks.has_passed(step)]
    assert passed == first
    for step in range(1, first[-1] + 1):
        if Marks(every, step - 1).has_passed(step):
            resumed.append(step)
    assert resumed == first


def test_there_are_few_marks_however_long_a_training_is():
    for total in (1, 399, 10**6, 10**12):
        marks, steps, count = Marks(total // MARKS), 0, 0
        while steps < total:
            steps = marks._next
            count += marks.has_passed(steps)
        assert count < 2 * MARKS
