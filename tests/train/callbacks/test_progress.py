"""What a person sees of a training, with a terminal and without."""

from __future__ import annotations

import io
import re

from rich.console import Console

from csai_train import train
from csai_train.callbacks.progress import ProgressBar


def shown(corridor_id, *, is_terminal, **kwargs):
    file = io.StringIO()
    console = Console(file=file, force_terminal=is_terminal, width=120, highlight=False, color_system=None)
    train(
        "q_learning", corridor_id, seed=1, callbacks=[ProgressBar(console)], **{"total_steps": 500, **kwargs}
    )
    return file.getvalue()


def test_without_a_terminal_twenty_plain_lines(corridor_id):
    lines = shown(corridor_id, is_terminal=False).splitlines()
    assert len(lines) == 20
    pattern = r" +\d+ / 500 steps  [\d,]+ steps/s  return -?\d+\.\d\d  score \d\.\d\d"
    assert all(re.fullmatch(pattern, line) for line in lines[3:])
    assert lines[-1].startswith("        500 / 500 steps")


def test_a_short_training_prints_no_more_lines_than_steps(corridor_id):
    assert len(shown(corridor_id, is_terminal=False, total_steps=3).splitlines()) == 3


def test_a_terminal_gets_a_bar_with_everything_in_it(corridor_id):
    text = re.sub(r"\x1b\[[?\d;]*[A-Za-z]", "", shown(corridor_id, is_terminal=True))
    last = [line for line in re.split(r"[\r\n]+", text) if line.strip()][-1]
    assert re.search(r"100% [\d,]+ steps/s  return -?\d+\.\d\d  score \d\.\d\d took 0:00:0\d", last)
