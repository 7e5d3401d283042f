"""The window's parts have their places, and nothing stands on the board."""

import numpy as np
import pytest

from csai_core.palette import BLUE, ORANGE, TEXT
from csai_core.play.lines import Key
from csai_core.play.screen import BANNER, HEADER, ROW, Screen, board_area, compose, window_size
from csai_core.shell.target import Target

pytest.importorskip("pygame")

BOARD = np.full((300, 480, 3), (1, 200, 1), np.uint8)


def screen(sign="", num_rows=1):
    rows = tuple([Key("left"), "a long line of words that goes on and on", Key("h")] for _ in range(num_rows))
    return Screen("Score 3    Steps 4000", "your turn", ["Won!", "score 3"], sign, rows)


@pytest.mark.parametrize("sign", ["", "won", "lost", "over"])
@pytest.mark.parametrize("num_rows", [1, 6])
@pytest.mark.parametrize("size", [(480, 402), (900, 500), (200, 700)])
def test_the_board_is_never_covered(sign, num_rows, size):
    frame = compose(size, BOARD, screen(sign, num_rows))
    assert frame.shape == (size[1], size[0], 3)
    left, top, width, height = (round(each) for each in board_area(size, BOARD, num_rows))
    assert top >= HEADER
    assert top + height <= size[1] - BANNER - num_rows * ROW + 1
    inner = frame[top + 3 : top + height - 3, left + 3 : left + width - 3]
    assert (abs(inner.astype(int) - BOARD[0, 0]) <= 8).all()  # as scaling rounds
    assert abs(width / height - 480 / 300) < 0.02


def test_pixels_of_small_boards_stay_sharp():
    board = np.zeros((64, 64, 3), np.uint8)
    board[20:30, 20:30] = 255
    frame = compose((512, 512 + HEADER + BANNER + ROW), board, screen())
    assert set(np.unique(frame[HEADER : HEADER + 512])) == {0, 255}


def test_winning_and_losing_differ_in_color_and_in_shape():
    frames = {sign: compose((480, 402), BOARD, screen(sign)) for sign in ("won", "lost", "over")}
    band = slice(402 - BANNER - ROW, 402 - ROW)
    assert frames["won"][band][2, -2].tolist() == list(BLUE)
    assert frames["lost"][band][2, -2].tolist() == list(ORANGE)
    signs = {sign: frame[band, 12 : 12 + BANNER].sum(axis=2) for sign, frame in frames.items()}
    shapes = [sign < sign.max() // 2 for sign in signs.values()]
    assert all((shapes[i] != shapes[j]).sum() > 60 for i, j in ((0, 1), (0, 2), (1, 2)))


def test_what_a_click_would_mean_is_framed():
    area = (100.0, 50.0, 80.0, 60.0)
    frame = compose((480, 402), BOARD, screen(), Target(0, area))
    left, top, _, _ = board_area((480, 402), BOARD, 1)
    assert frame[round(top + 50 + 30), round(left + 100 + 1)].tolist() == list(TEXT)
    assert frame[round(top + 50 + 30), round(left + 100 + 40)].tolist() == BOARD[0, 0].tolist()


@pytest.mark.parametrize(
    ("shape", "size"),
    [((16, 80), (480, 96)), ((600, 500), (500, 600)), ((256, 256), (512, 512)), ((560, 300), (480, 560))],
)
def test_small_boards_are_enlarged_and_narrow_ones_have_room_beside_them(shape, size):
    board = np.zeros((*shape, 3), np.uint8)
    assert window_size(board) == (size[0], size[1] + HEADER + BANNER + ROW)
