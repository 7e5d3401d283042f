"""`csai docs`: the site that explains all of csai, without a network, and what each error means."""

from __future__ import annotations

import webbrowser
from collections.abc import Iterator
from pathlib import Path

import click
from rich.text import Text

from csai_core.commands import output
from csai_core.commands.typed import TypedCommand
from csai_core.error_index import explained, known_errors
from csai_core.errors import ConfigError, UnknownNameError

FOLDER = "csai-docs"
"""What the download is called."""
ERRORS = Path("reference", "errors.html")
"""Where the site has an entry for each error."""
_BUILT = Path("build", "site", "html")


@click.command(cls=TypedCommand)
@click.argument("page", required=False)
@click.option(
    "--site",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Where the site lies, if it is not found by itself.",
)
def docs(page: str | None, folder: Path | None) -> None:
    """Open csai's site, or a PAGE of it: ppo, snake, train, glossary or any other.

    The name of an error, as it stands before its message, such as RunError, is explained here too: what it
    means, what usually causes it and what helps.

    The site lies in a folder and asks nobody for anything, so that it works in a classroom without a network.
    It is found where it was built, in the checkout that csai is installed from or in this folder, or as a
    download that was unpacked here as csai-docs.
    """
    site = _found_site() if folder is None else folder
    if page is not None and page.lower().endswith("error"):
        _explain(page, site)
    elif site is None:
        raise ConfigError(
            f"The site is not here. In a checkout of csai, `nox -s docs` builds it; or unpack the download "
            f"{FOLDER}.zip in this folder, or say where it lies by --site FOLDER."
        )
    else:
        _open(site / "index.html" if page is None else found_page(site, page))


def _explain(name: str, site: Path | None) -> None:
    """Print what an error means, and open its entry where the site is here.

    Raises:
        UnknownNameError: if there is none of that name, with the nearest.
    """
    errors = {each.lower(): error for each, error in known_errors().items()}
    error = errors.get(name.lower())
    if error is None:
        raise UnknownNameError.of("error", name, (each.__name__ for each in errors.values()))
    output.console().print(Text("\n\n".join((error.__name__, *explained(error)))))
    if site is not None and (index := site / ERRORS).is_file():
        click.echo()
        _open(index, f"#{error.__name__.lower()}")


def _open(page: Path, place: str = "") -> None:
    """Open a page in the browser, at a place in it."""
    click.echo(page)
    if not webbrowser.open(page.resolve().as_uri() + place):
        click.echo("No browser could be opened; open that file in one.", err=True)


def _found_site() -> Path | None:
    """The folder of the site, if it is anywhere."""
    return next((folder for folder in _places() if (folder / "index.html").is_file()), None)


def _places() -> Iterator[Path]:
    yield from (Path(FOLDER), _BUILT)
    checkout = Path(__file__).resolve().parents[5]
    yield checkout / _BUILT


def found_page(site: Path, name: str) -> Path:
    """A page by the last part of its address; of several, the one nearest to the start.

    Raises:
        UnknownNameError: if there is none, with the nearest name.
    """
    wanted = name.lower().removesuffix("-v0").rpartition("/")[2]
    pages: dict[str, Path] = {}
    for path in sorted(site.rglob("*.html"), key=lambda path: (len(path.parts), path)):
        stem = path.parent.name if path.stem in ("index", "README") else path.stem
        pages.setdefault(stem.lower(), path)
    for form in (wanted, wanted.replace("-", "_"), wanted.replace("_", "-")):
        if form in pages:
            return pages[form]
    raise UnknownNameError.of("page", name, pages)
