"""Overlays: what an agent thinks, painted over the picture of its game."""

from csai_core.overlays.arrows import Policy
from csai_core.overlays.board import Board
from csai_core.overlays.carpet import Values
from csai_core.overlays.cells import Cell, Move
from csai_core.overlays.choices import Choices
from csai_core.overlays.color_scale import ColorScale
from csai_core.overlays.offered import NAMES, available, overlay_named, paint
from csai_core.overlays.overlay import Clickable, ExplainAll, Overlay, SessionView
from csai_core.overlays.painter import Painter
from csai_core.overlays.saliency import Saliency
from csai_core.overlays.scene import Scene
from csai_core.overlays.sizes import LEAST_SIDE, at_least
from csai_core.overlays.squares import Squares
from csai_core.overlays.table import Table
from csai_core.overlays.triangles import ActionValues
from csai_core.overlays.truth import Truth
from csai_core.overlays.value_iteration import value_iteration
from csai_core.overlays.visits import Visits

__all__ = [
    "LEAST_SIDE",
    "NAMES",
    "ActionValues",
    "Board",
    "Cell",
    "Choices",
    "Clickable",
    "ColorScale",
    "ExplainAll",
    "Move",
    "Overlay",
    "Painter",
    "Policy",
    "Saliency",
    "Scene",
    "SessionView",
    "Squares",
    "Table",
    "Truth",
    "Values",
    "Visits",
    "at_least",
    "available",
    "overlay_named",
    "paint",
    "value_iteration",
]
