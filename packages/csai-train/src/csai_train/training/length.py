"""Whether a training is long enough for its algorithm to learn, and what is said where it is not."""

from __future__ import annotations

from csai_core import presets
from csai_core.algorithm import Algorithm
from csai_core.arguments import check_int
from csai_core.errors import ConfigError
from csai_core.schema import LARGEST_COUNT


def require_update(name: str, algorithm: Algorithm, total_steps: int, num_envs: int) -> None:
    """Refuse a training that ends before its algorithm can have learned anything.

    Args:
        name: of the algorithm, for the message.
        algorithm: knows when it learns first.
        total_steps: how long the training will be, counted over all environments.
        num_envs: how many environments are stepped together; the last step may go beyond the end.

    Raises:
        ConfigError: with the number of steps that it needs, and the settings that decide it.
    """
    first = algorithm.first_update()
    if first is None or -(-total_steps // num_envs) * num_envs >= first.steps:
        return
    config = getattr(algorithm, "config", None)
    settings = [f"{each} is {getattr(config, each, 'its own')}" for each in first.settings]
    raise ConfigError(
        f"A training of {total_steps:,} steps is too short to learn anything: {name} learns for the first "
        f"time after {first.steps:,} steps. Train for as many at least, or change what decides it: "
        f"{', '.join(settings)}."
    )


def nothing_learned(steps: int, episodes: int) -> str:
    """A sentence for a training that is over, and has brought no update."""
    return (
        f"The training is over, and nothing was learned: in its {steps:,} steps, in which episodes ended "
        f"{episodes:,} times, the algorithm has not had enough for a single update. Train for longer."
    )


def planned_steps(total_steps: int | None, preset: presets.Preset | None, algorithm: str) -> int:
    """How long a training shall be, over all environments: as was said, or as its preset says.

    Raises:
        ConfigError: if nobody says it, or it cannot be.
    """
    if total_steps is not None:
        return check_int("train", "total_steps", total_steps, least=1, most=LARGEST_COUNT)
    if preset is None:
        raise ConfigError(
            f"train needs total_steps, such as 100_000: no preset of {algorithm} says how long to train here."
        )
    return preset.total_steps
