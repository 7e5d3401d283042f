"""Several marks as one check, by hand."""

from __future__ import annotations

import pytest

from csai_train.health import Mark
from csai_train.health.checks import MARKS_OF_A_CHECK, as_one, checks_among, is_due


def test_a_check_has_all_episodes_the_means_of_what_was_measured_and_the_vitals_of_now(summary):
    marks = [
        Mark(10, summary(20.0, 5.0, count=2), {"loss": 1.0}, {"value": 1.0}),
        Mark(20, {}, {"loss": 4.0, "kl": 0.5}),
        Mark(30, summary(50.0, 5.0, count=4), {"loss": 4.0}),
    ]
    check = as_one(marks, {"value": 7.0})
    assert check.steps == 30
    assert check.metrics == {"loss": 3.0, "kl": 0.5}
    assert check.vitals == {"value": 7.0}
    assert (check.episodes["count"], check.episodes["mean_return"]) == (6, 40.0)
    assert (check.episodes["lowest_return"], check.episodes["highest_return"]) == (15.0, 55.0)


def test_one_mark_is_a_check_as_it_is(summary):
    mark = Mark(10, summary(), {"loss": 1.0}, {"value": 1.0})
    assert as_one([mark], mark.vitals) == mark
    assert as_one([Mark(10)], {}) == Mark(10)


def test_a_check_is_due_after_a_few_marks():
    marks = [Mark(10 * i) for i in range(1, 11)]
    assert [count for count in range(1, 11) if is_due(marks[:count])] == [*range(MARKS_OF_A_CHECK, 11)]


@pytest.mark.parametrize(
    ("checked", "checks", "since"),
    [
        ([40, 80], [40, 80], [90, 100]),
        ([], [40, 80], [90, 100]),  # nobody looked
        (range(10, 101, 10), range(10, 101, 10), []),  # as older versions did, at every mark
        ([40, 60, 100], [40, 60, 100], []),  # a training that was complete after 60, and was made longer
    ],
)
def test_checks_are_found_again_where_vitals_were_taken(checked, checks, since):
    marks = [Mark(10 * i, vitals={"value": i} if 10 * i in checked else {}) for i in range(1, 11)]
    found, left = checks_among(marks, [*checked])
    assert [check.steps for check in found] == [*checks]
    assert [mark.steps for mark in left] == since
    assert all(check.vitals == {"value": check.steps // 10} for check in found if check.steps in checked)
