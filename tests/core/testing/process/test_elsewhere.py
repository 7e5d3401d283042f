"""What a suite finds in other processes."""

import os
from pathlib import Path

from csai_core.testing import Suite
from csai_core.testing.process.elsewhere import found_elsewhere


class Lists(Suite):
    """Lists the folder of this file, in three ways."""

    def hashes(self):
        """The hash of a text."""
        return str(hash("a text"))

    def folders(self):
        """What three calls find, if they find the same, in their order."""
        here = Path(__file__).parent
        with os.scandir(here) as scanned:
            names = {*(each.name for each in scanned)}
        assert names == {each.name for each in here.iterdir()} == {*os.listdir(here)}
        assert next(os.walk(here))[0] == str(here)
        return " ".join([*os.listdir(here)] * 3)

    def raises(self):
        """Nothing."""
        raise OSError("There is no disk.")


def test_texts_have_other_hashes_elsewhere():
    first, second = found_elsewhere(Lists(), "hashes", 2)
    assert len({first, second, Lists().hashes()}) == 3


def test_folders_hold_the_same_elsewhere():
    (found,) = found_elsewhere(Lists(), "folders")
    assert {*found.split()} == {*os.listdir(Path(__file__).parent)}


def test_what_fails_elsewhere_finds_nothing():
    class Local(Lists):
        pass

    assert found_elsewhere(Lists(), "raises") == []
    assert found_elsewhere(Local(), "hashes") == []
