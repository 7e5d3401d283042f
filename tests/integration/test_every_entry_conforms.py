"""Everything of the small kinds that our packages register passes its suite."""

from __future__ import annotations

import pytest

from csai_core.plugins import installed

KINDS = ("agents", "callbacks", "commands", "presets")
OURS = ("csai_classic", "csai_core", "csai_envs", "csai_neural", "csai_train")
ENTRIES = [
    (kind, name)
    for kind in KINDS
    for name, entry in sorted(installed().entries(kind).items())
    if entry.plugin in OURS
]


@pytest.mark.parametrize(("kind", "name"), ENTRIES, ids=[f"{kind}-{name}" for kind, name in ENTRIES])
def test_it_passes_its_suite(kind, name):
    suite = installed().kinds[kind].load_suite().of(name)
    assert [each for each in suite.run() if each.status == "failed"] == []


def test_there_is_something_of_each_kind():
    assert {kind for kind, _ in ENTRIES} == set(KINDS)
