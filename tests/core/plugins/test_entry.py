"""Entries: data that is checked when it is written down."""

from __future__ import annotations

import string
from fractions import Fraction

import pytest
from gymnasium import spaces
from hypothesis import given
from hypothesis import strategies as st

from csai_core import Entry
from csai_core.errors import ConfigError, PluginError

NAME = st.text(string.ascii_lowercase + string.digits + "_", min_size=1).filter(lambda n: n[0] != "_")


@given(NAME)
def test_lower_case_names_are_fine(name):
    assert Entry(name=name, target="a.b:C").name == name


@pytest.mark.parametrize("name", ["", "Linear", "my block", "_linear", "a-b", "ä", "linear\n"])
def test_other_names_are_refused(name):
    with pytest.raises(PluginError, match="a name is lower case letters, digits and underscores"):
        Entry(name=name, target="a.b:C")


@pytest.mark.parametrize("path", ["", "a.b", "a.b:", ":C", "a b:C", "a:C()", "1a:C"])
def test_malformed_targets_are_refused(path):
    with pytest.raises(PluginError, match=r"'package.module:attribute'"):
        Entry(name="x", target=path)
    with pytest.raises(PluginError, match="The config of entry 'x'"):
        Entry(name="x", target="a:b", config=path)


def test_load_follows_dots_after_the_colon():
    assert Entry(name="x", target="collections:OrderedDict.fromkeys").load()("ab") == {"a": None, "b": None}


def test_an_entry_without_config_has_none():
    assert Entry(name="x", target="a:b").load_config() is None


def test_a_missing_attribute_is_named():
    with pytest.raises(PluginError, match=r"'collections:Nothing'.*AttributeError"):
        Entry(name="x", target="collections:Nothing", plugin="p").load()


@pytest.mark.parametrize(
    ("field", "value", "kind"),
    [
        ("name", 3, "a text"),
        ("target", ("a:b",), "a text"),
        ("config", 3, "a text"),
        ("summary", None, "a text"),
        ("summary", ("One", "line"), "a text"),
        ("aliases", "dqn", "a tuple of texts"),
        ("aliases", None, "a tuple of texts"),
        ("aliases", ("dqn", 3), "a tuple of texts"),
        ("observation_spaces", ["Box"], "a tuple of texts"),
    ],
)
def test_fields_of_other_types_are_refused(field, value, kind):
    with pytest.raises(PluginError) as refused:
        Entry(**{"name": "x", "target": "a:b", field: value})
    name = repr(value if field == "name" else "x")
    assert str(refused.value) == f"The {field} of entry {name} is {value!r}; it must be {kind}."


@pytest.mark.parametrize("value", ["yes", None, 1])
def test_an_inner_command_is_one_or_is_not(value):
    with pytest.raises(PluginError, match="is_inner of entry 'x'"):
        Entry(name="x", target="a:b", is_inner=value)


@pytest.mark.parametrize("alias", ["DQN", "d-q-n", ""])
def test_aliases_have_the_form_of_names(alias):
    with pytest.raises(PluginError, match="a name is lower case letters, digits and underscores"):
        Entry(name="x", target="a:b", aliases=(alias,))


@pytest.mark.parametrize(
    ("observations", "actions", "takes"),
    [
        ((), (), True),
        (("Dict", "Box"), ("Discrete",), True),
        (("Dict", "Box", "Discrete"), ("Discrete", "Box"), True),
        (("Box",), ("Discrete",), False),
        (("Dict",), ("Discrete",), False),
        (("Discrete",), ("Discrete",), False),
        (("Dict", "Box"), ("Box",), False),
        ((), ("MultiBinary",), False),
    ],
)
def test_an_algorithm_says_which_spaces_it_takes(observations, actions, takes):
    entry = Entry(name="x", target="a:b", observation_spaces=observations, action_spaces=actions)
    assert entry.takes(spaces.Dict(a=spaces.Box(0, 1)), spaces.Discrete(2)) == takes


def test_what_an_entry_points_to_is_called_and_what_it_raises_names_the_plugin():
    entry = Entry(name="seven", target="builtins:int", plugin="numbers")
    assert (entry.make("7"), entry.make("11", base=2)) == (7, 3)
    configured = Entry(name="seven", target="builtins:int", config="fractions:Fraction", plugin="numbers")
    assert configured.load_config() is Fraction
    with pytest.raises(PluginError, match=r"'seven' cannot be made: ValueError: .*Plugin 'numbers' "):
        entry.make("x")
    ending = Entry(name="ending", target="sys:exit", plugin="numbers")
    with pytest.raises(PluginError, match="'ending' cannot be made: SystemExit: 3"):
        ending.make(3)


@pytest.mark.parametrize("error", [ConfigError("on purpose"), OSError("full"), MemoryError()])
def test_errors_that_say_themselves_what_is_wrong_stay_as_they_are(monkeypatch, error):
    def maker():
        raise error

    monkeypatch.setattr("csai_core.search.astar", maker)
    with pytest.raises(type(error)) as raised:
        Entry(name="it", target="csai_core.search:astar").make()
    assert raised.value is error


@pytest.mark.parametrize("checks", [["learning_steps"], {1: 2}, "fast"])
def test_checks_are_settings_by_name(checks):
    with pytest.raises(PluginError, match="checks of entry 'x'"):
        Entry(name="x", target="a:b", checks=checks)


def test_an_entry_with_checks_can_be_a_key():
    assert {Entry(name="x", target="a:b", checks={"learning_steps": 4}): 1}
