"""The page of names: its code runs, and its table is what `csai classic` tells."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from CoderSchoolAI.names import NAMES

PAGE = (Path(__file__).parents[2] / "packages" / "csai-classic" / "README.md").read_text()
SNIPPETS = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("snippet", SNIPPETS)
def test_the_snippets_play_to_the_end(snippet):
    namespace = {}
    exec(snippet, namespace)
    assert namespace["env"].is_episode_over


def test_the_table_is_that_of_the_names():
    table = PAGE[PAGE.index("## Names") :]
    assert re.findall(r"^\| `(.+)` \| `(.+)` \| (.*?) ?\|$", table, re.MULTILINE) == [
        tuple(each) for each in NAMES
    ]
