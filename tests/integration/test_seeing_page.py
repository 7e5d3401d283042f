"""docs/seeing.md: its code runs, in order, and its commands are those that there are."""

from __future__ import annotations

import re
from pathlib import Path

from csai_train.commands.plot import plot_command

PAGE = (Path(__file__).parents[2] / "docs" / "seeing.md").read_text()


def test_the_code_of_the_page_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {}
    for code in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
        exec(code, names)


def test_the_options_of_csai_plot_are_described():
    section = PAGE.partition("## Pictures")[2].partition("\n## ")[0]
    flags = {flag for option in plot_command.params for flag in option.opts if flag.startswith("--")}
    assert flags == set(re.findall(r"--[a-z]+", section)) & flags
