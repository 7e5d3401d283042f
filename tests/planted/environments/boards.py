"""Paths that say for views where one is and what follows, each with one fault, and a sound one."""

from __future__ import annotations

from typing import ClassVar

from csai_core import ActionAttribute, DiscreteType, ObsAttribute, Shell
from csai_core.games import BLUE, Canvas, observe_with
from planted.environments.ponds import flawed, right


@right
class Hedge(Shell):
    """A path of six places between hedges; the gate is at its end."""

    metadata: ClassVar = {"render_modes": ["rgb_array"], "render_fps": 4}
    action_names = ("left", "right")
    length = 6

    def __init__(self, **settings):
        super().__init__(resolution=(180, 60), **settings)
        self.place = 0
        self.register_attribute(ObsAttribute("place", DiscreteType(self.length), lambda: self.place))
        self.register_attribute(ActionAttribute("walk", DiscreteType(2)))

    def start_episode(self, options):
        self.place = 2

    def advance(self, action, d_t):
        self.place = self.after(self.place, action)

    def after(self, place, action):
        return min(max(place + (-1, 1)[action], 0), self.length - 1)

    def get_current_reward(self, action, current_state):
        return float(self.place == self.length - 1), self.place == self.length - 1

    def draw(self):
        canvas = Canvas(self.resolution, self.length, 1, "")
        canvas.disc(BLUE, self.place + 0.5, 0.5, 0.3)
        return canvas

    def overlay_states(self):
        return {(0, place): observe_with(self, place=place) for place in range(self.length)}

    def overlay_player(self):
        return self.place + 0.5, 0.5

    @property
    def P(self):  # noqa: N802
        return {
            place: {action: self.told(place, action) for action in (0, 1)} for place in range(self.length)
        }

    def told(self, place, action):
        there = self.after(place, action)
        is_gate = there == self.length - 1
        return [(1.0, there, float(is_gate), is_gate)]


@flawed("overlay_player gave .* outside of its canvas of 6 x 1 cells")
class PlayerBelow(Hedge):
    """Gives the player's place in pixels."""

    def overlay_player(self):
        return 30.0 * self.place + 15, 30.0


@flawed(r"chances in P\[\d\]\[\d\] add up to 0.8")
class Forgetful(Hedge):
    """Forgets that one may stumble, and stay."""

    def told(self, place, action):
        return [(0.8, *outcome[1:]) for outcome in super().told(place, action)]


@flawed(r"came from state \d to state \d .*says")
class Mirrored(Hedge):
    """Says for each action what the other one does."""

    def told(self, place, action):
        return super().told(place, 1 - action)


@flawed("terminated True; P.*says")
class Gateless(Hedge):
    """Does not say that the gate is the end."""

    def told(self, place, action):
        return [(*outcome[:3], False) for outcome in super().told(place, action)]
