"""Wrappers as texts in files: how they are typed, and which of them a file may ask for."""

from __future__ import annotations

import sys

import gymnasium
import pytest
from gymnasium.envs.registration import WrapperSpec

from csai_core import trust
from csai_core.errors import CodecError, ConfigError, UnknownNameError, UntrustedModuleError
from csai_core.wrapping import with_wrappers
from csai_core.wrapping.texts import admitted, as_text

CART = gymnasium.spec("CartPole-v1")


@pytest.mark.parametrize(
    "text",
    ["FlattenObservation", "TimeLimit:max_episode_steps=50", "RescaleAction:min_action=-1:max_action=1.5"],
)
def test_a_wrapper_comes_back_as_it_was_typed(text):
    (wrapper,) = with_wrappers(CART, [text]).additional_wrappers
    assert as_text(wrapper, CART) == text
    assert admitted(text, CART) == wrapper


def test_what_an_environment_records_of_itself_has_its_short_name():
    env = gymnasium.wrappers.TimeAwareObservation(gymnasium.make("CartPole-v1"))
    wrapper = env.spec.additional_wrappers[-1]
    assert as_text(wrapper, CART).startswith("TimeAwareObservation:flatten=true")


def test_settings_that_are_not_known_or_not_typed_are_refused():
    with pytest.raises(CodecError, match="settings of the wrapper Odd are not known"):
        as_text(WrapperSpec("Odd", "odd:Odd", None), CART)
    odd = WrapperSpec("TimeLimit", "gymnasium.wrappers:TimeLimit", {"max_episode_steps": "a:b=c"})
    with pytest.raises(CodecError, match="nobody can type"):
        as_text(odd, CART)


def test_a_module_that_nobody_typed_is_not_imported(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    monkeypatch.setattr(trust, "_TYPED", set())
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "odd_wrapper.py").write_text("raise AssertionError('it was imported')\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UntrustedModuleError, match="--import odd_wrapper"):
        admitted("odd_wrapper:Odd", CART)


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("FlatenObservation", UnknownNameError, "Did you mean 'FlattenObservation'"),
        ("RecordVideo:video_folder=x", ConfigError, "cannot be used"),
        ("gymnasium.wrappers:RecordVideo:video_folder=x", ConfigError, "which it cannot have"),
        ("os:system", UntrustedModuleError, "os:system"),
        ("TimeLimit:max_steps=1", UnknownNameError, "Did you mean 'max_episode_steps'"),
    ],
)
def test_others_are_refused(text, error, message):
    with pytest.raises(error, match=message):
        admitted(text, CART)
