"""Whatever a file holds, it costs neither the memory nor a traceback."""

from __future__ import annotations

import os

import pytest

from csai_core.decoding import DEEPEST, decoding, parse_json, parse_toml, read_bytes
from csai_core.errors import CodecError, ConfigError


def test_a_file_is_read_up_to_its_limit(tmp_path):
    (tmp_path / "file").write_bytes(b"12345")
    assert read_bytes(tmp_path / "file", at_most=5) == b"12345"
    with pytest.raises(OSError, match="it has 5 bytes, and may have 4"):
        read_bytes(tmp_path / "file", at_most=4)


def test_a_large_file_is_refused_before_it_is_read(tmp_path):
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(OSError, match="may have 1,000"):
        read_bytes(tmp_path / "sparse", at_most=1000)


@pytest.mark.timeout(10)
def test_what_is_no_file_is_refused_and_nobody_waits(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path, "/dev/zero"):
        with pytest.raises(OSError, match="a folder, a pipe or a device"):
            read_bytes(path, at_most=10)


def test_links_are_followed_or_refused_as_asked(tmp_path):
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "link").symlink_to("file")
    assert read_bytes(tmp_path / "link", at_most=10) == b"x"
    with pytest.raises(OSError, match="a symbolic link, which is not followed"):
        read_bytes(tmp_path / "link", at_most=10, follow_links=False)


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_json_may_be_nested_only_so_deep(opening):
    def nested(levels):
        return opening * levels + "0" + ("]" if opening == "[" else "}") * levels

    parse_json(nested(DEEPEST))
    for levels in (DEEPEST + 1, 5000, 200_000):
        with pytest.raises(ValueError, match="nested"):
            parse_json(nested(levels))


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        (KeyError("reward"), "it lacks 'reward'"),
        (RecursionError("maximum"), "it is nested too deeply"),
        (MemoryError(), "it asks for more memory than there is"),
        (OSError(5, "Input/output error"), "Input/output error"),
        (AssertionError(), "AssertionError"),
        (CodecError("That is odd."), "That is odd"),
        (ConfigError("So is that."), "So is that"),
        (ValueError("it is too short"), "it is too short"),
        (ValueError(), "ValueError"),
        (ZeroDivisionError("division by zero"), "ZeroDivisionError: division by zero"),
    ],
)
def test_whatever_goes_wrong_is_one_error_that_names_the_file(raised, said):
    with pytest.raises(ConfigError) as caught, decoding("x.npz", ConfigError, "Record it again."):
        raise raised
    assert str(caught.value) == f"x.npz cannot be read: {said}. Record it again."


@pytest.mark.parametrize("error", [FileNotFoundError("x"), KeyboardInterrupt()])
def test_a_missing_file_and_ctrl_c_stay_as_they_are(error):
    with pytest.raises(type(error)) as caught, decoding("x.npz", ConfigError):
        raise error
    assert caught.value is error


def test_toml_is_read_whatever_mark_it_begins_with():
    assert parse_toml(b"\xef\xbb\xbfa = 1\n") == {"a": 1}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"a =", "it is no TOML"),
        (b"\xff\xfe\x00", "it is no TOML"),
        (b"a = " + b"[" * 50_000, "it is nested too deeply"),
        (b"a = " + b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1), "more than 64 levels"),
    ],
)
def test_other_toml_is_one_error(data, message):
    with pytest.raises(ValueError, match=message):
        parse_toml(data)
