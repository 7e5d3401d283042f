"""Wiring: from the blocks that were added to a net to the order in which they run, and what feeds each."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from csai_neural.blocks.block import Block
from csai_neural.blocks.input import InputBlock
from csai_neural.blocks.join import JoinBlock
from csai_neural.encoding import PartsEncoder
from csai_neural.errors import StructureError


@dataclass(frozen=True)
class Node:
    """One block in its place: the blocks that feed it, and the part of the input it takes, if any."""

    block: Block
    sources: tuple[Block, ...]
    key: str | None = None


def wire(added: Sequence[Block]) -> list[Node]:
    """Put blocks into the order in which they run.

    An InputBlock starts a branch; a JoinBlock ends all branches that are open; any other block follows
    the one before it, unless `join_block` said whom it follows.

    Args:
        added: the blocks in the order they were added; those joined to them are taken along.

    Returns:
        The nodes; the last one gives the network's output.

    Raises:
        StructureError: saying what is wrong with the order, and how to mend it.
    """
    _refuse_bad_ends(added)
    return _Wiring(added).run()


def _refuse_bad_ends(added: Sequence[Block]) -> None:
    if not added:
        raise StructureError("The net is empty. Add an InputBlock first, with net.add_block(...).")
    if not isinstance(added[0], InputBlock):
        raise StructureError(
            f"The net starts with {added[0].title}; add an InputBlock first, "
            "so that the net knows what it will be given."
        )
    for block, following in itertools.pairwise(added):
        if block.is_last:
            raise StructureError(
                f"{following.title} cannot follow {block.title}, which ends a net. Add {block.title} last, "
                "or use a LinearBlock in its place."
            )


class _Wiring:
    """The state of one call to `wire`."""

    def __init__(self, added: Sequence[Block]) -> None:
        self.added = added
        self.nodes: list[Node] = []
        self.open: list[Block] = []
        self.feeds: dict[Block, list[tuple[Block, str | None]]] = {}
        for block in added:
            self._collect_links(block)

    def run(self) -> list[Node]:
        for block, following in zip(self.added, [*self.added[1:], None], strict=True):
            if block in self._placed():
                continue
            before = list(self.open)
            self._place(block)
            self._place_links(block)
            branches = tuple(each for each in self.open if each not in before)
            if len(branches) > 1 and not isinstance(following, (JoinBlock, InputBlock)):
                self._join(branches)
        self._refuse_loose_ends()
        return self.nodes

    def _collect_links(self, block: Block) -> None:
        for target, key in block.links:
            if (block, key) not in self.feeds.setdefault(target, []):
                self.feeds[target].append((block, key))
                self._collect_links(target)

    def _placed(self) -> set[Block]:
        return {node.block for node in self.nodes}

    def _place_links(self, block: Block) -> None:
        """Place what was joined to `block` and was not added on its own."""
        for target, _ in block.links:
            ready = all(source in self._placed() for source, _ in self.feeds[target])
            if ready and target not in self.added and target not in self._placed():
                self._place(target)
                self._place_links(target)

    def _join(self, branches: tuple[Block, ...]) -> None:
        """Merge the branches of an input that no JoinBlock was given for."""
        if not any(target in self.added for target in self.feeds if target not in self._placed()):
            self.feeds[join := JoinBlock()] = [(branch, None) for branch in branches]
            self._place(join)

    def _place(self, block: Block) -> None:
        self._refuse_unused_parts(block)
        feeds = self.feeds.get(block, [])
        sources = tuple(source for source, _ in feeds) or self._default_sources(block)
        self._refuse_unplaced(block, sources)
        if len(sources) > 1 and not isinstance(block, JoinBlock):
            raise StructureError(
                f"{block.title} is fed by {' and '.join(s.title for s in sources)}. Only a JoinBlock takes "
                "several: join them to a JoinBlock, and that one to this."
            )
        key = feeds[0][1] if feeds else None
        for source in sources:
            _check_key(source, block, key)
        self.nodes.append(Node(block, sources, key))
        self.open = [each for each in self.open if each not in sources] + [block]

    def _default_sources(self, block: Block) -> tuple[Block, ...]:
        if isinstance(block, InputBlock):
            return ()
        if isinstance(block, JoinBlock):
            return tuple(self.open)
        return (self.open[-1],)

    def _refuse_unplaced(self, block: Block, sources: tuple[Block, ...]) -> None:
        for source in sources:
            if source not in self._placed():
                raise StructureError(
                    f"{block.title} follows {source.title}, which comes later or is not in the net. "
                    f"Add {source.title} before it."
                )

    def _refuse_unused_parts(self, block: Block) -> None:
        if not (isinstance(block, InputBlock) and block.is_module_dict):
            return
        used = {key for feeds in self.feeds.values() for source, key in feeds if source is block}
        leaves = [key for key, part in block.parts.items() if not isinstance(part, PartsEncoder)]
        unused = [leaf for leaf in leaves if not any(f"{leaf}.".startswith(f"{key}.") for key in used)]
        if unused:
            raise StructureError(
                f"{block.title} has no branch for {', '.join(map(repr, unused))}. Join one with "
                f"input.join_block(block, {unused[0]!r}), or leave that attribute out."
            )

    def _refuse_loose_ends(self) -> None:
        if len(self.open) > 1:
            raise StructureError(
                f"The net has {len(self.open)} loose ends: {', '.join(b.title for b in self.open)}. "
                "Add a JoinBlock after the branches to merge them."
            )


def _check_key(source: Block, block: Block, key: str | None) -> None:
    if not (isinstance(source, InputBlock) and source.is_module_dict):
        if key is not None:
            raise StructureError(
                f"{source.title} was joined to {block.title} with the key {key!r}, but has no parts. "
                "Leave the key out."
            )
        return
    known = list(source.parts)
    if key not in known:
        raise StructureError(
            f"{source.title} was joined to {block.title} with the key {key!r}; "
            f"it has the parts {', '.join(map(repr, known))}. Use input.join_block(block, {known[0]!r})."
        )
