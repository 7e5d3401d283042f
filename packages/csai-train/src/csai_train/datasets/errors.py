"""Errors of datasets; all are under the one tree of csai_core."""

from __future__ import annotations

from csai_core.errors import CsaiError


class DatasetError(CsaiError):
    """Raised when a dataset cannot be used."""


class MissingFilesError(DatasetError, FileNotFoundError):
    """Raised when the files of a dataset are not there, and cannot be fetched."""


class DamagedFileError(DatasetError, ValueError):
    """Raised when a file of a dataset is cut short, altered, or of another format."""


class MisfitError(DatasetError, ValueError):
    """Raised when a network and a dataset do not fit together, or the data contradicts itself."""
