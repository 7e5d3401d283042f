"""A command in a module that makes a folder where it happens to be."""

from pathlib import Path

import click

OUTPUT = Path("greetings")
OUTPUT.mkdir(exist_ok=True)


@click.command("greet")
def greet():
    """Greet everybody."""
    click.echo("Hello!")
