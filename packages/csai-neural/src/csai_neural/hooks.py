"""What csai-neural offers to csai, as data; listing it imports no torch."""

from __future__ import annotations

from csai_core import Entry, hookimpl


@hookimpl
def csai_blocks() -> list[Entry]:
    """The blocks of this package."""
    return [
        Entry(
            name="input",
            target="csai_neural.blocks.input:InputBlock",
            summary="Takes observations of any Gymnasium space and turns them into numbers.",
        ),
        Entry(
            name="linear",
            target="csai_neural.blocks.linear:LinearBlock",
            summary="Fully connected layers.",
        ),
        Entry(
            name="conv",
            target="csai_neural.blocks.conv:ConvBlock",
            summary="Convolutions over images, flattened at the end.",
        ),
        Entry(
            name="flatten",
            target="csai_neural.blocks.flatten:FlattenBlock",
            summary="Lays an image or a sequence out as one long vector.",
        ),
        Entry(
            name="join",
            target="csai_neural.blocks.join:JoinBlock",
            summary="Merges several branches by concatenation, sum or product.",
        ),
        Entry(
            name="output",
            target="csai_neural.blocks.output:OutputBlock",
            summary="The last layer: one number per action or class.",
        ),
    ]
