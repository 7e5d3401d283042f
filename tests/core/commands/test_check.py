"""`csai check` finds what to check by its name, prints plain words and exits 1 if something failed."""

from __future__ import annotations

import json
import sys
import xml.etree.ElementTree

import gymnasium
import pytest

HOOKS = """
from csai_core import Entry, hookimpl
from gymnasium.envs.registration import EnvSpec

@hookimpl
def csai_environments():
    return [
        EnvSpec("acme/Walk-v0", entry_point="csai_core.testing.toys:Walk"),
        EnvSpec("acme/Faulty-v0", entry_point="acme_faulty:Faulty"),
    ]

@hookimpl
def csai_buffers():
    return [Entry(name="acme_buffer", target="acme_hooks:Buffer")]
"""
FAULTY = """
from csai_core.testing.toys import Walk

class Faulty(Walk):
    def get_current_reward(self, action, current_state):
        return float("nan"), False
"""

OFFERS = "from csai_core import Entry, hookimpl\n@hookimpl\ndef "


@pytest.fixture
def run(site, csai):
    """Run the command where a plugin `acme`, and `idle`, which offers nothing, are installed too."""
    site.install("acme", HOOKS, module="acme_hooks")
    (site.folder / "acme_faulty.py").write_text(FAULTY)
    site.modules.append("acme_faulty")
    site.install("idle", "")
    yield lambda *arguments: csai("check", *arguments)
    for name in ("acme/Walk-v0", "acme/Faulty-v0"):
        gymnasium.registry.pop(name, None)


def test_what_is_sound_passes(run):
    pytest.importorskip("pygame")
    result = run("acme/Walk-v0")
    assert result.exit_code == 0, result.output
    assert "✓ gymnasium check" in result.output
    assert "✗" not in result.output


def test_an_environment_is_checked_with_its_options(run):
    result = run("acme/Walk-v0", "--env", "render_mode=bright")
    assert "Walk was given render_mode='bright'" in result.output
    assert run("random", "--env", "a=1").exit_code == 2


def test_what_is_not_is_explained_and_the_status_says_so(run):
    result = run("acme/Faulty-v0")
    assert result.exit_code == 1
    assert "✗ rewards and ends" in result.output
    assert "Faulty.get_current_reward gave the reward nan; it must be a finite number." in result.output
    assert "Traceback" not in result.output
    assert "checks failed." in result.output
    assert "Traceback" in run("acme/Faulty-v0", "--details").output


def test_a_plugin_is_checked_whole(run):
    result = run("acme")
    assert result.exit_code == 1
    headings = (
        "acme  plugin",
        "acme/Walk-v0  environment",
        "acme/Faulty-v0  environment",
        "acme_buffer  buffer",
    )
    for heading in headings:
        assert heading in result.output
    assert "✓ importing its hooks has no effects (in " in result.output
    assert "✗ it can be made" in result.output
    assert "offers 'acme_buffer' at 'acme_hooks:Buffer', but that cannot be imported" in result.output


def test_a_plugin_that_offers_nothing_has_nothing_wrong(run):
    result = run("idle")
    assert result.exit_code == 0
    assert "- it offers something (it implements no hook that is known here)" in result.output


def test_a_plugin_that_does_not_load_is_told_why(site, csai):
    site.install("broken", "import no_such_module_anywhere")
    result = csai("check", "broken")
    assert result.exit_code == 1
    assert "✗ it can be loaded" in result.output
    assert "load: ModuleNotFoundError: No module named 'no_such_module_anywhere'" in result.output
    assert "1 check failed." in result.output


def test_a_full_name_means_what_that_plugin_offers(run):
    assert "\nacme_buffer  buffer" in run("acme:acme-buffer").output
    assert "acme/Faulty-v0  environment" in run("acme:acme/Faulty-v0").output


def test_a_suite_that_is_not_installed_is_a_line(site, csai):
    hooks = (
        "from csai_core import Entry, Kind, hookimpl\n"
        "@hookimpl\ndef csai_kinds():\n"
        "    return [Kind(name='songs', hook='csai_songs', suite='no_such_songs:Suite')]\n"
        "@hookimpl\ndef csai_songs(): return [Entry(name='hymn', target='csai_singer_hooks:csai_songs')]\n"
    )
    site.install("singer", hooks)
    result = csai("check", "singer")
    assert result.exit_code == 0
    assert "(Songs are checked by no-such-songs: pip install no-such-songs" in result.output
    assert csai("check", "hymn").exit_code == 1


def test_json_holds_every_check(run):
    pytest.importorskip("pygame")  # the check of environments looks at pictures
    result = run("acme", "--json")
    assert result.exit_code == 1
    reports = {each["name"]: each for each in json.loads(result.stdout)}
    assert reports["acme"]["kind"] == "plugin"
    assert reports["acme/Walk-v0"]["failed"] == 0
    (failure,) = [each for each in reports["acme_buffer"]["checks"] if each["status"] == "failed"]
    assert failure["check"] == "it can be made"
    assert "Traceback" in failure["details"]


def test_the_badge_says_how_it_ended(run, tmp_path):
    badge = tmp_path / "check.svg"
    run("idle", "--badge", str(badge))
    assert "csai check: passing 5 checks" in "".join(xml.etree.ElementTree.parse(badge).getroot().itertext())
    run("acme_buffer", "--badge", str(badge))
    assert "1 check failed" in "".join(xml.etree.ElementTree.parse(badge).getroot().itertext())


def test_the_page_holds_everything_and_obeys_nothing(site, csai, tmp_path):
    site.install("rude", "raise RuntimeError('<script>alert(1)</script> \\x1b[31m [bold]')")
    page = tmp_path / "check.html"
    shown = csai("check", "rude", "--page", str(page))
    assert "\x1b" not in shown.output
    text = page.read_text()
    assert "<script>" not in text
    assert "\x1b" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; \\x1b[31m [bold]" in text
    assert "1 check failed" in text


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("acme/Wlak-v0", "No environment named 'acme/Wlak-v0'. Did you mean 'acme/Walk-v0'?"),
        ("acme_bufer", "No thing to check named 'acme_bufer'. Did you mean 'acme_buffer'?"),
    ],
)
def test_an_unknown_name_gets_the_nearest(run, name, message):
    result = run(name)
    assert result.exit_code == 1
    assert message in result.output


def test_a_dash_counts_as_an_underscore(run):
    assert "acme_buffer  buffer" in run("acme-buffer").output


@pytest.mark.parametrize(
    "typed", ["checked_here.py", "./checked_here.py", "checked_here", "checked_here:Here-v0"]
)
def test_a_file_of_this_folder_is_checked_by_its_name(run, tmp_path, monkeypatch, typed):
    pytest.importorskip("pygame")  # the check looks at pictures
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.path", [*sys.path])
    (tmp_path / "checked_here.py").write_text(
        "import gymnasium\n"
        "from csai_core.testing.toys import Walk\n"
        "gymnasium.register('Here-v0', 'checked_here:Walk', max_episode_steps=20)\n"
    )
    try:
        result = run(typed)
    finally:
        gymnasium.registry.pop("Here-v0", None)
        sys.modules.pop("checked_here", None)
    assert "checked_here:Here-v0  environment" in result.output
    assert result.exit_code == 0


@pytest.mark.parametrize(
    ("checks", "message"),
    [
        ({"num_stps": 7}, "No setting of AgentSuite named 'num_stps'. Did you mean 'num_steps'?"),
        ({"num_steps": "many"}, "The setting num_steps of AgentSuite is 'many'; give a int."),
        ({"entry_name": "other"}, "No setting of AgentSuite named 'entry_name'."),
    ],
)
def test_an_entry_that_says_what_no_suite_asks_is_told(site, csai, checks, message):
    hooks = f"{OFFERS}csai_agents():\n    return [Entry(name='acme_agent', "
    site.install(
        "acme",
        f"{hooks}target='csai_core.agents.random:make_random_agent', checks={checks!r})]",
        module="acme_h",
    )
    result = csai("check", "acme_agent")
    assert result.exit_code == 1
    assert "The entry 'acme_agent' of plugin 'acme' says in `checks`" in " ".join(result.output.split())
    assert message.split(". ")[0] in " ".join(result.output.split())


def test_an_entry_says_how_its_suite_is_set(site, csai):
    hooks = f"{OFFERS}csai_commands():\n    return [Entry(name='say', "
    site.install(
        "acme", f"{hooks}target='acme_say:say', summary='Say.', checks=dict(words=['Ada']))]", module="acme_h"
    )
    (site.folder / "acme_say.py").write_text(
        "import click, json\n@click.command()\n@click.argument('name')\n@click.option('--json', "
        "is_flag=True, help='J.')\n"
        "def say(name, json):\n    'Say.'\n    print('[1]')\n"
    )
    site.modules.append("acme_say")
    result = csai("check", "say")
    assert "✓ its json is json" in result.output, result.output
