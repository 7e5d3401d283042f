"""Search: the queue against sorting, the searches against each other and against sums done by hand."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csai_core.errors import ConfigError, EmptyError
from csai_core.search import HeapQueue, astar, breadth_first, grid_neighbors, h_distance


@given(st.lists(st.integers()), st.booleans())
def test_items_come_out_in_order(items, min_heap):
    queue = HeapQueue(min_heap=min_heap)
    for item in items:
        queue.push(item)
    assert queue.size() == len(queue) == len(items)
    assert [queue.pop() for _ in items] == sorted(items, reverse=not min_heap)


@given(st.lists(st.integers(), min_size=1), st.booleans())
def test_remove_worst_takes_the_worst_and_keeps_the_order_of_the_rest(items, min_heap):
    queue = HeapQueue(min_heap=min_heap)
    for item in items:
        queue.push(item)
    best_first = sorted(items, reverse=not min_heap)
    assert queue.remove_worst() == best_first[-1]
    assert [queue.pop() for _ in range(queue.size())] == best_first[:-1]


@given(st.lists(st.tuples(st.sampled_from(["push", "pop", "remove_worst"]), st.integers(0, 9))))
def test_any_mixture_of_calls_agrees_with_a_sorted_list(calls):
    queue, model = HeapQueue(), []
    for call, value in calls:
        if call == "push":
            queue.push(value)
            model = sorted([*model, value])
        elif model:
            assert getattr(queue, call)() == model.pop(0 if call == "pop" else -1)
    assert queue.size() == len(model)


@pytest.mark.parametrize("min_heap", [True, False])
def test_of_equal_items_the_first_to_come_is_the_better(min_heap):
    class Task:
        def __init__(self, name):
            self.name = name

        def __lt__(self, other):
            return False

    queue = HeapQueue(min_heap=min_heap)
    for name in "abc":
        queue.push(Task(name))
    assert queue.remove_worst().name == "c"
    assert [queue.pop().name for _ in range(2)] == ["a", "b"]


@pytest.mark.parametrize("method", ["pop", "remove_worst"])
def test_an_empty_queue_says_so(method):
    with pytest.raises(EmptyError, match=f"{method} was called on an empty queue"):
        getattr(HeapQueue(), method)()


def test_h_distance_by_hand():
    assert h_distance((1, 2), (4, 6)) == 5.0
    assert h_distance((0, 0, 0), (1, 1, 1)) == pytest.approx(math.sqrt(3))


def test_grid_neighbors_stay_on_the_grid_and_off_blocked_cells():
    blocked = {(1, 0)}
    neighbors = grid_neighbors(3, 2, blocked)
    assert neighbors((0, 0)) == [(0, 1)]
    assert neighbors((1, 1)) == [(0, 1), (2, 1)]
    blocked.clear()
    assert (1, 0) in neighbors((0, 0))


def test_a_wall_is_walked_around():
    #  S . .
    #  # # .
    #  G . .
    neighbors = grid_neighbors(3, 3, {(0, 1), (1, 1)})
    expected = [(0, 0), (1, 0), (2, 0), (2, 1), (2, 2), (1, 2), (0, 2)]
    assert breadth_first((0, 0), (0, 2), neighbors) == expected
    assert astar((0, 0), (0, 2), neighbors, h_distance) == expected


@pytest.mark.parametrize("search", [breadth_first, astar])
def test_no_way_gives_none_and_no_distance_gives_one_node(search):
    walled_in = grid_neighbors(2, 2, {(0, 1), (1, 0)})
    assert search((0, 0), (1, 1), walled_in) is None
    assert search((0, 0), (0, 0), walled_in) == [(0, 0)]


def test_astar_takes_the_cheap_detour():
    roads = {"home": {"lake": 1.0, "hill": 5.0}, "lake": {"hill": 1.0}, "hill": {"school": 1.0}, "school": {}}
    path = astar("home", "school", roads.__getitem__, cost=lambda a, b: roads[a][b])
    assert path == ["home", "lake", "hill", "school"]
    assert breadth_first("home", "school", roads.__getitem__) == ["home", "hill", "school"]


def test_astar_reopens_nodes_for_an_admissible_but_inconsistent_heuristic():
    roads = {"s": {"a": 1.0, "b": 1.0}, "b": {"a": 0.5}, "a": {"g": 3.0}, "g": {}}
    roads["s"]["a"], guesses = 2.0, {"s": 0.0, "a": 0.0, "b": 3.5, "g": 0.0}
    path = astar(
        "s", "g", roads.__getitem__, heuristic=lambda n, _: guesses[n], cost=lambda a, b: roads[a][b]
    )
    assert path == ["s", "b", "a", "g"]


def test_a_cost_below_zero_is_refused():
    with pytest.raises(ConfigError, match=r"from 0 to 1 costs -1.0"):
        astar(0, 1, lambda n: [n + 1], cost=lambda a, b: -1.0)


@given(st.sets(st.tuples(st.integers(0, 6), st.integers(0, 6))))
def test_both_searches_find_paths_of_the_same_length(blocked):
    start, goal = (0, 0), (6, 6)
    neighbors = grid_neighbors(7, 7, blocked - {start, goal})
    shortest = breadth_first(start, goal, neighbors)
    for heuristic in (None, h_distance):
        path = astar(start, goal, neighbors, heuristic)
        assert (path is None) == (shortest is None)
        if path is not None:
            assert len(path) == len(shortest)
            assert path[0] == start
            assert path[-1] == goal
            assert all(b in neighbors(a) for a, b in itertools.pairwise(path))
