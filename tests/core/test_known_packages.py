"""What is said of environments whose package is missing or was not named."""

from __future__ import annotations

import importlib.util

import pytest
from click.testing import CliRunner

from csai_core.commands import main
from csai_core.known_packages import note_on


@pytest.fixture(params=["installed", "missing"])
def pip(request, monkeypatch):
    """What is to be installed first, where packages are there and where they are not."""
    found = object() if request.param == "installed" else None
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: found)
    return lambda name: "" if found else f"pip install {name}, then "


@pytest.mark.parametrize(
    ("typed", "distribution", "means"),
    [
        ("MiniGrid-Empty-8x8-v0", "minigrid", "minigrid:MiniGrid-Empty-8x8-v0"),
        ("BabyAI-GoToObj-v0", "minigrid", "minigrid:BabyAI-GoToObj-v0"),
        ("ALE/Pong-v5", "ale-py", "ale_py:ALE/Pong-v5"),
        ("PongNoFrameskip-v4", "ale-py", "ale_py:PongNoFrameskip-v4"),
        ("highway-fast-v0", "highway-env", "highway_env:highway-fast-v0"),
        ("racetrack-v0", "highway-env", "highway_env:racetrack-v0"),
        ("FetchReach-v4", "gymnasium-robotics", "gymnasium_robotics:FetchReach-v4"),
        ("PointMaze_UMaze-v3", "gymnasium-robotics", "gymnasium_robotics:PointMaze_UMaze-v3"),
        ("FlappyBird-v0", "flappy-bird-gymnasium", "flappy_bird_gymnasium:FlappyBird-v0"),
    ],
)
def test_the_package_is_named_and_what_to_type(pip, typed, distribution, means):
    for each in (typed, means):
        assert note_on(each) == f"It is one of {distribution}: {pip(distribution)}type {means}"


@pytest.mark.parametrize(
    "typed", ["pettingzoo.classic.go_v5", "pettingzoo.classic:go_v5", "pettingzoo:classic/go_v5"]
)
def test_several_agents_are_sent_to_the_view_of_one(typed):
    assert "csai_core.pettingzoo:go-v5" in note_on(typed)


@pytest.mark.parametrize("typed", ["CartPole-v1", "snake", "", "merge", "my:highway"])
def test_of_others_nothing_is_said(typed):
    assert note_on(typed) == ""


def test_commands_say_it():
    if importlib.util.find_spec("minigrid"):
        pytest.skip("minigrid is installed")
    for typed in ("MiniGrid-Empty-8x8-v0", "minigrid:MiniGrid-Empty-8x8-v0"):
        result = CliRunner().invoke(main, ["check", typed])
        assert "pip install minigrid, then type minigrid:MiniGrid" in str(result.exception) + result.output
