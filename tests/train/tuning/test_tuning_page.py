"""docs/tuning.md: its code runs."""

import re
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[3] / "docs" / "tuning.md").read_text()


def test_its_code_runs(tmp_path, monkeypatch, capsys):
    pytest.importorskip("optuna")
    monkeypatch.chdir(tmp_path)
    (code,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    exec(compile(code, "docs/tuning.md", "exec"), {"__name__": "__main__"})
    assert "preset.toml" in capsys.readouterr().out
