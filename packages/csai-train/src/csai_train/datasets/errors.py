"""Errors of datasets; all are under the one tree of csai_core."""

from __future__ import annotations

from csai_core.errors import CsaiError


class DatasetError(CsaiError):
    """Raised when a dataset cannot be used."""


class MissingFilesError(DatasetError, FileNotFoundError):
    """Raised when the files of a dataset are not there, and cannot be fetched."""


class DamagedFileError(DatasetError, ValueError):
    """Raised when a file of a dataset is cut short, altered, or of another format."""


class InvalidDataError(DatasetError, ValueError):
    """Raised when examples are of a shape or type that nothing can learn from, or contradict each other."""


class CompatibilityError(DatasetError, ValueError):
    """Raised when a network cannot be trained on a dataset."""
