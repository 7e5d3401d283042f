"""What making or loading something that a run holds may raise, turned into one error that says which run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from csai_core.decoding import in_words
from csai_core.errors import CsaiError
from csai_train.errors import CheckpointError, RunError
from csai_train.runs.config_file import CONFIG


@contextmanager
def described(run: Path, what: str) -> Iterator[None]:
    """Turn what making something as a run's config says may raise into a RunError; csai's own errors stay."""
    try:
        yield
    except CsaiError:
        raise
    except Exception as error:
        raise RunError(f"The {what} of {run / CONFIG} cannot be made: {in_words(error)}.") from error


@contextmanager
def fitting(run: Path) -> Iterator[None]:
    """Turn whatever a state of another shape makes an algorithm raise into a CheckpointError."""
    try:
        yield
    except Exception as error:
        raise CheckpointError(
            f"The checkpoint of {run} does not fit the algorithm as it is here; was it made by another "
            f"version? {in_words(error)}"
        ) from error


@contextmanager
def going_on(run: Path) -> Iterator[None]:
    """Turn what an algorithm raises after it was continued into a CheckpointError; csai's own errors stay.

    A checkpoint can hold values of the right form that an algorithm never wrote, and trips over later.
    """
    try:
        yield
    except CsaiError:
        raise
    except Exception as error:
        raise CheckpointError(
            f"The training failed after it was continued from the checkpoint of {run}: {in_words(error)}. "
            "If the same training does not fail when it is started from its beginning, the checkpoint was "
            "altered; continue from an earlier one."
        ) from error
