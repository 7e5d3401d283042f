"""How a network is trained on a dataset: every setting, and what it does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from csai_core.errors import UnknownNameError
from csai_core.options import check_types, require

AUGMENTATIONS = ("crop", "flip", "cutout")


@dataclass(frozen=True, kw_only=True)
class DatasetConfig:
    """How a network is trained on a dataset, whatever the network and the dataset.

    Raises:
        ConfigError: if a value cannot work.
        UnknownNameError: if there is no such augmentation.
    """

    batch_size: int = 64
    """Examples per step. Larger is faster per example and steadier, but learns less from each; 32 to 512."""
    learning_rate: float = 1e-3
    """How far a step goes. Smaller is steadier and slower; too large learns nothing; 1e-4 to 1e-2."""
    schedule: Literal["constant", "one_cycle"] = "constant"
    """one_cycle rises to the learning rate and falls to nothing at the end, so it bears a larger one."""
    label_smoothing: float = 0.0
    """The share of each label that is spread over all classes; 0.1 keeps a network from being too sure."""
    augment: tuple[str, ...] = ()
    """What is done to images at random, so that none is seen twice: crop (moves), flip, cutout."""
    patience: int | None = None
    """Stop after so many epochs without a better test accuracy, and take the best weights; None: never."""
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """Of the network's arithmetic; auto takes bfloat16 on a GPU that has it, and float32 elsewhere."""
    workers: int | None = None
    """Processes that prepare images one by one, where that must be; None lets the dataset say."""

    def __post_init__(self) -> None:
        check_types(self)
        require(self.batch_size >= 1, self, "batch_size", "at least 1")
        require(self.learning_rate > 0, self, "learning_rate", "above 0")
        require(0 <= self.label_smoothing < 1, self, "label_smoothing", "from 0 to below 1")
        require(self.patience is None or self.patience >= 1, self, "patience", "at least 1, or None")
        require(self.workers is None or self.workers >= 0, self, "workers", "at least 0, or None")
        for name in self.augment:
            if name not in AUGMENTATIONS:
                raise UnknownNameError.of("augmentation", name, AUGMENTATIONS)
