"""Structure: which blocks a net has, with what settings and how they hang together, as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from torch import nn

from csai_core.errors import ConfigError, PluginError, UnknownNameError
from csai_core.memory import summed
from csai_core.plugins import Entry, installed
from csai_neural import codec
from csai_neural.blocks.block import Block

Json = dict[str, Any]


def describe_net(net: Any) -> Json:
    """Everything but the weights of a compiled net.

    Raises:
        NotCompiledError: if the net is not compiled.
        ConfigError: if a block cannot be found by its kind again, or has a setting that JSON cannot hold.
    """
    nodes = net.nodes
    linked = {target for node in nodes for target, _ in node.block.links}
    blocks = [node.block for node in nodes if node.block in linked or node.block in net.added_blocks]
    return {
        "name": net.name,
        "is_dict_network": net.is_dict_network,
        "dtype": str(nodes[0].block.dtype).removeprefix("torch."),
        "blocks": [_describe_block(block, net) for block in blocks],
        "links": [[block.name, target.name, key] for block in blocks for target, key in block.links],
        "frozen": frozen(net),
    }


def build_net(net: Any, structure: Json, blocks: Iterable[type[Block]]) -> None:
    """Add the blocks of a structure to an empty net, and compile it.

    Args:
        net: a new Net.
        structure: what `describe_net` gave.
        blocks: classes to look in before the registry.

    Raises:
        UnknownNameError: if a kind of block is neither in `blocks` nor registered by a plugin.
        CsaiError: if the blocks make no network.
        ValueError, TypeError, LookupError, AttributeError, RecursionError: if the structure is none.
    """
    with summed():
        _Builder(net, structure, blocks).build()


class _Builder:
    """The state of one call to `build_net`."""

    def __init__(self, net: Any, structure: Json, blocks: Iterable[type[Block]]) -> None:
        self.net = net
        self.structure = structure
        self.classes = {cls.kind: cls for cls in blocks}
        self.described = {each["name"]: each for each in structure["blocks"]}
        self.made: dict[str, Block] = {}

    def build(self) -> None:
        for name in self.described:
            self.make(name)
        for source, target, key in self.structure["links"]:
            if (self.made[target], key) not in self.made[source].links:
                self.made[source].join_block(self.made[target], key)
        for name, each in self.described.items():
            if each["is_added"]:
                self.net.add_block(self.made[name])
        self.net.compile()

    def make(self, name: str) -> Block:
        """The block of that name, with those in its settings; each is made once."""
        if name not in self.made:
            each = self.described[name]
            settings = {key: codec.decode(value, self.make) for key, value in each["settings"].items()}
            block = self._class_of(each)(**settings)
            block.name = name
            self.made[name] = block
        return self.made[name]

    def _class_of(self, described: Json) -> type[Block]:
        kind, plugin = described["kind"], described.get("plugin")
        if kind in self.classes:
            return self.classes[kind]
        try:
            return find_block_class(f"{plugin}:{kind}" if plugin else kind)
        except UnknownNameError as error:
            origin = f"the plugin {plugin!r}; install that" if plugin else "no plugin"
            raise UnknownNameError(
                f"{error} It came from {origin}, or hand the class over, as blocks=[...]."
            ) from error


def find_block_class(name: str) -> type[Block]:
    """The block that is registered by a name, or as `plugin:name`.

    Raises:
        UnknownNameError: if there is none, with the nearest name.
        PluginError: if what is registered cannot be imported, or is no block.
    """
    found = installed().find("blocks", name).load()
    if not (isinstance(found, type) and issubclass(found, Block)):
        raise PluginError(f"The plugin entry {name!r} is {found!r}, which is no Block.")
    return found


def _describe_block(block: Block, net: Any) -> Json:
    return {
        "name": block.name,
        "kind": block.kind,
        "plugin": _plugin_of(block),
        "is_added": any(block is each for each in net.added_blocks),
        "settings": {
            name: codec.encode(value, f"The setting {name} of {block.title}")
            for name, value in block.settings().items()
        },
    }


def _plugin_of(block: Block) -> str | None:
    """The plugin that a block comes from; None for a class that no plugin offers."""
    named = [entry for entry in installed().entries("blocks").values() if entry.name == block.kind]
    for entry in named:
        if _is_at(entry, type(block)):
            return entry.plugin
    if named:
        raise ConfigError(
            f"{block.title} is of kind {block.kind!r}, by which another block is registered. "
            f'Give the class a name of its own: {type(block).__name__}.kind = "my_{block.kind}".'
        )
    return None


def _is_at(entry: Entry, block_class: type[Block]) -> bool:
    """Whether a class is what an entry points to; one whose module cannot be imported points to nothing."""
    try:
        return entry.load() is block_class
    except PluginError:
        return False


def frozen(module: nn.Module) -> list[str]:
    """The names of the parameters that do not learn."""
    return [name for name, parameter in module.named_parameters() if not parameter.requires_grad]


def freeze(module: nn.Module, names: Iterable[str]) -> None:
    """Stop the named parameters from learning."""
    parameters = dict(module.named_parameters())
    for name in names:
        parameters[name].requires_grad_(False)
