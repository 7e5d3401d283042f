"""Pictures of Shells that others write: from cells, a canvas or a frame, by hand."""

import numpy as np
import pytest

from csai_core import ActionAttribute, DiscreteType, Shell
from csai_core.errors import ContractError
from csai_core.shell.pixel_view import PixelView


class Blinking(Shell):
    """Shows nothing but its picture, 4 x 6 pixels."""

    def __init__(self, **settings):
        super().__init__(**settings)
        self.step_count = 0
        self.register_attribute(ActionAttribute("wait", DiscreteType(1)))

    def start_episode(self, options):
        self.step_count = 0

    def advance(self, action, d_t):
        self.step_count += 1

    def get_current_reward(self, action, current_state):
        return 0.0, False


class Framed(Blinking):
    def render_frame(self):
        frame = np.zeros((4, 6, 3), np.uint8)
        frame[:, :3] = 10 + self.step_count
        return frame


def test_a_game_of_pictures_needs_no_other_attribute():
    env = Framed(attributes="pixels", pixel_shape=(3, 4, 6))
    observation, _ = env.reset(seed=0)
    np.testing.assert_array_equal(observation, np.moveaxis(env.render_frame(), -1, 0))
    assert env.step(0)[0][0, 0, 0] == 11
    assert observation[0, 0, 0] == 10  # an array of its own


def test_what_draws_nothing_says_what_to_write():
    with pytest.raises(ContractError, match="render_frame"):
        Blinking(attributes="pixels").reset(seed=0)


@pytest.mark.parametrize(
    ("size", "row"),
    [
        ((1, 2), [15, 45]),
        ((1, 1), [30]),
        ((1, 4), [10, 20, 40, 50]),
        ((1, 8), [10, 10, 20, 20, 40, 40, 50, 50]),
        ((1, 3), [10, 20, 45]),
    ],
)
def test_each_pixel_is_the_mean_of_what_it_stands_for(size, row):
    frame = np.repeat(np.array([[10, 20, 40, 50]], np.uint8)[..., None], 3, axis=2)
    assert PixelView("It", (3, *size)).of_frame(frame)[1, 0].tolist() == row
    assert PixelView("It", (1, *size)).of_frame(frame)[0, 0].tolist() == row


def test_rows_and_columns_are_averaged_together():
    frame = np.arange(16, dtype=np.uint8).reshape(4, 4, 1).repeat(3, axis=2)
    assert PixelView("It", (1, 2, 2)).of_frame(frame)[0].tolist() == [[2, 4], [10, 12]]  # 2.5 to even


def test_boards_come_one_by_one_or_in_batches():
    cells = np.random.default_rng(0).integers(0, 255, (5, 3, 4, 3), dtype=np.uint8)
    view = PixelView("It", (3, 7, 9))
    together = view.of_cells(cells)
    assert together.shape == (5, 3, 7, 9)
    for each, board in zip(together, cells, strict=True):
        np.testing.assert_array_equal(each, view.of_cells(board))
        np.testing.assert_array_equal(each[:, 0:6:2, 0:8:2], np.moveaxis(board, -1, 0))
