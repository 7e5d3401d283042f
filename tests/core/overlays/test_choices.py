"""Bars of the actions at the player."""

import gymnasium
import numpy as np
import pytest

import csai_core
from csai_core.explanation import Options
from csai_core.overlays import Choices, ColorScale
from csai_core.overlays.choices import choices, player_on
from csai_core.palette import DEEP_BLUE, NEGATIVE, ORANGE, POSITIVE, TEXT

FRAME = np.zeros((400, 400, 3), np.uint8)


def options(values=None, chances=None, allowed=(True, True, True)):
    return Options("", ("left", "stay", "right"), 0, values, chances, allowed)


def bars(shapes):
    """The widths of the bars, with their colors."""
    return [
        (s.numbers[2], s.color) for s in shapes if s.kind == "rectangle" and s.color in (POSITIVE, NEGATIVE)
    ]


def test_lengths_are_the_chances():
    shapes = choices(options(chances=(0.5, 0.25, 0.25)), ColorScale(0, 1), None, FRAME)
    (first, _), (second, _), (third, _) = bars(shapes)
    assert first == pytest.approx(2 * second) == pytest.approx(2 * third)
    assert [s.text for s in shapes if s.text] == ["left", "50%", "stay", "25%", "right", "25%"]


def test_values_go_from_zero_to_either_side_on_the_scale_that_is_told():
    shapes = choices(options(values=(2.0, -1.0, 9.0)), ColorScale(-4, 4), None, FRAME)
    (two, blue), (one, orange), (most, _) = bars(shapes)
    assert (blue, orange) == (POSITIVE, NEGATIVE)
    assert two == pytest.approx(2 * one)
    assert most == pytest.approx(2 * two)  # cut at the end of the scale, but the number is told
    assert [s.text for s in shapes if s.text][-3:] == ["+9.00", "-4", "+4"]


def test_the_best_have_a_frame_and_what_is_forbidden_is_hatched():
    def framed(told):
        shapes = choices(told, ColorScale(0, 4), None, FRAME)
        hatched = sum(s.kind == "hatch" for s in shapes)
        return sum(s.kind == "frame" and s.color == TEXT for s in shapes), hatched, len(bars(shapes))

    assert framed(options(values=(2.0, 1.0, 0.5))) == (1, 0, 3)
    assert framed(options(values=(2.0, 2.0, 0.5))) == (2, 0, 3)
    assert framed(options(values=(9.0, 2.0, 0.5), allowed=(False, True, True))) == (1, 1, 2)


@pytest.mark.parametrize("size", [(400, 400), (200, 200), (600, 900)])
@pytest.mark.parametrize("at", [None, (0, 0, 20), (199, 199, 20), (100, 50, 10)])
def test_the_rows_lie_in_the_picture_and_beside_the_player(size, at):
    frame = np.zeros((*size, 3), np.uint8)
    shapes = choices(options(values=(2.0, 1.0, 0.5)), ColorScale(0, 4), at, frame)
    left, top, width, height = next(s for s in shapes if s.opacity < 1).numbers
    assert left >= 0
    assert top >= 0
    assert left + width <= size[1]
    assert top + height <= size[0]
    if at is not None and at[0] < size[1] - width - 30:
        assert left > at[0]


@pytest.mark.parametrize(
    ("env_id", "colors"),
    [("CSAI/Snake-v0", None), ("CSAI/Flappy-v0", [ORANGE]), ("CSAI/CartPole-v0", [DEEP_BLUE, ORANGE])],
)
def test_games_say_where_the_player_is(env_id, colors):
    env = csai_core.make(env_id, render_mode="rgb_array")
    env.reset(seed=2)
    frame = np.asarray(env.render())
    x, y, side = player_on(env, frame)
    near = frame[round(y) - 6 : round(y) + 7, round(x) - 6 : round(x) + 7].reshape(-1, 3)
    if colors is None:
        row, column = divmod(env.unwrapped.game.head, 16)
        left, top, width, height = env.unwrapped.draw().area(column, row)
        assert (x, y) == pytest.approx((left + width / 2, top + height / 2))
    else:
        assert any((near == color).all(axis=1).any() for color in colors)
    twice = player_on(env, frame.repeat(2, 0).repeat(2, 1))
    assert twice[:2] == pytest.approx((2 * x, 2 * y))
    assert side > 0


def test_other_games_do_not_say_it():
    env = gymnasium.make("CartPole-v1", render_mode="rgb_array")
    env.reset()
    assert player_on(env, env.render()) is None


def test_it_is_painted_on_games_of_others_too(table_agent, view_of):
    env = gymnasium.make("CartPole-v1", render_mode="rgb_array")
    view = view_of(env, table_agent([[1.0, 2.0]], key=lambda state: 0))
    frame = env.render()
    painted = Choices().paint(frame, view)
    changed = (painted != frame).any(axis=2)
    assert changed[:80, 400:].any()
    assert not changed[:, :300].any()
    assert Choices().paint(frame, view._replace(info={"action_mask": np.zeros(2, np.int8)})) is frame
