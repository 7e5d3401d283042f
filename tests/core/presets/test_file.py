"""A file of presets is read whole, or refused in words that name what is wrong."""

from __future__ import annotations

import pytest

from csai_core.errors import CsaiError
from csai_core.presets.file import Preset, PresetFile

GOOD = """
algorithm = "guess"

[guess]
total_steps = 4_000
config = { rate = 0.1 }

[long]
algorithm = "guess"
total_steps = 9_000
result = "7 of 9"
"""


def test_a_preset_is_named_after_its_algorithm_or_has_a_name_of_its_own():
    file = PresetFile.parse("Walk-v0.toml", GOOD, "acme")
    assert file.usual == "guess"
    usual, long = file.presets.values()
    assert usual == Preset("guess", "guess", 4000, config={"rate": 0.1}, plugin="acme")
    assert (long.name, long.algorithm, long.result) == ("long", "guess", "7 of 9")
    assert long.full_name == "acme:long"
    assert Preset("guess", "guess", 1).full_name == ""


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[guess]", "[guess", "Walk-v0.toml is no TOML: .*line 4"),
        ('algorithm = "guess"\n\n', "\n", r"says algorithm = None, .*algorithm = 'guess' or 'long'"),
        (
            'algorithm = "guess"\n\n',
            'algorithm = "gues"\n\n',
            "says algorithm = 'gues', for which it has no table",
        ),
        ("total_steps = 4_000", "", r"\[guess\], does not say how long to train"),
        ("4_000", "0", "does not say how long to train"),
        ("4_000", "4e3", "says total_steps = 4000.0; it must be a whole number"),
        ("4_000", "true", "says total_steps = True; it must be a whole number"),
        ("{ rate = 0.1 }", "0.1", "says config = 0.1; it must be a table"),
        ("total_steps = 4_000", "totalsteps = 4_000", "named 'totalsteps'. Did you mean 'total_steps'"),
        ("[guess]", "seed = 3\n[guess]", "says seed outside of its tables"),
    ],
)
def test_what_is_wrong_is_named(old, new, message):
    text = GOOD.replace(old, new, 1)
    assert text != GOOD
    with pytest.raises(CsaiError, match=message):
        PresetFile.parse("Walk-v0.toml", text)


def test_wrappers_are_texts():
    text = 'algorithm = "guess"\n[guess]\ntotal_steps = 10\nwrappers = {}'
    [preset] = PresetFile.parse("acme.toml", text.format('["A:n=2", "B"]')).presets.values()
    assert preset.wrappers == ["A:n=2", "B"]
    for wrong in ('"A"', "[1]", "{}"):
        with pytest.raises(CsaiError, match="a list of texts, each as --wrap takes it"):
            PresetFile.parse("acme.toml", text.format(wrong))


def test_a_network_is_a_name():
    text = 'algorithm = "guess"\n[guess]\ntotal_steps = 10\nnetwork = {}'
    [preset] = PresetFile.parse("acme.toml", text.format('"acme:net"')).presets.values()
    assert preset.network == "acme:net"
    with pytest.raises(CsaiError, match="the name of a registered network"):
        PresetFile.parse("acme.toml", text.format("1"))


@pytest.mark.parametrize(
    ("total_steps", "environment", "config", "is_kept"),
    [
        (None, {}, {}, True),
        (4_000, {"size": 3}, {"layers": (4, 2)}, True),
        (3_000, {}, {}, False),
        (None, {"size": 4}, {}, False),
        (None, {"width": 3}, {}, False),
        (None, {}, {"rate": 0.1}, False),
    ],
)
def test_what_a_preset_has_reached_holds_for_its_settings_alone(total_steps, environment, config, is_kept):
    preset = Preset("guess", "guess", 4_000, {"size": 3}, {"layers": [4, 2]})
    assert preset.is_kept(total_steps, environment, config) == is_kept
