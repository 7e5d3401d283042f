"""The environment variables by which users choose their plugins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from csai_core.plugins.record import PluginRecord

ALWAYS_ON = "csai_core"
"""The plugin that cannot be disabled: its commands show and mend the others."""


class PluginSettings:
    """What the `CSAI_…` variables say.

    Plugins are named by their entry points or their distributions, with dashes or underscores.

    Args:
        environ: the environment.

    Attributes:
        is_strict: whether a plugin's error is raised instead of remembered.
        is_traced: whether every load and hook call is printed.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._only = _names(environ["CSAI_PLUGINS"]) if "CSAI_PLUGINS" in environ else None
        self._disabled = _names(environ.get("CSAI_DISABLE_PLUGINS", ""))
        self.is_strict = environ.get("CSAI_STRICT_PLUGINS", "") not in ("", "0")
        self.is_traced = environ.get("CSAI_TRACE_PLUGINS", "") not in ("", "0")

    def variable_against(self, record: PluginRecord) -> str:
        """The variable that keeps a plugin from being loaded; empty if none does."""
        if record.name == ALWAYS_ON:
            return ""
        if _names_of(record) & self._disabled:
            return "CSAI_DISABLE_PLUGINS"
        return "CSAI_PLUGINS" if self._only is not None and not _names_of(record) & self._only else ""

    def unknown(self, records: Iterable[PluginRecord]) -> list[str]:
        """Names in the variables that no installed plugin goes by."""
        known = frozenset[str]().union(*map(_names_of, records))
        return sorted(((self._only or frozenset()) | self._disabled) - known)


def _names_of(record: PluginRecord) -> frozenset[str]:
    return _names(f"{record.name},{record.distribution}")


def _names(listed: str) -> frozenset[str]:
    return frozenset(name.strip().replace("-", "_") for name in listed.split(",") if name.strip())
