"""What the plugin manager remembers of each plugin."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from csai_core.plugins.discovery import name_and_version
from csai_core.terminal import printable

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

Status = Literal["ok", "disabled", "conflict", "incompatible", "failed"]
_FROM_LIGHT_TO_GRAVE: tuple[Status, ...] = ("ok", "disabled", "conflict", "incompatible", "failed")

_LONGEST = 500
"""Characters of one problem; the whole of it stands in the details."""


class PluginWarning(UserWarning):
    """Warns that some plugin could not be used, once for each."""


@dataclass(slots=True)
class PluginRecord:
    """What became of one entry point."""

    name: str
    distribution: str = ""
    version: str = ""
    module: str = ""
    """The module that its hooks stand in."""
    status: Status = "ok"
    """disabled: switched off by the user; conflict: wanted a name that is another plugin's, and is found by
    its full name, or replaced something of others, which was put back; incompatible: made for another
    csai-core; failed: raised an error."""
    hooks: tuple[str, ...] = ()
    offers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """For each kind whose hook has been called, the names offered."""
    problem: str = ""
    """What is wrong, on one line."""
    details: str = field(default="", repr=False)
    """The tracebacks, when there are any."""
    load_seconds: float = 0.0

    @classmethod
    def of(cls, name: str, entry_point: EntryPoint) -> PluginRecord:
        """The record of a plugin that goes by a name, before it is loaded."""
        module = entry_point.value.partition(":")[0].strip()  # its own property raises where that is no name
        return cls(name, *name_and_version(entry_point.dist), module)

    @property
    def origin(self) -> str:
        """The distribution and its version, as pip names them."""
        return f"{self.distribution} {self.version}".strip()

    @property
    def counts(self) -> str:
        """How much it offers of each kind, as "1 command, 2 blocks"."""
        counted = [(len(names), kind) for kind, names in self.offers.items() if names]
        return ", ".join(
            f"{count} {kind.removesuffix('s') if count == 1 else kind}" for count, kind in counted
        )

    @property
    def is_troubled(self) -> bool:
        """Whether something is wrong that the user did not ask for."""
        return self.status not in ("ok", "disabled")

    def blame(self, status: Status, problem: str, details: str = "") -> None:
        """Note a problem. All problems are kept, each once, and the gravest status."""
        problem = printable(" ".join(problem.split()))
        problem = problem if len(problem) <= _LONGEST else f"{problem[:_LONGEST]}…"
        if problem in self.problem:
            return
        self.status = max(self.status, status, key=_FROM_LIGHT_TO_GRAVE.index)
        self.problem = "; ".join(filter(None, (self.problem, problem)))
        self.details = "\n".join(filter(None, (self.details, details)))
