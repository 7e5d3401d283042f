"""Gymnasium's check and what it complains of, put into plain words."""

from __future__ import annotations

import copy
import re
import warnings
from typing import Any

import gymnasium
from gymnasium.utils.env_checker import check_env

from csai_core.errors import CsaiError, said
from csai_core.gate.masks import choices_of
from csai_core.gate.words import plain_words
from csai_core.testing.environment.actions import ActionSource
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
            check_env(_Allowed(env.unwrapped), skip_render_check=True)
        except CsaiError as error:
            fail(str(error))  # already in plain words
        except Exception as error:
            complaints.append(said(error))
    # A warning came before the error, and is often its cause.
    for warning in caught:
        if "WARN: " not in str(warning.message):
            fail(
                f"It warns when it is played: {warning.category.__name__}: {warning.message} "
                f"({warning.filename}:{warning.lineno}). Mend what is warned of; what a caller should know "
                "belongs into info or a logger."
            )
    complaints = [str(w.message) for w in caught if not _ALLOWED.search(str(w.message))] + complaints
    if complaints:
        fail(_explain(complaints[0]))


class _Allowed(gymnasium.Wrapper[Any, Any, Any, Any]):
    """The same environment, in which only what the action mask of the moment allows is sampled and done.

    `check_env` samples some actions before the reset after which it takes them.
    """

    def __init__(self, env: gymnasium.Env[Any, Any]) -> None:
        super().__init__(env)
        self._source = ActionSource(env.action_space, 0)
        self._info: Any = None
        self.action_space = copy.deepcopy(env.action_space)
        self.action_space.sample = lambda *masks: self._source.draw(self._info)  # type: ignore[method-assign]

    @property
    def spec(self) -> Any:  # type: ignore[override]
        """That of the environment inside."""
        return self.env.spec

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> Any:
        result: Any = super().reset(seed=seed, options=options)
        self._note(result)
        return result

    def step(self, action: Any) -> Any:
        row = self._source.allowed(self._info)
        if row is not None and not row[choices_of(self.env.action_space, action)].all():
            action = ActionSource(self.env.action_space, 0).draw_allowed(row)
        result = super().step(action)
        self._note(result)
        return result

    def _note(self, result: Any) -> None:
        self._info = result[-1] if isinstance(result, tuple) else None


def _explain(complaint: str) -> str:
    complaint = re.sub(r"\x1b\[\d+m", "", complaint).removeprefix("WARN: ").strip()
    words = plain_words(complaint)
    said = f"Gymnasium's check_env says: {complaint}"
    return f"{words} ({said})" if words else said
