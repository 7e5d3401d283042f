"""Several overlays by their names, one over the other, on picture after picture: for films and windows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from csai_core.overlays.color_scale import ColorScale
from csai_core.overlays.offered import overlay_named
from csai_core.overlays.overlay import Clickable, Overlay, SessionView
from csai_core.overlays.sizes import at_least


class Painter:
    """Paints overlays one over the other.

    Args:
        names: of the overlays, the lowest first.
        least_side: of pictures, in pixels; smaller ones are enlarged, so that numbers can be read.
        scale: of all values; None lets the first picture decide.
    """

    def __init__(
        self, names: Sequence[str], *, least_side: int | None = None, scale: ColorScale | None = None
    ) -> None:
        self.names = tuple(names)
        self.least_side = least_side
        self.scale = scale
        self._overlays: list[Overlay] | None = None

    @property
    def name(self) -> str:
        """All names."""
        return ", ".join(self.names)

    def chosen(self, view: SessionView) -> list[Overlay]:
        """The overlays of these names, the same ones from the first view on.

        Raises:
            UnknownNameError: if one of the names is none of an overlay that is true here.
        """
        if self._overlays is None:
            self._overlays = [overlay_named(name, view, self.scale) for name in self.names]
        return self._overlays

    def paint(self, frame: NDArray[np.uint8], view: SessionView) -> NDArray[np.uint8]:
        """The picture with all of them.

        Args:
            frame: what the environment renders.
            view: what there is to look at; the first one tells which overlays are true.

        Raises:
            UnknownNameError: if one of the names is none of an overlay that is true here.
        """
        overlays = self.chosen(view)
        frame = self._enlarged(frame)
        for overlay in overlays:
            frame = overlay.paint(frame, view)
        return frame

    @property
    def hint(self) -> str:
        """What a click on the picture does; empty where none of them answers any."""
        return next((each.hint for each in self._overlays or () if isinstance(each, Clickable)), "")

    def click(self, frame: NDArray[np.uint8], place: tuple[float, float], view: SessionView) -> str:
        """The answer of the first that has one; see `Clickable.click`."""
        large = self._enlarged(frame)
        scale = large.shape[1] / frame.shape[1]
        there = scale * place[0], scale * place[1]
        clickable = (each for each in self.chosen(view) if isinstance(each, Clickable))
        return next(filter(None, (each.click(large, there, view) for each in clickable)), "")

    def _enlarged(self, frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
        return frame if self.least_side is None else at_least(frame, self.least_side)
