"""Network: what can be done with every network made of blocks, whether it is a Net or an ActorCritic."""

from __future__ import annotations

import copy
import html
from abc import ABC, abstractmethod
from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar, Self

import torch
from torch import Tensor, nn

from csai_core.decoding import in_words
from csai_core.errors import MissingExtraError, PluginError, UnknownNameError
from csai_neural import files
from csai_neural.allocation import LimitedAllocation
from csai_neural.blocks.block import Block
from csai_neural.blocks.input import InputBlock
from csai_neural.devices import Device, find_device
from csai_neural.drawing.diagram import Diagram
from csai_neural.errors import NetFileError, NotCompiledError
from csai_neural.flow import State
from csai_neural.generators import forked
from csai_neural.input_scaling import InputScaling
from csai_neural.modes import has_modes
from csai_neural.onnx_export import export_onnx
from csai_neural.structure import Json
from csai_neural.summary import Summary
from csai_neural.weights import set_learning, soft_update
from csai_neural.wiring import Node


class Network(nn.Module, ABC):
    """Seeing, changing and keeping a network; a subclass says what it is made of.

    Attributes:
        name: what the network is called, in tables and pictures.
        notes: what whoever trains it should be told, one sentence each, such as what is laid out flat for
            want of better.
        input_scaling: what scales observations before they come here, where it is trained so; None where it
            takes them as they are. It is no part of the network, and of files only of those by `export_onnx`.
    """

    kind: ClassVar[str]
    """What files call this kind of network."""
    output_names: ClassVar[tuple[str, ...]] = ("output",)
    """What each of the tensors that `forward` gives is called in other programs."""
    name: str
    is_dict_network: bool

    def __init__(self) -> None:
        super().__init__()
        self.notes: list[str] = []
        self.input_scaling: InputScaling | None = None

    # --- what it is made of

    @property
    @abstractmethod
    def nodes(self) -> list[Node]:
        """The blocks in the order in which they run, and what feeds each."""

    @property
    def input_blocks(self) -> list[InputBlock]:
        """Where observations enter, in order."""
        return [node.block for node in self.nodes if isinstance(node.block, InputBlock)]

    @abstractmethod
    def structure(self) -> Json:
        """Everything but the weights, as values that JSON can hold; `from_structure` takes it.

        Raises:
            NotCompiledError: if it is a Net before `compile()`.
            ConfigError: if a block has a setting that JSON cannot hold, such as a function of yours.
        """

    @classmethod
    def from_structure(cls, structure: Json, blocks: Iterable[type[Block]] = ()) -> Self:
        """A network with new weights, made from what `structure` gave; draws no random numbers.

        Args:
            structure: what it is made of.
            blocks: block classes that no plugin offers; all others are found by their registered names.

        Raises:
            NetFileError: if that is no description of a network.
            UnknownNameError: if it needs a block that is not installed.
        """
        try:
            with forked():
                return cls._build(structure, blocks)
        except (UnknownNameError, PluginError, NetFileError):
            raise
        except Exception as error:
            raise NetFileError(
                f"This describes no {cls.__name__} that can be built: {in_words(error)}"
            ) from error

    @classmethod
    @abstractmethod
    def _build(cls, structure: Json, blocks: Iterable[type[Block]]) -> Self:
        """As `from_structure`, which deals with errors and randomness."""

    @property
    def has_modes(self) -> bool:
        """Whether it may do other things in training than in use, as dropout and batch norm do."""
        return has_modes(self)

    @property
    def has_memory(self) -> bool:
        """Whether it has recurrent blocks."""
        return any(node.block.is_recurrent for node in self.nodes)

    def initial_state(self, batch_size: int | None = None) -> State:
        """What it remembers at the start, by block name; nothing for a network without memory."""
        return {}

    # --- seeing it

    @abstractmethod
    def trace(self, x: Any) -> dict[str, Tensor]:
        """What every block gives for `x`, by block name, each (*batch axes, *output_shape)."""

    def summary(self) -> Summary:
        """A table of the blocks: output shapes, parameters and multiply-adds. Print it."""
        return Summary(self.name, [node.block for node in self.nodes])

    def diagram(self) -> Diagram:
        """A picture of the blocks: `net.diagram().save("net.svg")`, or show it in a notebook.

        Needs matplotlib: pip install "csai-neural[diagram]".
        """
        return Diagram(self.name, self.nodes)

    def _repr_html_(self) -> str:
        """What a notebook shows: the picture if it can be drawn, and the table."""
        try:
            table = self.summary()._repr_html_()
            return self.diagram()._repr_html_() + table
        except NotCompiledError:
            return f"<pre>{html.escape(repr(self))}</pre>"
        except MissingExtraError:
            return table

    # --- changing its weights

    def soft_update(self, other: nn.Module, tau: float) -> None:
        """Move the weights toward those of `other`, which has the same structure; see `weights.soft_update`.

        Raises:
            ConfigError: if tau is not between 0 and 1.
            StructureError: if the two differ in structure.
        """
        soft_update(self, other, tau)

    def freeze(self, *patterns: str) -> None:
        """Stop blocks from learning: those whose names match, as in `net.freeze("conv*")`; all for none.

        Raises:
            UnknownNameError: if a pattern matches no block.
        """
        self._set_learning(patterns, learns=False)

    def unfreeze(self, *patterns: str) -> None:
        """Let blocks learn again; all of them for no pattern.

        Raises:
            UnknownNameError: if a pattern matches no block.
        """
        self._set_learning(patterns, learns=True)

    def _set_learning(self, patterns: tuple[str, ...], learns: bool) -> None:
        if patterns:
            set_learning(self._named_blocks(), patterns, learns)
        else:
            self.requires_grad_(learns)

    def _named_blocks(self) -> list[tuple[str, nn.Module]]:
        return [(node.block.name, node.block) for node in self.nodes]

    # --- keeping it

    def copy(self) -> Self:
        """An independent network with the same blocks, settings and weights."""
        return copy.deepcopy(self)

    def save(self, path: str | Path) -> None:
        """Write structure and weights to one safetensors file, whole or not at all.

        What scales observations before it (`input_scaling`) stays with the training: whoever loads the file
        must scale them alike.

        Raises:
            NotCompiledError: if it is a Net before `compile()`.
            ConfigError: if there is a setting that a file cannot hold, such as a function of yours.
        """
        files.write(path, self.kind, self.structure(), self.state_dict())

    @classmethod
    def load(cls, path: str | Path, device: Device = None, blocks: Iterable[type[Block]] = ()) -> Self:
        """The network in a file that `save` wrote. Nothing in the file is ever run.

        Args:
            path: the file.
            device: where the network shall live; None is the CPU.
            blocks: block classes that no plugin offers; all others are found by their registered names.

        Raises:
            FileNotFoundError: if there is no such file.
            NetFileError: if it holds something else, or is damaged.
            UnknownNameError: if it needs a block that is not installed.
        """
        structure, weights = files.read(path, cls.kind)
        try:
            with LimitedAllocation(weights):
                network = cls.from_structure(structure, blocks)
        except NetFileError as error:
            raise NetFileError(f"Cannot load {str(path)!r}: {error}") from error
        files.load_weights(network, weights, path)
        return network.to(find_device(device) or torch.device("cpu"))

    def export_onnx(self, path: str | Path) -> None:
        """Write an ONNX file for other programs; see `onnx_export.export_onnx` for its inputs and outputs.

        Raises:
            NotCompiledError: if it is a Net before `compile()`.
            MissingExtraError: if the extra `onnx` is not installed.
        """
        export_onnx(self, path)

    def torch_compile(self, **options: Any) -> None:
        """Let torch's compiler make this network faster; `options` are those of `torch.compile`."""
        nn.Module.compile(self, **options)
