"""What docs/questions.md answers is run, one answer after the other; pictures of games need pygame."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

PAGE = (Path(__file__).parents[2] / "docs" / "questions.md").read_text()
BLOCKS = re.findall(r"^ *```python\n(.*?)^ *```$", PAGE, flags=re.MULTILINE | re.DOTALL)
QUESTIONS = re.findall(r"^## (.*\?)$", PAGE, flags=re.MULTILINE)


def test_the_answers_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    names: dict = {}
    for block in BLOCKS:
        exec(compile(textwrap.dedent(block), "docs/questions.md", "exec"), names)
    assert "backend" in capsys.readouterr().out


def test_each_question_has_an_answer_with_code():
    assert len(BLOCKS) == len(QUESTIONS) == 8
