"""Diagram: a network as a picture, with a card for every block."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from csai_core import storage
from csai_core.display import import_matplotlib
from csai_core.errors import ConfigError, MissingExtraError
from csai_neural.blocks.block import Block
from csai_neural.drawing.glyphs import Pen, draw_glyph
from csai_neural.drawing.layout import CARD_HEIGHT, CARD_WIDTH, Arrow, Layout, lay_out
from csai_neural.wiring import Node

INK = "#22303c"
QUIET = "#6b7a88"
COLORS = {
    "input": "#2f7d5b",
    "dict_input": "#2f7d5b",
    "conv": "#2166a5",
    "linear": "#6a4fa3",
    "flatten": "#52677a",
    "join": "#52677a",
    "recurrent": "#b0562c",
    "attention": "#a33b6d",
    "residual": "#2a7f8f",
    "embedding": "#8a6d1f",
    "norm": "#52677a",
    "dropout": "#52677a",
    "output": "#b23a48",
    "dueling": "#b23a48",
}
OTHER_COLOR = "#44607a"
SIGN = " \N{MULTIPLICATION SIGN} "
MARGIN = 0.25
TITLE = 0.75
FORMATS = ("svg", "png", "pdf")
DOTS_PER_INCH = 200


class Diagram:
    """A picture of a compiled network, drawn when it is saved or shown.

    Args:
        title: what stands above it.
        nodes: the blocks and what feeds each.
    """

    def __init__(self, title: str, nodes: Sequence[Node]) -> None:
        self.title = title
        self.nodes = list(nodes)

    def save(self, path: str | Path) -> Path:
        """Write the picture to a file; its suffix says how: .svg, .png or .pdf.

        Raises:
            ConfigError: if the suffix is another one.
            MissingExtraError: if matplotlib is not installed.
        """
        path = Path(path)
        kind = path.suffix.removeprefix(".").lower()
        if kind not in FORMATS:
            raise ConfigError(f"A diagram cannot be saved as {path.name!r}; use .svg, .png or .pdf.")
        storage.write(path, self.draw(kind))
        return path

    def draw(self, kind: str) -> bytes:
        """The picture as the content of a file of that kind.

        Raises:
            MissingExtraError: if matplotlib is not installed.
        """
        figure = self._figure()
        buffer = io.BytesIO()
        import matplotlib

        # The same network gives the same bytes: no date, and ids that do not change.
        metadata = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(kind)
        with matplotlib.rc_context({"svg.hashsalt": "csai"}):
            figure.savefig(buffer, format=kind, dpi=DOTS_PER_INCH, metadata=metadata)
        return buffer.getvalue()

    def _repr_png_(self) -> bytes:
        """The picture for a notebook."""
        return self.draw("png")

    def _repr_html_(self) -> str:
        """The picture for a notebook, as an image inside the page."""
        code = base64.b64encode(self.draw("png")).decode()
        alt = html.escape(self.title)
        return f'<img alt="{alt}" style="max-width: 100%" src="data:image/png;base64,{code}">'

    def _figure(self) -> Any:
        try:
            import_matplotlib()
            from matplotlib.figure import Figure
        except ImportError as error:
            raise MissingExtraError(
                'Pictures of networks need matplotlib. Install it with: pip install "csai-neural[diagram]"'
            ) from error
        layout = lay_out(self.nodes)
        width, height = layout.width + 2 * MARGIN, layout.height + 2 * MARGIN + TITLE
        figure = Figure(figsize=(width * 0.8, height * 0.8), facecolor="white")
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_xlim(-MARGIN, layout.width + MARGIN)
        axes.set_ylim(-MARGIN, layout.height + MARGIN + TITLE)
        axes.set_aspect("equal")
        axes.axis("off")
        self._draw_title(axes, layout)
        for arrow in layout.arrows:
            _draw_arrow(axes, layout, arrow)
        for node in self.nodes:
            _draw_card(axes, layout.places[node.block], node.block)
        return figure

    def _draw_title(self, axes: Any, layout: Layout) -> None:
        parameters = sum(p.numel() for node in self.nodes for p in node.block.parameters())
        y = layout.height + 0.5 * TITLE
        left = min(place[0] for place in layout.places.values()) - CARD_WIDTH / 2
        axes.text(left, y, self.title, fontsize=17, fontweight="bold", color=INK, va="center")
        right = max(place[0] for place in layout.places.values()) + CARD_WIDTH / 2
        axes.text(right, y, f"{parameters:,} parameters", fontsize=12, color=QUIET, va="center", ha="right")


def _draw_card(axes: Any, center: tuple[float, float], block: Block) -> None:
    from matplotlib.patches import FancyBboxPatch

    x, y = center
    color = COLORS.get(block.kind, OTHER_COLOR)
    left, bottom = x - CARD_WIDTH / 2, y - CARD_HEIGHT / 2
    rounding = "round,pad=0,rounding_size=0.16"
    for offset, face, edge, zorder in ((0.04, "#e4e9ee", "none", 1), (0.0, "white", color, 2)):
        axes.add_patch(
            FancyBboxPatch(
                (left, bottom - offset),
                CARD_WIDTH,
                CARD_HEIGHT,
                boxstyle=rounding,
                facecolor=face,
                edgecolor=edge,
                linewidth=1.6,
                zorder=zorder,
            )
        )
    draw_glyph(Pen(axes, (x, y + 0.28), 1.25, color), block)
    style: dict[str, Any] = {"ha": "center", "va": "center", "zorder": 6}
    axes.text(x, y - 0.56, block.name, fontsize=12.5, fontweight="bold", color=color, **style)
    axes.text(x, y - 0.84, _caption(block), fontsize=9, color=QUIET, **style)


def _draw_arrow(axes: Any, layout: Layout, arrow: Arrow) -> None:
    from matplotlib.patches import FancyArrowPatch
    from matplotlib.path import Path as Curve

    (x, y), (next_x, next_y) = layout.places[arrow.source], layout.places[arrow.target]
    x, next_x = x + CARD_WIDTH / 2 + 0.05, next_x - CARD_WIDTH / 2 - 0.05
    bend = 0.6 * (next_x - x)
    curve = Curve(
        [(x, y), (x + bend, y), (next_x - bend, next_y), (next_x, next_y)],
        [Curve.MOVETO, Curve.CURVE4, Curve.CURVE4, Curve.CURVE4],
    )
    axes.add_patch(
        FancyArrowPatch(path=curve, arrowstyle="-|>", mutation_scale=15, linewidth=1.6, color=INK, zorder=3)
    )
    shape = SIGN.join(map(str, arrow.shape)) or "1"
    label = shape if arrow.key is None else f"{arrow.key}\n{shape}"
    place, upwards = _label_place((x, y), (next_x, next_y), is_fan=arrow.key is not None)
    axes.text(
        *place, label, ha="center", va="bottom" if upwards else "top", fontsize=9.5, color=INK, zorder=6
    )


def _label_place(
    start: tuple[float, float], end: tuple[float, float], is_fan: bool
) -> tuple[tuple[float, float], bool]:
    """Where an arrow's label stands, and whether above the arrow: at the branch, off the bend."""
    if abs(start[1] - end[1]) < 0.01:
        return (end[0] - 0.45 if is_fan else (start[0] + end[0]) / 2, start[1] + 0.14), True
    at, other = (end, start) if is_fan else (start, end)
    inwards = -0.62 if is_fan else 0.45
    upwards = at[1] > other[1]
    return (at[0] + inwards, at[1] + (0.12 if upwards else -0.12)), upwards


def _caption(block: Block) -> str:
    """What the block is, in the few words that fit below its name."""
    parameters = sum(parameter.numel() for parameter in block.parameters())
    return f"{parameters:,} weights" if parameters else type(block).__name__
