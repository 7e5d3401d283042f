"""Every command with its options, as it says itself: python docs/make_commands_page.py.

Writes docs/commands.md, and llms.txt, which programs and language models read first of a project.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

import click

from csai_core.commands import main as csai
from csai_core.plugins import Entry, installed
from csai_core.plugins.discovery import OURS
from csai_core.plugins.entry import as_typed
from csai_train.commands.config_options import options_for

ROOT = Path(__file__).parents[1]
INTRODUCTION = """\
# Commands

Every command of the packages with all its options, in its own words: what `csai COMMAND --help` says. Plugins
add others; `csai --help` lists what is installed. Wherever something is named, short forms do: `snake` for
`CSAI/Snake-v0`, `dqn` for `deep_q_learning`, `--lr` for `--learning-rate`.

This page is made by `python docs/make_commands_page.py`.
"""


def commands() -> dict[str, list[tuple[str, Entry]]]:
    """The commands of our own packages by their groups, as they are typed, in the order of `csai --help`."""
    groups: dict[str, list[tuple[str, Entry]]] = {}
    listed = re.findall(r"^(\S.*):$|^  (\S+)", csai.get_help(click.Context(csai, info_name="csai")), re.M)
    entries = {as_typed(name): entry for name, entry in installed().entries("commands").items()}
    group = ""
    for heading, name in listed:
        group = heading or group
        if name in entries and entries[name].plugin in OURS and group != "Options":
            groups.setdefault(group, []).append((name, entries[name]))
    return groups


def page() -> Iterator[str]:
    """The lines of docs/commands.md."""
    yield INTRODUCTION
    for group, listed in commands().items():
        yield f"## {group}\n"
        for name, entry in listed:
            yield from section(name, entry.load())


def section(name: str, command: click.Command) -> Iterator[str]:
    """One command: what it does, and a table of its options."""
    context = click.Context(command, info_name=f"csai {name}")
    yield f"### csai {name}\n"
    words = [context.command_path, *command.collect_usage_pieces(context)]
    yield f"```text\n{' '.join(words)}\n```\n"
    for paragraph in (command.help or "").split("\n\n"):
        yield " ".join(paragraph.split()).replace("*", "\\*") + "\n"
    yield from table(command.params, context)
    if name == "train":
        for algorithm, found in sorted(installed().entries("algorithms").items()):
            if found.plugin in OURS:
                yield f"#### Options of {algorithm}\n"
                yield from table(options_for(found.load_config()), context)


def table(params: list[click.Parameter], context: click.Context) -> Iterator[str]:
    """Options with their explanations; nothing for none."""
    records = [record for each in params if (record := each.get_help_record(context)) and record[1]]
    if records:
        yield "| option | what it does |\n|---|---|"
        for option, text in records:
            yield f"| `{escaped(option)}` | {escaped(text)} |"
        yield ""


def escaped(text: str) -> str:
    """As it may stand in a cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")


def llms() -> Iterator[str]:
    """The lines of llms.txt, in the form of https://llmstxt.org: what there is, a link each."""
    readme = (ROOT / "README.md").read_text("utf-8")
    listed_pages = (ROOT / "docs" / "README.md").read_text("utf-8")
    yield "# csai\n"
    opening = readme.split("\n\n")[1].replace("**", "")
    yield f"> {' '.join(opening.split())}\n"
    yield "## Documentation\n"
    yield from re.sub(
        r"\]\((?=[^)])", "](docs/", "\n".join(re.findall(r"^- \[.*$", listed_pages, re.M))
    ).split("\n")
    yield "\n## Commands\n"
    for listed in commands().values():
        for name, entry in listed:
            yield f"- [csai {name}](docs/commands.md#csai-{name}): {entry.summary}"


def main() -> None:
    """Write both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smallest", action="store_true", help="the same: it is small as it is")
    parser.parse_args()
    for path, lines in ((ROOT / "docs" / "commands.md", page()), (ROOT / "llms.txt", llms())):
        path.write_text("\n".join(lines).rstrip("\n") + "\n", "utf-8")


if __name__ == "__main__":
    main()
