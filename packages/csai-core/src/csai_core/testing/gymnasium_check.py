"""Gymnasium's check and what it complains of, put into plain words."""

from __future__ import annotations

import re
import warnings
from typing import Any

import gymnasium
from gymnasium.utils.env_checker import check_env

from csai_core.errors import CsaiError
from csai_core.testing.suite import fail

_ALLOWED = re.compile(
    r"(minimum value is -infinity|maximum value is infinity|For Box action spaces, we recommend|"
    r"is different from the unwrapped version)"
)
"""Advice that does not fit every environment."""

_PLAIN = [
    (
        r"element tuple|tuple of the form|old step API|old Gym|2-tuple|to be a tuple|unpack",
        "reset or step returns the wrong number of items. reset returns (observation, info); step returns "
        "five items: (observation, reward, terminated, truncated, info).",
    ),
    (
        r"share an object",
        "An observation or info holds the same memory as an earlier one, so that a later step changes it. "
        "Return a copy: self.board.copy().",
    ),
    (
        r"truncates after 1 step|signal to be a boolean",
        "terminated or truncated is not a plain True or False, or the very first step said that the episode "
        "is truncated. Return the bools of Python, and truncate only when a time limit strikes.",
    ),
    (
        r"does not provide a|can be passed (a )?`(seed|options)`|`?return_info|`seed` function",
        "reset does not take Gymnasium's arguments. Write def reset(self, *, seed=None, options=None).",
    ),
    (
        r"random number generator|np_random|super\(\)\.reset",
        "reset(seed=…) does not seed the environment. Begin reset with super().reset(seed=seed) and draw "
        "everything random from self.np_random.",
    ),
    (
        r"reward.*(NaN|inf|number|float|int)|(NaN|inf).*reward",
        "The reward is not a finite number. Return a float, and look for a division by zero.",
    ),
    (
        r"not equivalent|not equal|not deterministic|non-deterministic|[Dd]eterministic",
        "Two runs with the same seed and the same actions differ. Draw everything random from "
        "self.np_random, and set every variable of the world in reset.",
    ),
    (
        r"`?info`?.* (dictionary|dict)",
        "info is not a dict. Return one, empty if there is nothing to tell.",
    ),
    (
        r"not within the observation space|not contained|the obs returned|dtype|observation.*space",
        "An observation does not lie in the observation space. Compare its shape, dtype and range with "
        "the space: cast it, clip it, or declare the space wider.",
    ),
]


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
    for pattern, words in _PLAIN:
        if re.search(pattern, complaint, re.IGNORECASE):
            return f"{words} (Gymnasium's check_env says: {complaint})"
    return f"Gymnasium's check_env says: {complaint}"
