"""Every planted fault is found for its true reason, and nothing sound is blamed; docs/plugins.md says so."""

import re
import sys
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest

from planted import __main__ as command
from planted.specimens import Specimen, specimens

SAMPLED = 24
"""Of so many specimens one is judged in every run of the tests, and all with `-m planted`."""
PAGE = Path(__file__).parents[2] / "docs" / "plugins.md"


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(
    "specimen",
    [
        pytest.param(specimen, marks=pytest.mark.planted if number % SAMPLED else ())
        for number, specimen in enumerate(specimens())
    ],
    ids=lambda specimen: specimen.name,
)
def test_the_suites_judge_rightly(specimen: Specimen):
    assert not specimen.misjudgment()


def test_the_page_has_the_table_of_today():
    rows = re.findall(r"^\| (\w+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", PAGE.read_text(), re.MULTILINE)
    published = {kind: tuple(map(int, numbers)) for kind, *numbers in rows}
    kinds = {specimen.kind for specimen in specimens()}
    planted = Counter(specimen.kind for specimen in specimens() if specimen.reason is not None)
    sound = Counter(specimen.kind for specimen in specimens() if specimen.reason is None)
    today = {kind: (planted[kind], planted[kind], sound[kind], 0) for kind in kinds}
    total = planted.total(), planted.total(), sound.total(), 0
    assert published == {**today, "all": total}, "python tests/planted prints it"


@pytest.mark.parametrize(
    ("words", "row", "status"),
    [([], "| all | 1 | 1 | 1 | 1 |", 1), (["agents"], "| all | 1 | 1 | 0 | 0 |", 0)],
)
def test_the_command_judges_all_kinds_or_those_that_are_named(words, row, status, monkeypatch, capsys):
    found = SimpleNamespace(kind="agents", name="agents-A", reason="sleeps", misjudgment=lambda: "")
    blamed = SimpleNamespace(kind="blocks", name="blocks-B", reason=None, misjudgment=lambda: "was blamed")
    monkeypatch.setattr(command, "specimens", lambda: [found, blamed])
    monkeypatch.setattr(sys, "argv", ["planted", *words])
    assert command.main() == status
    assert row in capsys.readouterr().out


def test_the_command_names_the_kinds_where_one_is_unknown(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["planted", "agent"])
    with pytest.raises(SystemExit, match="2"):
        command.main()
    assert "there is no agent; there is agents, algorithms" in capsys.readouterr().err
