"""Where the trials of a search are kept: a file that many processes append to, or a database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from csai_core.errors import ConfigError, MissingExtraError, said

_EXAMPLES = "journal:FILE, sqlite:FILE or postgresql://USER@HOST/NAME"


def optuna() -> Any:
    """Optuna, told to say only what is wrong.

    Raises:
        MissingExtraError: if it is not installed.
    """
    try:
        import optuna
    except ImportError as error:
        raise MissingExtraError("Tuning needs Optuna: pip install 'csai-train[tune]'") from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna


def open_storage(place: str) -> Any:
    """Optuna's storage at a place that a person has typed.

    Args:
        place: `journal:FILE`, `sqlite:FILE`, or the address of a database as SQLAlchemy takes it.

    Raises:
        MissingExtraError: if Optuna is not installed.
        ConfigError: if it cannot be opened.
    """
    storages = optuna().storages
    kind, colon, rest = place.partition(":")
    if not (colon and rest and kind.partition("+")[0] in ("journal", "sqlite", "postgresql", "mysql")):
        raise ConfigError(f"The storage {kind!r} is none that csai tune knows; give {_EXAMPLES}.")
    try:
        if kind == "journal":
            return storages.JournalStorage(_journal(Path(rest)))
        if kind == "sqlite" and not rest.startswith("//"):
            Path(rest).parent.mkdir(parents=True, exist_ok=True)
            place = f"sqlite:///{rest}"
        return storages.RDBStorage(place)
    except Exception as error:  # whatever drivers of databases raise
        shown = rest if kind in ("journal", "sqlite") else "…"  # an address may hold a password
        raise ConfigError(
            f"The storage {kind}:{shown} cannot be opened: {said(error)}. Storages are {_EXAMPLES}."
        ) from error


def _journal(path: Path) -> Any:
    from optuna.storages.journal import JournalFileBackend

    path.parent.mkdir(parents=True, exist_ok=True)
    return JournalFileBackend(str(path))
