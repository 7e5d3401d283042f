"""Networks that people write by hand: a TOML file with one table for each block.

    name = "eyes"

    [[block]]
    block = "conv"
    channels = [16, 32]
    kernel_size = 3

    [[block]]
    block = "linear"
    hidden_size = [128]

`block` is the name a block is registered by, `plugin:name` for the one of a plugin; everything else are its
settings. Each block follows the one above it. The first may be an "input"; without one, the observations come
in as an InputBlock takes them. For observations with parts, `part = "camera"` starts a branch, and a "join"
merges all branches.
"""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

from gymnasium import spaces

from csai_core.decoding import decoding, parse_toml, read_bytes
from csai_core.errors import ConfigError, CsaiError, UnknownNameError
from csai_neural.blocks.block import Block
from csai_neural.blocks.input import InputBlock
from csai_neural.blocks.join import JoinBlock
from csai_neural.errors import NetFileError, StructureError
from csai_neural.net import Net
from csai_neural.setting_types import fits, in_words, types_of_settings
from csai_neural.structure import find_block_class

LARGEST_FILE = 1_000_000
"""Bytes; no network that a person writes needs more."""
NOT_WRITTEN = ("device", "in_attribute", "in_attributes", "is_module_dict", "modules")
"""Settings that follow from where the network is used."""
Table = dict[str, Any]


def read_toml(path: str | Path, observation_space: spaces.Space[Any]) -> Net:
    """The compiled network that a TOML file describes, with new weights.

    Args:
        path: the file.
        observation_space: what the network shall be given.

    Raises:
        NetFileError: if there is no such file, or it is no TOML.
        UnknownNameError: if there is no block of a name, or it has no such setting; with the nearest name.
        ConfigError: if a setting has the wrong type or cannot work.
        ShapeError: if two blocks do not fit.
        StructureError: if the blocks make no network.
    """
    path = Path(path)
    document = _parse(path)
    for key in document:
        if key not in ("name", "block"):
            raise UnknownNameError.of(f"key of {path.name}", key, ("name", "block"))
    name, tables = document.get("name", path.stem), document.get("block", [])
    if not isinstance(name, str) or not _are_tables(tables):
        raise ConfigError(
            f'{path.name} must have one table [[block]] for each block, and may have name = "…"; it holds '
            f"name = {name!r} and block = {tables!r}."
        )
    net = Net(name)
    described = [_Described(path.name, i, table) for i, table in enumerate(tables, 1)]
    _add_blocks(net, described, observation_space)
    try:
        net.compile()
    except CsaiError as error:
        raise type(error)(f"{path.name}: {error}") from error
    except (
        RuntimeError,
        OverflowError,
        TypeError,
        ValueError,
    ) as error:  # such as layers that no memory holds
        raise ConfigError(f"The network of {path.name} cannot be made: {error}") from error
    return net


def _parse(path: Path) -> Table:
    if not path.is_file():
        raise NetFileError(f"There is no file {str(path)!r}.")
    with decoding(repr(str(path)), NetFileError):
        return parse_toml(read_bytes(path, at_most=LARGEST_FILE))


def _are_tables(tables: Any) -> bool:
    return isinstance(tables, list) and bool(tables) and all(isinstance(each, dict) for each in tables)


class _Described:
    """One table of a file: which block it asks for, and with what settings."""

    def __init__(self, file: str, number: int, table: Table) -> None:
        settings = dict(table)
        self.kind = settings.pop("block", None)
        self.part: str | None = settings.pop("part", None)
        self.settings = settings
        self.where = f"Block {number} of {file} ({self.kind})"
        if not isinstance(self.kind, str):
            raise ConfigError(
                f'Block {number} of {file} does not say what it is; write block = "linear" or another name '
                "that 'csai list blocks' lists."
            )
        try:
            self.block_class = find_block_class(self.kind)
        except UnknownNameError as error:
            raise UnknownNameError(f"Block {number} of {file}: {error}") from error
        self.is_input = issubclass(self.block_class, InputBlock)

    def make(self, *arguments: Any, **more: Any) -> Block:
        """The block, its settings checked."""
        parameters = inspect.signature(self.block_class).parameters
        types = types_of_settings(self.block_class)
        for name, value in self.settings.items():
            if name not in parameters or name in NOT_WRITTEN:
                known = [each for each in parameters if each not in NOT_WRITTEN]
                raise UnknownNameError.of(f"setting {self._of_block}", name, known)
            if name in types and not fits(value, types[name]):
                wanted = in_words(types[name]) or types[name]
                raise ConfigError(f"{self.where}: {name} was given {value!r}; it must be {wanted}.")
        make: Any = self.block_class
        try:
            block: Block = make(*arguments, **self.settings, **more)
        except (CsaiError, TypeError, ValueError) as error:
            raise ConfigError(f"{self.where} cannot be made: {error}") from error
        return block

    @property
    def _of_block(self) -> str:
        return f"of {self.where[0].lower()}{self.where[1:]}"


def _add_blocks(net: Net, described: list[_Described], observation_space: spaces.Space[Any]) -> None:
    has_branches = any(each.part is not None for each in described)
    if has_branches and not isinstance(observation_space, (spaces.Dict, spaces.Tuple)):
        raise ConfigError(f"The observations, {observation_space}, have no parts; leave part out.")
    inputs: Any
    if described[0].is_input and described[0].part is None:
        inputs = described.pop(0).make(observation_space, is_module_dict=has_branches)
    else:
        inputs = InputBlock(observation_space, is_module_dict=has_branches)
    row: list[Block] = [inputs]
    branch: Block | None = None
    for each in described:
        if each.is_input:
            raise StructureError(f'{each.where}: an input comes first; a branch is started by part = "…".')
        block = each.make()
        if each.part is not None:
            if each.part not in inputs.parts:
                raise UnknownNameError.of("part of the observations", each.part, inputs.parts)
            inputs.join_block(block, each.part)
            branch = block
        elif branch is None or isinstance(block, JoinBlock):
            row.append(block)
            branch = None
        else:
            branch.join_block(block)
            branch = block
    for block in row:
        net.add_block(block)
