"""`csai new-plugin`: writes a package that is a working plugin, for its author to change."""

from __future__ import annotations

import importlib.util
import keyword
import re
import sys
from collections.abc import Iterable, Mapping
from importlib.metadata import distributions
from pathlib import Path

import click

from csai_core import __version__
from csai_core.commands import plugin_template, resolver
from csai_core.commands.typed import TypedCommand
from csai_core.errors import ConfigError
from csai_core.plugins import PLUGIN_API, installed
from csai_core.plugins.discovery import DISTRIBUTIONS

_FOR_NEWCOMERS = "environment,batched,block,algorithm"
_EVERY = "all"
_RESERVED = {*DISTRIBUTIONS, "csai", "csai-studio", "csai-lessons", "csai-arena", "coderschoolai"}
"""The names of csai's own packages, also of those to come."""


@click.command("new-plugin", cls=TypedCommand)
@click.argument("name")
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    default=[_FOR_NEWCOMERS],
    show_default=True,
    metavar="KIND,…",
    help=f"What it shall offer, of: {', '.join(plugin_template.kinds())}; or {_EVERY}.",
)
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="The folder to make it in. [default: the current one]",
)
def new_plugin(name: str, kinds: tuple[str, ...], into: Path) -> None:
    """Write a plugin named NAME, such as moon-walk: a package with one thing of each KIND, and their tests.

    It installs and passes its tests as it is, and needs only what its kinds need.
    """
    words = _words(name)
    chosen = _chosen(kinds)
    _require_free(words["name"], words["package"])
    folder = into / words["name"]
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ConfigError(
            f"{folder} exists and is not empty. Choose another name, or another folder (--into)."
        )
    try:
        _write(folder, plugin_template.plugin_files(chosen, words))
    except OSError as error:
        raise ConfigError(f"The plugin cannot be written to {folder}: {error.strerror}.") from error
    click.echo(
        f"Wrote {folder}. Next:\n\n  cd {folder}\n  pip install -e '.[test]'\n  pytest\n"
        f"  csai check {words['package']}"
    )


def _words(name: str) -> dict[str, str]:
    """What stands in the template for the names of the distribution, the package and the classes.

    Raises:
        ConfigError: if no package can have that name.
    """
    name = name.lower().replace("_", "-")
    package = name.replace("-", "_")
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name) or keyword.iskeyword(package):
        raise ConfigError(
            f"A plugin cannot be named {name!r}; a name is words of letters and digits with dashes between "
            "them, beginning with a letter, such as 'moon-walk'."
        )
    title = "".join(word.capitalize() for word in name.split("-"))
    return {
        "name": name,
        "package": package,
        "title": title,
        "version": __version__,
        "api": str(PLUGIN_API),
    }


def _require_free(name: str, package: str) -> None:
    """Refuse a name that somebody has already.

    Raises:
        ConfigError: if a package, a module, a plugin or something that one offers goes by that name.
    """
    owner = _owner(name, package)
    if owner:
        raise ConfigError(f"A plugin cannot be named {name!r}: {owner}. Choose another name.")


def _owner(name: str, package: str) -> str:
    """Who has a name already, in words; empty if nobody has."""
    if name in _RESERVED:
        return "that is a name of csai itself"
    if package in sys.stdlib_module_names:
        return f"{package} is a module of Python's standard library"
    if importlib.util.find_spec(package) is not None:
        return f"there is a Python module {package!r} already"
    if any(distributions(name=name)):
        return "a package of that name is installed already"
    manager = installed()
    if any(record.name == package for record in manager.records):
        return "a plugin of that name is installed already"
    for kind in manager.kinds:
        taken = [] if kind == "environments" else resolver.entries(kind).items()
        if any(package in (other, *aliases) for other, aliases in taken):
            return f"it is the name of one of the {kind} that are installed"
    return ""


def _chosen(kinds: Iterable[str]) -> list[str]:
    """The exact names of kinds, which are separated by commas or given one by one; "all" names each.

    Raises:
        UnknownNameError: if there is no such kind, with the nearest.
        ConfigError: if there is none at all.
    """
    forms = {name: kind.words for name, kind in plugin_template.kinds().items()}
    typed = [word.strip() for listed in kinds for word in listed.split(",") if word.strip()]
    if not typed:
        raise ConfigError(f"--kind names nothing. Known: {', '.join([*forms, _EVERY])}.")
    if _EVERY in map(str.casefold, typed):
        return [*forms]
    return [resolver.choose("kind of plugin", word, forms) for word in typed]


def _write(folder: Path, texts: Mapping[str, str]) -> None:
    for path, text in texts.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
