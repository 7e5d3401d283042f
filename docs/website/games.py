"""A page for each game: its README, what its class says of itself, options, presets, scores, source."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gymnasium.envs.registration import EnvSpec

from csai_core import presets
from csai_core.docstrings import explained_arguments, prose
from csai_envs.hooks import ENVIRONMENTS
from website import learned, links, tables

INTRODUCTION = """\
# Games

One and many, speed, and values painted over the board: [the games](/environments/README.md).

"""
MAKER = "docs/environments/make_films.py"
SOURCES = links.ROOT / "packages" / "csai-envs" / "src" / "csai_envs"


def pages() -> Iterator[tuple[str, str]]:
    """A page for each game, and the list of them."""
    places, names = links.places(), []
    for spec in ENVIRONMENTS:
        folder = SOURCES / Path(inspect.getfile(creator(spec))).parent.name
        names.append(folder.name)
        yield f"reference/games/{folder.name}.md", "\n".join(page(spec, folder, places))
    contents = "\n".join(names)
    yield "reference/games/index.md", f"{INTRODUCTION}```{{toctree}}\n{contents}\n```\n"


def _is_there(film: str) -> bool:
    return (links.ROOT / "docs" / film.removeprefix("/")).is_file()


def creator(spec: EnvSpec) -> type[Any]:
    """The class that a game is described by; a fast one is described by the plain one it equals."""
    module, _, name = str(spec.entry_point).partition(":")
    found: type[Any] = getattr(importlib.import_module(module), name)
    return found if found.__doc__ and "## " in found.__doc__ else found.__mro__[1]


def page(spec: EnvSpec, folder: Path, places: dict[str, str]) -> Iterator[str]:
    """The lines of a game's page: first what is to be seen, last the source."""
    readme = links.for_site((folder / "README.md").read_text("utf-8"), folder / "README.md", places)
    head, *rest = re.split(r"^(?=## )", readme, flags=re.MULTILINE)
    film = "/images/snake.gif" if folder.name == "snake" else f"/environments/{folder.name}.gif"
    shown = f"![{spec.id}: the same game by an agent before its training, half-way, and at its end]({film})"
    made_by = "csai replay RUN --stages 4" if folder.name == "snake" else f"python {MAKER} {folder.name}"
    shown += f"\n\nThe film is made by `{made_by}`."
    yield re.sub(r"^!\[.*$", shown, head, flags=re.MULTILINE) if _is_there(film) else head
    yield f"`csai play {folder.name}` plays, `csai train {folder.name}` trains in it; the id is `{spec.id}`\n"
    docstring = prose(creator(spec).__doc__ or "")
    yield docstring.partition("\n\n")[2]
    yield "## Options\n"
    yield from options(spec, creator(spec))
    yield from rest
    yield from levels(spec)
    yield from learned.rows_about(spec.id, "## What training reaches")
    yield from source(folder)


def options(spec: EnvSpec, game: type[Any]) -> Iterator[str]:
    """What the game can be made with; the id's own settings stand in place of the class's."""
    explained = explained_arguments(game)
    own = {parameter.name: parameter for parameter in inspect.signature(game).parameters.values()}
    rows = [
        (f"`{name}`", f"`{spec.kwargs.get(name, _default(own.get(name)))!r}`", text)
        for name, text in explained.items()
    ]
    yield from tables.table(("option", "of the id", "what it does"), rows)


def _default(parameter: inspect.Parameter | None) -> Any:
    if parameter is None or parameter.default is inspect.Parameter.empty:
        return None
    return parameter.default


def levels(spec: EnvSpec) -> Iterator[str]:
    """The presets, by which the game is trained easier or harder."""
    rows = [
        (f"`{each.name}`", each.algorithm, f"{each.total_steps:,}", each.result or "")
        for each in presets.of_environment(spec.id)
    ]
    if rows:
        yield "## Presets\n"
        yield from tables.table(("preset", "algorithm", "steps", "what it has reached"), rows)


def source(folder: Path) -> Iterator[str]:
    """The rules, to be read."""
    yield "## The rules, as they are computed\n"
    rules = importlib.import_module(f"csai_envs.{folder.name}.rules")
    yield f"`csai_envs/{folder.name}/rules.py`:\n"
    yield f"```python\n{inspect.getsource(rules)}```\n"
