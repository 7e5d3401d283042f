"""What docs/seeing.md says of overlays: its tables are those of the code, and its examples run."""

from __future__ import annotations

import re
from pathlib import Path

import gymnasium
import pytest

import csai_core
from csai_core.overlays import NAMES, available

PAGE = (Path(__file__).parents[3] / "docs" / "seeing.md").read_text()
SECTION = PAGE[PAGE.index("## On the board") : PAGE.index("## In notebooks")]
GAMES = re.findall(r"^\| `([\w/-]+)` \| (?:`(\w+)`)? ?\| ((?:`[\w-]+` ?)+)\|$", SECTION, flags=re.MULTILINE)


def test_every_overlay_has_its_row():
    rows = re.findall(r"^\| `([\w-]+)` \| [^|`][^|]*\| [^|]+\|$", SECTION, flags=re.MULTILINE)
    assert rows == list(NAMES)


def test_every_game_of_ours_has_its_row():
    csai_core.register_envs()
    ours = {env_id for env_id, _, _ in GAMES if env_id.startswith("CSAI/")}
    assert ours == {env_id for env_id in gymnasium.registry if env_id.startswith("CSAI/")}


@pytest.mark.parametrize(("env_id", "attributes", "names"), GAMES, ids=lambda each: each or "its own")
def test_a_game_has_the_overlays_that_stand_there(env_id, attributes, names, knowing, view_of):
    settings = {"attributes": attributes} if attributes else {}
    env = csai_core.make(env_id, render_mode="rgb_array", **settings)
    offered = [overlay.name for overlay in available(view_of(env, knowing(env)))]
    assert offered == re.findall(r"`([\w-]+)`", names)


def test_the_examples_run():
    pytest.importorskip("csai_train")
    names: dict[str, object] = {}
    shapes = []
    for code in re.findall(r"^```python\n(.*?)^```$", SECTION, flags=re.MULTILINE | re.DOTALL):
        exec(compile(code, "seeing.md", "exec"), names)
        shapes.append(names["picture"].shape)
    assert shapes == [(600, 600, 3), (160, 400, 3)]
