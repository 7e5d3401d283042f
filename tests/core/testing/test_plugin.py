"""The suite for plugins: what each check finds in a plugin with one fault."""

from __future__ import annotations

import pytest

from csai_core.plugins import installed
from csai_core.testing import PluginSuite

HEAD = "from csai_core import Entry, hookimpl\nfrom gymnasium.envs.registration import EnvSpec\n"
MADE = "Entry(name='a', target='mine_parts:make')"


def offering(hook, *offers):
    return f"{HEAD}@hookimpl\ndef {hook}(): return [{', '.join(offers)}]\n"


@pytest.fixture
def outcomes(site):
    """Installs a plugin `mine` and further modules; returns what the suite says, by check."""

    def judge(hooks, **modules):
        site.install("mine", hooks, module="mine_hooks")
        for name, source in modules.items():
            (site.folder / f"{name}.py").write_text(source)
            site.modules.append(name)
        installed.cache_clear()
        return {outcome.check: outcome for outcome in PluginSuite.of("mine").run()}

    yield judge
    installed.cache_clear()


@pytest.mark.filterwarnings("ignore::csai_core.plugins.PluginWarning")
@pytest.mark.parametrize(
    ("hooks", "modules", "check", "message"),
    [
        ("import nowhere_to_be_found", {}, "it can be loaded", "No module named 'nowhere_to_be_found'"),
        (
            f"{HEAD}@hookimpl\ndef csai_blocks(): return 1 / 0\n",
            {},
            "it can be loaded",
            "csai_blocks: ZeroDivisionError",
        ),
        (f"{HEAD}print('loaded')\n", {}, "importing its hooks has no effects", "mine_hooks prints 'loaded'"),
        (
            f"import mine_parts\n{offering('csai_agents', MADE)}",
            {"mine_parts": "import random; random.seed(1)\ndef make(env): ..."},
            "importing its hooks has no effects",
            "draws from the global generator of Python",
        ),
        (
            offering("csai_agents", MADE),
            {"mine_parts": ""},
            "everything that it offers can be imported",
            "offers 'a' at 'mine_parts:make', but that cannot be imported",
        ),
        (
            offering("csai_agents", "Entry(name='a', target='mine_parts:make', config='mine_parts:Config')"),
            {"mine_parts": "def make(): ..."},
            "everything that it offers can be imported",
            "'mine_parts:Config'",
        ),
        (
            offering("csai_environments", "EnvSpec('Mine/A-v0', 'mine_parts:Env')"),
            {"mine_parts": ""},
            "everything that it offers can be imported",
            "Mine/A-v0 is offered at 'mine_parts:Env', but that cannot be imported",
        ),
        (
            offering("csai_agents", MADE),
            {"mine_parts": "import numpy\nnumpy.random.seed(0)\ndef make(): ..."},
            "importing what it offers has no effects",
            "mine_parts draws from the global generator of numpy",
        ),
        (
            offering("csai_commands", "Entry(name='list', target='mine_parts:make')"),
            {"mine_parts": "def make(): ..."},
            "its names are its own",
            "the command 'list' is that of csai_core:list",
        ),
    ],
)
def test_each_fault_is_found(outcomes, hooks, modules, check, message):
    found = outcomes(hooks, **modules)
    failed = [outcome.check for outcome in found.values() if outcome.status == "failed"]
    assert failed[:1] == [check]
    assert message in found[check].message


def test_what_is_sound_passes_and_tells_of_itself(outcomes):
    found = outcomes(
        offering("csai_agents", MADE),
        mine_parts="import random\ndef make(env): return random.Random(1)\n",
    )
    assert {outcome.status for outcome in found.values()} == {"passed"}
    assert found["it offers something"].message == "1 agent"
    assert found["importing its hooks has no effects"].message.startswith("in ")


@pytest.mark.filterwarnings("ignore::csai_core.plugins.PluginWarning")
def test_a_name_that_another_stranger_has_too_is_no_fault(outcomes, site):
    site.install_block("other", "first")
    found = outcomes(
        offering("csai_blocks", "Entry(name='first', target='mine_parts:make')"), mine_parts="make = 1"
    )
    assert found["its names are its own"].status == "skipped"
    assert (
        "is offered by 'other' too; that of this plugin is mine:first"
        in found["its names are its own"].message
    )


def test_a_strangers_broken_plugin_makes_nothing_of_another_fail(outcomes, site):
    site.install("broken", "raise SystemExit(1)")
    found = outcomes(offering("csai_agents", MADE), mine_parts="make = 1")
    assert {outcome.status for outcome in found.values()} == {"passed"}


def test_an_unknown_plugin_gets_the_nearest(outcomes):
    outcomes("")
    (first, *_) = PluginSuite.of("mien").run()
    assert "No plugin named 'mien'. Did you mean 'mine'?" in first.message
