"""What docs/algorithms.md shows is run, and its table names every algorithm that csai-train has."""

import re
from pathlib import Path

import torch

from csai_core.options import describe
from csai_core.plugins import installed

PAGE = (Path(__file__).parents[2] / "docs" / "algorithms.md").read_text()


def test_the_examples_run_one_after_the_other(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.manual_seed(0)
    blocks = re.findall(r"^```python\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
    names: dict = {}
    for block in blocks:
        exec(compile(block, "docs/algorithms.md", "exec"), names)
    assert "20 " in capsys.readouterr().out


def test_every_algorithm_and_every_setting_named_is_there():
    entries = installed().entries("algorithms")
    own = {name for name, entry in entries.items() if entry.plugin == "csai_train"}
    assert set(re.findall(r"^\| `(\w+)` \| `algorithms/", PAGE, flags=re.MULTILINE)) == own
    for setting, algorithm in re.findall(r"^\| `(\w+)` \| `(\w+)` \|", PAGE, flags=re.MULTILINE):
        fields = {option.name for option in describe(entries[algorithm].load_config())}
        assert setting in fields
