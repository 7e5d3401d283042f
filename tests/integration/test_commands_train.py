"""csai train, evaluate, watch, runs, plot and verify, as a person types them."""

from __future__ import annotations

import contextlib
import csv
import json
import linecache
import re
import shutil
import sys

import gymnasium
import pytest
from click.testing import CliRunner
from PIL import Image

from csai_core.commands import main


def csai(folder, *arguments, status=0):
    """Run a command in this process, which has what is slow to import; its whole output."""
    environ = {"COLUMNS": "150", "SDL_VIDEODRIVER": "dummy"}
    with contextlib.chdir(folder):
        ran = CliRunner(env=environ).invoke(main, list(map(str, arguments)))
    assert ran.exit_code == status, ran.output
    assert isinstance(ran.exception, SystemExit | None)
    assert "Traceback" not in ran.output
    return ran.stdout + ran.stderr


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a run of Snake by a table, and one of CartPole by a network."""
    folder = tmp_path_factory.mktemp("work")
    snake = [
        "--algorithm",
        "q_learning",
        "--attributes",
        "senses",
        "--total-steps",
        20_000,
        "--env",
        "width=8",
    ]
    csai(folder, "train", "CSAI/Snake-v0", *snake, "--episodes", 5, "--seed", 1, "--run-dir", "runs/snake")
    cart = ["--total-steps", 1500, "--episodes", 3, "--seed", 1, "--run-dir", "runs/cart"]
    csai(
        folder,
        "train",
        "CartPole-v1",
        "--algorithm",
        "deep_q_learning",
        *cart,
        "--hidden-sizes",
        "16",
        "--learning-starts",
        200,
    )
    return folder


def test_a_training_leaves_everything_it_promises(folder):
    run = folder / "runs" / "snake"
    names = {path.name for path in run.iterdir()}
    assert names >= {"config.json", "events.jsonl", "metrics.csv", "checkpoints", "best.json", "curves.png"}
    config = json.loads((run / "config.json").read_text())
    assert config["environment"]["kwargs"].items() >= {"attributes": "senses", "width": 8}.items()
    with Image.open(run / "video" / "game.gif") as game:
        assert game.n_frames > 3
    with Image.open(run / "curves.png") as curves:
        assert curves.size[0] == 960


def test_it_says_what_it_does_and_what_to_do_next(tmp_path):
    out = csai(tmp_path, "train", "FrozenLake-v1", "--total-steps", 200, "--episodes", 5)
    assert re.search(
        r"Training q_learning in FrozenLake-v1; the run is kept in runs/FrozenLake-v1-q_learning-", out
    )
    assert re.search(r"200 / 200 steps  [\d,]+ steps/s  return 0\.\d\d", out)
    assert re.search(r"random .*\ntrained ", out)
    assert re.search(r"Watch it play: +csai watch runs/FrozenLake-v1-q_learning-\d{8}-\d{6}\n", out)


def test_evaluate_measures_and_writes_every_game(folder):
    out = csai(folder, "evaluate", "runs/snake", "--episodes", 7, "--seed", 3, "--csv", "games.csv")
    assert re.search(r"q_learning +-?\d+\.\d\d +\d+\.\d\d +-?\d+\.\d\d to -?\d+\.\d\d", out)
    with (folder / "games.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["game"] for row in rows] == list("1234567")
    assert rows[0].keys() == {"game", "return", "length", "score"}
    again = csai(folder, "evaluate", "snake", "--episodes", 7, "--seed", 3)
    assert again.splitlines()[:3] == out.splitlines()[:3]


def test_evaluate_tells_a_script_whether_it_is_good_enough(folder):
    csai(folder, "evaluate", "snake", "--episodes", 2, "--at-least", -1000)
    out = csai(folder, "evaluate", "snake", "--episodes", 2, "--at-least", 1000, status=1)
    assert "below 1000" in out


def test_the_best_and_any_kept_checkpoint_can_be_asked_for(folder):
    csai(folder, "evaluate", "snake", "--episodes", 2, "--checkpoint", "best")
    csai(folder, "evaluate", "snake", "--episodes", 2, "--checkpoint", "18,000")
    out = csai(folder, "evaluate", "snake", "--checkpoint", "7", status=1)
    assert "step-000000000007 does not exist; there are:" in out
    assert "newest, best or a number" in csai(folder, "evaluate", "snake", "--checkpoint", "last", status=2)


def test_watch_shows_games_as_text_and_saves_one_as_a_picture(folder):
    out = csai(folder, "watch", "snake", "--text", "--episodes", 1, "--fps", 1000, "--seed", 1)
    assert re.search(r"Game 1: score \d+, return -?\d+\.\d\d in \d+ steps", out)
    csai(folder, "watch", "snake", "--gif", "new/game.gif")
    with Image.open(folder / "new" / "game.gif") as game:
        assert game.is_animated


def test_watch_tells_and_draws_what_the_agent_thinks(folder):
    out = csai(folder, "watch", "snake", "--think", "--text", "--episodes", 1, "--fps", 1000, "--seed", 1)
    assert "Return expected after each action" in out
    assert "takes" in out
    assert "surprise" in out or "as expected" in out
    csai(folder, "watch", "snake", "--think", "--gif", "thoughts.gif", "--seed", 1)
    with Image.open(folder / "thoughts.gif") as film:
        assert film.size[0] > film.size[1] == 420


def test_watch_records_what_a_person_does_and_only_in_a_window(folder):
    out = csai(folder, "watch", "snake", "--text", "--record", "mine.npz", status=1)
    assert "--record saves what you do in the agent's place, which takes a window." in out
    assert not (folder / "mine.npz").exists()


def test_watch_cuts_games_where_it_is_told_to(folder):
    short = ("--max-episode-steps", 3)
    out = csai(folder, "watch", "snake", "--text", "--episodes", 1, "--fps", 1000, "--seed", 1, *short)
    assert re.search(r"Game 1: score \d+, return -?\d+\.\d\d in 3 steps", out)
    csai(folder, "watch", "snake", "--gif", "short.gif", *short)
    with Image.open(folder / "short.gif") as game:
        assert game.n_frames <= 4


def test_watch_paints_what_the_agent_thinks_over_a_film(folder):
    short = ("--max-episode-steps", 3)
    csai(folder, "watch", "snake", "--overlay", "choices", "--gif", "painted.gif", "--seed", 1, *short)
    csai(folder, "watch", "snake", "--gif", "plain.gif", "--seed", 1, *short)
    with Image.open(folder / "painted.gif") as painted, Image.open(folder / "plain.gif") as plain:
        assert painted.size == (480, 540)  # large enough for its numbers
        assert max(plain.size) == 320
        assert painted.n_frames == plain.n_frames
    out = csai(folder, "watch", "snake", "--overlay", "values,choices", "--gif", "no.gif", status=1)
    assert "'values' says nothing true of this game and this agent." in out
    assert not (folder / "no.gif").exists()
    out = csai(folder, "watch", "snake", "--overlay", "valeus", "--gif", "no.gif", status=2)
    assert "No overlay named 'valeus'. Did you mean 'values'?" in out
    out = csai(folder, "watch", "snake", "--overlay", "choices", "--text", status=1)
    assert "--overlay paints on pictures, and here is no window: add --gif game.gif." in out


def test_watch_goes_through_overlays_in_its_window(folder, monkeypatch):
    import pygame

    pressed, names = ["p", "o", "o", ""], []

    def wait(window, fps, on_key=None, on_pointer=None):
        names.append(on_key.__self__.beside.overlay)
        if pressed and (key := pressed.pop(0)):
            pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=pygame.key.key_code(key)))
        elif not pressed:
            pygame.event.post(pygame.event.Event(pygame.QUIT))
        window.poll(on_key, on_pointer)

    monkeypatch.setattr("csai_core.shell.window.Window.wait", wait)
    monkeypatch.setattr("csai_train.commands.watch.has_screen", lambda: True)
    csai(folder, "watch", "snake", "--seed", 1, "--fps", 1)
    assert [each and each.name for each in names][:4] == [None, None, "choices", None]
    pressed, names = ["p", "o", ""], []
    csai(folder, "watch", "snake", "--seed", 1, "--fps", 1, "--overlay", "choices")
    assert [each and each.name for each in names][:3] == ["choices", "choices", None]


def test_what_is_measured_in_another_way_does_not_replace_what_csai_runs_shows(folder):
    csai(folder, "evaluate", "snake", "--episodes", 3, "--seed", 3)
    before = (folder / "runs" / "snake" / "evaluation.json").read_text()
    for way in (("--max-episode-steps", 2), ("--checkpoint", "best")):
        out = csai(folder, "evaluate", "snake", "--episodes", 2, *way)
        assert f"Measured with {way[0]}, so csai runs shows what was measured without." in out
        assert (folder / "runs" / "snake" / "evaluation.json").read_text() == before


def test_watch_has_the_window_and_the_keys_of_play(folder, monkeypatch):
    import pygame

    pressed = ["p", "", "n", "n", "", "h", "escape", "escape", ""]
    titles = []

    def wait(window, fps, on_key=None, on_pointer=None):
        titles.append(window.title)
        if pressed and (key := pressed.pop(0)):
            pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=pygame.key.key_code(key)))
        window.poll(on_key, on_pointer)

    monkeypatch.setattr("csai_core.shell.window.Window.wait", wait)
    monkeypatch.setattr("csai_train.commands.watch.has_screen", lambda: True)
    out = csai(folder, "watch", "snake", "--seed", 1, "--fps", 0.001)
    assert titles[0] == "CSAI/Snake-v0 by q_learning, score 0"
    assert titles[-1] == "CSAI/Snake-v0 by q_learning, score 0, paused: P goes on"
    assert re.search(r"Game 1: .* in [23] steps \(not finished\)", out)
    assert pressed == [""]  # the second Esc has closed the window


def test_runs_are_listed_newest_first(folder):
    rows = csai(folder, "runs").splitlines()
    assert rows[0].split() == ["run", "algorithm", "on", "score", "mean", "of", "steps", "when", "state"]
    assert [row.split()[0] for row in rows[1:]] == ["cart", "snake"]
    assert all(row.split()[-1] == "complete" for row in rows[1:])
    assert "There are no runs in" in csai(folder, "runs", "nowhere")


def test_curves_are_drawn_as_png_and_svg(folder):
    csai(folder, "plot", "snake", "--out", "snake.svg")
    csai(folder, "plot", "snake", "cart", "--out", "both.png")
    assert (folder / "snake.svg").read_text().startswith("<?xml")
    assert "must end in .png or .svg" in csai(folder, "plot", "snake", "--out", "x.pdf", status=2)


def test_verify_repeats_a_run_and_finds_what_was_changed(folder, tmp_path):
    assert "The same in everything." in csai(folder, "verify", "snake", "--steps", 2000)
    assert "and 1 checkpoints" not in csai(folder, "verify", "cart", "--steps", 1500)
    path = folder / "runs" / "cart" / "metrics.csv"
    text = path.read_text()
    rows = text.splitlines()
    rows[5] = rows[5].replace(rows[5].split(",")[0] + ",", rows[5].split(",")[0] + ",9", 1)
    path.write_text("\n".join(rows) + "\n")
    try:
        assert "Not the same. The row of metrics number 5" in csai(folder, "verify", "cart", status=1)
    finally:
        path.write_text(text)


def test_a_run_is_extended_and_its_newest_found_by_its_environment(tmp_path):
    for seed in (1, 2):
        csai(tmp_path, "train", "FrozenLake-v1", "--total-steps", 100, "--seed", seed, "--episodes", 2)
    _, second = sorted((tmp_path / "runs").iterdir(), key=lambda path: path.stat().st_mtime)
    out = csai(tmp_path, "train", "FrozenLake-v1", "--resume", status=1)
    assert f"{second.name} is complete: it has taken its 100 steps" in out
    out = csai(tmp_path, "train", "FrozenLake-v1", "--resume", "--total-steps", 150, "--episodes", 2)
    assert f"Continuing runs/{second.name} after 100 steps." in out
    assert "150 / 150 steps" in out
    assert "150" in csai(tmp_path, "runs")


def test_a_game_of_ones_own_folder_is_trained_resumed_and_measured(tmp_path):
    (tmp_path / "my_game.py").write_text(
        "import gymnasium\n"
        "from csai_core.testing.toys import Walk\n"
        "gymnasium.register('MyGame-v0', 'my_game:Walk', max_episode_steps=20)\n"
    )
    assert "truncated after 20 steps" in csai(tmp_path, "show", "my_game:MyGame-v0")
    csai(tmp_path, "train", "my_game:MyGame-v0", "--total-steps", 100, "--episodes", 2)
    out = csai(tmp_path, "train", "my_game:MyGame-v0", "--resume", "--total-steps", 150, "--episodes", 2)
    assert "150 / 150 steps" in out
    (run,) = (tmp_path / "runs").iterdir()
    del gymnasium.registry["MyGame-v0"], sys.modules["my_game"]  # as in another process
    assert "q_learning" in csai(tmp_path, "evaluate", run, "--episodes", 2)
    del gymnasium.registry["MyGame-v0"], sys.modules["my_game"]
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(run, elsewhere / "run")
    shutil.copy(tmp_path / "my_game.py", elsewhere)  # a file of that name, which nobody has typed
    assert "--import my_game" in csai(elsewhere, "evaluate", "run", "--episodes", 2, status=1)
    assert "q_learning" in csai(elsewhere, "evaluate", "run", "--episodes", 2, "--import", "my_game")


@pytest.mark.parametrize(
    ("arguments", "status", "answer"),
    [
        (["CSAI/Snaek-v0"], 1, "Did you mean 'CSAI/Snake-v0'?"),
        (["CSAI/Snake-v0", "--algorithm", "pqo"], 1, "No algorithm named 'pqo'. Did you mean 'ppo'.*q_l"),
        (["CSAI/Snake-v0", "--algorithm"], 2, "requires an argument"),
        (["CSAI/Snake-v0", "--preset", "olng"], 1, "named 'olng'. Did you mean 'long'"),
        (["CSAI/Snake-v0", "--preset", "long", "--algorithm", "a2c"], 1, "is one for ppo, not for a2c"),
        (["FrozenLake-v1", "--device", "cpu"], 1, "'q_learning' takes no device"),
        (["CartPole-v1", "--backend", "jax"], 1, "There is no backend 'jax'"),
        (["CartPole-v1", "--net", "no_such_net"], 1, "No network named 'no_such_net'"),
        (["FrozenLake-v1", "--gama", "1"], 2, "Did you mean '--gamma'?"),
        (["FrozenLake-v1", "--gamma", "much"], 2, "'much' is not a number"),
        (["FrozenLake-v1", "--gamma", "7"], 1, "gamma is 7.0; it must be from 0 to 1"),
        (["FrozenLake-v1", "--total-steps", "0"], 2, "0 is given; it must be at least 1"),
        (["FrozenLake-v1", "--callback", "evalaution"], 1, "Did you mean 'evaluation'?"),
        (["FrozenLake-v1", "--env", "width"], 2, "must look like width=8"),
        (["FrozenLake-v1", "--env", "width=8"], 1, "No option of FrozenLake-v1 named 'width'"),
        (["FrozenLake-v1", "--env", "map_name=9x9"], 1, "it knows no map_name '9x9'. Its options: csai show"),
        (["CSAI/Snake-v0", "--attributes", "sense"], 1, "senses"),
        (["Pendulum-v1", "--algorithm", "q_learning"], 1, "takes observations of Discrete"),
        (["FrozenLake-v1", "--run-dir", "/proc/nowhere/run"], 1, "cannot be written to /proc/nowhere/run"),
        (["FrozenLake-v1", "--import", "no_such_package"], 1, "--import no_such_package failed"),
        ([], 2, "csai train snake"),
        (["--resume"], 1, "There are no runs here yet"),
        (["--resume", "nowhere"], 1, "No run named 'nowhere'"),
        (["FrozenLake-v1", "--resume"], 1, "There is no run of FrozenLake-v1"),
        (["FrozenLake-v1", "--resume", "--gamma", "0.9"], 2, "--gamma cannot be given with --resume"),
        (["FrozenLake-v1", "--resume", "--net", "mlp"], 2, "--net cannot be given with --resume"),
        (["FrozenLake-v1", "--resume", "--env", "a=1"], 2, "--env cannot be given with --resume"),
    ],
)  # fmt: skip
def test_wrong_words_are_answered_with_what_would_work(tmp_path, arguments, status, answer):
    out = csai(tmp_path, "train", *arguments, status=status)
    assert re.search(answer.replace("{", r"\{").replace("(", r"\("), out.replace("\n", " "))
    assert list(tmp_path.iterdir()) == []


def test_help_explains_the_command_and_the_algorithm(tmp_path):
    general = csai(tmp_path, "train", "--help")
    assert "--resume [RUN]" in general
    assert "csai train --algorithm NAME --help, where NAME is one of:" in general
    particular = csai(tmp_path, "train", "--algorithm", "q_learning", "--help")
    assert re.search(r"Options of q_learning:(.|\n)*--gamma NUMBER +Discount\. Nearer 1", particular)
    assert "--gamma NUMBER" in csai(tmp_path, "train", "--help", "FrozenLake-v1", "--algorithm=q_learning")


def test_what_a_preset_has_reached_is_said_before_it_is_used(folder):
    said = csai(folder, "train", "CliffWalking-v1", "--seed", 0, "--episodes", 1, "--run-dir", "runs/cliff")
    assert "Its preset has reached: -13" in said
    assert said.count("-13.00") >= 1  # and so it does again


OWN_NETWORKS = """
from csai_neural import Block, InputBlock, LinearBlock, Net
from torch import nn

class Weird(Block):
    def build(self, input_shape):
        self.layers = nn.Sequential(nn.Linear(*input_shape, 3))
        return (3,)

def net(observation_space, last):
    made = Net("own")
    for block in (InputBlock(observation_space), last):
        made.add_block(block)
    return made

def plain(observation_space):
    return net(observation_space, LinearBlock(hidden_size=[5]))

def weird(observation_space):
    return net(observation_space, Weird())
"""


def test_a_network_of_a_file_of_this_folder_is_found_and_refused_where_no_run_can_keep_it(tmp_path):
    (tmp_path / "own_networks.py").write_text(OWN_NETWORKS)
    words = ["train", "CartPole-v1", "--total-steps", 600, "--episodes", 1, "--run-dir"]
    csai(tmp_path, *words, "plain", "--net", "own_networks:plain")
    csai(tmp_path, "evaluate", "plain", "--episodes", 1)
    said = csai(tmp_path, *words, "weird", "--net", "own_networks:weird", status=1)
    assert "no plugin offers the block Weird (kind 'weird')" in " ".join(said.split())
    said = csai(tmp_path, *words, "net", "--net", "own_networks:net", status=1)
    assert "net(observation_space) raised TypeError" in " ".join(said.split())
    assert not (tmp_path / "weird").exists()
    assert not (tmp_path / "net").exists()


OWN_GAME = """
import gymnasium
from csai_core import ActionAttribute, DiscreteType, ObsAttribute, Shell

class Race(Shell):
    speed = 1

    def __init__(self, **settings):
        super().__init__(**settings)
        self.place = 0
        self.register_attribute(ObsAttribute("place", DiscreteType(5), lambda: self.place))
        self.register_attribute(ActionAttribute("step", DiscreteType(2)))

    def start_episode(self, options):
        self.place = 0

    def advance(self, action, d_t):
        self.place = min(4, self.place + self.speed)

    def get_current_reward(self, action, current_state):
        return 1.0, self.place == 4

    def render_text(self):
        return str(self.place)

gymnasium.register("Race-v0", "own_race_game:Race", max_episode_steps=20)
"""


@pytest.fixture
def race(tmp_path):
    """A folder with a game of one's own, a run of it, and then a mistake in the game."""
    game = tmp_path / "own_race_game.py"
    game.write_text(OWN_GAME)
    words = ["--total-steps", 50, "--episodes", 2, "--run-dir", "run"]
    csai(tmp_path, "train", "own_race_game", *words)
    del gymnasium.registry["Race-v0"], sys.modules["own_race_game"]
    game.write_text(OWN_GAME.replace("self.speed)", "self.sped)"))
    linecache.clearcache()
    yield tmp_path
    gymnasium.registry.pop("Race-v0", None)
    sys.modules.pop("own_race_game", None)


@pytest.mark.parametrize(
    "words",
    [
        ["train", "own_race_game", "--total-steps", "50"],
        ["train", "--resume", "run", "--total-steps", "90", "--import", "own_race_game"],
        ["evaluate", "run", "--import", "own_race_game"],
        ["watch", "run", "--text", "--import", "own_race_game"],
        ["verify", "run", "--import", "own_race_game"],
        ["play", "own_race_game", "--agent", "random"],
    ],
)
def test_a_mistake_in_a_game_of_ones_own_is_shown_where_it_is(race, words, monkeypatch):
    monkeypatch.delenv("SDL_VIDEODRIVER", raising=False)
    out = csai(race, *words, status=1)
    assert "own_race_game.py, line 18, in advance:" in out
    assert "    self.place = min(4, self.place + self.sped)\n" in out
    assert "AttributeError: 'Race' object has no attribute 'sped'" in out
    assert "gymnasium/" not in out
