"""Networks."""

from __future__ import annotations

import copy
import random

import numpy as np
import torch
from gymnasium import spaces
from torch import nn

from csai_core.errors import ConfigError
from csai_neural import (
    Block,
    ConvBlock,
    FlattenBlock,
    InputBlock,
    JoinBlock,
    LinearBlock,
    Net,
    OutputBlock,
    RecurrentBlock,
    default_body,
)
from csai_neural.testing import NetworkSuite
from planted.specimens import planted, sound


def net_of(space, *blocks, name="specimen"):
    """A compiled net."""
    net = Net(name)
    for block in (InputBlock(space), *blocks):
        net.add_block(block)
    net.compile()
    return net


class Suites:
    """The suites of the networks below, by their names; other processes find them here."""


def judged(function, reason):
    """Plant a function that makes a network, whose docstring says what is wrong with it."""
    name = "".join(word.capitalize() for word in function.__name__.split("_"))
    content = {
        "__doc__": function.__doc__,
        "__module__": __name__,
        "__qualname__": f"Suites.{name}",
        "make": lambda self, space: function(space),
    }
    setattr(
        Suites, name, (sound if reason is None else planted(reason))(type(name, (NetworkSuite,), content))
    )
    return function


def fault(reason):
    """Plant a faulty network; the message must hold the reason."""
    return lambda function: judged(function, reason)


def right(function):
    """Count a network as sound."""
    return judged(function, None)


@fault("output|ends|body")
def ends_in_an_output(space):
    """Ends in an output, behind which no heads can be put."""
    return net_of(space, FlattenBlock(), LinearBlock(hidden_size=[8]), OutputBlock(num_classes=4))


SHARED = {}


@fault("same net|weights|each call|new")
def one_for_all(space):
    """Gives the same net whenever it is asked."""
    if str(space) not in SHARED:
        SHARED[str(space)] = net_of(space, FlattenBlock(), LinearBlock(hidden_size=[8]))
    return SHARED[str(space)]


@fault("seed")
def seeds_the_world(space):
    """Seeds torch for everybody."""
    torch.manual_seed(7)
    return net_of(space, FlattenBlock(), LinearBlock(hidden_size=[8]))


@fault("space|CsaiError|words")
def falls_over_dicts(space):
    """Falls over spaces that have no shape."""
    return net_of(space, FlattenBlock(), LinearBlock(hidden_size=[space.shape[0] * 2]))


@fault("space|observations|takes")
def for_cartpole(space):
    """Takes the observations of CartPole, whatever it was asked for."""
    return net_of(spaces.Box(-1, 1, (4,)), LinearBlock(hidden_size=[8]))


@fault("layers that differ|chance")
def of_any_depth(space):
    """Has as many layers as chance has it."""
    return net_of(space, FlattenBlock(), LinearBlock(hidden_size=[random.randint(4, 90)]))


@fault("None|returned|gives|Net")
def gives_nothing(space):
    """Forgets to return its net."""
    net_of(space, FlattenBlock(), LinearBlock(hidden_size=[8]))


@fault("observation|same features|looks")
def looks_away(space):
    """Gives the same features whatever it sees."""
    net = net_of(space, FlattenBlock(), LinearBlock(hidden_size=[8]))
    with torch.no_grad():
        for weight in net.parameters():
            weight.zero_()
    return net


class HiddenBlock(Block):
    """A block that no plugin registers."""

    def build(self, input_shape):
        self.layers = nn.Sequential(nn.Flatten(), nn.Linear(int(np.prod(input_shape)), 6))
        return (6,)


@fault("regist|file|load")
def holds_a_hidden_block(space):
    """Holds a block that no plugin registers, so that no file of it can be read."""
    return net_of(space, HiddenBlock())


@fault("seed|generator")
def seeds_itself(space):
    """Has the same weights whatever the seed."""
    net = net_of(space, FlattenBlock(), LinearBlock(hidden_size=[8]))
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for weight in net.parameters():
            weight.copy_(torch.randn(weight.shape, generator=generator) / 4)
    return net


@fault("argument|called|alone|observation_space")
def wants_more(space):
    """Wants to be told more than the space."""
    return _wide(space)


def _wide(space, width):
    return net_of(space, FlattenBlock(), LinearBlock(hidden_size=[width]))


# --- unusual, and right


@right
def not_compiled(space):
    """Leaves it to others to compile it."""
    net = Net("narrow")
    for block in (InputBlock(space), FlattenBlock(), LinearBlock(hidden_size=[8])):
        net.add_block(block)
    return net


@right
def plain_torch(space):
    """A plain torch module."""
    size = int(np.prod(InputBlock(space).output_shape))
    return nn.Sequential(nn.Flatten(), nn.Linear(size, 8), nn.Tanh())


@right
def by_the_space(space):
    """Whatever csai would take, and one layer more."""
    return default_body(space).followed_by(LinearBlock(hidden_size=[8]))


@right
def images_alone(space):
    """For images, and says so."""
    if not isinstance(space, spaces.Box) or len(space.shape) != 3:
        raise ConfigError(f"images_alone takes images, of shape (channels, height, width), not {space}.")
    return net_of(space, ConvBlock(depth=1))


@right
def remembers(space):
    """Has a block with memory."""
    return net_of(space, FlattenBlock(), RecurrentBlock(hidden_size=6))


@right
def branches(space):
    """A branch for each part, and says so where there is none."""
    if not isinstance(space, spaces.Dict):
        raise ConfigError(f"branches takes Dict observations, not {space}.")
    inputs = InputBlock(space, is_module_dict=True)
    for part in inputs.parts:
        inputs.join_block(FlattenBlock(), part)
    net = Net("branches")
    for block in (inputs, JoinBlock(), LinearBlock(hidden_size=[8])):
        net.add_block(block)
    net.compile()
    return net


# --- as strangers write them

_MADE = {}


@fault("same net|share")
def cached_by_space(space):
    """It keeps what it has made for a space."""
    return _MADE.setdefault(repr(space), net_of(space, FlattenBlock(), LinearBlock(hidden_size=[8])))


@fault("differ from call to call")
def wide_by_chance(space):
    """How wide it is, is tried out by chance, with a generator of its own."""
    size = int(np.random.default_rng().integers(4, 40))
    return net_of(space, FlattenBlock(), LinearBlock(hidden_size=[size]))


class Bare(nn.Module):
    """A plain torch module with one layer, and something before it."""

    def __init__(self, space, before):
        super().__init__()
        if not isinstance(space, spaces.Box):
            raise ConfigError(f"It takes a Box, and was given {space}.")
        self.before = before
        self.layer = nn.Linear(int(np.prod(space.shape)), 8)

    def forward(self, x):
        return torch.tanh(self.layer(self.before(x).flatten(1)))


@fault("alone, in a batch of one")
def less_the_mean(space):
    """Takes the mean of the batch off each observation, in use too."""
    return Bare(space, lambda x: x - x.mean(0, keepdim=True))


@fault("other features the second time")
def drops_in_use(space):
    """Leaves out some numbers by chance, in use too."""
    return Bare(space, lambda x: nn.functional.dropout(x, 0.3))


@fault("alone, in a batch of one")
def turns_several(space):
    """Turns the channels of images, where there are several of them."""
    return Bare(space, lambda x: x.transpose(1, -1) if x.ndim == 4 and len(x) > 1 else x)


@fault("generator of .*its giver's")
def tries_a_sample(space):
    """Tries itself on an observation that the space draws."""
    body = net_of(space, FlattenBlock(), LinearBlock(hidden_size=[8]))
    body(space.sample())
    return body


@right
def tries_a_sample_of_a_copy(space):
    """Tries itself on an observation that a copy of the space draws."""
    own = copy.deepcopy(space)
    own.seed(1)
    body = net_of(space, FlattenBlock(), LinearBlock(hidden_size=[8]))
    body(own.sample())
    return body


@right
def drops_while_it_learns(space):
    """Leaves out some numbers by chance, while it learns."""
    if not isinstance(space, spaces.Box):
        raise ConfigError(f"It takes a Box, and was given {space}.")
    size = int(np.prod(space.shape))
    return nn.Sequential(nn.Flatten(), nn.Dropout(0.3), nn.Linear(size, 8), nn.BatchNorm1d(8))


# --- what it looks at


def branches_of(space, names):
    """A net with a branch for each of some parts."""
    inputs = InputBlock({name: space[name] for name in names}, is_module_dict=True)
    for name in names:
        inputs.join_block(FlattenBlock(), name)
    net = Net("specimen")
    for block in (inputs, JoinBlock(), LinearBlock(hidden_size=[16])):
        net.add_block(block)
    net.compile()
    return net


def _of_vectors(space):
    return net_of(space, FlattenBlock(), LinearBlock(hidden_size=[16]))


def goes_through_a_set(space):
    """Goes through the parts of a Dict in the order of a set."""
    return branches_of(space, list(set(space))) if isinstance(space, spaces.Dict) else _of_vectors(space)


def takes_the_first_part(space):
    """Looks at the first part of a Dict alone."""
    return branches_of(space, list(space)[:1]) if isinstance(space, spaces.Dict) else _of_vectors(space)


def goes_through_the_space(space):
    """Goes through the parts of a Dict as the space does."""
    return branches_of(space, list(space)) if isinstance(space, spaces.Dict) else _of_vectors(space)


class _FirstHalf(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.size = size // 2
        self.layer = nn.Linear(self.size, 16)

    def forward(self, x):
        return torch.relu(self.layer(x[:, : self.size]))


def takes_the_first_half(space):
    """Looks at the first half of a vector."""
    if not (isinstance(space, spaces.Box) and len(space.shape) == 1):
        raise ConfigError("It takes vectors.")
    return _FirstHalf(space.shape[0])


def freezes_what_is_new(space):
    """Freezes a layer that has learned nothing."""
    net = net_of(space, FlattenBlock(), LinearBlock(hidden_size=[16]), LinearBlock(hidden_size=[16]))
    net.freeze("linear")
    return net


judged(goes_through_a_set, "order of a set")
judged(takes_the_first_part, "part 'speed' changes nothing")
judged(takes_the_first_half, r"\[3\] along axis 0 of the observation changes nothing")
judged(freezes_what_is_new, "they are frozen")
judged(goes_through_the_space, None)


@fault("part 'mode' changes nothing")
def sees_pictures_rather(space):
    """Where there is a picture among the parts, it leaves out those that are choices."""
    if not isinstance(space, spaces.Dict):
        return default_body(space)
    has_picture = any(len(part.shape or ()) > 2 for part in space.values())
    seen = [name for name, part in space.items() if not has_picture or isinstance(part, spaces.Box)]
    return branches_of(space, seen)


_WIDTHS = {}


@fault("other spaces came before")
def as_wide_as_the_first(space):
    """Is as wide for all spaces of a kind as it was for the first of them."""
    width = _WIDTHS.setdefault(type(space), 9 + spaces.flatdim(space) % 50)
    return net_of(space, FlattenBlock(), LinearBlock(hidden_size=[width]))


@fault("StructureError.*refuses no space")
def forgets_to_join(space):
    """Lets branches lie side by side, and joins nothing, where there are parts."""
    if not isinstance(space, (spaces.Dict, spaces.Tuple)):
        return default_body(space)
    net, inputs = Net("branches"), InputBlock(space, is_module_dict=True)
    for key in space if isinstance(space, spaces.Dict) else range(len(space)):
        flat = FlattenBlock()
        flat.join_block(LinearBlock(hidden_size=[8]))
        inputs.join_block(flat, key)
    net.add_block(inputs)
    net.compile()
    return net
