"""Plugins: what a package may offer, and how offers are found by name.

A plugin is a module named by an entry point of the group `csai` that implements some of the hooks in
`hookspecs`. Hooks return data (`Entry` records and Gymnasium `EnvSpec`s), never side effects, so that
everything installed can be listed without importing what it points to.
"""

from csai_core.plugins.entry import Entry
from csai_core.plugins.hookspecs import PLUGIN_API, PLUGIN_API_OLDEST, hookimpl
from csai_core.plugins.kind import Kind
from csai_core.plugins.manager import PluginManager, installed
from csai_core.plugins.record import PluginRecord, PluginWarning

__all__ = [
    "PLUGIN_API",
    "PLUGIN_API_OLDEST",
    "Entry",
    "Kind",
    "PluginManager",
    "PluginRecord",
    "PluginWarning",
    "hookimpl",
    "installed",
]
