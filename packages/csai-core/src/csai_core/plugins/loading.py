"""Running one plugin's own code: its import, its registration and its hooks, all checked."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from dataclasses import fields
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pluggy
from gymnasium.envs.registration import EnvSpec

from csai_core.arguments import is_integer
from csai_core.errors import ApiVersionError, DuplicateNameError, PluginError, UnknownNameError
from csai_core.plugins import hookspecs
from csai_core.plugins.entry import Entry
from csai_core.plugins.kind import Kind

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint


_OPTIONAL = (
    "A hook of a plugin that need not be installed is marked with @hookimpl(optionalhook=True); "
    "that plugin declares it by csai_kinds."
)


_MOST_OFFERS = 10_000
"""What one hook may return; a generator without end is stopped there."""
_RECORDS: dict[str, type[EnvSpec | Kind]] = {"csai_environments": EnvSpec, "csai_kinds": Kind}
"""What a hook gives where that is not an Entry."""


def import_hooks(entry_point: EntryPoint) -> ModuleType:
    """Import one plugin's hooks module.

    Raises:
        ApiVersionError: if it is written for a page of hooks that is not offered (any more).
        Exception: whatever the import raises.
    """
    module: ModuleType = entry_point.load()
    _check_version(getattr(module, "CSAI_PLUGIN_API", hookspecs.PLUGIN_API))
    return module


def _check_version(written_for: Any) -> None:
    """Refuse plugins for other versions of the page of hooks, and warn of those that will be refused."""
    newest, oldest = hookspecs.PLUGIN_API, hookspecs.PLUGIN_API_OLDEST
    offered = f"this csai-core offers {newest if newest == oldest else f'{oldest} to {newest}'}"
    if not is_integer(written_for):
        raise ApiVersionError(
            f"its CSAI_PLUGIN_API is {written_for!r}; it must be a number, such as {newest}"
        )
    if written_for > newest:
        raise ApiVersionError(
            f"it is made for plugin API {written_for}, {offered}; install a newer csai-core"
        )
    if written_for < oldest:
        raise ApiVersionError(
            f"it is made for plugin API {written_for}, {offered}; install a newer version of the plugin"
        )
    if written_for < newest:
        warnings.warn(
            f"It is made for plugin API {written_for}; the newest is {newest}. It works until {written_for} "
            "is dropped; csai's docs/plugins.md says what to change.",
            DeprecationWarning,
            stacklevel=2,
        )


def declared_kinds(manager: pluggy.PluginManager, module: ModuleType, plugin: str) -> dict[str, Kind]:
    """The kinds that one plugin declares, by name; asked for before any hook is registered.

    Raises:
        PluginError: if it declares anything but kinds.
        DuplicateNameError: if it declares one name twice.
    """
    hook = "csai_kinds"
    if not hasattr(module, hook) or manager.parse_hookimpl_opts(module, hook) is None:
        return {}
    return call_hook(hook, getattr(module, hook), plugin)


def specify(manager: pluggy.PluginManager, kinds: Iterable[Kind]) -> None:
    """Make the hooks of declared kinds known, as those of the page are."""

    @hookspecs.hookspec
    def offer() -> Iterable[Entry]:  # type: ignore[empty-body]
        """Offer entries of a kind that a plugin declares."""

    for kind in kinds:
        manager.add_hookspecs(type(kind.name, (), {kind.hook: staticmethod(offer)}))


def register(manager: pluggy.PluginManager, module: ModuleType, plugin: str) -> tuple[str, ...]:
    """Register the hooks of one plugin.

    Returns:
        The names of its hooks.

    Raises:
        PluginError: if it was registered under another name, or a hook is not marked as one.
        UnknownNameError: if it implements a hook that does not exist, with the nearest one.
        Exception: what pluggy raises for a wrong signature.
    """
    if manager.is_registered(module):
        raise PluginError(f"its module is already in use as plugin {manager.get_name(module)!r}")
    try:
        manager.register(module, name=plugin)
        return _checked_hooks(manager, module)
    except Exception:
        if manager.has_plugin(plugin):
            manager.unregister(name=plugin)
        raise


def _checked_hooks(manager: pluggy.PluginManager, module: ModuleType) -> tuple[str, ...]:
    callers = manager.get_hookcallers(module) or []
    known = [name for name, caller in vars(manager.hook).items() if caller.has_spec()]
    for caller in callers:
        is_optional = all(impl.optionalhook for impl in caller.get_hookimpls() if impl.plugin is module)
        if not caller.has_spec() and not is_optional:
            raise UnknownNameError.of("hook", caller.name, known, _OPTIONAL)
    hooks = {caller.name for caller in callers if caller.has_spec()}
    unmarked = [name for name in known if name not in hooks and callable(getattr(module, name, None))]
    if unmarked:
        raise PluginError(f"{unmarked[0]} is a hook, but not marked as one; write @hookimpl above it")
    return tuple(sorted(hooks))


def call_hook(hook: str, function: Callable[[], Any], plugin: str) -> dict[str, Any]:
    """Call one hook and check what it offers.

    Returns:
        Name -> Entry or Kind, stamped with the plugin's name; for environments, id -> EnvSpec.

    Raises:
        PluginError: if the hook returns anything but a collection of the right records.
        DuplicateNameError: if it offers one name twice.
    """
    wanted: type[EnvSpec | Entry | Kind] = _RECORDS.get(hook, Entry)
    returned = function()
    if returned is None or isinstance(returned, (str, wanted)):
        raise PluginError(f"{hook} returned {returned!r}; it must return a list of {wanted.__name__} objects")
    offers: dict[str, Any] = {}
    for count, offer in enumerate(returned):
        if not isinstance(offer, wanted):
            raise PluginError(f"{hook} must return {wanted.__name__} objects, not {offer!r}")
        if count >= _MOST_OFFERS:
            raise PluginError(f"{hook} returns more than {_MOST_OFFERS:,} {wanted.__name__} objects")
        record = _plain(wanted, offer, plugin)
        name = record.id if isinstance(record, EnvSpec) else record.name
        if name in offers:
            raise DuplicateNameError(f"{hook} offers {name!r} twice")
        offers[name] = record
    return offers


def _plain(wanted: type[EnvSpec | Entry | Kind], offer: Any, plugin: str) -> EnvSpec | Entry | Kind:
    """A record as it is described here, stamped, whatever a subclass of a stranger's does."""
    given = {each.name: getattr(offer, each.name) for each in fields(wanted) if each.init}
    return wanted(**({**given, "plugin": plugin} if "plugin" in given else given))
