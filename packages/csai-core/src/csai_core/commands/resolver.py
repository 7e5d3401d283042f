"""From what people type to the name that is meant: "snake", "CartPole", "dqn", "lr".

One rule for all names. Capitals, dashes, underscores and blanks make no difference; what is typed may be
the name, one of the other forms that it goes by, or the beginning of one. If that means one thing it is
taken, and said in a line on stderr; if it means several they are listed; and if none, the nearest is
suggested. Functions of Python take exact names: they are read more often than they are written.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

import click
import gymnasium
from gymnasium.envs.registration import EnvSpec, WrapperSpec, parse_env_id

from csai_core import known_packages, trust, wrapping
from csai_core.commands.local_modules import allow_local_modules, import_local
from csai_core.environments import find_spec, home_of, register_envs, registered_by
from csai_core.errors import LIKENESS, PluginError, UnknownNameError
from csai_core.plugins import Entry, installed
from csai_core.plugins.discovery import OURS
from csai_core.plugins.names import key

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
    near = difflib.get_close_matches(key(typed), owners, n=1, cutoff=LIKENESS)
    return owners[near[0]] if near else ""


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
        installed().environment_id(name)
        return choose("environment", name, forms, note=note_on(name))
    if known := installed().environment_id(typed):
        return known
    module = _module_of(module)
    allow_local_modules(f"{module}:")
    try:
        found = find_spec(f"{module}:{name}").id
    except UnknownNameError:  # the module is imported now, and its environments have other forms too
        forms = environments()
        own = {each: forms[each] for each in registered_by(module) if each in forms}
        found = choose("environment", name, own if matches(name, own) else forms, note=note_on(typed))
    trust.remember(module)
    return f"{module}:{found}"


def note_on(name: str) -> str:
    """What else to say where there is no such environment: that it is an algorithm, or who may have it."""
    if matches(name, entries("algorithms")):
        return f"{name!r} is an algorithm; say where it learns, as in: csai train snake --algorithm {name}"
    return f"{known_packages.note_on(name)} {installed().failure_note()}".strip()


def wrapper(typed: str, spec: EnvSpec) -> WrapperSpec:
    """A wrapper with its settings; a module that is typed is imported, from this folder too, and remembered.

    Args:
        typed: `flatten-observation`, `TimeLimit:max_episode_steps=50`, `module:Class`.
        spec: of the environment to wrap.

    Raises:
        CsaiError: as `wrapping.specify_wrapper` does.
    """
    name, _ = wrapping.parse(typed)
    if ":" in name:
        module, _, attribute = name.partition(":")
        allow_local_modules(name)
        found = wrapping.specify_wrapper(f"{_module_of(module)}:{attribute}{typed[len(name) :]}", spec)
        trust.remember(found.entry_point.partition(":")[0])
        return found
    forms = {**dict.fromkeys(wrapping.names(spec), ()), **entries("wrappers")}
    is_exact = name in wrapping.LEFT_TO_CSAI or wrapping.offered(name)
    exact = name if is_exact else choose("wrapper", name, forms, note=installed().failure_note())
    return wrapping.specify_wrapper(f"{exact}{typed[len(name) :]}", spec)


def wrappers(typed: Iterable[str], environment: str | EnvSpec) -> list[WrapperSpec]:
    """Wrappers with their settings, around an environment's id or specification; see `wrapper`."""
    spec = find_spec(environment) if isinstance(environment, str) else environment
    return [wrapper(each, spec) for each in typed]


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
    ids = [each for each, spec in gymnasium.registry.items() if each not in before or home_of(spec) == module]
    if len(ids) != 1:
        listed = ", ".join(f"{module}:{each}" for each in ids)
        raise UnknownNameError(
            f"{module}.py registers more than one environment: {listed}. Type one of these."
            if ids
            else f"{module}.py registers no environment, as gymnasium.register('MyGame-v0', MyGame) would."
        )
    say(f"{module}: {module}:{ids[0]}")
    return f"{module}:{ids[0]}"


def environments() -> dict[str, list[str]]:
    """Every environment, ours first, with its forms: without version, without namespace, without both.

    What means one of ours does not mean another plugin's too.
    """
    register_envs()
    manager = installed()
    plugins = {name: manager.environment_plugin(name) for name in manager.environments()}
    ids = sorted(gymnasium.registry, key=lambda name: (_distance(plugins.get(name)), name))
    newest: dict[str, int] = {}
    for namespace, name, version in map(parse_env_id, ids):
        newest[f"{namespace}/{name}"] = max(newest.get(f"{namespace}/{name}", 0), version or 0)
    forms = {each: list(_forms(*parse_env_id(each), newest)) for each in ids}
    ours = {key(form) for each in ids if _distance(plugins.get(each)) == 0 for form in (each, *forms[each])}
    for each in ids:
        if _distance(plugins.get(each)) == 1:
            forms[each] = [form for form in forms[each] if key(form) not in ours]
    return forms


def _forms(namespace: str | None, name: str, version: int | None, newest: Mapping[str, int]) -> Iterable[str]:
    if version is not None:
        yield f"{name}-v{version}"
    if (version or 0) == newest[f"{namespace}/{name}"]:
        yield from (name, f"{namespace}/{name}")


def _distance(plugin: str | None) -> int:
    """0 for what our packages offer, 1 for what others do, 2 for Gymnasium's own."""
    if plugin is None:
        return 2
    return 0 if plugin in OURS else 1


def entry(kind: str, typed: str, note: str = "") -> str:
    """What runs call an entry: `plugin:name`, or the name alone of what our packages offer.

    Args:
        kind: of the entry, as `csai list` names it.
        typed: what was typed.
        note: what else an error says.

    Raises:
        UnknownNameError: if several are meant, or none.
        DuplicateNameError: if several plugins offer that name, with their full names.
    """
    try:
        return installed().find(kind, typed).full_name
    except UnknownNameError:
        if ":" in typed:
            raise
    note = f"{note} {installed().failure_note()}".strip()
    chosen = choose(installed().kinds[kind].noun, typed, entries(kind), note=note)
    return installed().find(kind, chosen).full_name


def network(typed: str) -> str:
    """What runs call a registered network; a file, and module:name, stay as they were typed.

    Raises:
        UnknownNameError: if it is a name, and several are meant, or none.
        DuplicateNameError: if several plugins offer that name, with their full names.
    """
    path = Path(typed)
    if path.suffix or len(path.parts) > 1 or path.is_file():
        return typed
    try:
        return entry("networks", typed, "A network can also be given as a file, or as module:name.")
    except UnknownNameError:
        if ":" in typed:
            return typed
        raise


def entries(kind: str) -> dict[str, tuple[str, ...]]:
    """The names of a kind's entries, with their aliases."""
    return {name: each.aliases for name, each in sorted(installed().entries(kind).items())}


def named(name: str, of_kinds: Iterable[str]) -> list[tuple[str, Entry]]:
    """What goes by exactly that name, or by `plugin:name`, of each of some kinds, with its kind.

    Args:
        name: as it is; what people type is resolved by `choose` before.
        of_kinds: kinds of what is described by an `Entry`.
    """
    found = []
    for kind in of_kinds:
        with suppress(UnknownNameError):
            found.append((kind, installed().find(kind, name)))
    return found


def shortest(kind: str, entry: Entry) -> str:
    """The shortest name by which an entry is found; its own where it is not installed."""
    return next((name for name, each in installed().entries(kind).items() if each is entry), entry.name)


def everything(of_kinds: Iterable[str]) -> dict[str, Collection[str]]:
    """The names of all entries of some kinds, and of all environments."""
    found: dict[str, Collection[str]] = {}
    for kind in of_kinds:
        found.update(entries(kind))
    return {**found, **environments()}


def kinds() -> dict[str, list[str]]:
    """The kinds of what plugins offer, with other words for them."""
    return {kind: ["envs"] if kind == "environments" else [] for kind in installed().kinds}


def entry_kinds() -> list[str]:
    """The kinds of what is described by an `Entry`: all but environments."""
    return [kind for kind in installed().kinds if kind != "environments"]
