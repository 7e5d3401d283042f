"""Which plugin an exception comes from, told by the files that it passed; nothing is imported for that."""

from __future__ import annotations

import itertools
import re
import sys
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from csai_core.errors import EnvironmentFailedError
from csai_core.plugins.discovery import OURS
from csai_core.plugins.manager import installed
from csai_core.plugins.record import PluginRecord

TOLD = re.compile(r'File "(?P<path>[^"\n]+)", line (?P<line>\d+), in (?P<function>\w+)')
"""A line of a traceback that was made text, as another process tells it."""
_SENTENCE = "It comes from plugin "


@dataclass(frozen=True, slots=True)
class Culprit:
    """A plugin, and where in its code an exception was raised."""

    record: PluginRecord
    place: str = ""
    """File, line and function; empty where only the object that failed is known."""

    def __str__(self) -> str:
        """One line that names the plugin and its distribution."""
        origin = f" ({self.record.origin})" if self.record.origin else ""
        where = f": {self.place}" if self.place else ""
        return f"{_SENTENCE}{self.record.name!r}{origin}{where}."


def find_culprit(error: BaseException, *suspects: object) -> Culprit | None:
    """The plugin whose code an exception was raised in, or in whose code what raised it was called.

    Args:
        error: the exception; what led to it counts first.
        suspects: objects that were at work, of which one is to blame where no plugin's code was passed.

    Returns:
        None where no plugin is to blame, or only one of ours.
    """
    plugins = list(_plugins())
    passed = (place for cause in reversed([*chain(error)]) for place in reversed([*_places(cause)]))
    for path, line, function in passed:
        for record, homes in plugins:
            if _lies_in(path, homes):
                return Culprit(record, f"{path}, line {line}, in {function}")
    if failed := [cause for cause in chain(error) if isinstance(cause, EnvironmentFailedError)]:
        owners = (record for record, _ in plugins if _offers(record, failed[0].environment))
        return next(map(Culprit, owners), None)
    if isinstance(error, (OSError, MemoryError)):  # what a machine lacks is nobody's fault
        return None
    files = filter(None, (_file_of(type(suspect).__module__) for suspect in suspects))
    owners = (record for file in files for record, homes in plugins if _lies_in(file, homes))
    return next(map(Culprit, owners), None)


def blame(error: BaseException, *suspects: object) -> None:
    """Note on an exception which plugin it comes from; see `find_culprit`."""
    if not blamed(error) and (culprit := find_culprit(error, *suspects)):
        error.add_note(str(culprit))


def blamed(error: BaseException) -> str:
    """What `blame` has noted on an exception, or on one that led to it; empty if nothing."""
    notes = (note for each in chain(error) for note in getattr(each, "__notes__", ()))
    return next((note for note in notes if str(note).startswith(_SENTENCE)), "")


def chain(error: BaseException) -> Iterator[BaseException]:
    """An exception and those that led to it, the last one first."""
    seen: set[int] = set()
    following: BaseException | None = error
    while following is not None and id(following) not in seen:
        seen.add(id(following))
        yield following
        following = following.__cause__ or (None if following.__suppress_context__ else following.__context__)


def _places(error: BaseException) -> Iterator[tuple[str, int, str]]:
    """Where an exception passed, outermost first: file, line, function."""
    if isinstance(error, SyntaxError) and error.filename:
        yield error.filename, error.lineno or 0, "<module>"
    for frame, line in traceback.walk_tb(error.__traceback__):
        yield frame.f_code.co_filename, line, frame.f_code.co_name
    for note in getattr(error, "__notes__", ()):
        for told in TOLD.finditer(str(note)):
            yield told["path"], int(told["line"]), told["function"]


def _plugins() -> Iterator[tuple[PluginRecord, list[Path]]]:
    """The plugins of others, and where the code of each lies."""
    for record in installed().records_so_far:
        if record.name not in OURS:  # ours call all others
            yield record, [*_homes(record)]


def _offers(record: PluginRecord, environment: str) -> bool:
    """Whether an environment, called `id` or `plugin:id`, is a plugin's."""
    return environment.removeprefix(f"{record.name}:") in record.offers.get("environments", ())


def _homes(record: PluginRecord) -> Iterable[Path]:
    """The folder of a plugin's package, or its file where it is one, and other files that came with it."""
    packages = itertools.accumulate(record.module.split("."), "{}.{}".format)
    if outermost := next(filter(None, map(_file_of, packages)), None):  # what is around it belongs to nobody
        path = Path(outermost)
        yield path.parent if path.stem == "__init__" else path
    yield from _installed_files(record.distribution)


def _installed_files(distribution: str) -> Iterator[Path]:
    from importlib.metadata import Distribution, PackageNotFoundError

    try:
        found = Distribution.from_name(distribution)
    except (PackageNotFoundError, ValueError):  # or it has no name
        return
    for file in found.files or ():
        if file.suffix == ".py":
            yield Path(str(file.locate()))


def _lies_in(path: str, homes: Iterable[Path]) -> bool:
    return any(Path(path).is_relative_to(home) for home in homes)


def _file_of(module: str) -> str:
    """The file that a module was read from; empty if it is not imported, or has none."""
    return str(getattr(sys.modules.get(module), "__file__", None) or "")
