"""The page of health: it has every rule, in their order, and its rule of a stranger works."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from csai_core.plugins import installed
from csai_train.testing import HealthRuleSuite

PAGE = (Path(__file__).parents[2] / "docs" / "health.md").read_text()
BLOCKS = dict(re.findall(r"^```python\n# (\S+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))


def test_it_has_every_rule_in_their_order():
    listed = re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)
    rules = installed().entries("health_rules")
    assert listed == [name for name, entry in rules.items() if entry.plugin == "csai_train"]


def test_the_first_example_runs():
    source = re.search(r"^```python\n(from csai_train import train\n.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    exec(compile(source[1].replace("20_000", "2_000"), "docs/health.md", "exec"), {})


@pytest.fixture
def my_plugin(tmp_path, monkeypatch):
    for path in ("my_plugin/hooks.py", "my_plugin/rules.py"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(BLOCKS[path])
    info = tmp_path / "my_plugin-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: my-plugin\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[csai]\nmy_plugin = my_plugin.hooks\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    installed.cache_clear()
    yield installed()
    for name in [name for name in sys.modules if name.partition(".")[0] == "my_plugin"]:
        del sys.modules[name]
    installed.cache_clear()


def test_a_strangers_rule_is_found_asked_and_checked(my_plugin):
    assert my_plugin.find("health_rules", "sleepy").full_name == "my_plugin:sleepy"
    assert [each for each in HealthRuleSuite.of("sleepy").run() if each.status == "failed"] == []
