"""docs/wild.md: its code runs, and its table has every environment that its command tries."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "wild.md").read_text()


def test_snippets_run():
    for snippet in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
        exec(snippet, {})


def test_the_table_has_each_environment_that_is_tried_with_its_version():
    rows = re.findall(r"^\| ([\w-]+) ([\d.]+) \| `([^`]+)` \| ", PAGE, re.M)
    cases = runpy.run_path(str(ROOT / "benchmarks" / "wild.py"))["CASES"]
    assert [(name, arguments) for name, _, arguments in rows] == [tuple(each) for each in cases]
