"""csai-core: environments made of attributes, and the plugin system that everything else arrives by.

Importing it loads no plugin, no torch and no pygame.
"""

from csai_core.agents import Agent, KeyboardAgent, RandomAgent
from csai_core.environments import make, make_vec, register_envs, register_specs
from csai_core.errors import CsaiError
from csai_core.plugins import Entry, Kind, hookimpl
from csai_core.shell import (
    ActionAttribute,
    Attribute,
    AttributeNames,
    BoxType,
    ClassicView,
    DiscreteType,
    MultiBinaryType,
    MultiDiscreteType,
    ObsAttribute,
    Shell,
    SpaceType,
    as_gymnasium,
    from_classic,
)

__version__ = "0.1.0"

__all__ = [
    "ActionAttribute",
    "Agent",
    "Attribute",
    "AttributeNames",
    "BoxType",
    "ClassicView",
    "CsaiError",
    "DiscreteType",
    "Entry",
    "KeyboardAgent",
    "Kind",
    "MultiBinaryType",
    "MultiDiscreteType",
    "ObsAttribute",
    "RandomAgent",
    "Shell",
    "SpaceType",
    "as_gymnasium",
    "from_classic",
    "hookimpl",
    "make",
    "make_vec",
    "register_envs",
    "register_specs",
]
