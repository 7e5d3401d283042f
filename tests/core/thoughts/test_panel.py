"""The panel: lengths are proportional, nothing leaves its place, marks are shapes, and colors tell apart."""

import itertools

import numpy as np
import pytest

from csai_core.explanation import Amount, Explanation, Options
from csai_core.palette import NEGATIVE, NEUTRAL, POSITIVE
from csai_core.thoughts import History, Scale, draw_beside, draw_panel
from csai_core.thoughts.bars import bar_of, groove_of
from csai_core.thoughts.panel import sections_of
from csai_core.thoughts.rows import Choice
from csai_core.thoughts.scale import Range

pytest.importorskip("pygame")

SIZE = (340, 420)


def options(values=None, chances=None, chosen=0, allowed=None, name=""):
    count = len(values or chances)
    names = tuple(f"action {i}" for i in range(count))
    return Options(name, names, chosen, values, chances, allowed or (True,) * count)


def thinks(*parts, value=0.5):
    return Explanation([part.chosen for part in parts], parts, value)


def drawn(history, scale=None, size=SIZE, **settings):
    if scale is None:
        scale = Scale()
        scale.include(history)
    return draw_panel(size, history, scale, **settings)


def widths(frame, color, size=SIZE, rows=3):
    """How many pixels of a color there are in the middle line of each bar."""
    box = sections_of(size, rows).choices
    each = 30.0
    lines = [round(box[1] + 40 + each * (i + 0.5)) for i in range(rows)]
    return [int((frame[line] == color).all(axis=-1).sum()) for line in lines]


def test_bars_are_as_long_as_their_numbers():
    frame = drawn(History(thinks(options(values=(1.0, 0.5, 0.25)))))
    full, half, quarter = widths(frame, POSITIVE)
    assert full > 80
    assert half == pytest.approx(full / 2, abs=1.5)
    assert quarter == pytest.approx(full / 4, abs=1.5)


def test_bars_below_zero_are_as_long_and_go_to_the_left_of_it():
    frame = drawn(History(thinks(options(values=(1.0, -1.0, -0.5)))))
    (above, *_), (_, below, half) = widths(frame, POSITIVE), widths(frame, NEGATIVE)
    assert above == pytest.approx(below, abs=2.5)
    assert half == pytest.approx(below / 2, abs=2.5)
    line = frame[round(sections_of(SIZE, 3).choices[1]) + 40 + 45]
    orange = np.flatnonzero((line == NEGATIVE).all(axis=-1))
    blue = np.flatnonzero((frame[round(sections_of(SIZE, 3).choices[1]) + 55] == POSITIVE).all(axis=-1))
    assert orange.max() <= blue.min() + 1


def test_the_same_number_is_as_long_all_through_a_game_and_in_the_next():
    scale = Scale()
    history = History(thinks(options(values=(1.0, 0.5))), gamma=1.0)
    lengths = []
    for value in (1.0, 0.9, 0.4, 0.7, 1.0):
        scale.include(history)
        lengths.append(widths(drawn(history, scale), POSITIVE, rows=2)[1])
        history.note(0, 0.0, terminated=False, explanation=thinks(options(values=(value, 0.5))))
    again = History(thinks(options(values=(0.1, 0.5))))
    scale.include(again)
    lengths.append(widths(drawn(again, scale), POSITIVE, rows=2)[1])
    assert len(set(lengths)) == 1


@pytest.mark.parametrize("number", [-2.0, -0.3, 0.0, 0.01, 1.7, 4.0])
@pytest.mark.parametrize("width", [200.0, 320.0, 600.0])
def test_bar_lengths_are_proportional_to_values_in_every_width(number, width):
    scale = Scale(values=Range(-2.0, 4.0))
    box = (3.0, 5.0, width, 30.0)
    left, _, wide, _ = groove_of(box)
    bar = bar_of(Choice("a", number, "", "", False), box, scale)
    assert bar[2] == pytest.approx(wide * abs(number) / 6.0)
    assert bar[0] == pytest.approx(left + wide * (2.0 + min(number, 0.0)) / 6.0)


def test_chances_fill_their_groove_at_one():
    box = (0.0, 0.0, 320.0, 30.0)
    bar = bar_of(Choice("a", 0.25, "", "", True), box, Scale(values=Range(-50.0, 100.0)))
    assert bar[2] == pytest.approx(groove_of(box)[2] / 4)


def test_what_is_taken_has_an_outline_and_a_forbidden_action_no_bar():
    plain = options(values=(1.0, 0.5, 0.5))
    frame = drawn(History(thinks(plain)))
    forbidding = drawn(History(thinks(options(values=(1.0, 0.5, 0.5), allowed=(True, False, True)))))
    assert widths(frame, POSITIVE)[1] > 30
    assert widths(forbidding, POSITIVE)[1] == 0
    column = frame[:, int(sections_of(SIZE, 3).choices[0]) + 1].astype(int).sum(axis=-1)
    bright = np.flatnonzero(column > 600)
    top = sections_of(SIZE, 3).choices[1] + 40
    assert bright.size
    assert (bright >= top).all()
    assert (bright <= top + 30).all()  # the first row alone


def test_ties_and_ghosts_look_different():
    tied = options(values=(1.0, 1.0, 0.5))
    untied = options(values=(1.0, 0.999, 0.5))
    frames = [
        drawn(History(thinks(tied))),
        drawn(History(thinks(untied))),
        drawn(History(thinks(tied)), is_ghost=True),
    ]
    assert not np.array_equal(frames[0], frames[1])
    assert not np.array_equal(frames[0], frames[2])


def test_a_number_line_has_the_mean_at_its_place_and_a_band_as_wide_as_the_deviation():
    amount = Amount("", -1.0, -2.0, 2.0, 1.0, 0.5)
    frame = drawn(History(thinks(amount)))
    left, top, width, _ = sections_of(SIZE, 1).choices
    x, y, wide, tall = groove_of((left, top + 40, width, 30.0))
    line = frame[round(y + 0.25 * tall)]
    band = np.flatnonzero((line == POSITIVE).all(axis=-1))
    mean = np.flatnonzero((line == NEUTRAL).all(axis=-1))
    assert mean.mean() == pytest.approx(x + 0.75 * wide, abs=1.5)
    assert band.max() - band.min() == pytest.approx(wide / 4, abs=2.5)


def long_history(steps=120):
    history = History(thinks(options(values=(1.0, -0.5, 0.25))), gamma=0.9)
    for step in range(steps):
        thought = thinks(options(values=(np.sin(step), -0.5, 0.25), chosen=step % 3), value=np.sin(step))
        parts = {"food": float(step % 7 == 0), "step": -0.1, "<b>\x1b[31m a very long name of a part": 0.02}
        history.note([step % 3], 1.0, terminated=False, explanation=thought, reward_parts=parts)
    return history


@pytest.mark.parametrize(
    "size", [(1, 1), (40, 40), (240, 120), (240, 220), (340, 420), (480, 260), (900, 1200)]
)
@pytest.mark.parametrize(
    "history",
    [
        History(None),
        History(Explanation(None, (), None)),
        History(thinks(options(values=(float("nan"), float("inf"), -1e300)), value=float("nan"))),
        History(thinks(*[options(chances=(0.2, 0.8), name=f"part {i}") for i in range(40)], value=None)),
        History(thinks(*[Amount(str(i), 1e9, None, None, None, None) for i in range(4)])),
        History(thinks(Amount("flat", 1.0, 1.0, 1.0, 1.0, 0.0))),
        long_history(),
    ],
    ids=["nothing", "empty", "not finite", "many parts", "no bounds", "no room", "long"],
)
def test_every_size_shows_every_history(size, history):
    frame = drawn(history, size=size, pointer=(size[0] / 2, size[1] / 2))
    assert frame.shape == (size[1], size[0], 3)
    assert frame.dtype == np.uint8


def test_numbers_are_told_under_the_mouse():
    history = long_history()
    scale = Scale()
    scale.include(history)
    plain = drawn(history, scale)
    sections = sections_of(SIZE, 3)
    x = round(sections.parts[0] + 180)
    lowest = round(sections.parts[1] + sections.parts[3] - 12)
    for pointer in ((100, 70), (200, 260), (20, 260), (x, lowest)):
        told = drawn(history, scale, pointer=pointer)
        assert not np.array_equal(told, plain), pointer
    assert np.array_equal(drawn(history, scale, pointer=(335, 418)), plain)  # nothing is there


def test_sections_lie_within_the_panel_and_do_not_overlap():
    for width in (240, 340, 500):
        for height in range(60, 1000, 17):
            for rows in (1, 4, 11):
                boxes = sections_of((width, height), rows)
                tops = [(box[1], box[1] + box[3]) for box in boxes if box[3]]
                assert all(end <= start for (_, end), (start, _) in itertools.pairwise(tops))
                assert tops[-1][1] <= height


@pytest.mark.parametrize("shape", [(64, 64, 3), (400, 600, 3), (16, 80, 3), (900, 30, 3)])
def test_a_game_of_any_size_stands_beside_it(shape):
    frame = draw_beside(np.full(shape, 200, np.uint8), long_history(5), Scale())
    assert frame.shape[0] == 420
    assert frame.shape[1] % 2 == 0
    assert frame.shape[1] - 340 == pytest.approx(420 * shape[1] / max(shape[:2]), abs=1)


@pytest.mark.parametrize("steps", [0, 1, 49, 50, 51, 4999])
def test_a_history_is_drawn_as_it_was_earlier(steps):
    history = long_history(60)
    earlier = history.until(steps)
    assert len(earlier.moments) == min(steps, 60)
    assert len(earlier.values) == len(earlier.moments) + 1
    assert earlier.shown is (history.moments[steps].explanation if steps < 60 else history.present)


def test_an_environment_that_quits_pygame_takes_no_fonts_along():
    pygame = pytest.importorskip("pygame")
    before = drawn(History(thinks(options(values=(1.0, 0.5)))))
    pygame.quit()
    after = drawn(History(thinks(options(values=(1.0, 0.25)))))
    assert before.shape == after.shape


def test_what_an_agent_draws_is_told_beside_what_it_thinks_best():
    from csai_core.thoughts.panel import _other_choice

    parts = [options(chances=(0.6, 0.4), chosen=0)]
    thought = Explanation(5, tuple(parts), 0.5)  # actions are counted from 5
    history = History(thought, gamma=1.0, is_sampling=True)
    assert history.word == "best"
    history.note(6, 0.0, terminated=False, explanation=thought)
    assert _other_choice(history) == "it drew action 1"
    history.note(5, 0.0, terminated=False, explanation=thought)
    assert _other_choice(history) == "it did the best"
    history.note(6, 0.0, terminated=False, explanation=thought, is_persons=True)
    assert _other_choice(history) == "it would have done action 0"
    history.note(5, 0.0, terminated=False, explanation=thought, is_persons=True)
    assert _other_choice(history) == "it agrees with you"
    always = History(thought, gamma=1.0)
    always.note(5, 0.0, terminated=False, explanation=thought)
    assert (always.word, _other_choice(always)) == ("takes", "")
    assert not np.array_equal(drawn(history.until(0)), drawn(always.until(0)))
    assert history.until(1).is_sampling
