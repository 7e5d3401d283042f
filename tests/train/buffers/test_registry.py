"""Replay buffers by name: which suit, and what is said of those that do not."""

import pytest

from csai_core.errors import ConfigError, UnknownNameError
from csai_core.plugins import Entry, installed
from csai_train import BasicReplayBuffer, PrioritizedReplayBuffer, ReplayBuffer
from csai_train.buffers.registry import find_replay_buffer, registered_name


def test_names_of_the_registered_ones():
    assert find_replay_buffer("basic") is BasicReplayBuffer
    assert find_replay_buffer("prioritized", prioritized=True) is PrioritizedReplayBuffer


def test_no_name_takes_one_for_everything():
    assert find_replay_buffer(None) is ReplayBuffer
    assert find_replay_buffer(None, prioritized=True) is PrioritizedReplayBuffer


def test_a_name_that_is_none_is_corrected():
    with pytest.raises(UnknownNameError, match="Did you mean 'basic'"):
        find_replay_buffer("basik")


def test_one_that_draws_evenly_is_not_prioritized():
    with pytest.raises(ConfigError, match="'basic', which draws evenly"):
        find_replay_buffer("basic", prioritized=True)


def test_what_is_no_replay_buffer_is_refused(monkeypatch):
    stranger = Entry(name="mine", target="builtins:list", summary="A list.")
    monkeypatch.setattr(type(installed()), "find", lambda self, group, name: stranger)
    with pytest.raises(ConfigError, match=r"'mine' is not a class derived from csai_train\.ReplayBuffer"):
        find_replay_buffer("mine")


def test_the_name_of_a_buffer():
    assert registered_name(BasicReplayBuffer()) == "basic"
    assert registered_name(PrioritizedReplayBuffer()) == "prioritized"
    assert registered_name(ReplayBuffer()) is None
    assert registered_name(type("Own", (BasicReplayBuffer,), {})()) is None
