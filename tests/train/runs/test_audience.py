"""Whether somebody watches: by a file that is touched, whatever the clocks say."""

from __future__ import annotations

import os

from csai_train.runs.audience import LIVE, PATIENCE_SECONDS, WATCHED, Audience, say_watching


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_nobody_is_there_before_the_file_is_touched_and_some_time_after(tmp_path):
    clock = Clock()
    audience = Audience(tmp_path, clock)
    assert not audience.is_there()
    say_watching(tmp_path)
    assert audience.is_there()
    clock.now = PATIENCE_SECONDS - 0.1
    assert audience.is_there()
    clock.now = PATIENCE_SECONDS + 0.1
    assert not audience.is_there()
    os.utime(tmp_path / LIVE / WATCHED, (5, 5))  # a clock that goes wrong
    assert audience.is_there()


def test_what_was_touched_before_the_training_does_not_count(tmp_path):
    say_watching(tmp_path)
    assert not Audience(tmp_path, Clock()).is_there()


def test_a_run_that_nothing_can_be_written_to_is_left_alone(tmp_path):
    say_watching(tmp_path / "none")
    (tmp_path / LIVE).write_text("a file")
    say_watching(tmp_path)
    assert (tmp_path / LIVE).read_text() == "a file"


def test_a_link_is_not_followed(tmp_path):
    (tmp_path / LIVE).mkdir()
    (tmp_path / LIVE / WATCHED).symlink_to(tmp_path / "elsewhere")
    say_watching(tmp_path)
    assert not (tmp_path / "elsewhere").exists()
