"""What the state of a training holds, besides what its algorithm and its environments keep."""

from __future__ import annotations

from csai_core.schema import (
    Schema,
    a_list_of,
    an_object_of,
    an_object_with,
    is_number,
    is_whole,
    optional,
)

_EPISODES = a_list_of(lambda values: isinstance(values, tuple) and all(map(optional(is_number), values)))
STATE: Schema = {
    "steps": is_whole,
    "num_episodes": is_whole,
    "recent": _EPISODES,
    "metrics": an_object_of(is_number),
    "window": an_object_with(
        {
            "counts": a_list_of(is_whole),
            "sums": a_list_of(optional(is_number)),
            "bounds": a_list_of(is_number),
            "newest": _EPISODES,
        }
    ),
}
"""What stands in a state besides what the algorithm and the environments keep."""
