"""A command in a module that prints when it is imported."""

import click

print("greetings loaded")


@click.command("greet")
def greet():
    """Greet everybody."""
    click.echo("Hello!")
