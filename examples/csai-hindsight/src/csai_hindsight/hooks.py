"""What csai-hindsight offers to csai, as data."""

from __future__ import annotations

from csai_core import Entry, hookimpl
from gymnasium.envs.registration import EnvSpec


@hookimpl
def csai_environments() -> list[EnvSpec]:
    """Bits to flip, few and many; an episode has as many steps as there are bits."""
    return [
        EnvSpec(
            id=f"BitFlip/{name}-v0",
            entry_point="csai_hindsight.env:BitFlipEnv",
            vector_entry_point="csai_hindsight.batch:BitFlipVectorEnv",
            kwargs={"num_bits": num_bits},
            max_episode_steps=num_bits,
        )
        for name, num_bits in (("Few", 8), ("Many", 15))
    ]


@hookimpl
def csai_buffers() -> list[Entry]:
    """The replay memory that learns from what was achieved."""
    return [
        Entry(
            name="hindsight",
            target="csai_hindsight.hindsight:HindsightReplayBuffer",
            summary="Takes what was achieved for what was wanted; observations of goals.",
            reference="Andrychowicz et al. 2017, arXiv:1707.01495",
        )
    ]
