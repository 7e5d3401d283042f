"""What is said after a training; nothing that fails then makes the training look failed."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys

import gymnasium
import pytest
from click.testing import CliRunner

from csai_core.commands import main
from csai_core.testing.toys import Walk

TRAIN = ["train", "FrozenLake-v1", "--total-steps", "40", "--episodes", "2", "--run-dir", "run"]


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def csai(*words):
    return CliRunner().invoke(main, list(map(str, words)), env={"COLUMNS": "200"})


def commands_in(output):
    """The commands that a report names, word by word."""
    return [line.partition("csai ")[2].split() for line in output.splitlines() if "csai " in line]


def test_the_last_lines_name_the_files_and_three_commands_that_run(here):
    pytest.importorskip("pygame")  # which draws the game
    result = csai(*TRAIN)
    assert result.exit_code == 0
    for name in ("run/curves.png", "run/video/game.gif"):
        assert name in result.output
        assert (here / name).exists()
    watch, evaluate, longer = commands_in(result.output)
    assert watch == ["watch", "run"]
    assert evaluate == ["evaluate", "run"]
    assert longer == ["train", "--resume", "run", "--total-steps", "80"]
    assert csai(*watch, "--text", "--fps", "9999", "--episodes", "1").exit_code == 0
    assert csai(*evaluate, "--episodes", "1").exit_code == 0
    assert csai(*longer, "--episodes", "1").exit_code == 0


def test_a_folder_with_a_space_is_named_as_a_shell_takes_it(here):
    result = csai(*(("my run" if word == "run" else word) for word in TRAIN))
    lines = [line for line in result.output.splitlines() if "csai " in line]
    assert lines
    assert all("my run" in shlex.split(line) for line in lines)


def test_what_was_typed_to_import_the_environment_need_not_be_typed_again(here):
    (here / "my_walk_game.py").write_text(
        "import gymnasium\n"
        "from csai_core.testing.toys import Walk\n"
        "gymnasium.register('MyWalk-v0', 'my_walk_game:Walk', max_episode_steps=20)\n"
    )
    words = ["--total-steps", "40", "--episodes", "2"]
    try:
        by_colon = csai("train", "my_walk_game:mywalk", *words, "--run-dir", "one")
        by_option = csai("train", "MyWalk-v0", "--import", "my_walk_game", *words, "--run-dir", "two")
    finally:
        gymnasium.registry.pop("MyWalk-v0", None)
    for result in (by_colon, by_option):
        assert result.exit_code == 0, result.output
        assert "--import" not in result.output
    sys.modules.pop("my_walk_game")  # as in another process
    for words in commands_in(by_colon.output)[:2]:
        assert csai(*words, "--episodes", 1, *(["--text"] if words[0] == "watch" else [])).exit_code == 0
        del gymnasium.registry["MyWalk-v0"], sys.modules["my_walk_game"]


@pytest.mark.parametrize("is_asked_for", [False, True])
def test_a_long_game_is_warned_of_only_where_a_film_was_asked_for(here, monkeypatch, is_asked_for):
    pytest.importorskip("pygame")
    monkeypatch.setattr("csai_train.evaluation.video.MOST_STEPS", 2)
    words = [word if word != "FrozenLake-v1" else "CliffWalking-v1" for word in TRAIN]
    result = csai(*words)
    if is_asked_for:
        result = csai("watch", "run", "--gif", "game.gif", "--seed", 1)
    assert result.exit_code == 0, result.output
    assert ("The film ends after 2 steps" in result.output) is is_asked_for
    assert (here / ("game.gif" if is_asked_for else "run/video/game.gif")).exists()


class Fails(Walk):
    """Trains well, and fails when it is drawn, or when it is played for the hundredth time."""

    episodes = 0

    def start_episode(self, options):
        super().start_episode(options)
        type(self).episodes += 1
        if type(self).episodes > 30:
            raise RuntimeError("the robot's battery is empty")


def test_an_evaluation_that_fails_is_a_line(here):
    gymnasium.register("Fails-v0", Fails, max_episode_steps=20)
    try:
        result = csai("train", "Fails-v0", "--total-steps", "40", "--run-dir", "run")
    finally:
        del gymnasium.registry["Fails-v0"]
    assert result.exit_code == 0, result.output
    assert "The agent could not be judged: " in result.output
    assert "the robot's battery is empty" in result.output
    assert "csai watch run" in result.output
    assert "failed;" not in result.output
    assert any((here / "run" / "checkpoints").iterdir())


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ("csai_train.runs.curves.draw_curves", "The curve could not be drawn: "),
        ("csai_train.evaluation.video.record_game", "No game could be recorded: "),
    ],
)
@pytest.mark.parametrize(
    "error", [OSError(28, "No space left", "x"), ValueError("no such thing"), ImportError("x")]
)
def test_a_picture_that_cannot_be_made_is_a_line(here, monkeypatch, broken, words, error):
    def fail(*given, **named):
        raise error

    monkeypatch.setattr(broken, fail)
    result = csai(*TRAIN)
    assert result.exit_code == 0
    assert words in result.output
    assert "csai watch run" in result.output


def test_a_broken_backend_of_matplotlib_costs_no_curve(here):
    program = "import os; os.environ['MPLBACKEND'] = 'nonsense'\nfrom csai_core.commands import main\nmain()"
    ran = subprocess.run([sys.executable, "-c", program, *TRAIN], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert "could not be drawn" not in ran.stdout
    assert os.path.exists("run/curves.png")
    assert "csai watch run" in ran.stdout


def test_the_list_of_runs_shows_what_the_evaluation_said(here):
    csai(*TRAIN)
    csai("evaluate", "run", "--episodes", "7", "--seed", "3")
    said = json.loads(csai("evaluate", "run", "--episodes", "7", "--seed", "3", "--json").stdout)
    (run,) = json.loads(csai("runs", ".", "--json").stdout)
    assert (run["score"], run["mean_of"]) == (said["mean_return"], "7 games")
    assert "7 games" in csai("runs", ".").output
    csai("evaluate", "run", "--episodes", "3", "--checkpoint", "best")
    assert "7 games" in csai("runs", ".").output
    csai("train", "--resume", "run", "--total-steps", "50", "--episodes", "4")
    assert "4 games" in csai("runs", ".").output


def test_who_cannot_be_seen_is_not_to_be_watched(here, corridor_id):
    result = csai("train", corridor_id, "--total-steps", "40", "--episodes", "2", "--run-dir", "run")
    assert result.exit_code == 0, result.output
    assert "Playing 2 games to judge it" in result.output
    assert f"No game could be recorded: {corridor_id} cannot be rendered" in result.output
    assert [words[0] for words in commands_in(result.output)] == ["evaluate", "train"]
    watched = csai("watch", "run", "--text")
    assert watched.exit_code == 1
    assert "cannot be watched here" in watched.output
    assert "--gif" not in watched.output
