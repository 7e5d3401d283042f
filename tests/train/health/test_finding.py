"""Symptoms that say nothing are refused, and findings have a title in words."""

from __future__ import annotations

import pytest

from csai_core.errors import ConfigError
from csai_train.health import Finding, Symptom


@pytest.mark.parametrize("broken", [{"level": "alarm"}, {"seen": ""}, {"means": None}, {"try_first": "  "}])
def test_a_symptom_must_say_all_that_it_is_for(broken):
    with pytest.raises(ConfigError, match=next(iter(broken))):
        Symptom(**{"seen": "a", "means": "b", "try_first": "c", **broken})


def test_the_title_is_the_name_without_its_plugin():
    assert Finding("my_plugin:sticky_floor", 5, "note", "a", "b", "c").title == "sticky floor"
