"""What is wrong with environments, in plain words: of checks, of trainings and of play alike."""

from __future__ import annotations

import re
import traceback

from csai_core.errors import CsaiError, said

RESET_ITEMS = "reset returns (observation, info)."
STEP_ITEMS = "step returns five items: (observation, reward, terminated, truncated, info)."
REWARD = "The reward is not a finite number. Return a float, and look for a division by zero."
FLAG = "terminated and truncated are True or False. Return the bools of Python."
INFO = "info is not a dict. Return one, empty if there is nothing to tell."
OBSERVATION = (
    "An observation does not lie in the observation space. Compare its shape, dtype and range with "
    "the space: cast it, clip it, or declare the space wider."
)
EXIT = (
    "That ends the whole program, and a training with it. Leave out sys.exit and quit: an episode ends by "
    "terminated or truncated."
)
NOT_FINITE = "Look for a division by zero, the root of a negative number, or a value that was never set."

_PLAIN = [
    (
        r"element tuple|tuple of the form|old step API|old Gym|2-tuple|to be a tuple|unpack",
        f"reset or step returns the wrong number of items. {RESET_ITEMS[:-1]}; {STEP_ITEMS}",
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
        r"does not provide a|can be passed (a )?`(seed|options)|`?return_info|`seed` function|"
        r"unexpected keyword argument '(seed|options)'",
        "reset does not take Gymnasium's arguments. Write def reset(self, *, seed=None, options=None).",
    ),
    (
        r"random number generator|np_random|super\(\)\.reset",
        "reset(seed=…) does not seed the environment. Begin reset with super().reset(seed=seed) and draw "
        "everything random from self.np_random.",
    ),
    (r"reward.*(NaN|inf|number|float|int)|(NaN|inf).*reward", REWARD),
    (
        r"not equivalent|not equal|not deterministic|non-deterministic|[Dd]eterministic",
        "Two runs with the same seed and the same actions differ. Draw everything random from "
        "self.np_random, and set every variable of the world in reset.",
    ),
    (r"`?info`?.* (dictionary|dict)", INFO),
    (
        r"not within the observation space|not contained|the obs returned|dtype|observation.*space",
        OBSERVATION,
    ),
]
_PLUMBING = ("gymnasium", "csai_core", "csai_train")
"""Packages whose own code handles what environments give; what they complain of has plain words."""


def plain_words(complaint: str) -> str:
    """What a complaint of Gymnasium's means, and what to change; empty where there are no better words."""
    return next((words for pattern, words in _PLAIN if re.search(pattern, complaint, re.IGNORECASE)), "")


def describe(error: BaseException) -> str:
    """What an environment raised, with plain words where it was not the environment's own code that did."""
    if isinstance(error, CsaiError):
        return str(error)
    told = re.sub(r"\x1b\[\d+m", "", said(error))
    words = EXIT if isinstance(error, SystemExit) else plain_words(told) if _is_of_plumbing(error) else ""
    return f"{told}. {words}" if words else told


def _is_of_plumbing(error: BaseException) -> bool:
    frame, _ = list(traceback.walk_tb(error.__traceback__))[-1]
    return str(frame.f_globals.get("__name__", "")).partition(".")[0] in _PLUMBING
