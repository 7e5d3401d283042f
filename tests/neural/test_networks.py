"""The registered networks: what they are made of, and how the command shows them."""

import pytest
from click.testing import CliRunner
from gymnasium import spaces

from csai_core.commands import main
from csai_neural import networks
from csai_neural.errors import ShapeError

VECTOR = spaces.Box(-1, 1, (4,))
IMAGE = spaces.Box(0, 1, (1, 16, 16))
ATARI = spaces.Box(0, 1, (4, 84, 84))


@pytest.mark.parametrize(
    ("make", "space", "kinds", "size"),
    [
        (networks.linear, VECTOR, ["input"], 4),
        (networks.linear, IMAGE, ["input", "flatten"], 256),
        (networks.mlp, VECTOR, ["input", "linear"], 128),
        (networks.mlp, IMAGE, ["input", "flatten", "linear"], 128),
        (networks.conv, IMAGE, ["input", "conv"], 64 * 4 * 4),
        (networks.conv, spaces.Box(0, 1, (3, 4, 4)), ["input", "conv"], 64),
        (networks.nature_cnn, ATARI, ["input", "conv", "linear"], 512),
    ],
)
def test_what_they_are_made_of(make, space, kinds, size):
    net = make(space)
    assert [node.block.kind for node in net.nodes] == kinds
    assert net(space.sample()).shape == (size,)


def test_nature_cnn_has_the_parameters_of_the_paper():
    assert networks.nature_cnn(ATARI).summary().parameters == 1_684_128


def test_images_that_are_too_small_are_refused():
    with pytest.raises(ShapeError, match="too small"):
        networks.nature_cnn(spaces.Box(0, 1, (1, 16, 16)))


def test_the_command_lists_and_shows_them(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    listed = CliRunner().invoke(main, ["list", "networks"], catch_exceptions=False).output
    assert "nature_cnn" in listed
    shown = CliRunner().invoke(main, ["show", "nature-cnn"], catch_exceptions=False).output
    assert "nature_cnn  network" in shown
    assert "nature_cnn(observation_space)" in shown
