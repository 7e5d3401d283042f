"""A wrapper between the one that is checked and the environment, which must not be passed over."""

from __future__ import annotations

from collections import Counter
from typing import Any

import gymnasium

from csai_core.testing.probe import Probe
from csai_core.testing.suite import fail


class Between(gymnasium.Wrapper[Any, Any, Any, Any]):
    """Counts what goes through it, and changes nothing."""

    def __init__(self, env: Probe) -> None:
        super().__init__(env)
        self.calls = Counter[str]()

    def reset(self, **settings: Any) -> tuple[Any, dict[str, Any]]:
        """Count a reset."""
        self.calls["reset"] += 1
        return super().reset(**settings)

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        """Count a step."""
        self.calls["step"] += 1
        return super().step(action)

    def render(self) -> Any:
        """Count a picture."""
        self.calls["render"] += 1
        return super().render()

    def close(self) -> None:
        """Count an end."""
        self.calls["close"] += 1
        super().close()


def check_nothing_passed_over(between: Between, env: Probe) -> None:
    """Refuse calls that reached the environment and not what stands between."""
    arrived = {
        "reset": len(env.resets),
        "step": env.num_steps,
        "render": env.num_pictures,
        "close": int(env.is_closed),
    }
    for name, count in arrived.items():
        if between.calls[name] < count:
            fail(
                f"{name} was called on the environment itself {count - between.calls[name]} times, past the "
                f"wrapper that stands between, so that this one does nothing. Call self.env.{name}(…), and "
                f"not self.env.unwrapped.{name}(…)."
            )
