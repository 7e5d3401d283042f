"""A command in a module that seeds the generator of everybody."""

import random

import click

random.seed(0)


@click.command("greet")
def greet():
    """Greet somebody at random."""
    click.echo(f"Hello, {random.choice(['Ada', 'Alan'])}!")
