"""Recorded play comes back as arrays, without pickle, and a failed save harms nothing."""

from __future__ import annotations

import numpy as np
import pytest

from csai_core.errors import ConfigError
from csai_core.play import Game, load_demonstration
from csai_core.play.demonstration import Recorder
from csai_core.testing.toys import EverySpace, Walk


def record(env, num_steps):
    recorder = Recorder("toy", "random")
    env.action_space.seed(0)
    game = Game(env, seed=0)
    for _ in range(num_steps):
        game.step(env.action_space.sample())
        recorder.note(game.transition)
        if game.is_over:
            game = Game(env)
    return recorder


def test_what_was_recorded_is_loaded(tmp_path):
    record(Walk(), 3).save(tmp_path / "walk.npz")
    loaded = load_demonstration(tmp_path / "walk.npz")
    assert (loaded.environment, loaded.player) == ("toy", "random")
    assert loaded.observation.shape == loaded.action.shape == loaded.reward.shape == (3,)
    assert loaded.next_observation[:-1].tolist() == loaded.observation[1:].tolist()
    assert loaded.truncated.tolist() == [False, False, True]
    assert loaded.terminated.dtype == loaded.truncated.dtype == np.bool_
    assert [path.name for path in tmp_path.iterdir()] == ["walk.npz"]


def test_dict_spaces_become_dicts_of_arrays(tmp_path):
    record(EverySpace(), 7).save(tmp_path / "all.npz")
    loaded = load_demonstration(str(tmp_path / "all.npz"))
    assert loaded.observation["lamps"].shape == (7, 2, 2)
    assert loaded.observation["position"].dtype == np.float32
    assert sorted(loaded.action) == ["push", "set_mood", "set_pair", "switch"]
    assert loaded.terminated.tolist() == [False] * 4 + [True] + [False] * 2
    with np.load(tmp_path / "all.npz", allow_pickle=False) as archive:
        assert "observation/lamps" in archive.files


def test_other_files_are_refused(tmp_path):
    text = tmp_path / "text.npz"
    text.write_text("hello")
    np.savez(tmp_path / "other.npz", x=np.zeros(2))
    for path in (text, tmp_path / "other.npz"):
        with pytest.raises(ConfigError, match="is not a demonstration"):
            load_demonstration(path)
    with pytest.raises(FileNotFoundError):
        load_demonstration(tmp_path / "missing.npz")


def test_a_failed_save_leaves_the_old_file(tmp_path):
    path = tmp_path / "walk.npz"
    record(Walk(), 3).save(path)
    before = path.read_bytes()
    spoilt = record(Walk(), 2)
    spoilt._steps[1] = spoilt._steps[1]._replace(observation=object())
    with pytest.raises(ValueError, match="observation is of the type array of object, which cannot be saved"):
        spoilt.save(path)
    assert path.read_bytes() == before
