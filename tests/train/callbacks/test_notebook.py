"""The bar and the curve of a training in a notebook."""

from __future__ import annotations

import numpy as np
import pytest

from csai_core import notebooks
from csai_train import ProgressBar, resume, train
from csai_train.callbacks import notebook
from csai_train.datasets import Dataset, DatasetOrigin, train_on_dataset


@pytest.fixture
def page(monkeypatch):
    """A notebook; what is shown in it, one after the other."""
    shown = []
    monkeypatch.setattr(notebooks, "is_notebook", lambda: True)
    monkeypatch.setattr(notebooks.Display, "show", lambda self, content, text: shown.append((content, text)))
    return shown


def begin(**more):
    return train("q_learning", "FrozenLake-v1", total_steps=2000, seed=1, **more)


def test_a_training_shows_itself_in_a_notebook(page, monkeypatch):
    monkeypatch.setattr(notebook, "_SECONDS_BETWEEN", 0.0)
    begin()
    assert len(page) > 100
    assert "0 of 2,000 steps" in page[0][1]
    assert "<svg" not in page[0][0]
    content, text = page[-1]
    assert "2,000 of 2,000 steps" in text
    assert "100%" in content
    assert "mean return" in content
    assert content.count("<svg") == 1


def test_it_is_drawn_twice_a_second_at_most(page):
    begin()
    assert 2 <= len(page) <= 10


def test_a_training_that_goes_on_shows_itself_too(page, tmp_path):
    begin(run_dir=tmp_path / "run")
    page.clear()
    resume(tmp_path / "run", total_steps=3000)
    assert "3,000 of 3,000 steps" in page[-1][1]


def test_nothing_is_shown_twice(page):
    begin(callbacks=[ProgressBar()])
    assert not page
    begin(callbacks=[notebook.NotebookProgress()])
    assert 1 <= sum(text.startswith("2,000 of") for _, text in page) <= 2


def test_a_person_at_ipython_has_a_bar_and_a_program_has_none(monkeypatch, capsys):
    begin()
    assert capsys.readouterr().out == ""
    monkeypatch.setattr(notebooks, "is_terminal_of_ipython", lambda: True)
    begin()
    assert "2,000 / 2,000 steps" in capsys.readouterr().out


def test_the_numbers_are_the_same_in_a_notebook(page, monkeypatch):
    from csai_train.runs import checkpoint

    here = checkpoint.digests(begin().state_dict())
    monkeypatch.setattr(notebooks, "is_notebook", lambda: False)
    assert here == checkpoint.digests(begin().state_dict())


def test_on_a_dataset_the_accuracy_grows(page):
    class Halves(Dataset):
        def _load_data(self):
            images = np.arange(64, dtype=np.float32).reshape(16, 1, 2, 2) / 64
            self.trainset = self.testset = images, np.arange(16) // 8
            self.num_classes = 2

    config = {"batch_size": 4}
    train_on_dataset("linear", Halves(DatasetOrigin.CUSTOM), 3, seed=1, config=config)
    assert "accuracy, " in page[-1][0]
    assert page[-1][0].count("<svg") == 1
