"""What csai-hindsight offers to csai, as data."""

from __future__ import annotations

from csai_core import Entry, hookimpl
from gymnasium.envs.registration import EnvSpec


@hookimpl
def csai_environments() -> list[EnvSpec]:
    """Bits to flip, few and many, for as many steps as there are bits; and an arm that reaches for points."""
    arm = EnvSpec(id="Reach/Arm-v0", entry_point="csai_hindsight.arm:ArmEnv", max_episode_steps=50)
    bits = [
        EnvSpec(
            id=f"BitFlip/{name}-v0",
            entry_point="csai_hindsight.bits:BitFlipEnv",
            vector_entry_point="csai_hindsight.bits_batch:BitFlipVectorEnv",
            kwargs={"num_bits": num_bits},
            max_episode_steps=num_bits,
        )
        for name, num_bits in (("Few", 8), ("Many", 15))
    ]
    return [*bits, arm]


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
