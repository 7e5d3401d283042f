"""The `csai` command itself: sub-commands come from plugins, and errors are plain."""

from __future__ import annotations

import subprocess
import sys
import warnings

import pytest

from csai_core import __version__

HEAD = "from csai_core import Entry, hookimpl\n"
COMMAND = (
    HEAD
    + "@hookimpl\ndef csai_commands():\n"
    + "    return [Entry(name='say_hello', target='{target}', summary='Greets.')]\n"
    + "import click\n@click.command()\ndef hello(): click.echo('hello')\n"
)


def test_a_plugins_command_is_listed_and_runs(site, csai):
    site.install("greeter", COMMAND.format(target="csai_greeter_hooks:hello"))
    assert ["say-hello", "Greets."] in [line.split() for line in csai("--help").output.splitlines()]
    assert csai("say-hello").output == "hello\n"


def test_an_unknown_command_gets_the_nearest_one(csai):
    result = csai("lits")
    assert result.exit_code == 1
    assert "No command named 'lits'. Did you mean 'list'?" in result.output


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("csai_greeter_hooks:HEAD", "cannot be imported: AttributeError"),
        ("no_such_module:hello", "cannot be imported: ModuleNotFoundError"),
        ("csai_greeter_hooks:Entry", "which is a type; it must be a click command"),
    ],
)
def test_a_command_that_cannot_be_used_is_its_plugins_fault(site, csai, target, message):
    site.install("greeter", COMMAND.format(target=target))
    result = csai("say-hello")
    assert result.exit_code == 1
    assert "Plugin 'greeter' offers" in result.output
    assert message in result.output


def test_a_broken_plugin_is_one_plain_line_and_stops_no_command(site, csai):
    site.install("broken", "import no_such_module_anywhere")
    for arguments in (["--help"], ["list"], ["plugins"]):
        result = csai(*arguments)
        assert result.exit_code == 0
        assert result.stderr.startswith("Warning: 1 csai plugin has a problem (broken: load: ModuleNotFound")
        assert result.stderr.count("\n") == 1


def test_other_warnings_look_as_ever(site, csai):
    source = COMMAND.replace("click.echo('hello')", "__import__('warnings').warn('careful')")
    site.install("greeter", source.format(target="csai_greeter_hooks:hello"))
    with pytest.warns(UserWarning, match="careful"):
        csai("say-hello")


def test_running_a_command_leaves_the_warnings_machinery_as_it_was(csai):
    before = warnings.showwarning
    csai("list")
    assert warnings.showwarning is before


def test_version(csai):
    assert csai("--version").output == f"csai, version {__version__}\n"


def test_alone_it_shows_its_help(csai):
    assert (csai().exit_code, csai().stdout) == (0, csai("--help").stdout)


def test_playing_watching_and_training_come_first_and_plugins_have_groups_of_their_own(site, csai):
    source = COMMAND.format(target="csai_greeter_hooks:hello")
    site.install("greeter", source.replace("summary=", "group='Manners', summary="))
    headings = [line for line in csai("--help").output.splitlines() if line.endswith(":") and line[0] != " "]
    assert headings[:2] == ["Options:", "Play, watch and train:"]
    assert "Manners:" in headings[2:]


def test_inner_commands_are_not_in_the_help_and_can_be_called(site, csai):
    source = COMMAND.format(target="csai_greeter_hooks:hello")
    site.install("greeter", source.replace("summary=", "is_inner=True, summary="))
    assert "say-hello" not in csai("--help").output
    assert csai("say-hello").output == "hello\n"


BROKEN = COMMAND.replace("click.echo('hello')", "{}['no such key']")


@pytest.mark.parametrize("arguments", [["--traceback", "say-hello"], ["say-hello", "--traceback"]])
def test_a_traceback_is_shown_where_it_is_asked_for(site, csai, monkeypatch, arguments):
    site.install("greeter", BROKEN.replace("{}[", "dict()[").format(target="csai_greeter_hooks:hello"))
    plain, whole = csai("say-hello"), csai(*arguments)
    assert (plain.exit_code, whole.exit_code) == (1, 1)
    assert "Traceback" not in plain.output
    assert "KeyError: 'no such key'" in plain.output
    assert whole.stderr.startswith("Traceback (most recent call last):")
    assert whole.stderr.endswith(plain.stderr)
    monkeypatch.setenv("CSAI_TRACEBACK", "1")
    assert csai("say-hello").stderr == whole.stderr


def test_ctrl_c_ends_quietly(site, csai):
    source = COMMAND.replace("click.echo('hello')", "raise KeyboardInterrupt")
    site.install("greeter", source.format(target="csai_greeter_hooks:hello"))
    result = csai("say-hello")
    assert (result.exit_code, result.output.strip()) == (130, "")


def test_a_reader_that_leaves_ends_it_quietly():
    program = f"{sys.executable} -m csai_core list"
    whole, ran = (
        subprocess.run(["sh", "-c", each], check=True, capture_output=True, text=True)
        for each in (program, f"{program} | head -1")
    )
    assert (ran.stdout, ran.stderr) == (whole.stdout.splitlines(keepends=True)[0], "")


def test_the_help_of_a_strangers_command_fits_a_narrow_terminal(site, csai, monkeypatch):
    summary = "Say hello to everybody who is here, and to those who have just left"
    source = COMMAND.replace("click.echo('hello')", repr(summary))
    site.install("greeter", source.format(target="csai_greeter_hooks:hello"))
    monkeypatch.setenv("COLUMNS", "40")
    lines = csai("say-hello", "--help").output.splitlines()
    assert " ".join(line.strip() for line in lines).count(summary) == 1
    assert all(len(line) <= 40 for line in lines)


def test_so_does_that_of_the_commands_of_a_strangers_group(site, csai, monkeypatch):
    group = (
        "@click.group()\ndef hello(): pass\n"
        "@hello.command()\n@click.option('--times', type=click.IntRange(0), default=1, show_default=True,"
        " help='How often everybody who is here is greeted.')\ndef all(times): pass\n"
    )
    site.install("greeter", COMMAND.format(target="csai_greeter_hooks:hello") + group)
    monkeypatch.setenv("COLUMNS", "40")
    lines = csai("say-hello", "all", "--help").output.splitlines()
    assert any("--times" in line for line in lines)
    assert all(len(line) <= 40 for line in lines)
