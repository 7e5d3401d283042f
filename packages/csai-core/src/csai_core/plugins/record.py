"""What the plugin manager remembers of each plugin."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Status = Literal["ok", "disabled", "conflict", "incompatible", "failed"]
_FROM_LIGHT_TO_GRAVE: tuple[Status, ...] = ("ok", "disabled", "conflict", "incompatible", "failed")


class PluginWarning(UserWarning):
    """Warns that some plugin could not be used, once for each."""


@dataclass(slots=True)
class PluginRecord:
    """What became of one entry point."""

    name: str
    distribution: str = ""
    version: str = ""
    status: Status = "ok"
    """disabled: switched off by the user; conflict: offers a name that another plugin offers too;
    incompatible: made for a newer csai-core; failed: raised an error."""
    hooks: tuple[str, ...] = ()
    offers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """For each kind whose hook has been called, the names offered."""
    problem: str = ""
    """What is wrong, on one line."""
    details: str = field(default="", repr=False)
    """The tracebacks, when there are any."""
    load_seconds: float = 0.0

    @property
    def origin(self) -> str:
        """The distribution and its version, as pip names them."""
        return f"{self.distribution} {self.version}".strip()

    @property
    def is_troubled(self) -> bool:
        """Whether something is wrong that the user did not ask for."""
        return self.status not in ("ok", "disabled")

    def blame(self, status: Status, problem: str, details: str = "") -> None:
        """Note a problem. All problems are kept, each once, and the gravest status."""
        problem = " ".join(problem.split())
        if problem in self.problem:
            return
        self.status = max(self.status, status, key=_FROM_LIGHT_TO_GRAVE.index)
        self.problem = "; ".join(filter(None, (self.problem, problem)))
        self.details = "\n".join(filter(None, (self.details, details)))
