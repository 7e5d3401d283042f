"""Entries: data that is checked when it is written down."""

from __future__ import annotations

import string

import pytest
from gymnasium import spaces
from hypothesis import given
from hypothesis import strategies as st

from csai_core import Entry
from csai_core.errors import PluginError

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


@pytest.mark.parametrize("alias", ["DQN", "d-q-n", ""])
def test_aliases_have_the_form_of_names(alias):
    with pytest.raises(PluginError, match="a name is lower case letters, digits and underscores"):
        Entry(name="x", target="a:b", aliases=(alias,))


@pytest.mark.parametrize(
    ("observations", "actions", "takes"),
    [
        ((), (), True),
        (("Box",), ("Discrete",), True),
        (("Box", "Discrete"), ("Discrete", "Box"), True),
        (("Discrete",), ("Discrete",), False),
        (("Box",), ("Box",), False),
        ((), ("MultiBinary",), False),
    ],
)
def test_an_algorithm_says_which_spaces_it_takes(observations, actions, takes):
    entry = Entry(name="x", target="a:b", observation_spaces=observations, action_spaces=actions)
    assert entry.takes(spaces.Dict(a=spaces.Box(0, 1)), spaces.Discrete(2)) == takes
