"""Closing an environment: as often as anybody likes, at any time, and nobody else's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from csai_core.errors import said
from csai_core.testing.environment.making import Maker
from csai_core.testing.environment.rollout import compare_plays, play
from csai_core.testing.suite import fail


def check_closing(make: Maker, seed: int) -> None:
    """It can be closed before the first reset, in the middle of an episode, and again; others live on."""
    with make.made() as unused, make.made() as used, make.made() as other:
        _close(unused, "before its first reset")
        for _ in play(used, 3, seed):
            pass
        expected = [moment.copied() for moment in play(other, 10, seed)]
        _close(used, "in the middle of an episode")
        _close(used, "a second time")
        after = [moment.copied() for moment in play(other, 10, seed)]
    if not make.is_nondeterministic:
        compare_plays(
            expected,
            after,
            "Once one environment was closed, another one does not do what it did",
            "close ends what belongs to the one environment.",
        )


def _close(env: Any, when: str) -> None:
    close: Callable[[], None] = env.close
    try:
        close()
    except Exception as error:
        fail(
            f"It cannot be closed {when}: {said(error)}. Let close end what there is to "
            "end, and do nothing else."
        )
