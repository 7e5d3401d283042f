"""A training on a dataset as views tell of it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from rich.console import Console

from csai_train.live.account import Account
from csai_train.live.dataset_facts import DatasetFacts
from csai_train.live.lines import Lines
from csai_train.live.terminal import Page

FACTS = DatasetFacts(SimpleNamespace(subject="mnist", method="train_on_dataset", total_steps=40))


def learned(steps, accuracy):
    return {"event": "update", "steps": steps, "metrics": {"loss": 1 - accuracy, "accuracy": accuracy}}


@pytest.fixture
def account():
    account = Account()
    tested = {"event": "epoch", "epoch": 1, "steps": 20, "test_loss": 0.25, "test_accuracy": 0.875}
    account.include(
        [{"event": "start", "steps": 0, "total_steps": 40}, learned(10, 0.5), learned(20, 0.75), tested]
    )
    return account


def test_its_curve_is_the_accuracy_beside_that_of_the_newest_test(account):
    steps, values = account.curve(FACTS.measure(account))
    assert (steps.tolist(), values.tolist()) == ([10, 20], [0.5, 0.75])
    assert [each[:2] for each in FACTS.references("accuracy", account)] == [("test", 0.875)]
    assert FACTS.numbers(account) == [
        "loss 0.25",
        "accuracy 75.0%",
        "test after epoch 1: loss 0.25, accuracy 87.5%",
    ]
    assert FACTS.heading(account) == "accuracy while learning"


def test_what_never_happened_is_forgotten(account):
    account.include([{"event": "start", "steps": 10, "total_steps": 40}])
    assert account.curve("accuracy")[0].tolist() == [10]
    assert FACTS.references("accuracy", account) == []


def test_before_anything_is_measured_that_is_said():
    assert FACTS.numbers(Account()) == ["nothing is measured yet"]
    assert FACTS.heading(Account()).endswith("nothing is measured yet")


def test_it_counts_batches(account):
    console = Console(width=80, height=24, color_system=None)
    with console.capture() as drawn:
        console.print(Page(FACTS, console).draw(account))
    assert "20 of 40 batches" in drawn.get()
    assert drawn.get().rstrip().endswith("40 batches")
    assert "test 0.875" in drawn.get()
    assert Lines(FACTS).news(account)[1].startswith("         20 / 40 batches  loss 0.25")
