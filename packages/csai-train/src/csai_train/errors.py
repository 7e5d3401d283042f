"""Errors and warnings of training and of runs; errors are under the one tree of csai_core."""

from __future__ import annotations

from csai_core.errors import CsaiError


class CheckpointError(CsaiError):
    """Raised when a checkpoint cannot be written, or is damaged, or belongs to something else."""


class UnsavableError(CheckpointError):
    """Raised when a state holds what no file does, so that saving it later will not work either."""


class RunError(CsaiError):
    """Raised when a directory is not a run, or a run cannot be made or continued."""


class StudyError(CsaiError):
    """Raised when the training of a seed failed; the others are as far as they have come."""


class CallbackError(CsaiError):
    """Raised when a callback failed; the training has stopped between two steps and can be saved."""


class NonFiniteError(CsaiError, ArithmeticError):
    """Raised when an observation, reward, loss or gradient is NaN or infinite; nothing was learned."""


class TrainingWarning(UserWarning):
    """Warns of something that a training gets over: a save that failed, a resume that is not exact."""
