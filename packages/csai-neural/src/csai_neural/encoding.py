"""Encoders: from a value of any Gymnasium space to the float tensor that a network works on.

Box                shape kept, () becomes (1,); uint8 in 0..255 is scaled to 0..1; channel-last
                       images are turned; stacks of images with channels become one image with more
Discrete(n)        one-hot, (n,)
MultiDiscrete      one-hot of each component, one after the other: (sum of nvec,)
MultiBinary        zeros and ones, shape kept
Dict, Tuple        the encodings of all parts, laid out flat, one after the other
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, cast

import numpy as np
import torch
from gymnasium import spaces
from torch import Tensor

from csai_core.errors import SpaceError
from csai_core.spaces import require_countable
from csai_neural.errors import ShapeError

Shape = tuple[int, ...]
Path = tuple[str, ...]
_CHANNELS = (1, 3, 4)
"""How many channels a picture has: gray, red green blue, or these and how opaque it is."""
_SIDE_BY_SIDE = 4
"""From so many channels on, convolutions over large pictures learn 1.3 to 1.9 times faster on a CPU where the
channels of a pixel lie side by side; with fewer they are up to a tenth slower, and acting gains nothing."""
LARGE_CURE = (
    "Observe fewer, give a network that begins with InputBlock(space, as_indices=True) and EmbeddingBlock(), "
    "or have a Gymnasium observation wrapper turn them into a Box of numbers."
)


class Encoder:
    """Reads values of one space, single or with any number of leading batch axes.

    Attributes:
        space: the space of the values.
        shape: the shape of one encoded value, without batch axes.
    """

    def __init__(self, space: spaces.Space[Any], shape: Shape) -> None:
        self.space = space
        self.shape = shape

    def read(self, value: Any, device: torch.device, what: str) -> Any:
        """Turn numpy arrays, numbers or tensors into tensors on `device`, with their shapes checked.

        Raises:
            ShapeError: naming `what`, if the value does not have the space's shape.
        """
        tensor = _as_tensor(value, device, what)
        wanted = tuple(self.space.shape or ())
        rank = tensor.ndim - len(wanted)
        if rank < 0 or tuple(tensor.shape[rank:]) != wanted:
            raise ShapeError(
                f"The {what} has shape {tuple(tensor.shape)}; {self.space} takes {wanted}, "
                f"or {('batch', *wanted)} for several at once.".replace("'batch'", "batch")
            )
        return tensor

    def batch_shape(self, value: Any) -> Shape:
        """The leading axes of a value that `read` returned."""
        return tuple(value.shape[: value.ndim - len(self.space.shape or ())])

    def encode(self, value: Any, dtype: torch.dtype) -> Tensor:
        """What `read` returned, as a tensor of shape (*batch axes, *self.shape)."""
        raise NotImplementedError


class BoxEncoder(Encoder):
    """Boxes and MultiBinaries: the numbers themselves."""

    def __init__(self, space: spaces.Box | spaces.MultiBinary, channels_last: bool | None) -> None:
        shape = tuple(space.shape)
        self.channels_last = _is_channels_last(shape) if channels_last is None else channels_last
        if self.channels_last and len(shape) not in (3, 4):
            raise SpaceError(
                f"channels_last=True is for images of three axes, or stacks of them, not for {space}."
            )
        self.is_stack = len(shape) == 4 and (self.channels_last or shape[1] in _CHANNELS)
        if self.channels_last:
            shape = (*shape[:-3], shape[-1], *shape[-3:-1])
        if self.is_stack:
            shape = (shape[0] * shape[1], *shape[2:])
        super().__init__(space, shape or (1,))
        self.scale = 1.0 / 255.0 if _is_bytes(space) else 1.0

    @property
    def is_plain(self) -> bool:
        """Whether the encoding is the value itself."""
        is_image = self.channels_last or self.is_stack
        return not is_image and self.scale == 1.0 and bool(self.space.shape)

    def encode(self, value: Tensor, dtype: torch.dtype) -> Tensor:
        """The numbers as `dtype`, scaled and turned."""
        if self.channels_last:
            value = value.movedim(-1, -3)
        if self.is_stack:
            value = value.flatten(-4, -3)
        if not self.space.shape:
            value = value.unsqueeze(-1)
        if self.scale == 1.0:
            return value.to(dtype)
        if value.ndim == 4 and self.shape[0] >= _SIDE_BY_SIDE and torch.is_grad_enabled():
            value = value.contiguous(memory_format=torch.channels_last)
        return value.to(dtype) * self.scale


class OneHotEncoder(Encoder):
    """Discrete and MultiDiscrete: a one where the value stands, zeros elsewhere."""

    def __init__(self, space: spaces.Discrete[Any] | spaces.MultiDiscrete[Any]) -> None:
        require_countable(space, LARGE_CURE)
        low, sizes = _ranges(space)
        self.starts, self.sizes = low.ravel().tolist(), sizes.ravel().tolist()
        super().__init__(space, (sum(self.sizes),))

    def read(self, value: Any, device: torch.device, what: str) -> Any:
        """As `Encoder.read`; numbers outside the space are refused as far as that is cheap."""
        return _within(super().read(value, device, what), self.space, what)

    def encode(self, value: Tensor, dtype: torch.dtype) -> Tensor:
        """One-hot codes of all components, one after the other: (*batch axes, sum of sizes)."""
        batch_shape = self.batch_shape(value)
        value = value.reshape(*batch_shape, len(self.sizes))
        codes = [
            value[..., i, None] == torch.arange(start, start + size, device=value.device)
            for i, (size, start) in enumerate(zip(self.sizes, self.starts, strict=True))
        ]
        return torch.cat(codes, dim=-1).to(dtype)


class IndexEncoder(Encoder):
    """Discrete, MultiDiscrete and integer Box: the numbers themselves, counted from 0.

    The components of a MultiDiscrete count on from each other, so that each has numbers of its own.
    """

    def __init__(self, space: spaces.Box | spaces.Discrete[Any] | spaces.MultiDiscrete[Any]) -> None:
        super().__init__(space, tuple(space.shape or ()))
        self.low, self.sizes = _ranges(space)
        if isinstance(space, spaces.MultiDiscrete):
            self.num_categories = int(self.sizes.sum())
            self.low = self.low - (np.cumsum(self.sizes) - self.sizes.ravel()).reshape(self.sizes.shape)
        else:
            self.num_categories = int(self.sizes.max())

    def read(self, value: Any, device: torch.device, what: str) -> Any:
        """As `Encoder.read`; numbers outside the space are refused as far as that is cheap."""
        return _within(super().read(value, device, what), self.space, what)

    def encode(self, value: Tensor, dtype: torch.dtype) -> Tensor:
        """Whole numbers from 0 to `num_categories` - 1, of the value's shape."""
        low = torch.as_tensor(self.low, device=value.device)
        return value.to(torch.int64) - low


class PartsEncoder(Encoder):
    """Dict and Tuple spaces: the encodings of the parts, laid out flat, one after the other."""

    def __init__(self, space: spaces.Dict | spaces.Tuple[Any], parts: Mapping[str, Encoder]) -> None:
        self.parts = dict(parts)
        super().__init__(space, (sum(math.prod(part.shape) for part in self.parts.values()),))

    def all_parts(self) -> dict[str, Encoder]:
        """The parts, and theirs in turn by a path such as "arm.camera"."""
        found: dict[str, Encoder] = {}
        for key, part in self.parts.items():
            found[key] = part
            if isinstance(part, PartsEncoder):
                found |= {f"{key}.{path}": each for path, each in part.all_parts().items()}
        return found

    def read(self, value: Any, device: torch.device, what: str) -> dict[str, Any]:
        """A dict with one entry for each part.

        Raises:
            ShapeError: if a part is missing, has another shape, or another number of batch axes.
        """
        given = value if isinstance(value, Mapping) else _by_position(value, what)
        missing = [key for key in self.parts if key not in given]
        if missing:
            raise ShapeError(
                f"The {what} has no part {missing[0]!r}; it must have {', '.join(map(repr, self.parts))}, "
                f"and was given {', '.join(map(repr, given)) or 'nothing'}."
            )
        found = {
            key: part.read(given[key], device, f"part {key!r} of the {what}")
            for key, part in self.parts.items()
        }
        batches = {key: part.batch_shape(found[key]) for key, part in self.parts.items()}
        if any(each != self.batch_shape(found) for each in batches.values()):
            raise ShapeError(f"The parts of the {what} come in batches of different shapes: {batches}.")
        return found

    def batch_shape(self, value: dict[str, Any]) -> Shape:
        """The leading axes, which are the same in all parts."""
        for key, part in self.parts.items():
            return part.batch_shape(value[key])
        return ()

    def encode(self, value: dict[str, Any], dtype: torch.dtype) -> Tensor:
        """(*batch axes, sum of the parts' sizes)."""
        batch_shape = self.batch_shape(value)
        flat = [part.encode(value[key], dtype).reshape(*batch_shape, -1) for key, part in self.parts.items()]
        return torch.cat(flat, dim=-1)


def make_encoder(
    space: spaces.Space[Any], channels_last: bool | None = None, as_indices: bool = False
) -> Encoder:
    """The encoder for a space.

    Args:
        space: a Box, Discrete, MultiDiscrete or MultiBinary, or a Dict or Tuple of such, nested at will.
        channels_last: whether images have their channels on the last axis. None decides by the shape:
            three axes, of which the last is 1, 3 or 4 long and the first is not, or the first two are
            the same and the last is shorter, as in (10, 10, 7). A fourth axis in front is one of a
            stack, whose images are then put one behind the other: (4, 96, 96, 3) is (12, 96, 96).
        as_indices: whether Discrete, MultiDiscrete and integer Box become integers rather
            than floats.

    Raises:
        SpaceError: if the space has no encoding.
    """
    if as_indices and _is_countable(space):
        return IndexEncoder(space)  # type: ignore[arg-type]
    if isinstance(space, (spaces.Box, spaces.MultiBinary)):
        return BoxEncoder(space, channels_last)
    if isinstance(space, (spaces.Discrete, spaces.MultiDiscrete)):
        return OneHotEncoder(space)
    if isinstance(space, (spaces.Dict, spaces.Tuple)) and len(space.spaces):
        return PartsEncoder(
            space,
            {
                key: make_encoder(part, channels_last if _may_be_image(part) else None, as_indices)
                for key, part in parts_of(space).items()
            },
        )
    raise SpaceError(
        f"A network cannot take {space!r}. It takes Box, Discrete, MultiDiscrete, MultiBinary, and Dict "
        "and Tuple of these with at least one part; put a Gymnasium observation wrapper before others."
    )


def part_at(tree: Mapping[str, Any], path: str) -> Any:
    """What stands in nested dicts at a path such as "arm.camera", which must exist."""
    if path in tree:
        return tree[path]
    key = next(key for key in tree if path.startswith(f"{key}."))
    return part_at(tree[key], path[len(key) + 1 :])


def parts_of(space: spaces.Dict | spaces.Tuple[Any]) -> dict[str, spaces.Space[Any]]:
    """The parts of a composite space by name; those of a Tuple are named by their number."""
    if isinstance(space, spaces.Dict):
        return dict(space.spaces)
    return {str(i): part for i, part in enumerate(space.spaces)}


def _as_tensor(value: Any, device: torch.device, what: str) -> Tensor:
    if isinstance(value, Tensor):
        return value if value.device == device else value.to(device)
    try:
        array = np.asarray(value)
        if array.dtype.kind == "f":
            array = array.astype(np.float32, copy=False)
        elif array.dtype.kind in "iu" and array.dtype != np.uint8:
            array = array.astype(np.int64, copy=False)
        elif array.dtype.kind not in "bu":
            raise TypeError(f"{array.dtype} is not a kind of number")
    except (ValueError, TypeError) as error:
        raise ShapeError(
            f"The {what} must be an array, a tensor or a number, and was given {value!r}."
        ) from error
    # torch can share neither negative strides nor memory it may not write.
    if not array.flags.writeable or any(stride < 0 for stride in array.strides):
        array = array.copy()
    return torch.as_tensor(array, device=device)


def _by_position(value: Any, what: str) -> dict[str, Any]:
    if isinstance(value, (tuple, list)):
        return {str(i): part for i, part in enumerate(value)}
    raise ShapeError(f"The {what} must be a dict or a tuple, and was given a {type(value).__name__}.")


def _ranges(space: spaces.Space[Any]) -> tuple[Any, Any]:
    """For each component, its first value and how many values it has, as arrays."""
    if isinstance(space, spaces.Discrete):
        return np.asarray(int(space.start)), np.asarray(int(space.n))
    if isinstance(space, spaces.MultiDiscrete):
        return space.start.astype(np.int64), space.nvec.astype(np.int64)
    box = cast("spaces.Box", space)
    low = box.low.astype(np.int64).min()
    return np.asarray(low), np.asarray(box.high.astype(np.int64).max() - low + 1)


def _within(value: Tensor, space: spaces.Space[Any], what: str) -> Tensor:
    """Refuse numbers outside the space, unless looking would stop a GPU or torch's compiler."""
    if value.device.type != "cpu" or torch.compiler.is_compiling() or not value.numel():
        return value
    low, sizes = (torch.as_tensor(each) for each in _ranges(space))
    numbers = value.to(torch.int64)
    outside = (numbers < low) | (numbers >= low + sizes)
    if bool(outside.any()):
        raise ShapeError(f"The {what} holds {value[outside][0].item()}, which lies outside {space}.")
    return value


def _is_channels_last(shape: Shape) -> bool:
    if len(shape) == 4:
        return shape[3] in _CHANNELS and shape[1] not in _CHANNELS
    if len(shape) != 3 or shape[0] in _CHANNELS:
        return False
    return shape[2] in _CHANNELS or shape[0] == shape[1] > shape[2]


def _may_be_image(space: spaces.Space[Any]) -> bool:
    return isinstance(space, (spaces.Dict, spaces.Tuple)) or len(space.shape or ()) in (3, 4)


def _is_bytes(space: spaces.Space[Any]) -> bool:
    return (
        isinstance(space, spaces.Box)
        and space.dtype == np.uint8
        and bool((space.low == 0).all() and (space.high == 255).all())
    )


def _is_countable(space: spaces.Space[Any]) -> bool:
    if isinstance(space, spaces.Box):
        return bool(np.issubdtype(space.dtype, np.integer) and space.is_bounded())
    return isinstance(space, (spaces.Discrete, spaces.MultiDiscrete))
