"""What methods have in common that learn only from what their present policy did."""

from __future__ import annotations

from csai_core.algorithm import Step
from csai_core.errors import ConfigError


def require_own_decision(step: Step, algorithm: str) -> None:
    """Refuse a step that somebody else decided.

    Raises:
        ConfigError: if the step has no memo.
    """
    if step.memo is None:
        raise ConfigError(
            f"{algorithm} was given a step without the memo of its decision. It learns only from what it "
            "decided itself (on policy): give Step(…, memo=decision.memo). Steps of other actors, such as "
            "demonstrations, suit q_learning and deep_q_learning."
        )
