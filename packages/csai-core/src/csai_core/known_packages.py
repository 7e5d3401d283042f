"""Where environments come from that are not there: a note for whoever types one without its package."""

from __future__ import annotations

import importlib.util
import re

_PACKAGES = (
    (r"MiniGrid-|BabyAI-", "minigrid", "minigrid"),
    (r"ALE/|\w+NoFrameskip-v\d", "ale_py", "ale-py"),
    (
        r"(highway|highway-fast|merge|roundabout|parking|intersection|racetrack|two-way|exit|u-turn|lane-keeping)"
        r"(-\w+)?-v\d",
        "highway_env",
        "highway-env",
    ),
    (
        r"(Fetch|AdroitHand|HandManipulate|HandReach|AntMaze_|PointMaze_|FrankaKitchen)\w*-v\d",
        "gymnasium_robotics",
        "gymnasium-robotics",
    ),
    (r"FlappyBird-", "flappy_bird_gymnasium", "flappy-bird-gymnasium"),
)
"""Of ids: how they begin, the module that registers them, and what pip calls it."""
_SEVERAL_AGENTS = re.compile(r"(?:pettingzoo[.:/]|PettingZoo/)(?:\w+[.:/])?(\w+?)[-_]v(\d+)")


def note_on(environment: str) -> str:
    """What to say of an environment that is not there: which package has it, or that it has several agents.

    Args:
        environment: what was typed.

    Returns:
        Sentences; empty where nothing is known.
    """
    if several := _SEVERAL_AGENTS.search(environment):
        lacks = "" if importlib.util.find_spec("pettingzoo") else " (pip install 'pettingzoo[classic]')"
        return (
            "It is a game of several agents, and csai trains one. To have one of them learn while the others "
            f"act at random: csai_core.pettingzoo:{several[1]}-v{several[2]}{lacks}"
        )
    name = environment.rpartition(":")[2]
    for begins, module, distribution in _PACKAGES:
        if re.match(begins, name):
            lacks = "" if importlib.util.find_spec(module) else f"pip install {distribution}, then "
            return f"It is one of {distribution}: {lacks}type {module}:{name}"
    return ""
