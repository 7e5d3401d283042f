"""`csai check` finds what to check by its name, prints plain words and exits 1 if something failed."""

from __future__ import annotations

import sys
import types
from importlib.metadata import EntryPoint

import gymnasium
import pytest
from click.testing import CliRunner

from csai_core import Entry, hookimpl
from csai_core.commands import main
from csai_core.plugins import PluginManager
from csai_core.testing.toys import Walk


class Faulty(Walk):
    """Ends with a reward that is no number."""

    def get_current_reward(self, action, current_state):
        return float("nan"), False


@pytest.fixture
def run(monkeypatch):
    """Run the command where one plugin, `acme`, is installed besides csai-core."""
    module = types.ModuleType("acme_hooks")

    @hookimpl
    def csai_environments():
        here = f"{__name__}:Faulty"
        return [
            gymnasium.envs.registration.EnvSpec("acme/Walk-v0", entry_point="csai_core.testing.toys:Walk"),
            gymnasium.envs.registration.EnvSpec("acme/Faulty-v0", entry_point=here),
        ]

    @hookimpl
    def csai_buffers():
        return [Entry(name="acme_buffer", target="acme_hooks:Buffer")]

    module.csai_environments, module.csai_buffers = csai_environments, csai_buffers
    monkeypatch.setitem(sys.modules, "acme_hooks", module)
    points = [
        EntryPoint("csai_core", "csai_core.hooks", "csai"),
        EntryPoint("acme", "acme_hooks", "csai"),
    ]
    manager = PluginManager(points, environ={})
    for where in (
        "csai_core.environments",
        "csai_core.commands",
        "csai_core.commands.check",
        "csai_core.commands.resolver",
    ):
        __import__(where)
        monkeypatch.setattr(sys.modules[where], "installed", lambda: manager)
    monkeypatch.setattr("csai_core.testing.buffer.installed", lambda: manager)
    yield lambda *args: CliRunner().invoke(main, ["check", *args], env={"COLUMNS": "500"})
    for name in ("acme/Walk-v0", "acme/Faulty-v0"):
        gymnasium.registry.pop(name, None)


def test_what_is_sound_passes(run):
    pytest.importorskip("pygame")
    result = run("acme/Walk-v0")
    assert result.exit_code == 0, result.output
    assert "✓ gymnasium check" in result.output
    assert "✗" not in result.output


def test_what_is_not_is_explained_and_the_status_says_so(run):
    result = run("acme/Faulty-v0")
    assert result.exit_code == 1
    assert "✗ rewards and ends" in result.output
    assert "Faulty.get_current_reward gave the reward nan; it must be a finite number." in result.output
    assert "Traceback" not in result.output
    assert "checks failed." in result.output
    assert "Traceback" in run("acme/Faulty-v0", "--details").output


def test_a_plugin_is_checked_whole(run):
    result = run("acme")
    assert result.exit_code == 1
    for heading in ("acme/Walk-v0  environment", "acme/Faulty-v0  environment", "acme_buffer  buffer"):
        assert heading in result.output
    assert "✗ it can be made" in result.output
    assert "offers 'acme_buffer' at 'acme_hooks:Buffer', but that cannot be imported" in result.output


def test_a_plugin_without_anything_to_check_says_so(run):
    result = run("csai_core")
    assert result.exit_code == 0
    assert "There is nothing to check" in result.output


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("acme/Wlak-v0", "No environment named 'acme/Wlak-v0'. Did you mean 'acme/Walk-v0'?"),
        ("acme_bufer", "No thing to check named 'acme_bufer'. Did you mean 'acme_buffer'?"),
    ],
)
def test_an_unknown_name_gets_the_nearest(run, name, message):
    result = run(name)
    assert result.exit_code == 1
    assert message in result.output


def test_a_dash_counts_as_an_underscore(run):
    assert "acme_buffer  buffer" in run("acme-buffer").output


@pytest.mark.parametrize(
    "typed", ["checked_here.py", "./checked_here.py", "checked_here", "checked_here:Here-v0"]
)
def test_a_file_of_this_folder_is_checked_by_its_name(run, tmp_path, monkeypatch, typed):
    pytest.importorskip("pygame")  # the check looks at pictures
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.path", [*sys.path])
    (tmp_path / "checked_here.py").write_text(
        "import gymnasium\n"
        "from csai_core.testing.toys import Walk\n"
        "gymnasium.register('Here-v0', 'checked_here:Walk', max_episode_steps=20)\n"
    )
    try:
        result = run(typed)
    finally:
        gymnasium.registry.pop("Here-v0", None)
        sys.modules.pop("checked_here", None)
    assert "checked_here:Here-v0  environment" in result.output
    assert result.exit_code == 0
