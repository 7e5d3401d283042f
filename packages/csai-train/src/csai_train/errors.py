"""Errors of training and of runs, under the one tree of csai_core."""

from __future__ import annotations

from csai_core.errors import CsaiError


class CheckpointError(CsaiError):
    """Raised when a checkpoint cannot be written, or is damaged, or belongs to something else."""


class RunError(CsaiError):
    """Raised when a directory is not a run, or a run cannot be made or continued."""


class NonFiniteError(CsaiError, ArithmeticError):
    """Raised when an observation, reward, loss or gradient is NaN or infinite; nothing was learned."""
