"""What csai-cross-entropy offers to csai, as data."""

from __future__ import annotations

from csai_core import Entry, hookimpl

CSAI_PLUGIN_API = 1


@hookimpl
def csai_algorithms() -> list[Entry]:
    """The one algorithm."""
    return [
        Entry(
            name="cross_entropy",
            target="csai_cross_entropy.cross_entropy:CrossEntropy",
            config="csai_cross_entropy.cross_entropy:CrossEntropyConfig",
            summary="Breeds linear policies: the best of each generation are the parents of the next.",
            reference="Szita and Lorincz 2006, Neural Computation 18(12)",
            aliases=("cem",),
            observation_spaces=("Box", "MultiBinary", "MultiDiscrete"),
            action_spaces=("Discrete",),
        )
    ]
