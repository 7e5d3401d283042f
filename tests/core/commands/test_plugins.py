"""`csai plugins`."""

from __future__ import annotations

import json

import pytest

from csai_core.plugins import PluginManager, PluginWarning


def test_the_table_shows_health_and_offers(site, csai):
    site.install_block("alpha", "first", version="1.2")
    site.install("broken", "raise RuntimeError('[bold]no[/bold]')", version="0.3")
    output = csai("plugins").output
    assert any(line.split()[:5] == ["alpha", "csai-alpha", "1.2", "ok", "1"] for line in output.splitlines())
    assert "broken: load: RuntimeError: [bold]no[/bold]" in output
    assert "csai plugins --why NAME" in output


def test_a_hook_that_raises_shows_before_anything_else_asked_for_it(site, csai):
    source = "from csai_core import hookimpl\n@hookimpl\ndef csai_datasets(): return 1 / 0\n"
    site.install("late", source)
    assert "csai_datasets: ZeroDivisionError" in csai("plugins").stdout


def test_json_holds_every_record(site, csai):
    site.install("broken", "import no_such_module_anywhere", version="0.3")
    records = {record["name"]: record for record in json.loads(csai("plugins", "--json").stdout)}
    assert records["csai_core"]["status"] == "ok"
    assert "list" in records["csai_core"]["offers"]["commands"]
    assert records["broken"]["version"] == "0.3"
    assert "Traceback" in records["broken"]["details"]


def test_why_prints_the_traceback(site, csai):
    site.install("broken", "import no_such_module_anywhere")
    output = csai("plugins", "--why", "broken").stdout
    assert output.startswith("broken (csai-broken 1.0): load: ModuleNotFoundError")
    assert "Traceback" in output


def test_why_of_a_healthy_plugin(csai):
    assert "no problem" in csai("plugins", "--why", "csai_core").output


def test_why_of_an_unknown_plugin_gives_the_nearest(csai):
    result = csai("plugins", "--why", "csai_cpre")
    assert result.exit_code == 1
    assert "Did you mean 'csai_core'?" in result.output


HOOKS = """
import click
from csai_core import Entry, hookimpl
from gymnasium.envs.registration import EnvSpec

say_hello = click.Command("say-hello")

@hookimpl
def csai_commands():
    return [Entry(name="say_hello", target="csai_alpha_hooks:say_hello")]

@hookimpl
def csai_agents():
    return [Entry(name=name, target="csai_alpha_hooks:x") for name in ("zed", "random")]

@hookimpl
def csai_environments():
    return [EnvSpec("Alpha/Mine-v0", "csai_alpha_hooks:x")]

@hookimpl
def csai_blocks():
    return 1 / 0
"""


@pytest.mark.parametrize("typed", ["alpha", "Alpha", "csai-alpha", "csai_alpha", "alp"])
def test_one_plugin_is_shown_with_all_that_it_offers(site, csai, typed):
    site.install("alpha", HOOKS, version="1.2")
    site.install_block("other", "first")
    lines = csai("plugins", typed).stdout.splitlines()
    assert lines[0] == "alpha  plugin, failed"
    assert lines[1].startswith("csai-alpha 1.2; hooks in csai_alpha_hooks, loaded in ")
    assert [line.split() for line in lines[3:6]] == [
        ["environments", "Alpha/Mine-v0"],
        ["agents", "alpha:random,", "zed"],
        ["commands", "say-hello"],
    ]
    (problem,) = [line for line in lines if line.startswith("problem: ")]
    assert "csai_blocks: ZeroDivisionError" in problem
    assert "the agent 'random' is that of csai_core:random" in problem
    assert lines[-1] == "The whole story: csai plugins --why alpha"
    assert "other" not in "\n".join(lines)


def test_one_plugin_as_json_is_a_list_of_its_record(site, csai):
    site.install("alpha", HOOKS)
    (record,) = json.loads(csai("plugins", "alpha", "--json").stdout)
    assert (record["name"], record["module"]) == ("alpha", "csai_alpha_hooks")


def test_one_that_is_switched_off_says_so(site, csai, monkeypatch):
    site.install("alpha", HOOKS)
    monkeypatch.setenv("CSAI_DISABLE_PLUGINS", "alpha")
    output = csai("plugins", "alpha").stdout
    assert "alpha  plugin, disabled" in output
    assert "switched off by CSAI_DISABLE_PLUGINS" in output


def test_one_that_is_not_there_is_answered_with_the_nearest(csai):
    result = csai("plugins", "csai_cpre")
    assert result.exit_code == 1
    assert "Did you mean 'csai_core'?" in result.output


def test_troubles_of_one_plugin_are_one_line_and_each_has_its_own(site, csai):
    site.install("alpha", "import os\nos.environ['CSAI_TEST_ALPHA'] = '1'\n" + HOOKS)
    site.install("broken", "import no_such_module_anywhere")
    first, alpha, broken = csai("list", "agents").stderr.splitlines()
    assert first.startswith("Warning: 2 csai plugins have a problem.")
    assert alpha.startswith("  alpha: it replaced or changed the environment variable CSAI_TEST_ALPHA")
    assert broken.startswith("  broken: load: ModuleNotFoundError")


def test_what_is_found_at_load_and_at_names_is_one_warning(site):
    site.install("alpha", "import os\nos.environ['CSAI_TEST_ALPHA'] = '1'\n" + HOOKS)
    with pytest.warns(PluginWarning) as caught:
        PluginManager(environ={}).names("agents")
    (told,) = [str(each.message) for each in caught]
    assert "CSAI_TEST_ALPHA" in told
    assert "the agent 'random' is that of csai_core:random" in told
    assert "\n" not in told


def test_calling_everything_is_one_warning(site):
    site.install("alpha", HOOKS)
    with pytest.warns(PluginWarning) as caught:
        PluginManager(environ={}).call_all()
    (told,) = [str(each.message) for each in caught]
    assert "csai_blocks: ZeroDivisionError" in told
    assert "the agent 'random' is that of csai_core:random" in told
