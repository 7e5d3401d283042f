"""`csai check`: try out what a plugin offers, and say in plain words what to change."""

from __future__ import annotations

import importlib

import click
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding

from csai_core.commands import resolver
from csai_core.commands.output import console
from csai_core.commands.typed import TypedCommand
from csai_core.errors import ConfigError
from csai_core.plugins import KINDS, installed
from csai_core.testing import AlgorithmSuite, BufferSuite, EnvironmentSuite, Suite

_SUITES: dict[str, type[Suite]] = {
    "environments": EnvironmentSuite,
    "buffers": BufferSuite,
    "algorithms": AlgorithmSuite,
}
_BLOCK_SUITE = "csai_neural.testing:BlockSuite"
_MARKS = {"passed": "[green]✓[/green]", "failed": "[red]✗[/red]", "skipped": "[dim]-[/dim]"}


@click.command(cls=TypedCommand)
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@click.option("--details", is_flag=True, help="Show the traceback of each failure.")
def check(names: tuple[str, ...], details: bool) -> None:
    """Check environments, algorithms, buffers and blocks, or everything that a plugin offers.

    NAME is an environment's id (module:ID imports that module first), a file of this folder that registers
    one, the name of an algorithm, buffer or block, or of a plugin. The exit status is 0 if everything passed
    and 1 if something failed.
    """
    suites = [found for name in names for found in _find(name)]
    screen = console()
    failures = [_run(screen, kind, name, suite, details) for kind, name, suite in suites]
    if not suites:
        screen.print("There is nothing to check: no environment, algorithm, buffer or block.")
    if any(failures):
        total = sum(failures)
        screen.print(f"\n[red]{total} check{'s' if total > 1 else ''} failed.[/red]")
        raise click.exceptions.Exit(1)


def _run(on: Console, kind: str, name: str, suite: Suite, details: bool) -> int:
    """Run one suite and print its outcomes; the number of failed checks."""
    on.print(f"\n[bold]{escape(name)}[/bold]  [dim]{kind.removesuffix('s')}[/dim]")
    failed, said = 0, set()
    for outcome in suite.run():
        failed += outcome.status == "failed"
        on.print(f"  {_MARKS[outcome.status]} {outcome.check}", end="")
        if outcome.status == "skipped":
            on.print(f" [dim]({escape(outcome.message)})[/dim]", end="")
        on.print()
        if outcome.status == "failed":
            message = "the same again" if outcome.message in said else outcome.message
            on.print(Padding(escape(message), (0, 0, 0, 4)))
            said.add(outcome.message)
            if details:
                on.print(f"[dim]{escape(outcome.details)}[/dim]")
    return failed


def _find(name: str) -> list[tuple[str, str, Suite]]:
    """The suites for a name: of one thing, or of all that a plugin offers."""
    manager = installed()
    plugins = {record.name: record for record in manager.records}
    if ":" in name or ("/" in name and not resolver.file_here(name)):
        return [_suite("environments", resolver.environment(name))]
    forms = {**dict.fromkeys(plugins, ()), **resolver.everything(_entry_kinds())}
    if not resolver.matches(name, forms) and resolver.file_here(name):
        return [_suite("environments", resolver.environment(name))]
    name = resolver.choose("thing to check", name, forms, note=manager.failure_note())
    if name in plugins:
        if plugins[name].problem:
            raise ConfigError(f"The plugin {name!r} has a problem of its own: {plugins[name].problem}")
        return [found for kind in (*_SUITES, "blocks") for found in _of_plugin(kind, name)]
    found = [_suite(kind, name) for kind in _entry_kinds() if name in manager.entries(kind)]
    return found or [_suite("environments", name)]


def _entry_kinds() -> list[str]:
    return [kind for kind in KINDS if kind in (*_SUITES, "blocks") and kind != "environments"]


def _of_plugin(kind: str, plugin: str) -> list[tuple[str, str, Suite]]:
    manager = installed()
    if kind == "environments":
        names = [each for each in manager.environments() if manager.environment_plugin(each) == plugin]
    else:
        names = [name for name, entry in manager.entries(kind).items() if entry.plugin == plugin]
    return [_suite(kind, name) for name in sorted(names)]


def _suite(kind: str, name: str) -> tuple[str, str, Suite]:
    suite_class = _load_block_suite() if kind == "blocks" else _SUITES[kind]
    return kind, name, suite_class.of(name)


def _load_block_suite() -> type[Suite]:
    """The suite for blocks, which needs torch and so lives with them."""
    module, _, attribute = _BLOCK_SUITE.partition(":")
    try:
        found: type[Suite] = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise ConfigError(f"Blocks are checked by csai-neural: pip install csai-neural ({error})") from error
    return found
