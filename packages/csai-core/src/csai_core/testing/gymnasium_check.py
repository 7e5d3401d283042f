"""Gymnasium's check and what it complains of, put into plain words."""

from __future__ import annotations

import re
import warnings
from typing import Any

import gymnasium
from gymnasium.utils.env_checker import check_env

from csai_core.errors import CsaiError
from csai_core.gate.words import plain_words
from csai_core.testing.suite import fail

_ALLOWED = re.compile(
    r"(minimum value is -infinity|maximum value is infinity|For Box action spaces, we recommend|"
    r"is different from the unwrapped version)"
)
"""Advice that does not fit every environment."""


def run_gymnasiums_check(env: gymnasium.Env[Any, Any]) -> None:
    """Run Gymnasium's `check_env`, with its warnings as failures.

    Raises:
        ConformanceError: with the complaint in plain words and in Gymnasium's own.
    """
    complaints = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warnings.simplefilter("ignore", ResourceWarning)  # of anything that is collected just now
        try:
            check_env(env.unwrapped, skip_render_check=True)
        except CsaiError as error:
            fail(str(error))  # already in plain words
        except Exception as error:
            complaints.append(f"{type(error).__name__}: {error}")
    # A warning came before the error, and is often its cause.
    complaints = [str(w.message) for w in caught if not _ALLOWED.search(str(w.message))] + complaints
    if complaints:
        fail(_explain(complaints[0]))


def _explain(complaint: str) -> str:
    complaint = re.sub(r"\x1b\[\d+m", "", complaint).removeprefix("WARN: ").strip()
    words = plain_words(complaint)
    said = f"Gymnasium's check_env says: {complaint}"
    return f"{words} ({said})" if words else said
