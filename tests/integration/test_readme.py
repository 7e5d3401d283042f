"""Everything the README shows is run, and the plugin on half a page, which it leads to."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
HALF_A_PAGE = (ROOT / "docs" / "half-a-page.md").read_text()
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)
BLOCKS = FENCE.findall(README)
PYTHON = [text for language, text in BLOCKS if language == "python"]
PLUGIN, ENTRY_POINT = (text for language, text in FENCE.findall(HALF_A_PAGE))
SHELL = [text.strip() for language, text in BLOCKS if language == ""]


def test_it_is_one_screen():
    assert len(README.splitlines()) <= 70


@pytest.mark.parametrize("snippet", PYTHON)
def test_the_snippets_run(snippet):
    subprocess.run([sys.executable, "-W", "error", "-c", snippet], check=True, capture_output=True, text=True)


def test_the_plugin_is_found_and_trained_in(tmp_path):
    assert len([line for line in PLUGIN.splitlines() if line.strip()]) <= 20
    package = tmp_path / "guess"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "hooks.py").write_text(PLUGIN)
    name, target = re.search(r'^(\w+) = "(.*)"$', ENTRY_POINT, flags=re.MULTILINE).groups()
    info = tmp_path / "guess-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: guess\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[csai]\n{name} = {target}\n")

    def csai(*arguments):
        # Started in its own folder, the interpreter finds the plugin as if it were installed.
        program = "import sys; sys.path.insert(0, '.'); from csai_core.commands import main; main()"
        command = [sys.executable, "-c", program, *arguments]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "guess/Guess-v0" in csai("list", "environments")
    said = csai("train", "guess/Guess-v0", "--total-steps", "500", "--episodes", "5", "--run-dir", "run")
    assert "csai evaluate run" in said


def test_the_first_command_trains_the_flagship(tmp_path):
    (first,) = [line for line in SHELL if "csai train" in line]
    install, train = first.split(" && ")
    assert install == "python -m pip install -r requirements.txt"
    arguments = train.split()[1:]
    program = "from csai_core.commands import main; main()"
    short = ["--total-steps", "3000", "--num-envs", "8", "--episodes", "3"]
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments, *short],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "random" in done.stdout
    assert "trained" in done.stdout
    (run,) = (tmp_path / "runs").iterdir()
    for name in ("config.json", "metrics.csv", "events.jsonl", "curves.png", "video/game.gif"):
        assert (run / name).stat().st_size > 0
    assert any((run / "checkpoints").iterdir())
    assert f"csai watch runs/{run.name}" in done.stdout


def test_the_second_command_is_what_ci_runs():
    (second,) = [line for line in SHELL if "nox" in line]
    assert second in (ROOT / ".ci" / "run").read_text()
