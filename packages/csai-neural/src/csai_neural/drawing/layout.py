"""Layout: where the blocks of a network stand in its picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from csai_neural.blocks.block import Block
from csai_neural.wiring import Node

CARD_WIDTH = 2.0
CARD_HEIGHT = 2.1
COLUMN = 3.4
ROW = 2.75


@dataclass(frozen=True)
class Arrow:
    """From one block to the next, with the shape of what flows."""

    source: Block
    target: Block
    shape: tuple[int, ...]
    key: str | None


@dataclass(frozen=True)
class Layout:
    """The middles of all cards, in units of the picture, and the arrows between them."""

    places: dict[Block, tuple[float, float]]
    arrows: tuple[Arrow, ...]
    width: float
    height: float


def lay_out(nodes: Sequence[Node]) -> Layout:
    """Place each block right of all that feed it, and branches one above the other."""
    columns = _columns(nodes)
    lanes = _lanes(nodes)
    num_lanes = max(lanes.values()) + 1
    places = {
        block: ((column + 0.5) * COLUMN, (num_lanes - 0.5 - lanes[block]) * ROW)
        for block, column in columns.items()
    }
    for node in nodes:
        if len(node.sources) > 1:
            middle = sum(places[source][1] for source in node.sources) / len(node.sources)
            _move_tail(node, nodes, places, middle)
    _center_fans(nodes, places)
    arrows = tuple(_arrow(node, source) for node in nodes for source in node.sources)
    return Layout(places, arrows, (max(columns.values()) + 1) * COLUMN, num_lanes * ROW)


def _columns(nodes: Sequence[Node]) -> dict[Block, int]:
    columns: dict[Block, int] = {}
    for node in nodes:
        columns[node.block] = max((columns[source] + 1 for source in node.sources), default=0)
    return columns


def _lanes(nodes: Sequence[Node]) -> dict[Block, int]:
    """The lane of each block: that of what feeds it, unless another block went on there already."""
    lanes: dict[Block, int] = {}
    continued: set[Block] = set()
    next_lane = 0
    for node in nodes:
        source = node.sources[0] if node.sources else None
        if source is None or source in continued:
            lanes[node.block] = next_lane
        else:
            lanes[node.block] = lanes[source]
            continued.add(source)
        next_lane = max(next_lane, lanes[node.block] + 1)
    return lanes


def _move_tail(
    join: Node, nodes: Sequence[Node], places: dict[Block, tuple[float, float]], height: float
) -> None:
    """Put a block that merges branches, and the row of blocks behind it, at the branches' middle."""
    moved = {join.block}
    for node in nodes:
        if node.block is join.block or (len(node.sources) == 1 and node.sources[0] in moved):
            moved.add(node.block)
            places[node.block] = (places[node.block][0], height)


def _center_fans(nodes: Sequence[Node], places: dict[Block, tuple[float, float]]) -> None:
    """Put an input that feeds several branches at their middle."""
    for node in nodes:
        fed = [each.block for each in nodes if node.block in each.sources]
        if not node.sources and len(fed) > 1:
            middle = sum(places[block][1] for block in fed) / len(fed)
            places[node.block] = (places[node.block][0], middle)


def _arrow(node: Node, source: Block) -> Arrow:
    shape = source.output_shape if node.key is None else node.block.input_shape
    return Arrow(source, node.block, shape or (), node.key)
