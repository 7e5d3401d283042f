"""Wrappers by name: what is typed, where it is looked for, and what a file may ask for."""

from __future__ import annotations

import sys
from dataclasses import replace

import gymnasium
import pytest
from gymnasium.envs.registration import WrapperSpec

from csai_core import trust, wrapping
from csai_core.commands import resolver
from csai_core.environments import find_spec
from csai_core.errors import (
    ConfigError,
    CsaiError,
    DuplicateNameError,
    PluginError,
    UnknownNameError,
    UntrustedModuleError,
)
from csai_core.plugins import installed
from csai_core.wrapping import admit, parse, specify_wrapper, with_wrappers

GAMES = """
import gymnasium
gymnasium.register("Strange/Hall-v0", "strange_games.halls:Hall", max_episode_steps=20)
"""
HALLS = """
from csai_core.testing.toys import Walk

class Hall(Walk):
    pass
"""
WRAPPERS = """
import gymnasium

class Late(gymnasium.Wrapper):
    "Records none of its arguments."

    def __init__(self, env, delay=2, *, name):
        super().__init__(env)
        self.delay = delay

class Other(gymnasium.Wrapper):
    def __init__(self, world):
        super().__init__(world)

def function():
    pass

def delayed(env, by=1):
    return Late(env, by, name="by function")
"""
OFFERS = """
from csai_core import Entry, hookimpl

@hookimpl
def csai_wrappers():
    return [Entry(name="late", target="strange_games.wrappers:Late", aliases=("tardy",))]
"""


@pytest.fixture
def hall(site, monkeypatch, tmp_path):
    """The specification of a stranger's environment, with wrappers beside it; a module there explodes."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setattr(trust, "_TYPED", set())
    package = site.folder / "strange_games"
    package.mkdir()
    for name, source in {"__init__": GAMES, "halls": HALLS, "wrappers": WRAPPERS}.items():
        (package / f"{name}.py").write_text(source)
    (package / "evil.py").write_text("raise SystemExit('exploded')")
    installed.cache_clear()
    yield find_spec("strange_games:Strange/Hall-v0")
    gymnasium.registry.pop("Strange/Hall-v0", None)
    for name in [name for name in sys.modules if name.partition(".")[0] == "strange_games"]:
        del sys.modules[name]
    installed.cache_clear()


@pytest.mark.parametrize(
    ("typed", "name", "settings"),
    [
        ("FlattenObservation", "FlattenObservation", {}),
        ("TimeLimit:max_episode_steps=50", "TimeLimit", {"max_episode_steps": 50}),
        ("Resize:shape=(8, 8)", "Resize", {"shape": (8, 8)}),
        ('Filter:filter_keys=["a:b", "c"]', "Filter", {"filter_keys": ["a:b", "c"]}),
        ("my.wrappers:Late:delay=2:name=a:b", "my.wrappers:Late", {"delay": 2, "name": "a:b"}),
        ('Late:name={"a": 1}:delay=null', "Late", {"name": {"a": 1}, "delay": None}),
        ("Late:name=", "Late", {"name": ""}),
    ],
)
def test_settings_begin_where_a_name_and_an_equals_sign_follow_a_colon(typed, name, settings):
    assert parse(typed) == (name, settings)


def test_gymnasiums_own_are_found_by_their_names():
    spec = with_wrappers(
        gymnasium.spec("CartPole-v1"), ["TimeLimit:max_episode_steps=3", "FlattenObservation"]
    )
    env = gymnasium.make(spec)
    assert [type(each).__name__ for each in (env, env.env)] == ["FlattenObservation", "TimeLimit"]
    env.reset(seed=0)
    assert [env.step(0)[3] for _ in range(3)] == [False, False, True]


def test_those_of_the_environments_package_are_found_by_their_names(hall):
    wrapper = specify_wrapper("Late:name=x", hall)
    assert wrapper == WrapperSpec("Late", "strange_games.wrappers:Late", {"name": "x"})
    env = gymnasium.make(with_wrappers(hall, [wrapper]))
    assert env.delay == 2


def test_those_of_plugins_are_found_by_both_their_names(hall, site):
    site.install("strange", OFFERS)
    installed.cache_clear()
    for typed in ("late:name=x", "strange:late:name=x"):
        wrapper = specify_wrapper(typed, hall)
        assert wrapper == WrapperSpec("strange:late", "strange_games.wrappers:Late", {"name": "x"})
    moved = WrapperSpec("strange:late", "os:system", {"name": "x"})
    assert admit(moved, gymnasium.spec("CartPole-v1")).entry_point == "strange_games.wrappers:Late"


@pytest.mark.filterwarnings("ignore::csai_core.plugins.PluginWarning")
def test_one_that_several_plugins_offer_is_listed_with_the_names_of_all(hall, site):
    site.install("alpha", OFFERS)
    site.install("zulu", OFFERS)
    installed.cache_clear()
    for specify in (specify_wrapper, resolver.wrapper):
        with pytest.raises(DuplicateNameError, match="Type which of these: alpha:late, zulu:late"):
            specify("late:name=x", hall)
        assert specify("zulu:late:name=x", hall).name == "zulu:late"


@pytest.mark.parametrize(
    ("typed", "error", "words"),
    [
        ("FlatenObservation", UnknownNameError, "Did you mean 'FlattenObservation'"),
        ("TimeLimit:max_steps=5", UnknownNameError, "Did you mean 'max_episode_steps'"),
        ("TimeLimit:50", PluginError, "NAME:key=value"),
        ("FrameStackObservation", ConfigError, "needs stack_size: FrameStackObservation:stack_size=…"),
        ("Late", ConfigError, "needs name: Late:name=…"),
        ("strange_games.wrappers:Late", ConfigError, "needs name: strange_games.wrappers:Late:name=…"),
        ("Other", ConfigError, "no parameter 'env'"),
        ("RecordVideo:video_folder=x", ConfigError, "csai watch --gif"),
        (
            "gymnasium.wrappers:RecordVideo:video_folder=x",
            ConfigError,
            "is no gymnasium.Wrapper that csai uses",
        ),
        ("strange_games.wrappers:function", ConfigError, "is no gymnasium.Wrapper"),
        ("strange_games.wrappers:Nobody", ConfigError, "is not there"),
        ("no_such_module:Late", PluginError, "No module named 'no_such_module'"),
        ("..halls:Late", PluginError, "cannot be imported"),
        (":Late", PluginError, "cannot be imported"),
        ("Wrapper", UnknownNameError, "No wrapper named 'Wrapper'"),
    ],
)
def test_what_cannot_be_meant_is_answered_with_what_would_work(hall, typed, error, words):
    with pytest.raises(error, match=words):
        specify_wrapper(typed, hall)


@pytest.mark.parametrize(
    "entry_point",
    [
        "os:system",
        "antigravity:fly",
        "strange_games.evil:Wrapper",
        "strange_games.halls:Hall",
        "strange_games.wrappers:function",
        "..strange_games.wrappers:Late",
        "strange_games.wrappers",
        "gymnasium.wrappers:RecordVideo",
        "gymnasium.wrappers.rendering:RecordVideo",
        "gymnasium.core:Env",
        "gymnasium.core:Wrapper",
        "gymnasium.evil:Wrapper",
        "csai_core.evil:Wrapper",
        "",
    ],
)
def test_a_file_cannot_ask_for_anything_else(hall, entry_point):
    with pytest.raises(CsaiError, match="asks for the wrapper"):
        admit(WrapperSpec("x", entry_point, {}), hall)
    assert "strange_games.evil" not in sys.modules


@pytest.mark.parametrize(
    "entry_point",
    ["gymnasium.wrappers:TimeLimit", "gymnasium.wrappers.common:TimeLimit", "strange_games.wrappers:Late"],
)
def test_a_file_may_ask_for_gymnasiums_and_those_beside_the_environment(hall, entry_point):
    wrapper = WrapperSpec("x", entry_point, {})
    assert admit(wrapper, hall) == wrapper


def test_a_module_that_a_person_has_typed_may_be_asked_for(hall):
    wrapper = WrapperSpec("Late", "strange_games.wrappers:Late", {"name": "x"})
    elsewhere = gymnasium.spec("CartPole-v1")
    with pytest.raises(UntrustedModuleError, match="If you trust that"):
        admit(wrapper, elsewhere)
    trust.remember("strange_games.wrappers")
    assert admit(wrapper, elsewhere) == wrapper


def test_what_is_named_as_a_plugins_must_be_one_even_at_a_module_that_was_typed(hall):
    trust.remember("strange_games.wrappers")
    wrapper = WrapperSpec("nobody:late", "strange_games.wrappers:Late", {"name": "x"})
    with pytest.raises(ConfigError, match="'nobody:late', which no plugin offers here"):
        admit(wrapper, gymnasium.spec("CartPole-v1"))
    kept = replace(hall, additional_wrappers=(wrapper,))
    assert admit(wrapper, kept) == wrapper


@pytest.mark.parametrize("typed", ["../strange_games:Late", "strange games:Late", "/tmp/x:Late"])
def test_a_path_is_no_module(hall, typed):
    with pytest.raises(PluginError, match="no name of a module"):
        specify_wrapper(typed, hall)


def test_a_function_that_wraps_is_one_where_a_person_has_typed_its_module(hall):
    wrapper = specify_wrapper("strange_games.wrappers:delayed:by=4", hall)
    assert wrapper == WrapperSpec("delayed", "strange_games.wrappers:delayed", {"by": 4})
    assert gymnasium.make(with_wrappers(hall, [wrapper])).delay == 4
    for spec in (hall, gymnasium.spec("CartPole-v1")):  # not even where it stands beside the environment
        with pytest.raises(CsaiError, match="asks for the wrapper"):
            admit(wrapper, spec)
    trust.remember("strange_games.wrappers")
    assert admit(wrapper, hall) == wrapper
    with pytest.raises(UnknownNameError, match="Did you mean 'by'"):
        specify_wrapper("strange_games.wrappers:delayed:bye=4", hall)


@pytest.mark.parametrize("place", ["gymnasium.utils.play:play", "gymnasium.utils.env_checker:check_env"])
def test_a_file_cannot_have_functions_of_ours_or_gymnasiums_called(hall, place):
    with pytest.raises(ConfigError, match="which it cannot have"):
        admit(WrapperSpec("x", place, {}), hall)


@pytest.mark.parametrize(
    "typed",
    [
        "TransformReward:func=abs",
        "TransformReward",
        "TransformAction:func=f:action_space=None",
        "gymnasium.wrappers:TransformObservation:func=f:observation_space=None",
    ],
)
def test_what_needs_a_function_goes_in_python(hall, typed):
    with pytest.raises(ConfigError, match=r"needs a function for func.*in Python"):
        specify_wrapper(typed, hall)


def test_every_wrapper_of_gymnasium_is_offered_or_left_out_for_a_reason():
    offered = wrapping.names(gymnasium.spec("CartPole-v1"))
    of_arrays = {"ArrayConversion", "JaxToNumpy", "JaxToTorch", "NumpyToTorch"}
    missing = set(gymnasium.wrappers.__all__) - set(offered) - of_arrays - {"vector"}
    assert missing == set(wrapping.LEFT_TO_CSAI)
