"""Recorded play comes back as arrays, without pickle, and a failed save harms nothing."""

from __future__ import annotations

import json

import numpy as np
import pytest

from csai_core.errors import CodecError
from csai_core.npz import read_arrays
from csai_core.play import Game, demonstration, load_demonstration
from csai_core.play.demonstration import Recorder
from csai_core.testing.compare import difference
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
    with pytest.raises(
        CodecError, match=r"text\.npz, a demonstration, cannot be read: .*Record one with: csai play"
    ):
        load_demonstration(text)
    with pytest.raises(CodecError, match=r"cannot be read: it is not of the format 'csai demonstration 3'"):
        load_demonstration(tmp_path / "other.npz")
    with pytest.raises(FileNotFoundError):
        load_demonstration(tmp_path / "missing.npz")


@pytest.fixture
def saved(tmp_path):
    record(EverySpace(), 7).save(tmp_path / "all.npz")
    return tmp_path / "all.npz"


def test_every_truncation_is_found(saved):
    whole = saved.read_bytes()
    for length in range(0, len(whole), 7):
        saved.write_bytes(whole[:length])
        with pytest.raises(CodecError, match=r"all\.npz, a demonstration, cannot be read"):
            load_demonstration(saved)


def test_no_flipped_bit_changes_what_was_recorded(saved):
    whole, before = saved.read_bytes(), load_demonstration(saved)
    refused = 0
    for position in range(0, len(whole), 7):
        flipped = bytearray(whole)
        flipped[position] ^= 1 << position % 8
        saved.write_bytes(flipped)
        try:
            after = load_demonstration(saved)
        except CodecError:
            refused += 1
        else:  # the archive has bits that mean nothing here, such as the time of its members
            assert difference(vars(after), vars(before), "demonstration") == ""
    assert refused > 0.5 * len(whole) / 7


def resealed(path, change):
    """The demonstration with something changed, and a digest that says it was always so."""
    arrays = read_arrays(path, at_most=10**9)
    del arrays["sha256"]
    contents = json.loads(str(arrays["contents"]))
    change(contents["dict"], arrays)
    arrays["contents"] = np.array(json.dumps(contents))
    arrays["sha256"] = np.array(demonstration._digest(arrays))
    np.savez_compressed(path, allow_pickle=False, **arrays)


def without(name):
    return lambda contents, arrays: contents.pop(name)


def shorter(name):
    def change(contents, arrays):
        arrays[name] = arrays[name][:-1]

    return change


def of(name, value):
    def change(contents, arrays):
        contents[name] = value

    return change


def with_array(name, array):
    def change(contents, arrays):
        arrays[name] = array

    return change


CHANGES = {
    **{f"no {name}": without(name) for name in ("reward", "action", "observation", "player", "terminated")},
    **{
        f"a shorter {name}": shorter(name)
        for name in ("reward", "truncated", "observation/lamps", "action/push")
    },
    "a reward of texts": with_array("reward", np.array(["x"] * 7)),
    "a reward in two axes": with_array("reward", np.zeros((7, 1))),
    "ends that are numbers": with_array("terminated", np.zeros(7)),
    "an environment that is a number": of("environment", 3),
    "options that are a list": of("options", []),
    "an observation that is a number": of("observation", 3),
    "an observation that is nested without end": of("observation", []),
    "something more": of("surprise", 1),
    "an array that is not there": of("action", {"array": "nowhere"}),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_no_player_did_is_refused(saved, name):
    resealed(saved, CHANGES[name])
    with pytest.raises(CodecError, match=r"all\.npz, a demonstration, cannot be read"):
        load_demonstration(saved)


def test_a_digest_that_is_right_is_enough(saved):
    resealed(saved, of("player", "somebody"))
    assert load_demonstration(saved).player == "somebody"


def test_a_failed_save_leaves_the_old_file(tmp_path):
    path = tmp_path / "walk.npz"
    record(Walk(), 3).save(path)
    before = path.read_bytes()
    spoilt = record(Walk(), 2)
    spoilt._steps[1] = spoilt._steps[1]._replace(observation=object())
    with pytest.raises(ValueError, match="observation is of the type array of object, which cannot be saved"):
        spoilt.save(path)
    assert path.read_bytes() == before
