"""The style of all curves."""

from __future__ import annotations

import pytest

from csai_train.runs.figures import LINES, add_legend, line_style, make_facets, new_figure, short


def test_steps_are_said_in_a_few_letters():
    given = [0, 800, 1000, 12_500, 250_000, 1_500_000, 20_000_000, 3e9]
    assert [short(each) for each in given] == ["0", "800", "1k", "12.5k", "250k", "1.5M", "20M", "3G"]


def test_every_line_has_a_look_of_its_own():
    assert (
        len({(str(line.dashes), line.marker) for line in LINES}) == len({line.color for line in LINES}) == 7
    )
    assert line_style(7, 400)["color"] == LINES[0].color


@pytest.mark.parametrize("points", [1, 5, 400])
def test_marks_of_lines_never_lie_on_one_another(points):
    places = [line_style(number, points)["markevery"] for number in range(3)]
    assert all(0 <= start < every for start, every in places)
    assert len(set(places)) == (3 if points > 60 else len(set(places)))


def test_a_legend_names_each_line_once_and_covers_none():
    figure, axes = make_facets(["return", "length", "entropy"], ["", "", ""], "CartPole-v1")
    for axis in axes:
        axis.plot([0, 1], [0, 1], label="ppo")
    add_legend(figure)
    figure.canvas.draw()
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["ppo"]
    box = legend.get_window_extent()
    assert all(not box.overlaps(axis.get_tightbbox()) for axis in axes)


def test_nothing_to_name_makes_no_legend():
    figure = new_figure(3, 2)
    add_legend(figure)
    assert not figure.legends
