"""What people type for a name, and what is taken for it."""

from __future__ import annotations

import sys

import gymnasium
import pytest

from csai_core.commands import resolver
from csai_core.errors import UnknownNameError

FORMS = {
    "CSAI/Snake-v0": ["Snake-v0", "Snake", "CSAI/Snake"],
    "CSAI/CartPole-v0": ["CartPole-v0", "CartPole", "CSAI/CartPole"],
    "CartPole-v1": ["CartPole-v1", "CartPole"],
    "deep_q_learning": ["dqn"],
    "q_learning": [],
}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("CSAI/Snake-v0", ["CSAI/Snake-v0"]),
        ("csai/snake-v0", ["CSAI/Snake-v0"]),
        ("snake", ["CSAI/Snake-v0"]),
        ("SNAKE-V0", ["CSAI/Snake-v0"]),
        ("csai/Snake", ["CSAI/Snake-v0"]),
        ("sna", ["CSAI/Snake-v0"]),
        ("cart pole", ["CSAI/CartPole-v0", "CartPole-v1"]),
        ("CartPole-v1", ["CartPole-v1"]),
        ("cartpole-v0", ["CSAI/CartPole-v0"]),
        ("DQN", ["deep_q_learning"]),
        ("deep-q-learning", ["deep_q_learning"]),
        ("Q-Learning", ["q_learning"]),
        ("", []),
        ("--", []),
        ("snaek", []),
        ("größe", []),
    ],
)
def test_what_may_be_meant(typed, meant):
    assert resolver.matches(typed, FORMS) == meant


def test_one_is_taken_and_said_where_it_reads_otherwise(capsys):
    assert resolver.choose("thing", "snake", FORMS) == "CSAI/Snake-v0"
    assert resolver.choose("thing", "Q-Learning", FORMS) == "q_learning"
    assert capsys.readouterr() == ("", "snake: CSAI/Snake-v0\n")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("cartpole", "'cartpole' may mean more than one thing: CSAI/CartPole-v0, CartPole-v1. Type one of"),
        ("snaek", "No thing named 'snaek'. Did you mean 'CSAI/Snake-v0'? Known: CSAI/Snake-v0, CSAI/Cart"),
        ("dpn", "Did you mean 'deep_q_learning'?"),
        ("", "No thing named ''. Known:"),
    ],
)
def test_several_are_listed_and_of_none_the_nearest_is_suggested(typed, words):
    with pytest.raises(UnknownNameError) as raised:
        resolver.choose("thing", typed, FORMS)
    assert words in str(raised.value)


def test_a_long_list_is_not_printed():
    with pytest.raises(UnknownNameError, match=r"Known: 60; see csai list.$"):
        resolver.choose("thing", "x", {f"name{number}": () for number in range(60)})


def test_of_gymnasiums_environments_the_newest_goes_by_its_bare_name():
    forms = resolver.environments()
    assert resolver.matches("ant", forms) == ["Ant-v5"]
    assert resolver.matches("ant-v4", forms) == ["Ant-v4"]
    assert resolver.environment("mountaincar") == "MountainCar-v0"
    with pytest.raises(UnknownNameError, match="MountainCar-v0, MountainCarContinuous-v0"):
        resolver.environment("mountain")


def test_the_environments_of_plugins_are_listed_before_gymnasiums(shown, csai):
    gymnasium.register("Game-v3", "nowhere:Game")
    try:
        result = csai("play", "game")
    finally:
        del gymnasium.registry["Game-v3"]
    assert "may mean more than one environment: Shown/Game-v0, Game-v3." in result.output


def test_what_stands_before_a_colon_is_imported_and_kept(tmp_path, monkeypatch):
    (tmp_path / "own_game_here.py").write_text("import gymnasium\ngymnasium.register('OwnGame-v0', 'x:Y')\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.path", [*__import__("sys").path])
    try:
        assert resolver.environment("own_game_here:OwnGame-v0") == "own_game_here:OwnGame-v0"
        assert resolver.environment("own_game_here:owngame") == "own_game_here:OwnGame-v0"
    finally:
        gymnasium.registry.pop("OwnGame-v0", None)


def test_entries_go_by_the_aliases_that_they_give(site, csai, capsys):
    site.install(
        "shorty",
        "from csai_core import Entry, hookimpl\n@hookimpl\ndef csai_blocks():\n"
        "    return [Entry(name='very_long', target='csai_shorty_hooks:hookimpl', aliases=('vl',))]\n",
    )
    csai("list")
    for typed in ("very_long", "Very-Long", "VL", "very"):
        assert resolver.entry("blocks", typed) == "shorty:very_long"
    assert resolver.entry("blocks", "shorty:very_long") == "shorty:very_long"
    with pytest.raises(UnknownNameError, match="Did you mean 'very_long'"):
        resolver.entry("blocks", "wery_lnog")


def test_networks_go_by_their_names_and_what_stands_elsewhere_by_its_place(site, csai, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "saved").touch()
    site.install(
        "shapes",
        "from csai_core import Entry, hookimpl\n@hookimpl\ndef csai_networks():\n"
        "    return [Entry(name='hour_glass', target='csai_shapes_hooks:hookimpl')]\n",
    )
    csai("list")
    for typed in ("hour_glass", "Hour-Glass", "hour", "shapes:hour-glass", "csai-shapes:hour_glass"):
        assert resolver.network(typed) == "shapes:hour_glass"
    for typed in ("own.toml", "gone.safetensors", "folder/net", "saved", "my_nets:deep", "my.nets:deep"):
        assert resolver.network(typed) == typed
    with pytest.raises(UnknownNameError, match=r"Did you mean 'hour_glass'.*as a file, or as module:name"):
        resolver.network("houre_glas")


@pytest.fixture
def own_file(tmp_path, monkeypatch):
    """Writes a file of one's own into the folder where one is."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.path", [*sys.path])

    def write(name, *ids):
        lines = [f"gymnasium.register({each!r}, '{name}:Game')" for each in ids]
        (tmp_path / f"{name}.py").write_text("\n".join(["import gymnasium", *lines]))
        written.append(name)

    written = []
    yield write
    for name in written:
        sys.modules.pop(name, None)
    for each in [
        each for each, spec in gymnasium.registry.items() if str(spec.entry_point).endswith(":Game")
    ]:
        del gymnasium.registry[each]


@pytest.mark.parametrize(
    "typed",
    [
        *("one_game_here", "one_game_here.py", "one_game_here.py:alone", "one_game_here:Alone-v0"),
        *("./one_game_here.py", "./one_game_here.py:alone"),
    ],
)
def test_a_file_of_this_folder_stands_for_what_it_registers(own_file, typed):
    own_file("one_game_here", "Alone-v0")
    assert resolver.environment(typed) == "one_game_here:Alone-v0"


def test_a_file_of_this_folder_holds_a_wrapper(own_file, tmp_path):
    own_file("wraps_here")
    text = "import gymnasium\n\nclass Plain(gymnasium.Wrapper):\n    pass\n"
    (tmp_path / "wraps_here.py").write_text(text)
    for typed in ("wraps_here:Plain", "wraps_here.py:Plain", "./wraps_here.py:Plain"):
        found = resolver.wrapper(typed, gymnasium.spec("CartPole-v1"))
        assert found.entry_point == "wraps_here:Plain"


def test_a_file_that_registers_none_or_several_is_told_so(own_file):
    own_file("no_game_here")
    with pytest.raises(UnknownNameError, match="no_game_here\\.py registers no environment"):
        resolver.environment("no_game_here")
    own_file("two_games_here", "First-v0", "Second-v0")
    with pytest.raises(UnknownNameError, match=r"two_games_here:First-v0, two_games_here:Second-v0"):
        resolver.environment("two_games_here.py")
