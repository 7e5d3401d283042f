"""From what people type to the name that is meant: "snake", "CartPole", "dqn", "lr".

One rule for all names. Capitals, dashes, underscores and blanks make no difference; what is typed may be
the name, one of the other forms that it goes by, or the beginning of one. If that means one thing it is
taken, and said in a line on stderr; if it means several they are listed; and if none, the nearest is
suggested. Functions of Python take exact names: they are read more often than they are written.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path

import click
import gymnasium
from gymnasium.envs.registration import parse_env_id

from csai_core.commands.local_modules import allow_local_modules, import_local
from csai_core.environments import find_spec, register_envs
from csai_core.errors import PluginError, UnknownNameError
from csai_core.plugins import KINDS, installed

_MOST_LISTED = 40
Forms = Mapping[str, Collection[str]]
"""Names in the order in which several are listed, each with what else may be typed for it."""


def choose(kind: str, typed: str, forms: Forms, *, note: str = "", show: Callable[[str], str] = str) -> str:
    """The one name that is meant, which is said if it reads otherwise.

    Args:
        kind: what it is a name of, for errors, such as "environment".
        typed: what was typed.
        forms: the names there are.
        note: what else an error says.
        show: how names are written to people.

    Raises:
        UnknownNameError: if several are meant, or none.
    """
    meant = matches(typed, forms)
    if len(meant) == 1:
        if key(typed) != key(meant[0]):
            say(f"{typed}: {show(meant[0])}")
        return meant[0]
    if meant:
        listed = ", ".join(map(show, meant))
        raise UnknownNameError(f"{typed!r} may mean more than one {kind}: {listed}. Type one of these.")
    near = nearest(typed, forms)
    cue = f" Did you mean {show(near)!r}?" if near else ""
    listed = ", ".join(map(show, forms)) if len(forms) <= _MOST_LISTED else f"{len(forms)}; see csai list"
    raise UnknownNameError(f"No {kind} named {typed!r}.{cue} Known: {listed or 'none'}. {note}".rstrip())


def say(line: str) -> None:
    """Say on stderr what was taken for what was typed, once in a command."""
    context = click.get_current_context(silent=True)
    said = set() if context is None else context.meta.setdefault("csai_core.said", set())
    if line not in said:
        said.add(line)
        click.echo(line, err=True)


def matches(typed: str, forms: Forms) -> list[str]:
    """The names that may be meant by what was typed: those that fit best, of which one is certain."""
    if typed in forms:
        return [typed]
    wanted = key(typed)
    ways: tuple[Callable[[str, Collection[str]], bool], ...] = (
        lambda name, others: key(name) == wanted,
        lambda name, others: wanted in map(key, others),
        lambda name, others: any(key(form).startswith(wanted) for form in (name, *others)),
    )
    found = ([name for name, others in forms.items() if is_meant(name, others)] for is_meant in ways)
    return next(filter(None, found), []) if wanted else []


def nearest(typed: str, forms: Forms) -> str:
    """The name that looks most like what was typed; empty if none does."""
    owners: dict[str, str] = {}
    for name, others in forms.items():
        for form in (name, *others):
            owners.setdefault(key(form), name)
    near = difflib.get_close_matches(key(typed), owners, n=1, cutoff=0.6)
    return owners[near[0]] if near else ""


def key(text: str) -> str:
    """What counts of a name as it is typed: its letters and digits."""
    return "".join(character for character in text.casefold() if character.isalnum())


def environment(typed: str) -> str:
    """The id of an environment; what stands before a colon is imported first, and kept.

    A file of this folder, my_game.py, stands for what it registers: my_game:MyGame-v0.

    Raises:
        UnknownNameError: if several are meant, or none.
        PluginError: if the module before the colon cannot be imported.
    """
    module, colon, name = typed.rpartition(":")
    if not colon:
        forms = environments()
        if not matches(name, forms) and (found := file_here(name)):
            return _registered_by(found)
        chosen = choose("environment", name, forms, note=installed().failure_note())
        installed().environment_plugin(chosen)
        return chosen
    module = _module_of(module)
    allow_local_modules(f"{module}:")
    try:
        return f"{module}:{find_spec(f'{module}:{name}').id}"
    except UnknownNameError:  # the module is imported now, and its environments have other forms too
        return f"{module}:{choose('environment', name, environments(), note=installed().failure_note())}"


def file_here(typed: str) -> str:
    """The module that a file of this folder is; empty if there is no such file."""
    module = _module_of(typed)
    return module if module.isidentifier() and Path(f"{module}.py").is_file() else ""


def _module_of(typed: str) -> str:
    """The module that a file is typed for: good for ./good.py."""
    return typed.removeprefix("./").removesuffix(".py")


def _registered_by(module: str) -> str:
    """The environment that a module of this folder registers.

    Raises:
        UnknownNameError: if it registers none, or several.
        PluginError: if it cannot be imported.
    """
    before = set(gymnasium.registry)
    try:
        import_local(module)
    except ImportError as error:
        raise PluginError(f"{module}.py cannot be imported: {error}") from error
    ids = [
        each
        for each, spec in gymnasium.registry.items()
        if each not in before or _home(spec.entry_point) == module
    ]
    if len(ids) != 1:
        listed = ", ".join(f"{module}:{each}" for each in ids)
        raise UnknownNameError(
            f"{module}.py registers more than one environment: {listed}. Type one of these."
            if ids
            else f"{module}.py registers no environment, as gymnasium.register('MyGame-v0', MyGame) would."
        )
    say(f"{module}: {module}:{ids[0]}")
    return f"{module}:{ids[0]}"


def _home(entry_point: object) -> str:
    """The module that an environment's class is in."""
    if isinstance(entry_point, str):
        return entry_point.partition(":")[0]
    return str(getattr(entry_point, "__module__", ""))


def environments() -> dict[str, list[str]]:
    """Every environment, ours first, with its forms: without version, without namespace, without both."""
    register_envs()
    manager = installed()
    plugins = {name: manager.environment_plugin(name) for name in manager.environments()}
    ids = sorted(gymnasium.registry, key=lambda name: (_distance(plugins.get(name)), name))
    newest: dict[str, int] = {}
    for namespace, name, version in map(parse_env_id, ids):
        newest[f"{namespace}/{name}"] = max(newest.get(f"{namespace}/{name}", 0), version or 0)
    return {each: list(_forms(*parse_env_id(each), newest)) for each in ids}


def _forms(namespace: str | None, name: str, version: int | None, newest: Mapping[str, int]) -> Iterable[str]:
    if version is not None:
        yield f"{name}-v{version}"
    if (version or 0) == newest[f"{namespace}/{name}"]:
        yield from (name, f"{namespace}/{name}")


def _distance(plugin: str | None) -> int:
    """0 for what our packages offer, 1 for what others do, 2 for Gymnasium's own."""
    if plugin is None:
        return 2
    return 0 if plugin.startswith("csai_") else 1


def entry(kind: str, typed: str) -> str:
    """The name of an entry that a plugin offers; `plugin:name` stays as it is.

    Args:
        kind: of the entry, as `csai list` names it.
        typed: what was typed.

    Raises:
        UnknownNameError: if several are meant, or none.
        DuplicateNameError: if two plugins offer that name.
    """
    try:
        found = installed().find(kind, typed)
        return typed if ":" in typed else found.name
    except UnknownNameError:
        if ":" in typed:
            raise
    return choose(kind.removesuffix("s"), typed, entries(kind), note=installed().failure_note())


def entries(kind: str) -> dict[str, tuple[str, ...]]:
    """The names of a kind's entries, with their aliases."""
    return {name: each.aliases for name, each in sorted(installed().entries(kind).items())}


def everything(of_kinds: Iterable[str]) -> dict[str, Collection[str]]:
    """The names of all entries of some kinds, and of all environments."""
    found: dict[str, Collection[str]] = {}
    for kind in of_kinds:
        found.update(entries(kind))
    return {**found, **environments()}


def kinds() -> dict[str, list[str]]:
    """The kinds of what plugins offer, with other words for them."""
    return {kind: ["envs"] if kind == "environments" else [] for kind in KINDS}
