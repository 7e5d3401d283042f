"""What csai-night-sky offers to csai, as data."""

from __future__ import annotations

from csai_core import Entry, hookimpl

CSAI_PLUGIN_API = 1


@hookimpl
def csai_datasets() -> list[Entry]:
    """The stars."""
    return [
        Entry(
            name="constellations",
            target="csai_night_sky.dataset:ConstellationsDataset",
            summary="Five constellations, turned, shifted and among other stars.",
        )
    ]


@hookimpl
def csai_blocks() -> list[Entry]:
    """What tells a convolution where it looks."""
    return [
        Entry(
            name="coordinates",
            target="csai_night_sky.coordinates:CoordinatesBlock",
            summary="Adds to an image where each of its pixels is.",
            reference="Liu et al. 2018, arXiv:1807.03247",
        )
    ]


@hookimpl
def csai_networks() -> list[Entry]:
    """What the stars are seen with."""
    return [
        Entry(
            name="telescope",
            target="csai_night_sky.telescope:telescope",
            summary="Convolutions that know where they look, for images.",
        )
    ]


@hookimpl
def csai_callbacks() -> list[Entry]:
    """What a night is remembered by."""
    return [
        Entry(
            name="logbook",
            target="csai_night_sky.logbook:Logbook",
            summary="Writes the story of a training into logbook.md.",
        )
    ]


@hookimpl
def csai_wrappers() -> list[Entry]:
    """What gets in the way."""
    return [
        Entry(
            name="clouds",
            target="csai_night_sky.clouds:Clouds",
            summary="Hides a part of each image that is observed.",
        )
    ]
