"""What config.json holds of a run of an agent, besides what it holds of every run."""

from __future__ import annotations

from csai_core.schema import (
    Schema,
    an_object_of,
    an_object_with,
    is_count,
    is_object,
    is_text,
    is_whole,
    optional,
)
from csai_train.runs import env_spec
from csai_train.runs.stage import ARE_STAGES

AGENT: Schema = {
    "algorithm": is_text,
    "environment": an_object_with(env_spec.SCHEMA),
    "total_episodes": optional(is_count),
    "network": optional(an_object_with({"kind": is_text})),
    "device": optional(is_text),
    "backend": optional(is_text),
    "workers": optional(is_count),
    "processes": optional(is_count),
    "preset": optional(is_text),
    "started_from": optional(
        an_object_with(
            {
                **dict.fromkeys(("run", "algorithm", "environment"), is_text),
                "steps": is_whole,
                "sha256": an_object_with({"tensors.safetensors": is_text}),
            }
        )
    ),
    "stages": optional(ARE_STAGES),
    "forked_from": optional(
        an_object_with(
            {
                "run": is_text,
                "steps": is_whole,
                "checkpoint": optional(is_whole),
                "changes": an_object_of(is_object),
            }
        )
    ),
}
