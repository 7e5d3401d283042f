"""What a notebook shows of shells and attributes."""

from __future__ import annotations

import numpy as np

from csai_core import ActionAttribute, BoxType, DiscreteType, ObsAttribute, Shell


class Room(Shell):
    """A place on a line, and a large board."""

    def __init__(self, frame=None, **settings):
        super().__init__(**settings)
        self.frame, self.place = frame, None
        self.register_attribute(ObsAttribute("<place>", DiscreteType(5), lambda: self.place + 0))
        board = BoxType(0, 1, (9, 9), np.float32)
        self.register_attribute(ObsAttribute("board", board, lambda: np.eye(9, dtype=np.float32)))
        self.register_attribute(ActionAttribute("move", DiscreteType(2)))

    def start_episode(self, options):
        self.place = 3

    def advance(self, action, d_t):
        self.place = 4

    def get_current_reward(self, action, current_state):
        return 0.0, False

    def render_frame(self):
        if self.place is None:
            raise ValueError("nothing to draw yet")
        return np.full((4, 6, 3), 200, np.uint8)


def test_a_shell_shows_its_attributes_and_its_picture():
    room = Room(environment_name="<i>Room</i>")
    before = room._repr_html_()
    assert "&lt;i&gt;Room&lt;/i&gt;" in before
    assert "cannot be read now: TypeError" in before
    assert "<img" not in before
    room.reset(seed=1)
    shown = room._repr_html_()
    assert "&lt;place&gt;" in shown
    assert "3, in Discrete(5)" in shown
    assert "9 x 9 numbers from 0 to 1" in shown
    assert "data:image/png;base64," in shown
    assert "<i>" not in shown


def test_looking_changes_nothing():
    room = Room()
    room.reset(seed=1)
    before = room.state_dict()
    room._repr_html_()
    assert repr(room.state_dict()) == repr(before)
    assert not room.is_window_closed


def test_a_shell_without_attributes_or_pictures_is_shown_too():
    class Bare(Shell):
        pass

    assert "<strong>Bare</strong>" in Bare()._repr_html_()


def test_an_attribute_shows_its_space_and_its_value():
    shown = ObsAttribute("speed", BoxType(-1, 1, (2,), np.float32))._repr_html_()
    assert "ObsAttribute speed" in shown
    assert "[0.0, 0.0]" in shown
