"""`csai check`: try out what a plugin offers, and say in plain words what to change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import click

from csai_core import storage
from csai_core.commands import check_report, resolver
from csai_core.commands.check_report import Report, Subject
from csai_core.commands.environment_options import check_env_options, env_option, wrap_option
from csai_core.commands.output import console, json_option, print_json
from csai_core.commands.typed import TypedCommand
from csai_core.commands.values import OutputFile
from csai_core.errors import ConfigError
from csai_core.plugins import installed
from csai_core.testing import EnvironmentSuite, PluginSuite, Suite, skip


@click.command(cls=TypedCommand)
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@env_option
@wrap_option
@click.option("--details", is_flag=True, help="Show the traceback of each failure.")
@click.option("--badge", type=OutputFile(".svg"), help="Write a small picture of the verdict, for a README.")
@click.option("--page", type=OutputFile(".html"), help="Write everything that was found to a page.")
@json_option
def check(
    names: tuple[str, ...],
    env_options: dict[str, Any],
    wrappers: tuple[str, ...],
    details: bool,
    badge: Path | None,
    page: Path | None,
    as_json: bool,
) -> None:
    """Check environments, algorithms, blocks and whatever else plugins offer, or a whole plugin.

    NAME is an environment's id (module:ID imports that module first), a file of this folder that registers
    one, the name of anything else that `csai list` lists, or of a plugin: then everything that it offers is
    checked, and what importing it changes. The exit status is 0 if everything passed and 1 if something
    failed.

    As JSON it is a list with an object for each thing: kind, name, how many checks passed, failed and
    were skipped, and its checks, each with check, status, message and details.
    """
    subjects = [found for name in names for found in _find(name)]
    _make_with(subjects, env_options, wrappers)
    screen = None if as_json else console()
    reports = [check_report.run(subject, screen, details=details) for subject in subjects]
    for path, make in ((badge, check_report.badge), (page, check_report.page)):
        if path is not None:
            _write(path, make, reports)
    if as_json:
        print_json(check_report.as_plain(reports))
    if any(report.count("failed") for report in reports):
        if screen is not None:
            screen.print(f"\n[red]{check_report.in_words(reports)}.[/red]")
        raise click.exceptions.Exit(1)


def _write(path: Path, make: Callable[[Sequence[Report]], str], reports: Sequence[Report]) -> None:
    try:
        storage.write(path, make(reports))
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}.") from error


def _make_with(
    subjects: Sequence[Subject], env_options: Mapping[str, Any], wrappers: tuple[str, ...]
) -> None:
    """Have environments checked with their options, in their wrappers."""
    suites = [(each.name, each.suite) for each in subjects if isinstance(each.suite, EnvironmentSuite)]
    if (env_options or wrappers) and not suites:
        given = "--env" if env_options else "--wrap"
        raise click.UsageError(f"{given} was given, and no environment is to be checked.")
    for name, suite in suites:
        check_env_options(name, env_options)
        suite.options = env_options
        suite.wrappers = resolver.wrappers(wrappers, name)


def _find(name: str) -> list[Subject]:
    """What is to be checked by a name: one thing, or all that a plugin offers."""
    manager = installed()
    plugins = [record.name for record in manager.records]
    if name not in plugins and (":" in name or ("/" in name and not resolver.file_here(name))):
        return _entries(name) or [_subject("environments", resolver.environment(name))]
    if name not in plugins and (found := _entries(name)):
        return found
    forms = {**dict.fromkeys(plugins, ()), **resolver.everything(_checked_entries())}
    if not resolver.matches(name, forms) and resolver.file_here(name):
        return [_subject("environments", resolver.environment(name))]
    name = resolver.choose("thing to check", name, forms, note=resolver.note_on(name))
    if name in plugins:
        return list(_plugin(name))
    return _entries(name) or [_subject("environments", name)]


def _entries(name: str) -> list[Subject]:
    """What goes by a name, or by `plugin:name`, of every kind but environments."""
    found = resolver.named(name, _checked_entries())
    return [_subject(kind, resolver.shortest(kind, entry)) for kind, entry in found]


def _checked_entries() -> list[str]:
    return [kind for kind in resolver.entry_kinds() if installed().kinds[kind].suite]


def _plugin(plugin: str) -> Iterator[Subject]:
    """A plugin itself, and everything that it offers of kinds that have a suite."""
    manager = installed()
    yield Subject("plugin", plugin, PluginSuite.of(plugin))
    for kind in [each.name for each in manager.kinds.values() if each.suite]:
        named = manager.names(kind).by_shortest()
        for name in sorted(name for name, offer in named.items() if offer.plugin == plugin):
            try:
                yield _subject(kind, name)
            except ConfigError as error:
                yield Subject(manager.kinds[kind].noun, name, _Unchecked(str(error)))


def _subject(kind: str, name: str) -> Subject:
    """One thing, with the suite of its kind.

    Raises:
        ConfigError: if the suite cannot be had, as where the package that holds it is not installed, or has
            no setting that the entry's `checks` name.
    """
    found = installed().kinds[kind]
    suite = found.load_suite()
    if not (isinstance(suite, type) and issubclass(suite, Suite)):
        raise ConfigError(f"{found.name.capitalize()} are checked by {found.suite}, which is no Suite.")
    made = suite.of(name)
    made.setup_method()
    return Subject(found.noun, name, made)


class _Unchecked(Suite):
    """Stands for a suite that cannot be had."""

    def __init__(self, reason: str) -> None:
        self._reason = reason

    def test_its_suite_is_installed(self) -> NoReturn:
        """The package that checks such things is here."""
        skip(self._reason)
