"""Running one plugin's own code: its import, its registration and its hooks, all checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pluggy
from gymnasium.envs.registration import EnvSpec

from csai_core.errors import DuplicateNameError, PluginError, UnknownNameError
from csai_core.plugins import hookspecs
from csai_core.plugins.entry import Entry

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint


class NewerApiError(PluginError):
    """Raised when a plugin states a newer plugin API than this one."""


def register(manager: pluggy.PluginManager, entry_point: EntryPoint) -> tuple[str, ...]:
    """Import one plugin and register its hooks.

    Returns:
        The names of its hooks.

    Raises:
        PluginError: if it is made for a newer plugin API, or was loaded under another name.
        UnknownNameError: if it implements a hook that does not exist, with the nearest one.
        Exception: whatever the import raises, and pluggy for a wrong signature.
    """
    module = entry_point.load()
    needed = getattr(module, "CSAI_PLUGIN_API", 1)
    if needed > hookspecs.PLUGIN_API:
        raise NewerApiError(
            f"it is made for plugin API {needed}, this csai-core offers {hookspecs.PLUGIN_API}; "
            "install a newer csai-core"
        )
    if manager.is_registered(module):
        raise PluginError(f"its module is already in use as plugin {manager.get_name(module)!r}")
    try:
        manager.register(module, name=entry_point.name)
        return _checked_hooks(manager, module)
    except Exception:
        if manager.has_plugin(entry_point.name):
            manager.unregister(name=entry_point.name)
        raise


def _checked_hooks(manager: pluggy.PluginManager, module: Any) -> tuple[str, ...]:
    callers = manager.get_hookcallers(module) or []
    known = [name for name in vars(hookspecs) if name.startswith("csai_")]
    for caller in callers:
        if not caller.has_spec():
            raise UnknownNameError.of("hook", caller.name, known)
    hooks = {caller.name for caller in callers}
    unmarked = [name for name in known if name not in hooks and callable(getattr(module, name, None))]
    if unmarked:
        raise PluginError(f"{unmarked[0]} is a hook, but not marked as one; write @hookimpl above it")
    return tuple(sorted(hooks))


def call_hook(hook: str, function: Callable[[], Any], plugin: str) -> dict[str, Any]:
    """Call one hook and check what it offers.

    Returns:
        Name -> Entry, stamped with the plugin's name; for environments, id -> EnvSpec.

    Raises:
        PluginError: if the hook returns anything but a collection of the right records.
        DuplicateNameError: if it offers one name twice.
    """
    wanted: type[EnvSpec | Entry] = EnvSpec if hook == "csai_environments" else Entry
    returned = function()
    if returned is None or isinstance(returned, (str, wanted)):
        raise PluginError(f"{hook} returned {returned!r}; it must return a list of {wanted.__name__} objects")
    offers: dict[str, Any] = {}
    for offer in returned:
        if not isinstance(offer, wanted):
            raise PluginError(f"{hook} must return {wanted.__name__} objects, not {offer!r}")
        name = offer.id if isinstance(offer, EnvSpec) else offer.name
        if name in offers:
            raise DuplicateNameError(f"{hook} offers {name!r} twice")
        offers[name] = replace(offer, plugin=plugin) if isinstance(offer, Entry) else offer
    return offers
