"""Learning curves are drawn where there is something to draw."""

from __future__ import annotations

import pytest

from csai_train.datasets import (
    History,
    train_on_dataset,
)
from csai_train.datasets.learning.curves import draw_histories, draw_history
from csai_train.errors import RunError


def test_a_history_draws_itself(net, dataset, tmp_path, is_figure):
    history = train_on_dataset(net, dataset, epochs=2, seed=1).history
    history.plot(tmp_path / "curves.png")
    assert is_figure(tmp_path / "curves.png")
    assert history._repr_png_().startswith(b"\x89PNG")
    draw_histories({"one": history, "other": history}).savefig(tmp_path / "both.png")
    assert is_figure(tmp_path / "both.png")


def test_the_mean_begins_where_there_are_enough_for_one():
    values = [float(value) for value in range(1, 31)]
    history = History(steps_per_epoch=10, curve=[(10 * i, value, 0.5) for i, value in enumerate(values, 1)])
    seen, mean = draw_history(history).axes[0].lines[:2]
    assert len(seen.get_xdata()) == 30
    assert mean.get_xdata()[0] == 2.0  # of the first two
    assert mean.get_ydata()[:2].tolist() == [1.5, 2.5]


def test_nothing_learned_is_nothing_to_draw():
    with pytest.raises(RunError, match="nothing to draw"):
        History().plot()
    with pytest.raises(RunError, match="nothing to compare"):
        draw_histories({"one": History()})
    with pytest.raises(LookupError, match="No epoch was finished"):
        print(History().best)
