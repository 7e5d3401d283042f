"""Every hook does what its page says: the page and the code agree, and the page's examples run."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from csai_core.plugins import hookspecs, installed
from csai_core.plugins.kind import BUILT_IN
from csai_core.testing import AlgorithmSuite, BufferSuite, EnvironmentSuite

PAGE = Path(__file__).parents[3] / "docs" / "hooks.md"
SECTIONS = dict(re.findall(r"^## (csai_\w+)\n(.*?)(?=^## |\Z)", PAGE.read_text(), re.MULTILINE | re.DOTALL))
HOOKS = {name: function for name, function in vars(hookspecs).items() if name.startswith("csai_")}


def examples(hook):
    """The blocks of a section that open with a comment: what the comment says -> source."""
    return dict(
        re.findall(r"^```(?:python|toml)\n# (.+?)\n(.*?)^```", SECTIONS[hook], re.MULTILINE | re.DOTALL)
    )


@pytest.fixture
def my_plugin(site):
    """Installs the files of one section as the package my_plugin."""

    def install(hook):
        info = site.install("my_plugin", "")
        (info / "entry_points.txt").write_text("[csai]\nmy_plugin = my_plugin.hooks\n")
        (site.folder / "my_plugin").mkdir()
        for path, source in examples(hook).items():
            if path.startswith("my_plugin/"):
                (site.folder / path).parent.mkdir(exist_ok=True)
                (site.folder / path).write_text(source)
                site.modules.append(path.removesuffix(".py").replace("/", "."))
        site.modules.append("my_plugin")
        installed.cache_clear()
        return installed()

    yield install
    installed.cache_clear()


def try_it(hook):
    exec(compile(examples(hook)["try it"], f"{PAGE}#{hook}", "exec"), {})


def failures(suite):
    """What a conformance suite finds wrong."""
    return [outcome for outcome in suite.run() if outcome.status == "failed"]


def test_the_page_has_a_section_for_each_hook_in_order():
    assert list(SECTIONS) == [*(kind.hook for kind in BUILT_IN), "csai_kinds"]
    assert set(SECTIONS) == set(HOOKS)


@pytest.mark.parametrize("hook", HOOKS)
def test_the_page_gives_the_exact_signature_and_says_when_it_runs(hook):
    signature = str(inspect.signature(HOOKS[hook])).replace("'", "")
    assert f"```python\ndef {hook}{signature}\n```" in SECTIONS[hook]
    assert inspect.cleandoc(HOOKS[hook].__doc__).replace("\n", " ") in SECTIONS[hook].replace("\n", " ")


def test_the_page_names_the_suite_of_each_kind():
    rows = re.findall(r"^\| \[(csai_\w+)\]\(#\1\) \| .+ \| `(.+)` \|$", PAGE.read_text(), re.MULTILINE)
    assert rows == [(kind.hook, kind.suite.replace(":", ".")) for kind in BUILT_IN]


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_has_its_test(hook):
    assert f"test_hook_{hook}" in globals()


def test_hook_csai_environments(my_plugin):
    assert my_plugin("csai_environments").environment_plugin("MyPlugin/Coin-v0") == "my_plugin"
    try_it("csai_environments")
    assert failures(EnvironmentSuite.of("MyPlugin/Coin-v0")) == []


def test_hook_csai_blocks(my_plugin):
    entry = my_plugin("csai_blocks").find("blocks", "maxout")
    assert (entry.plugin, entry.target) == ("my_plugin", "my_plugin.blocks:MaxoutBlock")
    suites = pytest.importorskip("csai_neural.testing")
    try_it("csai_blocks")
    assert failures(suites.BlockSuite.of("maxout")) == []


def test_hook_csai_networks(my_plugin):
    assert my_plugin("csai_networks").find("networks", "narrow").plugin == "my_plugin"
    suites = pytest.importorskip("csai_neural.testing")
    try_it("csai_networks")
    assert failures(suites.NetworkSuite.of("narrow")) == []


def test_hook_csai_buffers(my_plugin):
    entry = my_plugin("csai_buffers").find("buffers", "forgetful")
    assert (entry.plugin, entry.summary) == ("my_plugin", "Remembers little.")
    pytest.importorskip("csai_train")
    try_it("csai_buffers")
    assert failures(BufferSuite.of("forgetful")) == []


def test_hook_csai_algorithms(my_plugin):
    entry = my_plugin("csai_algorithms").find("algorithms", "best-average")
    assert entry.load_config()().epsilon == 0.1
    assert [
        outcome for outcome in AlgorithmSuite.of("best_average").run() if outcome.status == "failed"
    ] == []
    pytest.importorskip("csai_train")
    try_it("csai_algorithms")


def test_hook_csai_datasets(my_plugin):
    assert my_plugin("csai_datasets").find("datasets", "blobs").plugin == "my_plugin"
    pytest.importorskip("csai_train")
    try_it("csai_datasets")


def test_hook_csai_agents(my_plugin):
    assert my_plugin("csai_agents").find("agents", "stubborn").plugin == "my_plugin"
    try_it("csai_agents")


def test_hook_csai_callbacks(my_plugin):
    assert my_plugin("csai_callbacks").find("callbacks", "best_game").plugin == "my_plugin"
    pytest.importorskip("csai_train")
    try_it("csai_callbacks")


def test_hook_csai_presets(my_plugin):
    pytest.importorskip("csai_train")
    my_plugin("csai_presets")
    try_it("csai_presets")


def test_hook_csai_wrappers(my_plugin):
    assert my_plugin("csai_wrappers").find("wrappers", "generous").plugin == "my_plugin"
    try_it("csai_wrappers")


def test_hook_csai_commands(my_plugin):
    assert my_plugin("csai_commands").find("commands", "say-hello").plugin == "my_plugin"
    try_it("csai_commands")


def test_hook_csai_kinds(my_plugin):
    manager = my_plugin("csai_kinds")
    assert manager.kinds["greetings"].plugin == "my_plugin"
    assert manager.find("greetings", "curt").plugin == "my_plugin"
    try_it("csai_kinds")
