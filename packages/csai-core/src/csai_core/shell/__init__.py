"""Shell: Gymnasium environments made of attributes."""

from csai_core.shell.attribute_table import AttributeNames
from csai_core.shell.attributes import (
    ActionAttribute,
    Attribute,
    BoxType,
    DiscreteType,
    MultiBinaryType,
    MultiDiscreteType,
    ObsAttribute,
)
from csai_core.shell.casting import SpaceType
from csai_core.shell.classic import ClassicView, as_gymnasium, from_classic
from csai_core.shell.shell import Shell

__all__ = [
    "ActionAttribute",
    "Attribute",
    "AttributeNames",
    "BoxType",
    "ClassicView",
    "DiscreteType",
    "MultiBinaryType",
    "MultiDiscreteType",
    "ObsAttribute",
    "Shell",
    "SpaceType",
    "as_gymnasium",
    "from_classic",
]
