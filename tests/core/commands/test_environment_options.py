"""Options of environments: read as they are typed, and refused where they would mean something else."""

from __future__ import annotations

import click
import gymnasium
import pytest
from click.testing import CliRunner

from csai_core.commands import main
from csai_core.commands.check import _make_with
from csai_core.commands.environment_options import check_env_options, env_option
from csai_core.commands.play import play
from csai_core.environments import find_spec, options_of
from csai_core.errors import ConfigError, UnknownNameError


@click.command()
@env_option
def shows(env_options):
    click.echo(repr(env_options))


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        *(("false", False), ("False", False), ("true", True), ("True", True), ("null", None), ("None", None)),
        *(("8", 8), ("-1", -1), ("1e3", 1000.0), ("0x10", 16), ("1_000", 1000)),
        *(("[1, 2]", [1, 2]), ("(1, 2)", (1, 2)), ('{"a": true}', {"a": True}), ("{'a': True}", {"a": True})),
        *(('"8"', "8"), ("'8'", "8"), ("8x8", "8x8"), ("no", "no"), ("", ""), ("a=b", "a=b"), ("1 +", "1 +")),
        *(("__import__('os')", "__import__('os')"), ("(" * 5_000, "(" * 5_000), ("[" * 9_999, "[" * 9_999)),
    ],
)
def test_values_are_json_else_python_else_text(typed, value):
    result = CliRunner().invoke(shows, ["--env", f"option={typed}"])
    assert result.output == f"{ {'option': value}!r}\n"


@pytest.mark.parametrize(
    ("words", "match"),
    [
        (["--env", "width=8", "--env", "width=8"], "--env gives width twice, as '8' and as '8'"),
        (["--wrap", "TimeLimit:max_episode_steps=5:max_episode_steps=6"], "gives max_episode_steps twice"),
    ],
)
def test_an_option_that_is_given_twice_is_refused(words, match):
    result = CliRunner().invoke(main, ["play", "CSAI/Snake-v0", *words])
    assert result.exit_code != 0
    assert match in " ".join(result.output.split())


@pytest.mark.parametrize(
    "command",
    [
        [
            "check",
            "FrozenLake-v1",
            "--wrap",
            "time-limit:max_episode_steps=5",
            "--wrap",
            "FlattenObservation",
        ],
        ["play", "FrozenLake-v1", "--agent", "random", "--wrap", "TimeLimit:max_episode_steps=5"],
    ],
)
def test_environments_are_checked_and_played_in_wrappers(command, monkeypatch):
    pytest.importorskip("pygame")  # with which Gymnasium draws them
    monkeypatch.delenv("SDL_VIDEODRIVER", raising=False)
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "it must look like FlattenObservation"),
        (":max=3", "it must look like FlattenObservation"),
        ("flaten-observation", "Did you mean 'FlattenObservation'"),
        ("TimeLimit:steps=3", "No setting of TimeLimit named 'steps'"),
        ("RecordVideo:video_folder=x", "csai watch --gif"),
    ],
)
def test_wrappers_that_cannot_be_meant_are_answered(typed, words):
    result = CliRunner().invoke(main, ["check", "FrozenLake-v1", "--wrap", typed])
    assert result.exit_code != 0
    assert words in result.output + str(result.exception)


@pytest.mark.parametrize(
    ("options", "wrappers", "named"), [({}, ("FlattenObservation",), "--wrap"), ({"width": 8}, (), "--env")]
)
def test_options_and_wrappers_are_for_environments(options, wrappers, named):
    with pytest.raises(click.UsageError, match=f"{named} was given, and no environment is to be checked"):
        _make_with([], options, wrappers)


@pytest.mark.parametrize("pair", ["width", "=8", "1=2", "wi dth=8", ""])
def test_what_is_no_pair_is_refused(pair):
    result = CliRunner().invoke(shows, ["--env", pair])
    assert result.exit_code == 2
    assert "it must look like width=8" in result.output


@pytest.mark.parametrize("command", ["play", "train"])
@pytest.mark.parametrize(
    ("option", "answer"),
    [
        (
            "is_slippery=no",
            "is_slippery of FrozenLake-v1 is True unless told otherwise, so it must",
        ),
        (
            "max_episode_steps=long",
            "max_episode_steps of FrozenLake-v1 is 100 unless told otherwise, so",
        ),
        (
            "is_slipery=False",
            "No option of FrozenLake-v1 named 'is_slipery'. Did you mean 'is_slippery'?",
        ),
    ],
)
def test_options_that_cannot_be_meant_are_refused_before_anything_is_done(
    command, option, answer, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    commands = pytest.importorskip("csai_train.commands.train") if command == "train" else None
    run = play if commands is None else commands.train_command
    words = ["--agent", "random"] if commands is None else ["--total-steps", "5", "--episodes", "1"]
    result = CliRunner().invoke(run, ["FrozenLake-v1", *words, "--env", option])
    assert result.exit_code != 0
    assert answer in f"{result.output} {result.exception}"
    assert not list(tmp_path.iterdir())


def test_a_text_is_right_where_a_text_is_the_default():
    check_env_options("FrozenLake-v1", {"map_name": "8x8", "desc": "SG"})
    check_env_options("FrozenLake-v1", {})
    with pytest.raises(UnknownNameError):
        check_env_options("Nowhere-v0", {"width": "8"})
    with pytest.raises(ConfigError, match="--env sutton_barto_reward=no cannot be understood"):
        check_env_options("CartPole-v1", {"sutton_barto_reward": "no"})


class Base(gymnasium.Env):
    def __init__(self, size=3, *, seed=1):
        pass


class Derived(Base):
    def __new__(cls, *args, **kwargs):
        return super().__new__(cls)

    def __init__(self, *shape, color="red", **settings):
        super().__init__(**settings)


def test_options_are_those_of_the_class_of_its_bases_and_of_its_specification():
    gymnasium.register("Testing/Derived-v0", entry_point=Derived, kwargs={"size": 4}, max_episode_steps=9)
    try:
        found = options_of(find_spec("Testing/Derived-v0"))
    finally:
        del gymnasium.registry["Testing/Derived-v0"]
    assert found == {"color": "red", "size": 4, "seed": 1, "max_episode_steps": 9}
