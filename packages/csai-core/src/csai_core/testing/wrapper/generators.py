"""Generators of random numbers that a wrapper has of its own."""

from __future__ import annotations

from typing import Any

from csai_core.testing.held_generators import held_generators
from csai_core.testing.wrapper.layers import layers


def own_generators(wrapper: Any) -> dict[str, str]:
    """The states of the generators that the layers of a wrapper hold, by where they stand."""
    return {path: state for layer in layers(wrapper) for path, state in held_generators(layer).items()}
