"""Bodies: the part of a network that turns observations into features, ahead of an algorithm's heads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gymnasium import spaces
from torch import nn

from csai_core.errors import ConfigError
from csai_neural.blocks.block import Block
from csai_neural.blocks.conv import ConvBlock
from csai_neural.blocks.flatten import FlattenBlock
from csai_neural.blocks.input import InputBlock
from csai_neural.blocks.join import JoinBlock
from csai_neural.blocks.module import ModuleBlock
from csai_neural.encoding import BoxEncoder, Encoder, PartsEncoder, parts_of
from csai_neural.errors import ShapeError
from csai_neural.net import Net

SMALLEST_IMAGE = 4
"""Images of fewer cells across are laid out flat."""
LARGE_IMAGE = 24
"""From so many cells across on, images are made smaller by strides, as that costs far less."""
COARSE = 12
"""How many cells across a large image is brought down to, at most."""


def default_body(observation_space: spaces.Space[Any], depth: int = 3) -> Net:
    """A body that follows the space.

    Images pass through convolutions, each image of a Dict or Tuple in a branch of its own; everything else is
    laid out flat. What is laid out flat although it has several axes stands in the `notes` of the body.

    Args:
        observation_space: any space that an InputBlock takes.
        depth: how many convolutions small images pass through.
    """
    net = Net("features")
    inputs = InputBlock(observation_space)
    leaves = _leaves(inputs.encoder)
    has_images = any(map(_is_image, leaves.values()))
    if isinstance(inputs.encoder, PartsEncoder) and has_images:
        inputs = InputBlock(observation_space, is_module_dict=True)
        for key, block in _branches(inputs.encoder, depth):
            inputs.join_block(block, key)
        blocks: list[Block] = [inputs, JoinBlock()]
    elif has_images:
        blocks = [inputs, image_encoder(inputs.encoder.shape, depth)]
    else:
        is_vector = len(inputs.encoder.shape) == 1
        blocks = [inputs] if is_vector else [inputs, FlattenBlock()]
    for block in blocks:
        net.add_block(block)
    net.compile()
    net.notes += [_flattened(key, each) for key, each in leaves.items() if _is_flattened(each)]
    return net


def image_encoder(shape: tuple[int, ...], depth: int = 3) -> ConvBlock:
    """Convolutions for images of shape (channels, height, width), by their size.

    Small images keep their size through the first two layers. Large ones are made smaller by strides of 4
    and 2 until few cells are left; at 84 x 84 these are the layers of Mnih et al. 2015, "Human-level control
    through deep reinforcement learning".
    """
    if min(shape[1:]) < LARGE_IMAGE:
        return ConvBlock(depth=depth)
    size, kernels, strides = list(shape[1:]), list[int](), list[int]()
    while max(size) > COARSE and min(size) >= 4:
        kernel, stride = (8, 4) if max(size) >= 64 and min(size) >= 8 else (4, 2)
        kernels.append(kernel)
        strides.append(stride)
        size = [(length - kernel) // stride + 1 for length in size]
    if min(size) >= 3:
        kernels.append(3)
        strides.append(1)
    channels = [32] + [64] * (len(kernels) - 1)
    return ConvBlock(channels=channels, kernel_size=kernels, stride=strides, padding="valid")


def as_body(network: nn.Module, observation_space: spaces.Space[Any]) -> Net:
    """A network of someone's as a body: compiled, for that space, and ending in a vector.

    What that takes stands in the `notes` of what is returned.

    Args:
        network: a Net, which is compiled if it is not yet, or a plain torch module that maps a batch of
            observations, encoded by an InputBlock, to (batch, features).
        observation_space: what it shall be given.

    Raises:
        ConfigError: if it is no network.
        ShapeError: if it takes other observations.
    """
    net = _as_net(network, observation_space)
    _refuse_other_space(net, observation_space)
    if len(net.output_shape) != 1:
        shape = net.output_shape
        net = net.followed_by(FlattenBlock())
        _note(net, f"The body {net.name!r} gives {shape}, which is laid out flat; a FlattenBlock is added.")
    return net


def _as_net(network: nn.Module, observation_space: spaces.Space[Any]) -> Net:
    if isinstance(network, Net):
        if not network.is_compiled:
            network.compile()
        return network
    if not isinstance(network, nn.Module) or isinstance(network, Block):
        raise ConfigError(
            f"{network!r} cannot be the body of a network. Give a Net, or a torch module that maps a batch "
            "of observations to (batch, features)."
        )
    net = Net(type(network).__name__)
    net.add_block(InputBlock(observation_space))
    net.add_block(ModuleBlock(network))
    net.compile()
    _note(
        net,
        f"The body {net.name} is a plain torch module: files keep its weights, but not its structure, so "
        "whoever loads or resumes must give the module again.",
    )
    return net


def _note(net: Net, sentence: str) -> None:
    if sentence not in net.notes:
        net.notes.append(sentence)


def _refuse_other_space(net: Net, observation_space: spaces.Space[Any]) -> None:
    for block in net.input_blocks:
        given: Any = observation_space
        if net.is_dict_network and block.key:
            given = _parts(observation_space).get(block.key)
        if not _takes(block.space, given):
            raise ShapeError(
                f"The body {net.name!r} takes {block.space}, and the observations are {observation_space}. "
                "Make its InputBlock for that space."
            )


def _takes(ours: spaces.Space[Any], given: Any) -> bool:
    """Whether a network made for one space can take values of the other."""
    if isinstance(ours, (spaces.Dict, spaces.Tuple)):
        theirs = _parts(given)
        return all(key in theirs and _takes(part, theirs[key]) for key, part in parts_of(ours).items())
    if isinstance(ours, (spaces.Discrete, spaces.MultiDiscrete)):
        return bool(ours == given)
    return isinstance(given, (spaces.Box, spaces.MultiBinary)) and given.shape == ours.shape


def _parts(space: Any) -> Mapping[str, spaces.Space[Any]]:
    return parts_of(space) if isinstance(space, (spaces.Dict, spaces.Tuple)) else {}


def _leaves(encoder: Encoder) -> dict[str, Encoder]:
    """The encoders of all that has no parts, by path; of the whole, by the empty path."""
    if not isinstance(encoder, PartsEncoder):
        return {"": encoder}
    return {key: each for key, each in encoder.all_parts().items() if not isinstance(each, PartsEncoder)}


def _branches(encoder: Encoder, depth: int, path: str = "") -> Iterator[tuple[str, Block]]:
    """A block for each image, and for each part that holds none."""
    parts = encoder.parts if isinstance(encoder, PartsEncoder) else {}
    for key, part in parts.items():
        if isinstance(part, PartsEncoder) and any(map(_is_image, _leaves(part).values())):
            yield from _branches(part, depth, f"{path}{key}.")
        else:
            yield f"{path}{key}", image_encoder(part.shape, depth) if _is_image(part) else FlattenBlock()


def _is_image(encoder: Encoder) -> bool:
    shape = encoder.shape
    return isinstance(encoder, BoxEncoder) and len(shape) == 3 and min(shape[1:]) >= SMALLEST_IMAGE


def _is_flattened(encoder: Encoder) -> bool:
    return len(encoder.shape) > 1 and not _is_image(encoder)


def _flattened(key: str, encoder: Encoder) -> str:
    what = f"the part {key!r} of the observations" if key else "the observation"
    return (
        f"For want of better, {what} of shape {encoder.space.shape} is laid out flat: convolutions are for "
        f"images of three axes and at least {SMALLEST_IMAGE} x {SMALLEST_IMAGE} cells."
    )
