"""The tree of errors that csai raises on purpose; catch `CsaiError` to catch them all.

Every message says what failed, what was given and what would work.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

LIKENESS = 0.65
"""From which on a name is suggested for what was asked for; 1 is the same text."""


class CsaiError(Exception):
    """Root of every error raised on purpose by a csai package."""


class UnknownNameError(CsaiError, LookupError):
    """Raised when nothing of that kind goes by the name that was asked for."""

    @classmethod
    def of(cls, kind: str, name: object, known: Iterable[str], note: str = "") -> UnknownNameError:
        """Build the error for `name`, with the nearest known name and, unless very long, the list of all."""
        names = sorted(known)
        near = difflib.get_close_matches(str(name), names, n=1, cutoff=LIKENESS)
        parts = [f"No {kind} named {name!r}."]
        if near:
            parts.append(f"Did you mean {near[0]!r}?")
        parts.append(f"Known: {_listed(names)}." if names else f"There is no {kind} at all yet.")
        if note:
            parts.append(note)
        return cls(" ".join(parts))


def said(error: BaseException) -> str:
    """What a stranger's exception says, as a traceback ends: its type and message, if it can tell that."""
    name = type(error).__name__
    try:
        message = str(error)
    except (Exception, SystemExit) as another:
        message = f"(its message cannot be told: {type(another).__name__} in its __str__)"
    return f"{name}: {message}" if message else name


def _listed(names: list[str], at_most: int = 40) -> str:
    rest = len(names) - at_most
    return ", ".join(names[:at_most]) + (f" and {rest} more" if rest > 0 else "")


class DuplicateNameError(CsaiError, ValueError):
    """Raised when one name is given to two things."""


class SpaceError(CsaiError, ValueError):
    """Raised when a value lies outside the space it was declared with."""


class ContractError(CsaiError, TypeError):
    """Raised when a subclass does not keep the contract of its base class."""


class EpisodeOverError(CsaiError, RuntimeError):
    """Raised when an environment is stepped before `reset`, or after its episode has ended."""


class ConfigError(CsaiError, ValueError):
    """Raised when a setting has a value that cannot work."""


class CodecError(CsaiError, ValueError):
    """Raised when a value cannot be written to a file, or a file holds what csai does not write."""


class EmptyError(CsaiError, LookupError):
    """Raised when something is asked for that an empty collection cannot give."""


class EnvironmentFailedError(CsaiError, RuntimeError):
    """Raised when an environment raised an exception, which is the cause, or gave what nobody can use.

    Args:
        what: what is wrong, in words.
        environment: the environment's id, or the name of its class.
        index: which environment of several it was; None where there is one alone, or nobody can tell.
        seed: what the last `reset` was given.
        step: how many steps its episode had taken; 0 at a reset.
        action: what it was to do; None at a reset.
        repeat: a command or a line of Python that repeats it; whoever knows a better one may set it.
    """

    def __init__(
        self,
        what: str,
        *,
        environment: str,
        index: int | None,
        seed: int | None,
        step: int,
        action: object,
        repeat: str = "",
    ) -> None:
        super().__init__(what)
        self.environment = environment
        self.index = index
        self.seed = seed
        self.step = step
        self.action = action
        self.repeat = repeat

    def __str__(self) -> str:
        which = "The environment" if self.index is None else f"Environment {self.index}"
        seed = "unseeded" if self.seed is None else f"seed {self.seed}"
        when = (
            f"step {self.step} of its episode, action {_shortened(self.action)}" if self.step else "at reset"
        )
        repeat = f"\nTo repeat it: {self.repeat}" if self.repeat else ""
        return f"{which} ({self.environment}, {seed}, {when}) failed: {self.args[0]}{repeat}"


def _shortened(value: object, at_most: int = 100) -> str:
    """A value of any library as text, without the names of its types if they say so themselves."""
    plain = getattr(value, "tolist", lambda: value)()
    text = str(plain) if plain is not value else repr(value)
    return text if len(text) <= at_most else f"{text[:at_most]}…"


class ExitError(CsaiError, RuntimeError):
    """Raised in place of SystemExit, by which code that is only used would end the whole program."""

    @classmethod
    def of(cls, error: SystemExit) -> ExitError:
        """Build the error for a SystemExit."""
        return cls(
            f"The program would have been ended by sys.exit({error.code!r}) or quit(), called in what it "
            "only uses. Raise an exception there that says what is wrong."
        )


class EnvironmentWarning(UserWarning):
    """Warns of something that an environment gives and that can be got over, such as another dtype."""


class WorkerError(EnvironmentFailedError):
    """Raised when an environment in a worker process failed, or the process could not be kept alive."""


class PluginError(CsaiError):
    """Raised when a plugin cannot be loaded or offers something that cannot be used."""


class DisplayError(CsaiError, RuntimeError):
    """Raised when a window is wanted and the system opens none."""


class UntrustedModuleError(CsaiError):
    """Raised when a file asks for a module that nobody has typed on this machine.

    Args:
        why: what asks for it, and how to allow that.
        module: its name.
        place: where it is found; empty if it is not installed.
    """

    def __init__(self, why: str, *, module: str, place: str) -> None:
        super().__init__(why)
        self.module = module
        self.place = place


class MissingExtraError(CsaiError, ImportError):
    """Raised when an optional dependency is needed and not installed."""
