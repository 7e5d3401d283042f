"""The train.toml of a run: it makes the run again, to the same weights."""

from __future__ import annotations

import contextlib

import gymnasium
import pytest
from click.testing import CliRunner

import csai_neural
from csai_core.commands import main
from csai_train import Run, Start, train
from csai_train.errors import TrainingWarning
from csai_train.runs import checkpoint

SMALL = {"hidden_sizes": (8,), "num_envs": 2}
ON_POLICY = {**SMALL, "num_steps": 16}
OFF_POLICY = {**SMALL, "learning_starts": 40, "batch_size": 8, "buffer_capacity": 1000}
TRAININGS = {
    "a table": ("q_learning", "FrozenLake-v1", {}, {}),
    "REINFORCE": ("reinforce", "CartPole-v1", SMALL, {}),
    "A2C": ("a2c", "CartPole-v1", ON_POLICY, {}),
    "PPO with a schedule": ("ppo", "CartPole-v1", {**ON_POLICY, "entropy_coef": "linear:0.02->0"}, {}),
    "PPO on torch": ("ppo", "CartPole-v1", ON_POLICY, {"backend": "torch", "threads": 2}),
    "PPO in a Box": ("ppo", "Pendulum-v1", {**ON_POLICY, "squash": True, "normalize_observation": True}, {}),
    "PPO with a preset": ("ppo", "CartPole-v1", {"num_envs": 4}, {"preset": "auto", "total_steps": 300}),
    "DQN": ("deep_q_learning", "CartPole-v1", {**OFF_POLICY, "dueling": True}, {"checkpoint_every": 60}),
    "SAC": ("sac", "Pendulum-v1", OFF_POLICY, {}),
    "TD3": ("td3", "Pendulum-v1", OFF_POLICY, {}),
    "options and wrappers": (
        "ppo",
        "FrozenLake-v1",
        ON_POLICY,
        {"wrappers": ["TimeLimit:max_episode_steps=9", "FlattenObservation"], "callbacks": ["evaluation"]},
    ),
    "a named network": ("ppo", "CartPole-v1", {"num_envs": 4, "num_steps": 16}, {"network": "recurrent"}),
    "workers": ("a2c", "CartPole-v1", ON_POLICY, {"workers": 2}),
}


def learned(run):
    """The SHA-256 of the newest state, as `csai verify` compares them."""
    return checkpoint.read_manifest(Run.open(run).checkpoints.saved()[0])["files"]


def again(folder, *words):
    """Train what a run's file says, with the command, and give the new run."""
    with contextlib.chdir(folder.parent):
        ran = CliRunner().invoke(
            main, ["train", f"{folder.name}/train.toml", "--episodes", "1", "--run-dir", "again", *words]
        )
    assert ran.exit_code == 0, f"{ran.output}{ran.exception!r}"
    return folder.parent / "again"


@pytest.mark.filterwarnings("ignore::csai_train.errors.TrainingWarning")
@pytest.mark.parametrize("name", TRAININGS)
def test_it_makes_the_run_again_to_the_same_hash(tmp_path, name):
    algorithm, environment, config, more = TRAININGS[name]
    more = {"preset": None, "total_steps": 200, **more}
    train(algorithm, environment, seed=5, config=config, run_dir=tmp_path / "run", **more)
    made = again(tmp_path / "run")
    assert learned(made) == learned(tmp_path / "run")
    texts = [(each / "train.toml").read_text() for each in (tmp_path / "run", made)]
    of_presets = "# It began with the settings of the preset csai_train:ppo.\n"
    assert texts[0].replace(of_presets, "") == texts[1]


def test_a_network_that_somebody_made_is_the_file_beside_it(tmp_path):
    env = gymnasium.make("CartPole-v1")
    network = csai_neural.ActorCritic(env.observation_space, env.action_space, net_arch=[8])
    config = {"num_envs": 2, "num_steps": 16}
    train(
        "ppo",
        "CartPole-v1",
        total_steps=64,
        seed=1,
        config=config,
        preset=None,
        network=network,
        run_dir=tmp_path / "run",
    )
    assert 'network = "network.safetensors"' in (tmp_path / "run" / "train.toml").read_text()
    assert learned(again(tmp_path / "run")) == learned(tmp_path / "run")


@pytest.mark.parametrize("algorithm", ["ppo", "q_learning"])
def test_what_it_was_started_from_is_kept_in_the_run(tmp_path, algorithm):
    environment = {"ppo": "CartPole-v1", "q_learning": "FrozenLake-v1"}[algorithm]
    config = {**ON_POLICY, "normalize_observation": True} if algorithm == "ppo" else {}
    train(
        algorithm, environment, total_steps=96, seed=1, config=config, preset=None, run_dir=tmp_path / "old"
    )
    start = Start.open(tmp_path / "old")
    train(algorithm, environment, total_steps=64, seed=2, start_from=start, run_dir=tmp_path / "run")
    (tmp_path / "old").rename(tmp_path / "elsewhere")
    assert learned(again(tmp_path / "run")) == learned(tmp_path / "run")


def test_options_and_a_limit_of_steps_are_said_where_they_differ(tmp_path):
    env = gymnasium.make(
        "FrozenLake-v1", is_slippery=False, desc=None, max_episode_steps=7, render_mode="ansi"
    )
    train("q_learning", env, total_steps=30, seed=1, run_dir=tmp_path / "run")
    text = (tmp_path / "run" / "train.toml").read_text()
    table = '[environment_options]\nis_slippery = false\ndesc = {literal = "null"}\nmax_episode_steps = 7\n'
    assert table in text
    assert learned(again(tmp_path / "run")) == learned(tmp_path / "run")


def test_where_no_file_would_make_it_again_that_is_told(tmp_path):
    env = gymnasium.make("CartPole-v1", disable_env_checker=True)
    with pytest.warns(
        TrainingWarning, match="gets no train.toml, as no file would make it again: .*other checks"
    ):
        train("ppo", env, total_steps=64, config={**ON_POLICY, "num_envs": 1}, run_dir=tmp_path / "run")
    assert not (tmp_path / "run" / "train.toml").exists()
