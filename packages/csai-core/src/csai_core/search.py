"""Search on any grid or graph: a priority queue, distances, breadth-first search and A*.

A graph is a function that tells the neighbors of a node; nodes are anything that can be hashed.

    path = astar((0, 0), (7, 3), grid_neighbors(8, 8, blocked={(1, 0)}), h_distance)
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections import deque
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from typing import Any, Generic, TypeVar

from csai_core.errors import ConfigError, EmptyError

Node = TypeVar("Node", bound=Hashable)
Item = TypeVar("Item")
Cell = tuple[int, int]


class HeapQueue(Generic[Item]):
    """Hands out the best of the items put in: the smallest, or the largest if `min_heap` is false.

    Items need only `<` among themselves. Of equal ones, the first to come is the better.

    Args:
        min_heap: whether small is good.
    """

    def __init__(self, min_heap: bool = True) -> None:
        self.min_heap = min_heap
        self._heap: list[_Ranked[Item]] = []
        self._arrivals = itertools.count()

    def __len__(self) -> int:
        return len(self._heap)

    def size(self) -> int:
        """How many items are waiting."""
        return len(self._heap)

    def push(self, item: Item) -> None:
        """Put an item in; O(log n)."""
        heapq.heappush(self._heap, _Ranked(item, next(self._arrivals), self.min_heap))

    def pop(self) -> Item:
        """Take the best item out; O(log n).

        Raises:
            EmptyError: if there is none.
        """
        self._require_items("pop")
        return heapq.heappop(self._heap).item

    def remove_worst(self) -> Item:
        """Take the worst item out, to keep a queue short; O(n).

        Raises:
            EmptyError: if there is none.
        """
        self._require_items("remove_worst")
        worst = max(range(len(self._heap)), key=self._heap.__getitem__)
        removed = self._heap[worst].item
        self._heap[worst] = self._heap[-1]
        self._heap.pop()
        heapq.heapify(self._heap)
        return removed

    def _require_items(self, method: str) -> None:
        if not self._heap:
            raise EmptyError(
                f"HeapQueue.{method} was called on an empty queue; ask size() first, or push something."
            )


class _Ranked(Generic[Item]):
    """An item and its place in the order of the queue."""

    __slots__ = ("_arrival", "_small_is_good", "item")

    def __init__(self, item: Item, arrival: int, small_is_good: bool) -> None:
        self.item = item
        self._arrival = arrival
        self._small_is_good = small_is_good

    def __lt__(self, other: _Ranked[Item]) -> bool:
        mine: Any = self.item
        theirs: Any = other.item
        if not self._small_is_good:
            mine, theirs = theirs, mine
        if mine < theirs:
            return True
        return not theirs < mine and self._arrival < other._arrival


def h_distance(start: Sequence[float], end: Sequence[float]) -> float:
    """The straight-line distance of two points of any dimension: never more than any path is long."""
    return math.dist(start, end)


def grid_neighbors(width: int, height: int, blocked: Collection[Cell] = ()) -> Callable[[Cell], list[Cell]]:
    """The graph of a grid whose cells (x, y) touch left, right, above and below.

    Args:
        width: x runs from 0 to width - 1.
        height: y runs from 0 to height - 1.
        blocked: cells that cannot be entered. It is looked at again at each call, so a set that
            changes is followed.
    """

    def neighbors(cell: Cell) -> list[Cell]:
        x, y = cell
        around = ((x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1))
        return [c for c in around if 0 <= c[0] < width and 0 <= c[1] < height and c not in blocked]

    return neighbors


def breadth_first(start: Node, goal: Node, neighbors: Callable[[Node], Iterable[Node]]) -> list[Node] | None:
    """A path of the fewest steps from `start` to `goal`, both included; None if there is none.

    Args:
        start: where to begin.
        goal: where to get to.
        neighbors: the nodes that can be reached from a node in one step.
    """
    came_from: dict[Node, Node] = {}
    seen, waiting = {start}, deque([start])
    while waiting:
        node = waiting.popleft()
        if node == goal:
            return _path(came_from, node)
        for neighbor in neighbors(node):
            if neighbor not in seen:
                seen.add(neighbor)
                came_from[neighbor] = node
                waiting.append(neighbor)
    return None


def astar(
    start: Node,
    goal: Node,
    neighbors: Callable[[Node], Iterable[Node]],
    heuristic: Callable[[Node, Node], float] | None = None,
    cost: Callable[[Node, Node], float] | None = None,
) -> list[Node] | None:
    """A cheapest path from `start` to `goal`, both included; None if there is none.

    Reference: Hart, Nilsson and Raphael 1968, doi:10.1109/TSSC.1968.300136. A node is looked at again
    when a cheaper way to it turns up, so the heuristic need only be admissible.

    Args:
        start: where to begin.
        goal: where to get to.
        neighbors: the nodes that can be reached from a node in one step.
        heuristic: `(node, goal)` -> what the rest will cost at least, such as `h_distance`. The better
            the guess, the fewer nodes are visited; if it guesses too much, the path may not be the
            cheapest. None guesses 0 (Dijkstra's search).
        cost: `(node, neighbor)` -> what that step costs, never below 0; None means 1 for every step.

    Raises:
        ConfigError: if a step has a cost below 0.
    """
    came_from: dict[Node, Node] = {}
    spent = {start: 0.0}
    arrivals = itertools.count()
    open_nodes: HeapQueue[tuple[float, int, float, Node]] = HeapQueue()
    open_nodes.push((0.0, next(arrivals), 0.0, start))
    while open_nodes:
        _, _, cost_so_far, node = open_nodes.pop()
        if node == goal:
            return _path(came_from, node)
        if cost_so_far > spent[node]:
            continue  # a cheaper way here was found since this was pushed
        for neighbor in neighbors(node):
            total = cost_so_far + _step_cost(cost, node, neighbor)
            if total < spent.get(neighbor, math.inf):
                spent[neighbor] = total
                came_from[neighbor] = node
                guess = 0.0 if heuristic is None else heuristic(neighbor, goal)
                open_nodes.push((total + guess, next(arrivals), total, neighbor))
    return None


def _step_cost(cost: Callable[[Node, Node], float] | None, node: Node, neighbor: Node) -> float:
    if cost is None:
        return 1.0
    step = cost(node, neighbor)
    if not step >= 0.0:
        raise ConfigError(f"The step from {node!r} to {neighbor!r} costs {step!r}; it must be 0 or more.")
    return step


def _path(came_from: dict[Node, Node], node: Node) -> list[Node]:
    path = [node]
    while node in came_from:
        node = came_from[node]
        path.append(node)
    return path[::-1]
