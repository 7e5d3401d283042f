"""What the READMEs of the games show, runs."""

import re
from pathlib import Path

import pytest

import csai_envs

SOURCES = Path(csai_envs.__file__).parent
READMES = sorted(SOURCES.glob("*/README.md"))


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.parent.name)
def test_code_in_readmes_runs(readme):
    text = readme.read_text(encoding="utf-8")
    names = {}
    for block in re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL):
        exec(compile(block, str(readme), "exec"), names)
    for call in re.findall(r"`(gymnasium\.make[^`]*)`", text):
        exec(f"import gymnasium; {call}", {})


def test_every_game_has_a_readme():
    folders = {path.parent.name for path in SOURCES.glob("*/env.py")}
    assert folders == {path.parent.name for path in READMES}
