"""Keys are told apart by what stands on them, arrows by where they point."""

import itertools

import numpy as np
import pytest

from csai_core.play.controls import ARROWS
from csai_core.play.lines import Key, draw_line, draw_sign

pygame = pytest.importorskip("pygame")


def pixels(surface):
    return pygame.surfarray.array3d(surface).swapaxes(0, 1).astype(int)


def test_an_arrow_points_where_its_key_does():
    lit = {name: pixels(draw_line([Key(name)], 40)).sum(axis=2) > 600 for name in ARROWS}
    assert (lit["left"] == lit["right"][:, ::-1]).mean() > 0.95
    assert (
        (lit["left"][:, : lit["left"].shape[1] // 2]).sum()
        < lit["left"][:, lit["left"].shape[1] // 2 :].sum()
    )
    assert all((lit[a] != lit[b]).any() for a, b in itertools.combinations(ARROWS, 2))


def test_a_line_is_as_wide_as_what_stands_in_it():
    short, long = draw_line(["pause"], 30), draw_line([Key("p"), "pause", Key("space"), "go"], 30)
    assert short.get_height() == long.get_height() == 30
    assert short.get_width() < long.get_width()
    assert draw_line([], 30).get_width() == 1


@pytest.mark.parametrize("sign", ["won", "lost", "over"])
def test_a_sign_fills_its_square(sign):
    drawn = pygame.surfarray.array_alpha(draw_sign(sign, 40))
    assert drawn.shape == (40, 40)
    assert 0.05 < np.mean(drawn > 0) < 0.5
