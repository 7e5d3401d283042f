"""What rows are said to take: their numbers, and the pictures that they show for the first time."""

import numpy as np
import pytest

from csai_train.buffers.row_size import bytes_of_row

SIDE = 32


def rows(before, after, **others):
    """One transition from some pictures to others, given as numbers."""
    fields = {"observation": before, "next_observation": after}
    shown = {
        name: np.array([[np.full((SIDE, SIDE), number) for number in each]], np.uint8)
        for name, each in fields.items()
    }
    return {**shown, "reward": np.zeros(1, np.float32), **others}


@pytest.mark.parametrize(
    ("before", "after", "num_steps", "new"),
    [
        ([1, 2, 3], [2, 3, 4], 1, 1),
        ([1, 2, 3], [4, 5, 6], 1, 3),
        ([1, 2, 3], [4, 5, 6], 3, 1),
        ([1, 1, 1], [1, 1, 1], 1, 1),
    ],
)
def test_pictures_that_a_step_is_the_first_to_show(before, after, num_steps, new):
    told = {"num_steps": np.array([num_steps], np.int16)} if num_steps > 1 else {}
    numbers = 2 * 3 * 8 + 4 + sum(each.itemsize for each in told.values())
    needed = bytes_of_row(rows(before, after, **told))
    assert (needed, type(needed)) == (new * SIDE * SIDE + numbers, int)


def test_several_environments_show_as_many_each():
    one = rows([1, 2, 3], [2, 3, 4])
    two = {name: np.concatenate([each, each + 4]) for name, each in one.items()}
    assert bytes_of_row(two) == bytes_of_row(one)


def test_a_million_transitions_of_an_atari_game_fit_into_nine_gibibytes():
    stacks = np.zeros((1, 4, 84, 84), np.uint8)
    needed = bytes_of_row({"observation": stacks, "next_observation": stacks}) * 1_000_000
    assert 84 * 84 * 1_000_000 < needed < 7 * 2**30


def test_what_shows_no_pictures():
    assert bytes_of_row({"observation": {"x": np.zeros((2, 5, 3))}, "reward": np.zeros(2, np.float32)}) == 124
    assert bytes_of_row({"observation": np.zeros((0, 3), np.float32)}) == 12
