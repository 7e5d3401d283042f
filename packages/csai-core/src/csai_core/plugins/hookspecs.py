"""Every hook that a plugin may implement, on one page.

A plugin author needs only this:

    from csai_core import Entry, hookimpl

    @hookimpl
    def csai_blocks():
        return [Entry(name="maxout", target="my_plugin.blocks:MaxoutBlock")]

and, in `pyproject.toml`:

    [project.entry-points.csai]
    my_plugin = "my_plugin.hooks"
"""

from __future__ import annotations

from collections.abc import Iterable

import pluggy
from gymnasium.envs.registration import EnvSpec

from csai_core.plugins.entry import Entry
from csai_core.plugins.kind import Kind

PLUGIN_API = 1
"""The version of this page: one more whenever something goes or changes that a plugin may rely on.

A hooks module states the one that it is written for, `CSAI_PLUGIN_API = 1`; without, it is taken as it is."""
PLUGIN_API_OLDEST = 1
"""The oldest version that plugins may be written for; older ones than `PLUGIN_API` are warned of."""

hookspec = pluggy.HookspecMarker("csai")
hookimpl = pluggy.HookimplMarker("csai")


@hookspec
def csai_environments() -> Iterable[EnvSpec]:  # type: ignore[empty-body]
    """Offer Gymnasium environments. Called once, at the first `make` or list of environments."""


@hookspec
def csai_blocks() -> Iterable[Entry]:  # type: ignore[empty-body]
    """Offer network blocks: subclasses of `csai_neural.Block`. Called at the first lookup of a block."""


@hookspec
def csai_networks() -> Iterable[Entry]:  # type: ignore[empty-body]
    """Offer networks: functions `(observation_space) -> Net`. Called at the first lookup of a network."""


@hookspec
def csai_buffers() -> Iterable[Entry]:  # type: ignore[empty-body]
    """Offer experience buffers. Called at the first lookup of a buffer."""


@hookspec
def csai_algorithms() -> Iterable[Entry]:  # type: ignore[empty-body]
    """Offer learning algorithms with their config dataclasses. Called at the first lookup of one."""


@hookspec
def csai_datasets() -> Iterable[Entry]:  # type: ignore[empty-body]
    """Offer datasets to train networks on. Called at the first lookup of a dataset."""


@hookspec
def csai_agents() -> Iterable[Entry]:  # type: ignore[empty-body]
    """Offer agents that play without learning: callables `(env) -> Agent`. Called at the first lookup."""


@hookspec
def csai_callbacks() -> Iterable[Entry]:  # type: ignore[empty-body]
    """Offer callbacks that listen to a training. Called at the first lookup of a callback."""


@hookspec
def csai_presets() -> Iterable[Entry]:  # type: ignore[empty-body]
    """Offer presets: folders of TOML files, one an environment. Called at the first lookup of a preset."""


@hookspec
def csai_wrappers() -> Iterable[Entry]:  # type: ignore[empty-body]
    """Offer wrappers: subclasses of `gymnasium.Wrapper`. Called at the first lookup of a wrapper."""


@hookspec
def csai_commands() -> Iterable[Entry]:  # type: ignore[empty-body]
    """Offer `csai <name>` commands: click commands. Called before the command line is parsed."""


@hookspec
def csai_kinds() -> Iterable[Kind]:  # type: ignore[empty-body]
    """Declare kinds of things that other plugins can offer. Called when all plugins have been imported."""
