"""What csai-classic offers to the csai family: the command that translates old names."""

from __future__ import annotations

from csai_core import Entry, hookimpl


@hookimpl
def csai_commands() -> list[Entry]:
    """The command."""
    return [
        Entry(
            name="classic",
            target="CoderSchoolAI.command:classic",
            summary="Say what a name of the original CoderSchoolAI is called now.",
        )
    ]
