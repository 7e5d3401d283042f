"""`csai new-plugin`: writes a package that is a working plugin, for its author to change."""

from __future__ import annotations

import importlib.util
import keyword
import re
import string
from collections.abc import Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import click

from csai_core import __version__
from csai_core.commands.typed import TypedCommand
from csai_core.errors import ConfigError

_SUFFIX = ".template"


@click.command("new-plugin", cls=TypedCommand)
@click.argument("name")
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="The folder to make it in. [default: the current one]",
)
def new_plugin(name: str, into: Path) -> None:
    """Write a plugin named NAME, such as moon-walk: a package with one environment, block and algorithm.

    It installs and passes its tests as it is.
    """
    words = _words(name)
    folder = into / words["name"]
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ConfigError(
            f"{folder} exists and is not empty. Choose another name, or another folder (--into)."
        )
    try:
        _write(files("csai_core") / "templates" / "plugin", folder, words)
    except OSError as error:
        raise ConfigError(f"The plugin cannot be written to {folder}: {error.strerror}.") from error
    click.echo(
        f"Wrote {folder}. Next:\n\n  cd {folder}\n  pip install -e '.[test]'\n  pytest\n  csai plugins"
    )


def _words(name: str) -> dict[str, str]:
    """What stands in the template for the names of the distribution, the package and the classes.

    Raises:
        ConfigError: if the name cannot be the name of a new package.
    """
    name = name.lower().replace("_", "-")
    package = name.replace("-", "_")
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name) or keyword.iskeyword(package):
        raise ConfigError(
            f"A plugin cannot be named {name!r}; a name is words of letters and digits with dashes between "
            "them, beginning with a letter, such as 'moon-walk'."
        )
    if importlib.util.find_spec(package) is not None:
        raise ConfigError(f"There is a Python module {package!r} already; choose another name than {name!r}.")
    title = "".join(word.capitalize() for word in name.split("-"))
    return {"name": name, "package": package, "title": title, "version": __version__}


def _write(source: Traversable, target: Path, words: Mapping[str, str]) -> None:
    """Write a folder of the template; a folder named `package` gets the package's name."""
    target.mkdir(parents=True, exist_ok=True)
    for item in source.iterdir():
        if item.is_dir():
            _write(item, target / (words["package"] if item.name == "package" else item.name), words)
        elif item.name.endswith(_SUFFIX):
            text = string.Template(item.read_text(encoding="utf-8")).substitute(words)
            (target / item.name.removesuffix(_SUFFIX)).write_text(text, encoding="utf-8")
