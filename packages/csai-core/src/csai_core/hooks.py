"""What csai-core itself offers, through the same hooks as every other plugin."""

from __future__ import annotations

from csai_core.plugins import Entry, hookimpl


@hookimpl
def csai_agents() -> list[Entry]:
    """The agent that plays at random."""
    return [
        Entry(
            name="random",
            target="csai_core.agents.random:make_random_agent",
            summary="Draws every action from the action space.",
        )
    ]


@hookimpl
def csai_commands() -> list[Entry]:
    """The commands that look at what is installed."""
    return [
        Entry(
            name="check",
            target="csai_core.commands.check:check",
            summary="Check what a plugin offers, and say what to change.",
            group="Make your own",
        ),
        Entry(
            name="list",
            target="csai_core.commands.list:list_entries",
            summary="List everything that plugins offer.",
            group="See what there is",
        ),
        Entry(
            name="play",
            target="csai_core.commands.play:play",
            summary="Play a game by keyboard, or watch an agent play it.",
            group="Play, watch and train",
        ),
        Entry(
            name="plugins",
            target="csai_core.commands.plugins:plugins",
            summary="Show the installed plugins and their health.",
            group="See what there is",
        ),
        Entry(
            name="doctor",
            target="csai_core.commands.doctor:doctor",
            summary="Examine this installation and say what is wrong.",
            group="See what there is",
        ),
        Entry(
            name="docs",
            target="csai_core.commands.docs:docs",
            summary="Open the site that explains all of csai.",
            group="See what there is",
        ),
        Entry(
            name="new_plugin",
            target="csai_core.commands.new_plugin:new_plugin",
            summary="Write a plugin of your own, to be changed.",
            group="Make your own",
        ),
        Entry(
            name="show",
            target="csai_core.commands.show:show",
            summary="Explain one environment, algorithm, block or anything else listed.",
            group="See what there is",
        ),
    ]
