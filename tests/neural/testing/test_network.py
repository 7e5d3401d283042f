"""Every registered network passes the network suite, which says of others what is wrong."""

import pytest
from gymnasium.spaces import Box

from csai_core.errors import ConfigError
from csai_core.plugins import installed
from csai_neural import InputBlock, LinearBlock, Net
from csai_neural.testing import NetworkSuite


def narrow(observation_space):
    net = Net("narrow")
    net.add_block(InputBlock(observation_space))
    net.add_block(LinearBlock(hidden_size=[8]))
    net.compile()
    return net


class TestNarrow(NetworkSuite):
    observation_spaces = (Box(-1, 1, (100,)),)

    def make(self, observation_space):
        return narrow(observation_space)


@pytest.mark.parametrize("name", installed().entries("networks"))
def test_every_registered_network(name):
    outcomes = list(NetworkSuite.of(name).run())
    assert len(outcomes) > 8
    assert [outcome for outcome in outcomes if outcome.status == "failed"] == []


def failures(make, spaces=()):
    class Suite(NetworkSuite):
        observation_spaces = spaces

        def make(self, observation_space):
            return make(observation_space)

    return {each.check: each.message for each in Suite().run() if each.status == "failed"}


def test_what_takes_nothing_is_not_checked_further():
    def nothing(observation_space):
        raise ConfigError("It takes sounds.")

    assert list(failures(nothing)) == ["it can be made"]
    assert "none of the spaces" in failures(nothing)["it can be made"]


def test_what_it_must_take_is_not_to_be_refused():
    assert "which it should" in failures(narrow, (Box(-1, 1, (2, 3)),))["it can be made"]


def test_errors_of_functions_are_explained():
    message = failures(lambda observation_space: observation_space.shape[9])["it can be made"]
    assert "raised IndexError" in message
    assert "with the observation space alone" in message
