"""The tree of errors that csai raises on purpose; catch `CsaiError` to catch them all.

Every message says what failed, what was given and what would work.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any

LIKENESS = 0.65
"""From which on a name is suggested for what was asked for; 1 is the same text."""


class CsaiError(Exception):
    """Root of every error raised on purpose by a csai package.

    Usual causes: the one that was raised has a name of its own, and an entry of its own.

    What helps: read the message to its end: it says what would work.
    """

    def __reduce__(self) -> tuple[Any, ...]:
        """Let it be copied and sent to other processes, whatever its constructor asks for."""
        reduced: Any = super().__reduce__()
        kind, args, *state = reduced
        return _as_it_was, (kind, args), *state


class UnknownNameError(CsaiError, LookupError):
    """Raised when nothing of that kind goes by the name that was asked for.

    Usual causes: a name is mistyped; the package that offers it is not installed; a plugin that offers it
    failed to load.

    What helps: take the name that the message suggests; `csai list` prints all names, and `csai plugins`
    what failed to load.
    """

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


def _as_it_was(kind: type[CsaiError], args: tuple[Any, ...]) -> CsaiError:
    """An error as it was raised, but for what else it has."""
    return kind.__new__(kind, *args)


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
    """Raised when one name is given to two things.

    Usual causes: two installed plugins offer something of the same name, or one attribute is registered
    twice.

    What helps: say which is meant, as `plugin:name`; give your own a name that nobody else has.
    """


class SpaceError(CsaiError, ValueError):
    """Raised when a value lies outside the space it was declared with.

    Usual causes: an action or observation has another shape, type or range than its space; a space is
    empty, or of a kind that cannot be learned from.

    What helps: compare what the message says was given with the space it names; `csai check ID` examines
    an environment of your own.
    """


class ContractError(CsaiError, TypeError):
    """Raised when a subclass does not keep the contract of its base class.

    Usual causes: a class of your own leaves out a method, or a method gives back something else than it
    must.

    What helps: write the method as the message shows it; `csai check ID` looks at all of them.
    """


class EpisodeOverError(CsaiError, RuntimeError):
    """Raised when an environment is stepped before `reset`, or after its episode has ended.

    Usual causes: a loop of your own calls `step` before `reset`, or goes on after `terminated` or
    `truncated` was true.

    What helps: call `reset()` first, and again at the end of each episode.
    """


class ConfigError(CsaiError, ValueError):
    """Raised when a setting has a value that cannot work.

    Usual causes: a value is out of range or of the wrong type; two settings do not go together; a file of
    settings cannot be read.

    What helps: give a value in the range that the message names; `csai train --algorithm NAME --help`
    explains each setting.
    """


class CodecError(CsaiError, ValueError):
    """Raised when a value cannot be written to a file, or a file holds what csai does not write.

    Usual causes: an environment, a network or a state holds an object that no file can hold, such as a
    function; or a file was altered.

    What helps: keep numbers, texts, lists and arrays; take an older checkpoint where the file was
    altered.
    """


class EmptyError(CsaiError, LookupError):
    """Raised when something is asked for that an empty collection cannot give.

    Usual causes: a queue, buffer or list is read before anything was put into it.

    What helps: put something in first, or ask for its size.
    """


class EnvironmentFailedError(CsaiError, RuntimeError):
    """Raised when an environment raised an exception, which is the cause, or gave what nobody can use.

    Usual causes: a mistake in an environment of your own; a wrapper that does not suit it; a package that
    it needs is missing.

    What helps: the message names the step, the seed and the action: repeat that one, and look at the line
    it points at; `csai check ID` finds most such mistakes.

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
    """Raised in place of SystemExit, by which code that is only used would end the whole program.

    Usual causes: an environment or plugin calls `sys.exit()` or `quit()`, often when its window is
    closed.

    What helps: raise an exception there, or return `truncated` as true.
    """

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
    """Raised when an environment in a worker process failed, or the process could not be kept alive.

    Usual causes: what fails in one process fails in a worker too; or a worker was killed, mostly because
    memory ran out.

    What helps: train without `--workers`, where the mistake shows itself; use fewer environments where
    memory runs out.
    """


class PluginError(CsaiError):
    """Raised when a plugin cannot be loaded or offers something that cannot be used.

    Usual causes: a plugin was written for another version, has a mistake in its hooks, or needs a package
    that is missing.

    What helps: `csai plugins --why NAME` shows what failed and where; `CSAI_DISABLE_PLUGINS=NAME` goes on
    without it.
    """


class ApiVersionError(PluginError):
    """Raised when a plugin is written for a version of the page of hooks that is not offered.

    Usual causes: csai is older or newer than the plugin expects.

    What helps: install the version of the plugin, or of csai, that the message names.
    """


class DisplayError(CsaiError, RuntimeError):
    """Raised when a window is wanted and the system opens none.

    Usual causes: there is no screen, as on a server, in a container or over ssh.

    What helps: film it instead, by `csai watch RUN --gif FILE.gif`, or watch it as text, by `--text`.
    """


class UntrustedModuleError(CsaiError):
    """Raised when a file asks for a module that nobody has typed on this machine.

    Usual causes: a run or preset that came from somebody else names code of its own.

    What helps: if you trust it, allow it as the message says; otherwise leave the file alone.

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
    """Raised when an optional dependency is needed and not installed.

    Usual causes: something that most people do without, such as a window, an MP4 or a search for
    settings, needs a package more.

    What helps: install what the message names.
    """


class LostDirectoryError(CsaiError):
    """Raised before a write where a directory that is worked in was deleted, moved or replaced.

    Usual causes: a run's folder was deleted, moved or replaced while its training was under way.

    What helps: start the training again, and leave its folder where it is until it has ended.
    """


class ConformanceError(CsaiError, AssertionError):
    """Raised when something does not do what its kind promises; the message says what to change.

    Usual causes: something of your own, such as an environment or a block, does not do what all of its
    kind must.

    What helps: the message says in plain words what to change; then run the check again.
    """
