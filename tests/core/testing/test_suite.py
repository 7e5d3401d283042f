"""What all suites share: every check runs, a failure is explained, and pytest is not needed."""

from __future__ import annotations

import subprocess
import sys

import pytest

from csai_core.plugins import installed
from csai_core.testing import AgentSuite, ConformanceError, Suite
from csai_core.testing.suite import fail, skip


class Sample(Suite):
    def test_b_passes(self):
        self.ran = True

    def test_a_fails(self):
        fail("It is wrong. Mend it.")

    def test_c_crashes(self):
        raise KeyError("lost")

    def test_d_does_not_apply(self):
        skip("not here")


def test_all_checks_run_in_the_order_they_were_written():
    found = list(Sample().run())
    assert [(each.check, each.status) for each in found] == [
        ("b passes", "passed"),
        ("a fails", "failed"),
        ("c crashes", "failed"),
        ("d does not apply", "skipped"),
    ]
    assert found[1].message == "It is wrong. Mend it."
    assert found[2].message.startswith("It raised KeyError: 'lost' (in test_c_crashes, ")
    assert found[3].message == "not here"
    assert issubclass(ConformanceError, AssertionError)


def test_what_cannot_be_made_is_said_once():
    class Unmade(Sample):
        def test_it_can_be_made(self):
            fail("No.")

    class First(Suite):
        test_it_can_be_made = Unmade.test_it_can_be_made
        test_more = Sample.test_b_passes

    assert [each.check for each in First().run()] == ["it can be made"]


def test_the_suites_need_no_pytest():
    code = (
        "import sys, csai_core.testing as t\n"
        "assert t.EnvironmentSuite and t.BufferSuite and t.AlgorithmSuite\n"
        "assert not {'pytest', 'torch', 'pygame'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.fixture
def acme_agent(site):
    """An agent whose entry sets its suite."""
    site.install(
        "acme",
        "from csai_core import Entry, hookimpl\n@hookimpl\ndef csai_agents():\n    return [Entry("
        "name='acme_agent', target='csai_core.agents.random:make_random_agent', checks={'num_steps': 7})]",
        module="acme_h",
    )
    installed.cache_clear()
    yield "acme_agent"
    installed.cache_clear()


def test_what_an_entry_says_for_its_checks_counts_unless_a_class_says_otherwise(acme_agent):
    class Said(AgentSuite):
        entry_name = acme_agent

    class SaidOtherwise(Said):
        num_steps = 9

    for suite_class, expected in ((Said, 7), (SaidOtherwise, 9), (AgentSuite, AgentSuite.num_steps)):
        by_pytest, alone = suite_class(), suite_class()
        by_pytest.setup_method()
        next(alone.run())
        assert by_pytest.num_steps == alone.num_steps == expected
