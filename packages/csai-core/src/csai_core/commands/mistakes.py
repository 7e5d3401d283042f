"""What is said of an exception: where it is in somebody's own file, or that csai itself is at fault.

Nobody who mistyped a name in a game should have to find it in forty lines about libraries. So the place is
the innermost one that lies in a file of the user's own: neither of Python, nor installed, nor of csai.
"""

from __future__ import annotations

import linecache
import os
import sys
import sysconfig
import traceback
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import NamedTuple

import gymnasium

from csai_core.errors import CsaiError, said
from csai_core.plugins.culprit import TOLD, blamed, chain, find_culprit
from csai_core.plugins.discovery import OURS

_LIBRARIES = tuple(Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "platstdlib"))
_INSTALLED = {"site-packages", "dist-packages"}
_COMMANDS = ("csai_core.commands", "csai_core.__main__")
"""What calls the commands of others too."""
_CUE = "Option --traceback shows the whole traceback."


class Place(NamedTuple):
    """A place in a source file."""

    path: str
    line: int
    function: str
    """Where it is inside; empty outside of functions."""
    source: str
    """The line as it stands there, without indentation."""
    columns: tuple[int, int]
    """From which character of it to which; twice 0 where nothing is marked."""

    def __str__(self) -> str:
        """The place in words, the line, and marks below what is meant."""
        inside = f", in {self.function}" if self.function else ""
        first, last = self.columns
        marks = f"\n    {' ' * first}{'^' * max(1, last - first)}" if last else ""
        return f"{_shortest(self.path)}, line {self.line}{inside}:\n\n    {self.source}{marks}\n"


def told(error: BaseException) -> str:
    """What a command prints of an exception: by its name, which `csai docs` explains, if it was foreseen."""
    name = type(error).__name__ if isinstance(error, CsaiError) else "Error"
    return f"{name}: {describe(error)}"


def describe(error: BaseException) -> str:
    """What a person is told of an exception, in a few lines; the last names the plugin that it comes from."""
    culprit = find_culprit(error)
    whose = str(culprit) if culprit else blamed(error)
    for cause in chain(error):
        place = _place_of(cause)
        if place is not None:  # where it is need not be said twice
            whose = str(replace(culprit, place="")) if culprit else whose
            return f"{place}\n{_sentence(error, cause)}\n{whose}".rstrip("\n")
    return f"{_described(error, bool(whose))}\n{whose}".rstrip("\n")


def is_unasked(error: SystemExit) -> bool:
    """Whether the program is ended by what a command of ours was using, and not by a command itself."""
    modules = [module for _, module in _frames(error.__traceback__)]
    used = [module for module in modules if _is_family(module) and not module.startswith(_COMMANDS)]
    return bool(used) and not _is_family(modules[-1]) and modules[-1].partition(".")[0] != "click"


def _described(error: BaseException, is_blamed: bool) -> str:
    """What is told of an exception that no file of the user's own has led to."""
    if isinstance(error, (CsaiError, gymnasium.error.Error)):
        return str(error)
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}."
    if isinstance(error, MemoryError):
        return f"There is not enough memory. {error} {_CUE}"
    who = "" if is_blamed else f"{_culprit(error)}: "
    return f"{who}{_in_a_line(error)}. {_CUE}"


def _sentence(error: BaseException, cause: BaseException) -> str:
    """What was wrong there; csai's own words about it too, where they say more."""
    is_ours = isinstance(cause, CsaiError)
    told = str(cause) if is_ours else _in_a_line(cause)
    if error is cause or not isinstance(error, CsaiError):
        return told
    message = told if is_ours else told.partition(": ")[2]
    return str(error) if message in str(error) else f"{told}\n{error}"


def _in_a_line(error: BaseException) -> str:
    """Its type and message, as at the end of a traceback."""
    if isinstance(error, SyntaxError):
        return f"{type(error).__name__}: {error.msg}"
    return said(error)


def _place_of(error: BaseException) -> Place | None:
    """The innermost place in a file of the user's own."""
    if isinstance(error, SyntaxError) and error.filename and _is_own(error.filename):
        return _place_of_syntax(error)
    own = [each for each in _frames(error.__traceback__) if _is_own(each[0].filename, each[1])]
    if not own:
        return _place_in_notes(error)
    summary = own[-1][0]
    line = linecache.getline(summary.filename, summary.lineno or 0).rstrip()
    columns = (0, 0)
    if summary.colno is not None and summary.end_colno is not None and summary.end_lineno == summary.lineno:
        columns = (_characters(line, summary.colno), _characters(line, summary.end_colno))
    function = "" if summary.name.startswith("<") else summary.name
    return _place(summary.filename, summary.lineno or 0, function, line, columns)


def _place_in_notes(error: BaseException) -> Place | None:
    """The innermost place of one's own in the traceback of another process, which a note tells as text."""
    found = [each for note in getattr(error, "__notes__", ()) for each in TOLD.finditer(note)]
    own = [each for each in found if _is_own(each["path"]) and not _is_ours(each["path"])]
    if not own:
        return None
    path, number = own[-1]["path"], int(own[-1]["line"])
    return _place(path, number, own[-1]["function"], linecache.getline(path, number).rstrip(), (0, 0))


def _is_ours(path: str) -> bool:
    """Whether a file lies in one of our packages."""
    homes = [sys.modules[name].__file__ for name in OURS if name in sys.modules]
    return any(Path(path).is_relative_to(Path(home).parent) for home in homes if home)


def _place_of_syntax(error: SyntaxError) -> Place:
    line = (error.text or "").rstrip()
    first = max(0, (error.offset or 1) - 1)
    last = error.end_offset - 1 if error.end_offset and error.end_lineno == error.lineno else first + 1
    return _place(str(error.filename), error.lineno or 0, "", line, (first, max(first + 1, last)))


def _place(path: str, number: int, function: str, line: str, columns: tuple[int, int]) -> Place:
    indent = len(line) - len(line.lstrip())
    first, last = (max(0, column - indent) for column in columns)
    is_all = (first, last) == (0, len(line.strip()))
    return Place(path, number, function, line.strip(), (0, 0) if is_all else (first, last))


def _frames(trace: TracebackType | None) -> list[tuple[traceback.FrameSummary, str]]:
    """Where an exception passed, outermost first, with the names of the modules."""
    modules = [str(frame.f_globals.get("__name__", "")) for frame, _ in traceback.walk_tb(trace)]
    return list(zip(traceback.extract_tb(trace), modules, strict=True))


def _is_family(module: str) -> bool:
    return module.partition(".")[0] in OURS


def _is_own(path: str, module: str = "") -> bool:
    if _is_family(module) or not os.path.isfile(path):
        return False
    resolved = Path(path).resolve()
    return not _INSTALLED & set(resolved.parts) and not any(map(resolved.is_relative_to, _LIBRARIES))


def _characters(line: str, num_bytes: int) -> int:
    return len(line.encode()[:num_bytes].decode(errors="replace"))


def _culprit(error: BaseException) -> str:
    """Whose code raised it, where nobody's own file is to blame."""
    frames = _frames(error.__traceback__)
    if not frames:
        return "csai itself is at fault"
    summary, module = frames[-1]
    package = module.partition(".")[0]
    who = "csai itself is at fault" if _is_family(module) else f"{package} failed"
    return f"{who} ({module}, line {summary.lineno})"


def _shortest(path: str) -> str:
    """A path from here where it lies here."""
    here = Path.cwd()
    absolute = Path(path).absolute()
    return str(absolute.relative_to(here)) if absolute.is_relative_to(here) else path
