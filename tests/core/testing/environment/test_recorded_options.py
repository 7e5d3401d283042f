"""Options that a reset looks for are found, with values that it has not met."""

import gymnasium

from csai_core.testing.environment.recorded_options import options_of
from csai_core.testing.toys import Walk


class Choosy(Walk):
    def reset(self, attributes=None, *, seed=None, options=None):
        options = options or {}
        self.ice = options.get("ice", 0.5)
        self.is_dark = options.get("is_dark", False)
        if "row" in options:
            self.row = options["row"]
        self.lives = options.pop("lives", 3)
        self.wind = options.get("wind", 0.1)
        return super().reset(attributes, seed=seed)


class Strict(gymnasium.Env):
    def reset(self, *, seed=None, options=None):
        raise ValueError("no options")


def test_what_is_looked_for_gets_another_value_than_its_default():
    assert options_of(Choosy(), 0) == {
        "ice": [0.25],
        "is_dark": [True],
        "row": [1],
        "lives": [4, 2],
        "wind": [0.9, 0.05],
    }


def test_none_are_looked_for_or_all_refused():
    assert options_of(Walk(), 0) == {}
    assert options_of(Strict(), 0) == {}
