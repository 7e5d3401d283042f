"""`csai probe`, and `csai doctor --probes`: which part of an algorithm or a network is broken."""

from __future__ import annotations

from dataclasses import asdict

import click
from rich.text import Text

from csai_core.commands.local_modules import allow_local_modules
from csai_core.commands.output import console, json_option, print_json
from csai_core.commands.typed import NETWORK, TypedCommand, entry_of
from csai_core.terminal import printable
from csai_train.commands.run_arguments import import_option

_SIGNS = {True: ("ok", "green"), False: ("FAILS", "bold red"), None: ("-", "dim")}


@click.command("probe", cls=TypedCommand)
@click.argument("algorithm", type=entry_of("algorithms"))
@click.option(
    "--net", "network", type=NETWORK, metavar="NET", help="What takes in the observations, as in csai train."
)
@json_option
@import_option
def probe_command(algorithm: str, network: str | None, as_json: bool) -> None:
    """Try ALGORITHM in five tiny environments with known answers; the first failure says what is broken.

    Ends with status 1 if there is one.

    As JSON it is a list of objects with probe, passed (null where it could not be asked), seen and broken.
    """
    from csai_train.training.probes import probe

    allow_local_modules(network or "")
    screen, results = console(markup=False), []
    for result in probe(algorithm, network):
        results.append(result)
        if as_json:
            continue
        sign = Text(f"{_SIGNS[result.passed][0]:<6}", _SIGNS[result.passed][1])
        screen.print(sign, Text(f"{result.probe:<16}", "cyan"), printable(result.seen), soft_wrap=True)
        if result.broken:
            screen.print(f"\n{result.broken}", soft_wrap=True)
    if as_json:
        print_json([asdict(result) for result in results])
    if any(result.passed is False for result in results):
        raise click.ClickException(f"{algorithm} fails in the probe {results[-1].probe!r}.")
