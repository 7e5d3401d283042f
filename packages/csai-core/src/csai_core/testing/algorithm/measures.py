"""What an update may measure."""

from __future__ import annotations

import math
import numbers
from collections.abc import Mapping
from typing import Any

from csai_core.testing.algorithm.session import Session
from csai_core.testing.suite import fail


def checked(session: Session, measured: Any, number: int) -> Any:
    """Refuse what are no finite numbers by name."""
    if measured is None:
        return {}
    if not isinstance(measured, Mapping):
        fail(
            f"With {session.env}, learn returned {measured!r}; return what was measured by name, a dict "
            "such as "
            '{"loss": 0.5}, empty if there was no update.'
        )
    for name, value in measured.items():
        if not isinstance(name, str) or not isinstance(value, numbers.Real):
            fail(
                f"With {session.env}, update {number} measured {name!r} = {value!r} of the type "
                f"{type(value).__name__}; measure numbers by name: float(value)."
            )
        if not math.isfinite(value):
            fail(f"With {session.env}, update {number} measured {name}={value!r}, which is not finite.")
    return measured
