"""Masks of actions that have parts: a mask for each part, however they were given together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from csai_neural.errors import ShapeError


def masks_of_parts(mask: Any, num_choices: Mapping[str, int], space: object) -> Mapping[str, Any]:
    """A mask for each part that has one.

    Args:
        mask: a dict of masks, or rows (batch, num_choices) with the choices of all parts side by side, an
            array or a tensor.
        num_choices: how many choices each part has; 0 where it takes no mask.
        space: of the action, for the error.

    Raises:
        ShapeError: if the dict has other names, or the rows another width.
    """
    if isinstance(mask, Mapping):
        if not set(mask) <= set(num_choices):
            raise ShapeError(f"A mask for {space} must be a dict with keys among {list(num_choices)}.")
        return mask
    total = sum(num_choices.values())
    if mask.shape[-1] != total:
        raise ShapeError(
            f"A mask for {space} must be a dict, or rows of {total} choices, and was given "
            f"rows of {mask.shape[-1]}."
        )
    masks, start = {}, 0
    for name, width in num_choices.items():
        if width:
            masks[name] = mask[..., start : start + width]
        start += width
    return masks
