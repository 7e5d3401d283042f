"""Attributes and their spaces, by their old path."""

from csai_core import (
    ActionAttribute,
    Attribute,
    BoxType,
    DiscreteType,
    MultiBinaryType,
    MultiDiscreteType,
    ObsAttribute,
    SpaceType,
)

__all__ = [
    "ActionAttribute",
    "Attribute",
    "BoxType",
    "DiscreteType",
    "MultiBinaryType",
    "MultiDiscreteType",
    "ObsAttribute",
    "SpaceType",
]
