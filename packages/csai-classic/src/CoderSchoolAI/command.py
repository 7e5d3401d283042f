"""`csai classic`: what a name of the original is called now."""

from __future__ import annotations

import click

from CoderSchoolAI.names import NAMES


@click.command("classic")
@click.argument("word", default="")
def classic(word: str) -> None:
    """Say what names of the original CoderSchoolAI are called now: those with WORD in them, or all."""
    found = [each for each in NAMES if word.lower() in f"CoderSchoolAI.{each.old}".lower()]
    if not found:
        raise click.ClickException(
            f"The original has no name with {word!r} in it; csai classic lists them all."
        )
    for each in found:
        click.echo(f"CoderSchoolAI.{each.old} -> {each.new}")
        if each.change:
            click.echo(f"  {each.change.replace('`', '')}")
