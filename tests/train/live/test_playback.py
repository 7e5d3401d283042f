"""A feed is told again in its own time."""

from __future__ import annotations

import math

import pytest

from csai_train.live.playback import USUAL_SECONDS, Playback


def event(time, name="episodes"):
    return {"event": name, "steps": 1, "time": time}


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def test_each_event_comes_when_it_is_its_time():
    clock = Clock()
    feed = Playback([event(50.0), event(54.0), event(58.0)], 2.0, clock)
    assert len(feed.new_events()) == 1
    clock.now += 1.9
    assert feed.new_events() == []
    clock.now += 0.1
    assert [each["time"] for each in feed.new_events()] == [54.0]
    clock.now += 99
    assert [each["time"] for each in feed.new_events()] == [58.0]
    assert feed.is_over


def test_the_time_between_a_stop_and_the_next_start_does_not_count():
    feed = Playback([event(1.0, "start"), event(5.0, "stop"), event(9000.0, "start"), event(9001.0)], 1.0)
    assert feed.seconds == 5.0


@pytest.mark.parametrize("times", [[10.0, 5.0, 6.0], [10.0, None, 11.0]])
def test_clocks_that_go_backwards_or_are_missing_do_no_harm(times):
    events = [event(time) if time is not None else {"event": "x", "steps": 1} for time in times]
    assert Playback(events, 1.0).seconds == 1.0


def test_it_takes_half_a_minute_where_nobody_says_how_fast_and_no_longer_than_it_was():
    assert Playback([event(0.0), event(3000.0)]).speed == 3000.0 / USUAL_SECONDS
    assert Playback([event(0.0), event(3.0)]).speed == 1.0
    assert Playback([]).is_over


def test_all_at_once_if_wished():
    feed = Playback([event(0.0), event(3000.0)], math.inf, Clock())
    assert len(feed.new_events()) == 2
