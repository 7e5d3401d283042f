"""Environments that are drawn for films, where that cannot be done."""

import gymnasium
import pytest
from gymnasium import spaces

from csai_train.environments.make import specify
from csai_train.errors import RunError
from csai_train.evaluation.filming import pictured


class Undrawable(gymnasium.Env):
    """Plays well, and fails to draw in another module, as MuJoCo does without a display."""

    observation_space = action_space = spaces.Discrete(2)
    metadata = {"render_modes": ["rgb_array"], "render_fps": 4}  # noqa: RUF012 - as Gymnasium has it

    def __init__(self, drawn_by, render_mode=None):
        self.render_mode = render_mode
        self.module = {"__name__": drawn_by}
        exec("def draw(): raise RuntimeError('no context')", self.module)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return 0, {}

    def step(self, action):
        return 0, 0.0, True, False, {}

    def render(self):
        return self.module["draw"]()


def draw(spec):
    with pictured(spec) as env:
        env.reset()
        env.render()


@pytest.fixture
def undrawable():
    gymnasium.register("Testing/Undrawable-v0", entry_point=Undrawable)
    yield lambda module: specify("Testing/Undrawable-v0", {"drawn_by": module})
    del gymnasium.registry["Testing/Undrawable-v0"]


def test_what_mujoco_needs_to_draw_is_said(undrawable, monkeypatch):
    monkeypatch.setenv("MUJOCO_GL", "glfw")
    spec = undrawable("gymnasium.envs.mujoco.mujoco_rendering")
    with pytest.raises(RunError, match=r"not drawn: .*no context\. .*MUJOCO_GL=glfw: egl needs"):
        draw(spec)


def test_what_others_fail_with_is_left_alone(undrawable):
    with pytest.raises(RuntimeError, match=r"^no context$"):
        draw(undrawable("stranger"))
