"""The first line of a training."""

from __future__ import annotations

import io

from rich.console import Console

from csai_train.commands.headline import Headline, computing_in_words
from csai_train.events import Session


class Computing(Session):
    def describe(self):
        return {"backend": "numpy", "device": "cpu", "reason": "it is [fast]", "note": "It is flat."}


def said(session, remark="", **more):
    file = io.StringIO()
    console = Console(file=file, width=200)
    Headline(console, "Training [bold]x[/bold]", "; kept in y", remark, **more).start(session)
    return file.getvalue()


def test_it_says_how_the_training_is_computed_and_why():
    expected = "Training x (backend numpy, device cpu: it is [fast]); kept in y\n"
    assert said(Computing(1)) == expected
    assert said(Computing(1), "It has reached: [3]") == expected + "It has reached: [3]\n"
    assert said(Computing(1), has_note=True) == expected + "It is flat.\n"
    assert said(Session(1), has_note=True) == "Training x; kept in y\n"


def test_what_does_not_say_how_it_computes_is_named_alone():
    assert said(Session(1)) == "Training x; kept in y\n"
    assert computing_in_words({"reason": "nobody knows"}) == "nobody knows"
