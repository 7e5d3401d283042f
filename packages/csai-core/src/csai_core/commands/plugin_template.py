"""The template that `csai new-plugin` writes from: a folder for each kind, laid over one for every plugin.

Nothing is decided in its files: they hold `$name`, `$package` and other words of `string.Template`, and
`kinds.toml` says what each kind adds to what all plugins share, such as its requirements.
"""

from __future__ import annotations

import string
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from importlib.resources.abc import Traversable

_SUFFIX = ".template"
_HOOKS = "hooks/"
"""The folder of a kind that holds its hooks, each in a file of the hook's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateKind:
    """One kind of thing that can be written; `kinds.toml` explains the fields."""

    words: Collection[str]
    says: str
    files: Mapping[str, str]
    on: str | None = None
    needs: Collection[str] = ()
    imports: Mapping[str, Collection[str]] = field(default_factory=dict)
    commands: Collection[str] = ()


def kinds() -> dict[str, TemplateKind]:
    """Every kind by its name, in the order in which they stand in a plugin."""
    tables = tomllib.loads((_root() / "kinds.toml").read_text(encoding="utf-8"))
    return {name: TemplateKind(**table) for name, table in tables.items()}


def plugin_files(chosen: Collection[str], words: Mapping[str, str]) -> dict[str, str]:
    """The texts of a plugin, by their paths.

    Args:
        chosen: the kinds it shall have; those that they are built on come too.
        words: what stands for `name`, `package`, `title`, `version` and `api`.
    """
    known = kinds()
    taken = {each for name in chosen for each in (name, known[name].on)}
    parts = {name: kind for name, kind in known.items() if name in taken}
    found: dict[str, Traversable] = {}
    for layer in ("base", *parts):
        found.update(_files(_root() / layer))
    hooks = [_text(found.pop(path)) for path in [*found] if path.startswith(_HOOKS)]
    summed = {**_summed(parts.values()), "hooks": "\n\n".join(hooks).rstrip()}
    words = {**words, **{word: _filled(text, words) for word, text in summed.items()}}
    return {_placed(path, words["package"]): _filled(_text(file), words) for path, file in found.items()}


def _summed(parts: Collection[TemplateKind]) -> dict[str, str]:
    """What several kinds say together: requirements, imports, and the lists of the README."""
    offers = [kind.says for kind in parts]
    needs = {need for kind in parts for need in kind.needs}
    imports: dict[str, set[str]] = {}
    for kind in parts:
        for module, names in kind.imports.items():
            imports.setdefault(module, set()).update(names)
    rows = [(path, what) for kind in parts for path, what in kind.files.items()]
    return {
        "offers": " and ".join(filter(None, (", ".join(offers[:-1]), offers[-1]))),
        "dependencies": ", ".join(f'"{need}>=$version"' for need in ("csai-core", *sorted(needs))),
        "imports": "\n".join(
            f"from {module} import {', '.join(sorted(names))}" for module, names in sorted(imports.items())
        ),
        "commands": "\n".join(command for kind in parts for command in kind.commands),
        "files": "\n".join(f"| `src/$package/{path}` | {what} |" for path, what in rows),
    }


def _root() -> Traversable:
    return files("csai_core") / "templates" / "plugin"


def _files(folder: Traversable, path: str = "") -> Iterator[tuple[str, Traversable]]:
    """Every file below a folder of the template, by the path that it gets."""
    for item in sorted(folder.iterdir(), key=lambda item: item.name):
        if item.is_dir():
            yield from _files(item, f"{path}{item.name}/")
        elif item.name.endswith(_SUFFIX):
            yield path + item.name.removesuffix(_SUFFIX), item


def _placed(path: str, package: str) -> str:
    return path.replace("/package/", f"/{package}/")


def _text(file: Traversable) -> str:
    return file.read_text(encoding="utf-8")


def _filled(text: str, words: Mapping[str, str]) -> str:
    return string.Template(text).substitute(words)
