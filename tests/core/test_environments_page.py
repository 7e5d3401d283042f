"""Everything that docs/environments.md and the package's README show is run, in the order of the page."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "environments.md").read_text()
README = (ROOT / "packages" / "csai-core" / "README.md").read_text()


def blocks(page, language):
    return re.findall(rf"^```{language}\n(.*?)^```$", page, flags=re.MULTILINE | re.DOTALL)


@pytest.fixture
def played(monkeypatch):
    """The names that the page's code defines, after all of it was run."""
    pytest.importorskip("pygame")
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    names = {}
    for code in blocks(PAGE, "python"):
        exec(compile(code, "environments.md", "exec"), names)
    return names


def test_the_page_runs_and_its_environments_are_sound(played):
    for name in ("Corridor", "Lit", "Slippery", "Drawn", "Whole"):
        suite = type(name, (played["EnvironmentSuite"],), {"num_steps": 50})()
        suite.make = lambda name=name, **settings: played[name](**settings)
        failed = [each for each in suite.run() if each.status == "failed"]
        # The page's classes are defined nowhere that a pickle could find them.
        assert [each.check for each in failed] == ["pickling and copying"], failed


def test_the_output_shown_is_the_output(played, capsys):
    code = next(code for code in blocks(PAGE, "python") if "print(" in code)
    exec(code, played)
    assert capsys.readouterr().out == blocks(PAGE, "text")[0]


def test_the_first_example_is_the_file():
    assert blocks(PAGE, "python")[0] == (ROOT / "examples" / "thirty_lines.py").read_text()


def test_a_game_in_a_folder_is_played_and_checked_by_its_module(tmp_path):
    code = blocks(PAGE, "python")
    register = blocks(PAGE, "text")[1].replace("Drawn", "Corridor")
    (tmp_path / "corridor.py").write_text(code[0] + register)
    environ = {"PATH": "/usr/bin:/bin"}
    program = "import sys; sys.path.pop(0); from csai_core.commands import main; main()"

    def csai(*arguments):
        command = [sys.executable, "-c", program, *arguments]
        return subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=True)

    played = csai("play", "corridor:Corridor-v0", "--agent", "random", "--seed", "1").stdout
    assert played.startswith("$...@....")
    checked = csai("check", "corridor:Corridor-v0").stdout
    assert "✓ pickling and copying" in checked
    assert "✗" not in checked
    shutil.rmtree(tmp_path)


def test_many_at_once_run_as_a_script_beside_the_game(tmp_path):
    code = blocks(PAGE, "python")
    (tmp_path / "corridor.py").write_text(code[0] + blocks(PAGE, "text")[1].replace("Drawn", "Corridor"))
    (tmp_path / "many.py").write_text(next(each for each in code if "SupervisedVectorEnv" in each))
    command = [sys.executable, "-W", "error", "many.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("(8, 2) (8,)\n", "")


@pytest.mark.parametrize("code", blocks(README, "python"))
def test_the_readme_runs(code):
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)
