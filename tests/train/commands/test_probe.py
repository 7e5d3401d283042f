"""`csai probe` and `csai doctor --probes`."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from csai_core.commands import main
from csai_train.training import probes
from csai_train.training.probes import ProbeResult


@pytest.fixture
def fails(monkeypatch):
    def probe(algorithm, network):
        yield ProbeResult("constant reward", True, "values of 1.00 where 1 is right")
        yield ProbeResult("readable reward", False, "values of 0.00 where 1 is right", "The eyes.")

    monkeypatch.setattr(probes, "probe", probe)


@pytest.mark.usefixtures("fails")
@pytest.mark.parametrize("words", [["probe", "a2c"], ["doctor", "--probes", "a2c"]])
def test_the_first_failure_says_what_is_broken(words):
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 1
    assert "FAILS" in result.output
    assert "The eyes." in result.output
    assert "a2c fails in the probe 'readable reward'." in result.output


@pytest.mark.usefixtures("fails")
def test_as_json_it_is_a_list():
    found = json.loads(CliRunner().invoke(main, ["doctor", "--probes", "a2c", "--json"]).stdout)
    assert [each["passed"] for each in found] == [True, False]
    assert found[1]["broken"] == "The eyes."
