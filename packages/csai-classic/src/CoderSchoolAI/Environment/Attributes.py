"""As releases up to 0.0.9 name it."""

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
