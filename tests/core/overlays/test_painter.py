"""Overlays one over the other, through a film."""

import gymnasium
import numpy as np
import pytest

import csai_core
from csai_core.errors import UnknownNameError
from csai_core.overlays import ColorScale, Painter, Policy, Saliency, Values
from csai_core.overlays.planes import Planes


@pytest.fixture
def view(table_agent, view_of):
    env = gymnasium.make("FrozenLake-v1", render_mode="rgb_array")
    return view_of(env, table_agent(np.arange(64.0).reshape(16, 4)))


def test_overlays_are_painted_one_over_the_other(view):
    frame = view.env.render()
    both = Painter(["values", "policy"]).paint(frame, view)
    assert (both == Policy().paint(Values().paint(frame, view), view)).all()
    assert (both != Painter(["policy", "values"]).paint(frame, view)).any()


def test_small_pictures_are_enlarged_before(view):
    frame = view.env.render()
    assert Painter(["values"], least_side=480).paint(frame, view).shape == (480, 480, 3)
    assert Painter(["values"], least_side=100).paint(frame, view).shape == frame.shape


def test_one_scale_holds_for_all_pictures(view, table_agent):
    painter = Painter(["values"], scale=ColorScale(0, 100))
    painter.paint(view.env.render(), view)
    (overlay,) = painter._overlays
    assert overlay.ruler.scale == ColorScale(0, 100)
    painter.paint(view.env.render(), view)
    assert painter._overlays == [overlay]


def test_a_click_goes_to_the_overlay_that_answers_it(view_of, knowing):
    env = csai_core.make("CSAI/Catch-v0", render_mode="rgb_array")
    view = view_of(env, knowing(env))
    frame, cell = view.env.render(), Planes.of(env).filled(view.observation)[0]
    x, y = Planes.of(env).grid.at(cell[1] + 0.5, cell[0] + 0.5)
    painter = Painter(["values", "saliency"], least_side=2 * max(frame.shape))
    assert painter.hint == ""  # it is not known yet what is true here
    before = painter.paint(frame, view)
    assert painter.hint == Saliency().hint
    assert painter.click(frame, (x, y), view) == str(Saliency().if_hidden(view, cell))
    assert (painter.paint(frame, view) != before).any()
    values = Painter(["values"])
    assert (values.click(frame, (x, y), view), values.hint) == ("", "")


def test_an_overlay_that_is_not_true_is_refused(view):
    with pytest.raises(UnknownNameError, match="'squares' says nothing true"):
        Painter(["values", "squares"]).paint(view.env.render(), view)
