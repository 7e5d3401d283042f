"""Every command that stands beside a published number or picture runs, at its smallest size.

The commands are found where they are published: `python …` in every page, docstring and preset, and `csai …`
in the rows of tables and below pictures. A script takes `--smallest`; one that does not fails here. Of a
script's commands one is run in every run of the tests, and all with `-m published`.
"""

from __future__ import annotations

import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from csai_core.commands import main
from csai_train import train

ROOT = Path(__file__).parents[2]
HIDDEN = {".git", ".nox", ".venv", "dist", "build", "node_modules", ".pytest_cache"}
SCRIPT = re.compile(r"\bpython ((?:benchmarks|docs|examples)/\S+?\.py\b(?:[^\n`\"#]|\n +(?=--))*)")
CSAI = re.compile(r"`(csai [^`]+)`")
SCRIPTS = sorted(
    path
    for folder in ("benchmarks", "docs")
    for path in (ROOT / folder).rglob("*.py")
    if 'if __name__ == "__main__"' in path.read_text()
)
PLACEHOLDERS = {
    "RUN": "a-run",
    "N": "1",
    "PYTHON": sys.executable,
    "FOLDER": "mnist",
    "CHECKOUT": "cleanrl",
    "sbx=…": f"sbx={sys.executable}",
    "cleanrl=…": f"cleanrl={sys.executable}",
    "[ID": "CSAI/Catch-v0",
    "…].": "CSAI/Maze-v0",
}
"""What stands in a published command for something of the reader's."""
SMALLEST = {
    "train": "--total-steps 10100 --num-envs 8 --episodes 1 --run-dir another-run --env max_episode_steps=20",
    "watch": "--gif picture.gif",
}
"""What makes a command of csai small; later options count."""
LEARNING_EACH_STEP = {"sac", "td3"}
"""Algorithms for which fewer steps are enough, and take long enough."""


def pages():
    """Every file in which a command may be published."""
    for path in sorted(ROOT.rglob("*")):
        inside = path.relative_to(ROOT)
        if path.suffix in (".md", ".toml") and not HIDDEN & {*inside.parts}:
            yield path
    yield from SCRIPTS


def published():
    """The words of every command of a script."""
    for page in pages():
        for match in SCRIPT.finditer(page.read_text()):
            words = match[1].replace(").", "").split()
            if words[0].startswith("examples/notebooks/"):
                continue  # needs Jupyter, and has a session of its own
            yield [PLACEHOLDERS.get(word, word.rstrip(".;,:") or word) for word in words]


def form_of(words):
    """What decides which way a script goes: its words and flags; and the names of its options with values."""
    ways, options = [], set()
    for word, following in zip(words, [*words[1:], "--"], strict=True):
        if word.startswith("--") and not following.startswith("--"):
            options.add(word)
        elif word.startswith("--") or not ways or not options:
            ways.append(re.sub(r"^\S+-v\d(:\w+)?$", "ID", word))
    return (*ways,), options


def commands_of_scripts():
    """One command of each form: what is published with more options stands for those with fewer."""
    found = {}
    for words in published():
        ways, options = form_of(words)
        kept = found.setdefault(ways, [])
        if not any(options <= form_of(other)[1] for other in kept):
            kept[:] = [other for other in kept if not form_of(other)[1] <= options] + [words]
    return sorted(" ".join(words) for kept in found.values() for words in kept)


def commands_of_csai():
    """Those in rows of tables that hold a number, and in the captions of pictures."""
    found = set()
    for page in pages():
        if page.suffix == ".md":
            text = page.read_text()
            rows = [row for row in re.findall(r"^\|.*\|$", text, re.M) if re.search(r"\d", CSAI.sub("", row))]
            places = rows + re.findall(r"<sub>.*?</sub>", text, re.S)
            found |= {" ".join(command.split()) for place in places for command in CSAI.findall(place)}
    return sorted(command for command in found if command.split()[1] in SMALLEST and len(command.split()) > 2)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A copy of what the commands read and write, so that no published page or picture is changed."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("benchmarks", "docs"):
        shutil.copytree(ROOT / name, folder / name)
    for pattern in ("*.md", "LICENSE", "packages/**/*.md", "examples/**/*.md"):
        for page in ROOT.glob(pattern):
            copy = folder / page.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(page, copy)
    images = runpy.run_path(str(ROOT / "benchmarks" / "datasets.py"))["write_images"]
    images(folder / "mnist", 256)
    config = {"num_envs": 2, "num_steps": 4, "num_minibatches": 1}
    train("ppo", "CSAI/Snake-v0", total_steps=8, seed=1, preset=None, config=config, run_dir=folder / "a-run")
    return folder


def one_of_each_script(commands):
    """The commands, of which all but the first of a script are marked."""
    seen = set()
    for command in commands:
        script = command.split()[0]
        yield pytest.param(command, marks=pytest.mark.published if script in seen else ())
        seen.add(script)


@pytest.mark.parametrize("command", [*one_of_each_script(commands_of_scripts())])
def test_each_command_of_a_script_runs(checkout, command):
    words = [sys.executable, *shlex.split(command), "--smallest"]
    environ = {**os.environ, "OMP_NUM_THREADS": "1", "SDL_VIDEODRIVER": "dummy", "MPLBACKEND": "agg"}
    done = subprocess.run(words, cwd=checkout, capture_output=True, text=True, check=False, env=environ)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "Traceback" not in said
    assert said or "/make_" in command


@pytest.mark.parametrize("command", commands_of_csai())
def test_each_command_of_csai_runs(checkout, monkeypatch, command):
    monkeypatch.chdir(checkout)
    shutil.rmtree("another-run", ignore_errors=True)
    words = [PLACEHOLDERS.get(word, word) for word in command.split()[1:]]
    fewer = ["--total-steps", "1100"] if LEARNING_EACH_STEP & {*words} else []
    result = CliRunner().invoke(main, [*words, *SMALLEST[words[0]].split(), *fewer])
    assert result.exit_code == 0, f"{result.output} {result.exception}"


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_every_script_has_a_command_that_is_published_and_is_run(script):
    assert str(script.relative_to(ROOT)) in {words[0] for words in published()}
