"""A command in a module that asks when it is imported."""

import sys

import click

NAME = sys.stdin.readline()


@click.command("greet")
def greet():
    """Greet whoever was named."""
    click.echo(f"Hello, {NAME}!")
