"""The suite of commands: what it calls them with, and what it leaves alone."""

from __future__ import annotations

import click

from csai_core.testing import CommandSuite


class TestList(CommandSuite):
    entry_name = "list"


@click.command("count")
@click.argument("word")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, a line for each letter.")
def count(word, as_json):
    """Count the letters of WORD."""
    for letter in sorted(set(word)):
        click.echo(f'{{"{letter}": {word.count(letter)}}}' if as_json else f"{letter} {word.count(letter)}")


class TestCount(CommandSuite):
    entry_name = "count"
    words = ("banana",)

    def make(self):
        return count


def outcomes(suite):
    return {each.check: (each.status, each.message) for each in suite.run()}


def test_without_words_the_json_of_a_command_that_needs_some_is_not_tried():
    class Unsaid(TestCount):
        words = None

    assert outcomes(TestCount())["its json is json"][0] == "passed"
    assert outcomes(Unsaid())["its json is json"] == (
        "skipped",
        "it needs words; say in `words` with which it works",
    )


def test_the_commands_of_a_group_are_looked_at_too():
    @click.group("letters")
    def letters():
        """All about letters."""

    @letters.command()
    @click.option("--upper", is_flag=True)
    def show(upper):
        """Show them."""

    class Group(CommandSuite):
        entry_name = "letters"

        def make(self):
            return letters

    status, message = outcomes(Group())["it explains its options"]
    assert status == "failed"
    assert "--upper of letters show is not explained" in message


def test_it_runs_in_an_empty_folder_that_is_gone_afterwards(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    @click.command("note")
    @click.argument("word")
    def note(word):
        """Write WORD down."""
        with click.open_file("note.txt", "w") as file:
            file.write(word)

    class Note(CommandSuite):
        def make(self):
            return note

    assert all(status != "failed" for status, _ in outcomes(Note()).values())
    assert not list(tmp_path.iterdir())


def test_parameters_that_take_several_words_are_given_several():
    @click.command("add")
    @click.option("--times", type=int, multiple=True, help="A factor, as often as wanted.")
    @click.option("--range", type=int, nargs=2, help="From where to where.")
    @click.option("--pair", type=(int, float), multiple=True, help="A number and its weight.")
    @click.argument("numbers", type=int, nargs=-1)
    def add(times, range, pair, numbers):
        """Add NUMBERS up."""

    class Add(CommandSuite):
        def make(self):
            return add

    assert outcomes(Add())["its values are refused in words"] == ("passed", "")
