"""Callbacks by name: each is one, and those that need an agent are refused where none is trained."""

from __future__ import annotations

import types

import pytest

from csai_core.errors import ConfigError
from csai_core.plugins import installed
from csai_train import Callback


@pytest.mark.parametrize("name", ["evaluation", "video"])
def test_a_callback_that_lets_an_agent_play_is_refused_where_there_is_none(name):
    run = types.SimpleNamespace(kind="dataset", path="runs/mine")
    with pytest.raises(ConfigError, match=rf"'{name}' lets an agent play, and runs/mine trains a network"):
        installed().find("callbacks", name).load()(run)


@pytest.mark.parametrize("name", ["evaluation", "tensorboard", "video"])
def test_every_named_callback_is_one(name):
    assert issubclass(installed().find("callbacks", name).load(), Callback)
