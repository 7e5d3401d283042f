"""The scale that an overlay keeps."""

from dataclasses import replace

from csai_core.explanation import Options
from csai_core.overlays import ColorScale
from csai_core.overlays.ruler import Ruler


def test_the_first_numbers_fix_the_scale():
    ruler = Ruler()
    assert ruler.fixed_by([0.0, 0.0]) is None
    first = ruler.fixed_by([0.1, 0.9])
    assert first == ColorScale(0.0, 1.0)
    assert ruler.fixed_by([0.2]) == first
    assert ruler.fixed_by([0.0]) == first
    assert ruler.was is None


def test_a_given_scale_stays_whatever_comes():
    ruler = Ruler(ColorScale(-1, 1))
    assert ruler.fixed_by([50.0]) == ColorScale(-1, 1)
    assert ruler.was is None


def test_it_is_widened_for_what_lies_far_beyond_which_is_told_for_a_while():
    ruler = Ruler()
    ruler.fixed_by([1.0])
    assert ruler.fixed_by([1.2]) == ColorScale(0, 1)  # a little beyond has the color of the end
    assert ruler.fixed_by([4.0]) == ColorScale(0, 4)
    for _ in range(20):
        assert ruler.was == ColorScale(0, 1)
        ruler.fixed_by([0.5])
    ruler.fixed_by([0.5])
    assert ruler.was is None
    assert ruler.scale == ColorScale(0, 4)


def test_it_gets_a_second_sign_and_never_loses_what_it_had():
    ruler = Ruler()
    ruler.fixed_by([4.0])
    assert ruler.fixed_by([-3.0]) == ColorScale(-4, 4)


def test_signs_of_numbers_beyond_it_count():
    assert Ruler().fixed_by([1.0], [-9.0]) == ColorScale(-1, 1)


def test_chances_have_one_scale_whatever_the_values_have():
    ruler, names = Ruler(), ("left", "right")
    nothing = Options("", names, 0, (0.0, 0.0), None, (True, True))
    assert ruler.fixed_by_choice(nothing) == ColorScale(-1, 1)
    assert ruler.fixed_by_choice(replace(nothing, values=(2.0, 0.5))) == ColorScale(0, 2)
    assert ruler.fixed_by_choice(replace(nothing, values=None, chances=(0.9, 0.1))) == ColorScale(0, 1)
    assert ruler.scale == ColorScale(0, 2)
