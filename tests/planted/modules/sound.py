"""A command as it should be, which needs torch only when it is called."""

import json

import click


@click.command("greet")
@click.option("--times", type=click.IntRange(1), default=1, help="How often.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
def greet(times, as_json):
    """Greet everybody with a number."""
    import torch

    numbers = torch.ones(times).tolist()
    click.echo(json.dumps(numbers) if as_json else f"Hello, {numbers}!")
