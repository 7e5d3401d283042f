"""The history of a training on a dataset: loss and accuracy epoch by epoch, as numbers and as a figure."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from csai_core import storage
from csai_train.events import Epoch

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass
class History:
    """Loss and accuracy of a training on a dataset, epoch by epoch and within epochs.

    Print it for a table; `plot()` draws it, and a notebook shows it drawn.
    """

    epochs: list[Epoch] = field(default_factory=list)
    curve: list[tuple[int, float, float]] = field(default_factory=list)
    """Within epochs: after so many steps, the mean loss and accuracy since the last point."""
    steps_per_epoch: int = 1
    title: str = ""
    """The name of the dataset."""

    @property
    def best(self) -> Epoch:
        """The epoch with the highest accuracy on the test set, the first of them.

        Raises:
            LookupError: if no epoch was finished.
        """
        if not self.epochs:
            raise LookupError("No epoch was finished, so none is the best.")
        return max(self.epochs, key=lambda epoch: epoch.test_accuracy)

    def plot(self, path: str | Path | None = None) -> Figure:
        """Draw loss and accuracy over the epochs.

        Args:
            path: where to save the figure, `.png` or `.svg`; None saves nothing.

        Returns:
            The figure of matplotlib.
        """
        from csai_train.datasets.learning.curves import draw_history

        figure = draw_history(self)
        if path is not None:
            with storage.replacement(path) as unfinished:
                figure.savefig(unfinished)
        return figure

    def _repr_png_(self) -> bytes:
        """What a notebook shows."""
        buffer = io.BytesIO()
        self.plot().savefig(buffer, format="png")
        return buffer.getvalue()

    def __str__(self) -> str:
        heading = "epoch    loss  accuracy  test loss  test accuracy  seconds"
        rows = [
            f"{e.epoch:>5}  {e.loss:>6.4f}  {e.accuracy:>8.2%}  {e.test_loss:>9.4f}  {e.test_accuracy:>13.2%}"
            f"  {e.seconds:>7.1f}"
            for e in self.epochs
        ]
        return "\n".join([heading, *rows])
