"""`csai doctor`, on a machine where much is broken."""

from __future__ import annotations

import json
import sys

import pytest

from csai_core import diagnostics


@pytest.fixture(autouse=True)
def _quick(site, monkeypatch):
    """Stand-ins, so that no test waits for the real torch and pygame to be tried."""
    monkeypatch.setenv("PYTHONPATH", str(site.folder))
    for module in ("torch", "torchvision", "pygame"):
        (site.folder / f"{module}.py").write_text("")


@pytest.fixture
def distribution(site):
    """Installs a module under a distribution's name."""

    def install(name, version, module=None, source=""):
        info = site.folder / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        if module:
            (site.folder / f"{module}.py").write_text(source)

    return install


def findings():
    return {finding.topic: finding for finding in diagnostics.examine()}


def test_a_healthy_family(csai, distribution):
    result = csai("doctor")
    assert "csai-core 0.1.0" in result.output
    assert "plugin csai_core" in result.output


def test_versions_of_the_family_that_differ(csai, distribution):
    distribution("csai-envs", "0.0.9")
    result = csai("doctor")
    assert result.exit_code == 1
    told = " ".join(result.output.split())
    assert "the versions must be the same. Mend: pip install --upgrade csai-core csai-envs" in told


def test_a_failed_plugin_is_a_problem(site, csai):
    site.install("broken", "import no_such_module_anywhere")
    result = csai("doctor")
    assert result.exit_code == 1
    assert "PROBLEM  plugin broken" in result.stdout
    assert "no_such_module_anywhere" in result.stdout


def test_a_plugin_that_slows_every_command_is_told(site, csai):
    site.install("sleepy", "import time\nprint('zzz')\ntime.sleep(0.3)\n")
    result = csai("doctor")
    (line,) = [line for line in result.stdout.splitlines() if "slows every command by" in line]
    assert line.split()[:3] == ["note", "plugin", "sleepy"]
    assert int(line.partition("slows every command by ")[2].partition(" ms")[0].replace(",", "")) >= 300
    assert "waits" in result.stdout


def test_a_misspelt_switch_is_a_problem(csai, monkeypatch):
    monkeypatch.setenv("CSAI_DISABLE_PLUGINS", "csai_emvs")
    assert "'csai_emvs' stands in CSAI_PLUGINS or CSAI_DISABLE_PLUGINS" in csai("doctor").output


def test_both_pygame_distributions(csai, distribution):
    distribution("pygame", "2.6.1")
    distribution("pygame-ce", "2.5.8")
    found = findings()["pygame"]
    assert found.verdict == "problem"
    assert "pip uninstall -y pygame pygame-ce && pip install pygame-ce" in found.text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("raise OSError('libtorch.so: cannot open')", "OSError: libtorch.so: cannot open"),
        ("raise SystemExit(4)", "exit status 4"),
        ("import os; os.abort()", "exit status -6"),
    ],
)
def test_a_torch_that_does_not_import_ends_as_a_line(csai, distribution, source, text):
    distribution("torch", "9.9", "torch", source)
    found = findings()["torch"]
    assert found.verdict == "problem"
    assert text in found.text


def test_operators_of_torchvision_that_do_not_load_are_only_a_note(csai, distribution):
    distribution("torch", "9.9", "torch", "")
    distribution("torchvision", "9.9", "torchvision", "raise RuntimeError('operator nms does not exist')")
    found = findings()["torchvision"]
    assert found.verdict == "note"
    assert "operator nms does not exist" in found.text


def test_what_hangs_is_given_up(csai, distribution, monkeypatch):
    distribution("torch", "9.9", "torch", "import time; time.sleep(60)")
    monkeypatch.setattr(diagnostics, "_SECONDS_TO_IMPORT", 1)
    assert "does not import within 1 seconds" in findings()["torch"].text


def test_more_threads_than_processors(csai, distribution, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "9999")
    assert findings()["threads"].verdict == "problem"


def test_a_check_that_fails_is_a_finding(csai, monkeypatch):
    monkeypatch.setattr(diagnostics, "version", lambda name: 1 / 0)
    found = findings()
    assert "could not be checked: ZeroDivisionError" in found["torch"].text
    assert found["display"].verdict in ("ok", "note")


@pytest.mark.parametrize(
    ("environ", "text"),
    [
        ({"SDL_VIDEODRIVER": "dummy"}, "windows open unseen"),
        ({"DISPLAY": ":0"}, "windows can open"),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "windows can open"),
        ({}, "windows cannot open"),
    ],
)
def test_display(monkeypatch, environ, text):
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("SDL_VIDEODRIVER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert text in findings()["display"].text


def test_a_plugin_that_ends_every_command_is_named_with_a_way_out(site, csai):
    site.install("ends", "import os\nos._exit(0)\n")
    site.install_block("sound", "first")
    result = csai("doctor", "--json")
    assert result.exit_code == 1
    found = [each for each in json.loads(result.stdout) if each["topic"] in ("plugin ends", "plugin sound")]
    assert [each["verdict"] for each in found] == ["problem", "ok"]
    assert found[0]["text"].startswith("csai-ends 1.0, ends Python (exit status 0)")
    assert "CSAI_DISABLE_PLUGINS=ends, or pip uninstall csai-ends" in found[0]["text"]


def test_one_that_is_switched_off_by_hand_is_not_tried(site, csai, monkeypatch):
    site.install("ends", "import os\nos._exit(0)\n")
    monkeypatch.setenv("CSAI_DISABLE_PLUGINS", "ends")
    found = {each["topic"]: each for each in json.loads(csai("doctor", "--json").stdout)}
    assert found["plugin ends"]["verdict"] == "note"
    assert "switched off by CSAI_DISABLE_PLUGINS" in found["plugin ends"]["text"]
