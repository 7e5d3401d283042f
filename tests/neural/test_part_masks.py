"""Masks of actions with parts, given as a dict or as rows."""

import numpy as np
import pytest
import torch

from csai_neural.errors import ShapeError
from csai_neural.part_masks import masks_of_parts

WIDTHS = {"turn": 3, "push": 0, "jump": 2}


@pytest.mark.parametrize("of", [np.asarray, torch.tensor])
def test_rows_are_cut_into_the_masks_of_the_parts_that_take_one(of):
    found = masks_of_parts(of([[1, 0, 1, 0, 1], [0, 1, 1, 1, 1]]), WIDTHS, "the space")
    assert {name: mask.tolist() for name, mask in found.items()} == {
        "turn": [[1, 0, 1], [0, 1, 1]],
        "jump": [[0, 1], [1, 1]],
    }


def test_a_dict_is_taken_as_it_is():
    assert masks_of_parts({"jump": [0, 1]}, WIDTHS, "the space") == {"jump": [0, 1]}


@pytest.mark.parametrize(
    ("mask", "message"),
    [
        ({"fly": [1]}, "the space must be a dict with keys among"),
        (np.ones((2, 4)), "rows of 5 choices, and was given rows of 4"),
    ],
)
def test_other_names_and_other_widths_are_refused(mask, message):
    with pytest.raises(ShapeError, match=message):
        masks_of_parts(mask, WIDTHS, "the space")
