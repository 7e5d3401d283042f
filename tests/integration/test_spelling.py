"""American spelling, and plain words, wherever csai's people write: sources, pages, tests, examples."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PLACES = ("packages", "docs", "tests", "benchmarks", "examples")
KINDS = {".py", ".md", ".toml", ".template", ".txt", ".yml", ".yaml"}
FIXED_NAMES = ("behaviour_cloning",)
BRITISH = re.compile(
    "|".join(
        (
            "behaviour|colour|favour|honour|neighbour|licence|centre|centring|grey|artefact|judgement|towards",
            "analyse\\b|analysed|labell|modelling|travell|cancelled|learnt|whilst|amongst|programme\\b",
            "(?:final|general|initial|maxim|minim|normal|optim|organ|penal|prior|random|real|recogn|regular|serial)"
            "is(?:e|ed|er|ers|es|ing|ation|ations)\\b",
            "(?:special|stabil|standard|summar|synchron|token|util|vector|visual)is(?:e|ed|er|ers|es|ing|ation)\\b",
        )
    ).replace("\\b", r"(?![a-z])"),
    re.IGNORECASE,
)
DIALECT = re.compile(r"numbers that are none|\banew\b|\breckon", re.IGNORECASE)


def written():
    """Every text of the project, this list and foreign ones aside."""
    places = [ROOT / place for place in PLACES]
    texts = [path for place in places for path in place.rglob("*") if path.suffix in KINDS]
    hidden = [path for path in texts if any(part.startswith(".") for part in path.relative_to(ROOT).parts)]
    return sorted({*texts, *ROOT.glob("*.md"), *ROOT.glob("*.py")} - {*hidden, Path(__file__)})


@pytest.mark.parametrize("words", [BRITISH, DIALECT], ids=["spelling", "dialect"])
def test_the_words_are_those_that_everybody_uses(words):
    found = []
    for path in written():
        text = path.read_text()
        for name in FIXED_NAMES:
            text = text.replace(name, "")
        found += [f"{path.relative_to(ROOT)}: {match.group()}" for match in words.finditer(text)]
    assert not found
