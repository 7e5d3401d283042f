"""What no machine has memory for is refused before it is taken."""

from __future__ import annotations

import pytest

from csai_core import memory
from csai_core.errors import ConfigError


def test_what_fits_is_let_pass():
    memory.require_memory("A table", 2**20, "Make it smaller.")


def test_what_does_not_fit_is_refused_with_both_numbers_and_a_cure(monkeypatch):
    monkeypatch.setattr(memory, "_memory_of_machine", lambda: 3 * 2**30)
    message = r"^A table needs 4\.5 GiB of memory, but this machine has 3\.0 GiB\. Make it smaller\.$"
    with pytest.raises(ConfigError, match=message):
        memory.require_memory("A table", 9 * 2**29, "Make it smaller.")


def test_what_is_there_at_once_is_summed(monkeypatch):
    monkeypatch.setattr(memory, "_memory_of_machine", lambda: 3 * 2**30)
    for _ in range(3):
        memory.require_memory("A layer", 2**30, "Make it smaller.")
    message = r"^A layer needs 1\.0 GiB of memory beside 2\.5 GiB of what comes before it, but this"
    with memory.summed():
        memory.require_memory("A layer", 2**30, "Make it smaller.")
        with memory.summed():
            memory.require_memory("A layer", 3 * 2**29, "Make it smaller.")
        with pytest.raises(ConfigError, match=message):
            memory.require_memory("A layer", 2**30, "Make it smaller.")
        memory.require_memory("A layer", 2**29, "Make it smaller.")
    memory.require_memory("A layer", 3 * 2**30, "Make it smaller.")


def test_where_the_system_does_not_tell_nothing_is_refused(monkeypatch):
    monkeypatch.setattr(memory, "_memory_of_machine", lambda: None)
    memory.require_memory("A table", 2**80, "Make it smaller.")
