"""Every planted fault is found for its true reason, and nothing sound is blamed; docs/plugins.md says so."""

import re
from collections import Counter
from pathlib import Path

import pytest

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
