"""Films of games inside a page."""

from __future__ import annotations

import base64
import io
import re

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from PIL import Image

from csai_core.errors import ConfigError, UnknownNameError
from csai_train import Run, train
from csai_train.errors import CheckpointError


class Painted(gymnasium.Env):
    """Four steps, each in another color."""

    metadata = {"render_modes": ["rgb_array"], "render_fps": 5}  # noqa: RUF012
    observation_space, action_space = spaces.Discrete(5), spaces.Discrete(2)

    def __init__(self, render_mode=None):
        self.render_mode = render_mode

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.count = 0
        return 0, {}

    def step(self, action):
        self.count += 1
        return self.count, 1.0, self.count == 4, False, {}

    def render(self):
        return np.full((20, 30, 3), 40 * self.count, np.uint8)


@pytest.fixture
def run(tmp_path):
    gymnasium.register("toys/Painted-v0", Painted)
    train("q_learning", "toys/Painted-v0", total_steps=40, seed=1, preset=None, run_dir=tmp_path / "run")
    yield Run.open(tmp_path / "run")
    del gymnasium.registry["toys/Painted-v0"]


@pytest.mark.parametrize("thinks", [False, True])
def test_a_game_is_a_film_inside_the_page(run, tmp_path, thinks):
    if thinks:
        pytest.importorskip("pygame")
    film = run.watch(seed=1, thinks=thinks, max_steps=3)
    shown = film._repr_html_()
    assert 'alt="toys/Painted-v0, played by q_learning"' in shown
    data = base64.b64decode(re.search('data:image/gif;base64,([^"]*)', shown)[1])
    with Image.open(io.BytesIO(data)) as opened:
        assert opened.n_frames >= 3
        assert (opened.size == (30, 20)) != thinks
    assert film.save(tmp_path / "x.gif").read_bytes() == data
    assert repr(film) == "<film of toys/Painted-v0, played by q_learning>"


def test_the_checkpoint_can_be_chosen(run):
    assert run.watch(seed=1, which="best", max_steps=1).data
    with pytest.raises(CheckpointError, match="step-000000000099 does not exist"):
        run.watch(which=99)


def test_overlays_are_painted_over_a_film(run):
    pytest.importorskip("pygame")
    plain, painted = (run.watch(seed=1, overlays=names) for names in ((), ("choices",)))
    with Image.open(io.BytesIO(plain.data)) as before, Image.open(io.BytesIO(painted.data)) as after:
        assert (before.size, after.size) == ((30, 20), (480, 320))  # large enough for its numbers
        assert after.n_frames >= before.n_frames >= 2
    with pytest.raises(UnknownNameError, match="'values' says nothing true of this game and this agent"):
        run.watch(overlays=("values",))


def test_a_film_is_saved_as_what_it_is(run, tmp_path):
    film = run.watch(seed=1, max_steps=2)
    with Image.open(film.save(tmp_path / "game.GIF")) as saved:
        assert saved.format == "GIF"
    with pytest.raises(ConfigError, match=r"is a GIF, and cannot be saved as 'game\.mp4'"):
        film.save(tmp_path / "game.mp4")
    assert not (tmp_path / "game.mp4").exists()
