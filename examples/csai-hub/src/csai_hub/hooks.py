"""What csai-hub offers to csai, as data."""

from __future__ import annotations

from csai_core import Entry, hookimpl

CSAI_PLUGIN_API = 1


@hookimpl
def csai_commands() -> list[Entry]:
    """One to give a run away, and one to get it."""
    return [
        Entry(
            name="push",
            target="csai_hub.commands:push_command",
            summary="Push a run to a folder or a hub.",
        ),
        Entry(
            name="pull",
            target="csai_hub.commands:pull_command",
            summary="Pull a run from a folder, an address or a hub.",
        ),
    ]
