"""A command in a module that needs torch at once."""

import click
import torch


@click.command("greet")
def greet():
    """Greet everybody with a number."""
    click.echo(f"Hello, {torch.ones(1).item()}!")
