"""Presets: each can be used as it stands, and says what it reached and how to see that again."""

import gymnasium
import pytest

from csai_core import options, presets
from csai_core.errors import ConfigError, UnknownNameError
from csai_core.plugins import installed
from csai_train.environments.make import make_single, specify
from csai_train.errors import RunError

EVERY = presets.all_presets("csai_train")
NAMES = [f"{environment}:{preset.name}" for environment, preset in EVERY]


@pytest.mark.filterwarnings("ignore:builtin type .* has no __module__ attribute")  # from Box2D's wrappers
@pytest.mark.parametrize(("environment", "preset"), EVERY, ids=NAMES)
def test_every_preset_can_be_used_as_it_stands(environment, preset):
    entry = installed().find("algorithms", preset.algorithm)
    config = options.build(entry.load_config(), preset.config)
    assert preset.total_steps >= 1_000
    if environment not in gymnasium.registry:
        return  # a plugin's, which may not be installed
    try:
        env = make_single(specify(environment, preset.environment, preset.wrappers))
    except RunError as error:
        if not isinstance(error.__cause__, gymnasium.error.DependencyNotInstalled):
            raise
        pytest.skip(f"{environment} needs a package that is not installed")
    entry.load()(env.observation_space, env.action_space, config, total_steps=preset.total_steps, seed=0)
    env.close()


@pytest.mark.parametrize(("environment", "preset"), EVERY, ids=NAMES)
def test_every_preset_says_what_it_reached_and_how_to_see_that_again(environment, preset):
    assert any(letter.isdigit() for letter in preset.result)
    assert environment in preset.command


def test_the_algorithm_a_preset_names_is_among_its_own():
    for environment in {environment for environment, _ in EVERY}:
        chosen = presets.find(environment)
        assert (environment, chosen) in EVERY
        assert presets.find(environment, chosen.algorithm) == chosen
        assert presets.names(environment) == [each.name for of, each in EVERY if of == environment]
    assert presets.find("Unheard-v0") is None
    assert presets.names("Unheard-v0") == []
    assert presets.find("CartPole-v1", "unheard") is None


def test_a_preset_with_a_name_of_its_own_is_another_one_for_its_algorithm():
    usual, long = presets.find("CSAI/Snake-v0", "ppo"), presets.find("CSAI/Snake-v0", "long")
    assert (usual.name, usual.algorithm) == ("ppo", "ppo")
    assert (long.name, long.algorithm) == ("long", "ppo")
    assert long.total_steps > usual.total_steps


def test_a_preset_is_chosen_by_its_algorithm_by_its_name_or_not_at_all():
    choose = presets.choose
    assert choose("CSAI/Snake-v0", algorithm="ppo") == presets.find("CSAI/Snake-v0", "ppo")
    assert choose("CSAI/Snake-v0") == presets.find("CSAI/Snake-v0")
    assert choose("CSAI/Snake-v0", algorithm="ppo", preset="long").name == "long"
    assert choose("CSAI/Snake-v0", algorithm="ppo", preset=None) is None
    assert choose("CSAI/Snake-v0", algorithm="a2c") is None
    assert choose("Unheard-v0", algorithm="ppo") is None
    with pytest.raises(UnknownNameError, match=r"named 'lnog'.*Did you mean 'long'"):
        choose("CSAI/Snake-v0", preset="lnog")
    with pytest.raises(ConfigError, match="'long' of CSAI/Snake-v0 is one for ppo, not for a2c"):
        choose("CSAI/Snake-v0", algorithm="a2c", preset="long")


@pytest.mark.parametrize(
    ("total_steps", "environment", "config", "is_kept"),
    [
        (None, {}, {}, True),
        (4_000_000, {"steering": "snake"}, {"hidden_sizes": (256, 128), "gamma": 0.998}, True),
        (3_000_000, {}, {}, False),
        (None, {"width": 6}, {}, False),
        (None, {"reward": "shaped"}, {}, False),
        (None, {}, {"gamma": 0.9}, False),
        (None, {}, {"clip_range": 0.2}, False),
    ],
)
def test_what_a_preset_has_reached_holds_for_its_settings_alone(total_steps, environment, config, is_kept):
    preset = presets.find("CSAI/Snake-v0", "ppo")
    assert preset.is_kept(total_steps, environment, config) == is_kept


@pytest.mark.parametrize(
    ("given", "is_kept"),
    [("linear:0.0003->0.0", True), ("linear:3e-4->0", True), ("linear:3e-4->1e-5", False), (3e-4, False)],
)
def test_a_schedule_of_a_preset_is_compared_by_what_it_says(given, is_kept):
    preset = presets.Preset("ppo", "ppo", 100, config={"learning_rate": "linear:3e-4->0"})
    assert preset.is_kept(None, {}, {"learning_rate": given}) == is_kept
