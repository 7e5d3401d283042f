"""A command in a module that sets up logging for everybody."""

import logging

import click

logging.basicConfig(level=logging.DEBUG)


@click.command("greet")
def greet():
    """Greet everybody."""
    click.echo("Hello!")
