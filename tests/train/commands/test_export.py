"""`csai export`, and what takes the file that it writes in place of a run."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from csai_core.commands import main
from csai_train import Run, train


@pytest.fixture
def csai(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    train("q_learning", "FrozenLake-v1", total_steps=200, seed=1, run_dir="runs/lake")

    def csai(*words, status=0):
        ran = CliRunner(env={"COLUMNS": "200"}).invoke(main, list(words))
        said = " ".join((ran.output + str(ran.exception or "")).split())
        assert (ran.exit_code == 0) == (status == 0), said
        return said

    return csai


def test_whoever_gets_the_file_types_it_in_place_of_a_run(csai, tmp_path):
    assert "Wrote lake.zip, " in csai("export", "lake")
    (tmp_path / "runs").rename(tmp_path / "elsewhere")
    assert "FrozenLake-v1" in csai("show", "lake.zip")
    assert "3 games" in csai("evaluate", "lake.zip", "--episodes", "3")
    assert "The same in everything." in csai("verify", "lake.zip")
    csai("train", "--start-from", "lake.zip", "--episodes", "1", "--run-dir", "more")
    assert Run.open("more").config["started_from"]["run"] == "lake"


def test_whoever_gets_the_file_films_it(csai, tmp_path):
    pytest.importorskip("pygame", reason="pictures need pygame")
    csai("export", "lake")
    csai("watch", "lake.zip", "--gif", "game.gif")
    assert (tmp_path / "game.gif").stat().st_size > 1000


def test_what_would_write_to_it_is_refused(csai):
    csai("export", "lake", "--out", "lake.zip")
    for words in (
        ["train", "--resume", "lake.zip"],
        ["fork", "lake.zip", "--at", "100"],
        ["export", "lake.zip"],
    ):
        assert "lake.zip is a run in one file, which is only read" in csai(*words, status=1)


def test_an_agent_with_a_table_is_no_onnx(csai):
    assert "does not say by which network it decides" in csai("export", "lake", "--onnx", status=1)
    assert "--checkpoint goes with --onnx" in csai("export", "lake", "--checkpoint", "best", status=1)


def test_an_agent_with_a_network_is_a_file_for_other_programs(csai, tmp_path):
    for name in ("onnx", "onnxscript"):
        pytest.importorskip(name, reason="the extra `onnx` is not installed")
    config = {"num_envs": 2, "num_steps": 16, "hidden_sizes": (8,)}
    train("ppo", "CartPole-v1", total_steps=64, seed=1, config=config, preset=None, run_dir="runs/cart")
    assert "Wrote cart.onnx, " in csai("export", "cart", "--onnx", "--checkpoint", "best")
    assert (tmp_path / "cart.onnx").stat().st_size > 1000


def test_another_name_of_a_file_is_refused(csai):
    assert "it must end in .zip" in csai("export", "lake", "--out", "lake.tar", status=1)


def test_a_file_that_is_none_is_refused_in_words(csai, tmp_path):
    (tmp_path / "evil.zip").write_bytes(b"PK\x05\x06" + bytes(18))
    for command in ("show", "evaluate", "verify", "watch"):
        said = csai(command, "evil.zip", status=1)
        assert "evil.zip cannot be read: it has no manifest.json" in said
