"""Environments of plugins in Gymnasium's own registry."""

from __future__ import annotations

import gymnasium
import pytest

import csai_core
from csai_core.environments import complaint, find_spec
from csai_core.errors import DuplicateNameError, PluginError, UnknownNameError
from csai_core.plugins import PluginWarning, installed

GAMES = """
import gymnasium
from csai_core import hookimpl
from gymnasium.envs.registration import EnvSpec

@hookimpl
def csai_environments():
    return [EnvSpec(id=each, entry_point=entry_point) for each, entry_point in {games!r}.items()]

class Game(gymnasium.Env):
    observation_space = action_space = gymnasium.spaces.Discrete(2)
    def reset(self, *, seed=None, options=None): return 0, {{}}
    def step(self, action): return 0, 0.0, True, False, {{}}
"""


@pytest.fixture(autouse=True)
def _as_it_was():
    """Every test looks plugins up again and leaves Gymnasium's registry as it found it."""
    before = dict(gymnasium.registry)
    installed.cache_clear()
    yield
    installed.cache_clear()
    gymnasium.registry.clear()
    gymnasium.registry.update(before)


def install_games(site, plugin, *ids, entry_point=None):
    entry_point = entry_point or f"csai_{plugin}_hooks:Game"
    site.install(plugin, GAMES.format(games=dict.fromkeys(ids, entry_point)))


def test_make_finds_a_plugins_environment(site):
    install_games(site, "arcade", "Arcade/Pong-v0")
    env = csai_core.make("Arcade/Pong-v0", disable_env_checker=True)
    assert env.reset() == (0, {})
    assert csai_core.make_vec("Arcade/Pong-v0", 2, vectorization_mode="sync").num_envs == 2


def test_registering_again_is_fine(site):
    install_games(site, "arcade", "Arcade/Pong-v0")
    csai_core.register_envs()
    csai_core.register_envs()
    assert gymnasium.spec("Arcade/Pong-v0").entry_point == "csai_arcade_hooks:Game"


def test_an_unknown_id_gets_the_nearest(site):
    install_games(site, "arcade", "Arcade/Pong-v0")
    with pytest.raises(UnknownNameError, match="Did you mean 'Arcade/Pong-v0'"):
        csai_core.make("Arcade/Pogn-v0")


def test_an_id_without_its_namespace_gets_the_whole(site):
    install_games(site, "arcade", "Arcade/Pong-v0")
    with pytest.raises(UnknownNameError, match="Did you mean 'Arcade/Pong-v0'"):
        csai_core.make("Pong-v0")


def test_an_id_of_two_plugins_is_refused(site):
    install_games(site, "alpha", "Arcade/Pong-v0")
    install_games(site, "zulu", "Arcade/Pong-v0")
    with (
        pytest.warns(
            PluginWarning, match="is offered by 'zulu' too; that of this plugin is alpha:Arcade/Pong-v0"
        ),
        pytest.raises(DuplicateNameError, match="alpha:Arcade/Pong-v0, zulu:Arcade/Pong-v0"),
    ):
        csai_core.make("Arcade/Pong-v0")


def test_what_gymnasium_refuses_is_its_plugins_failure_alone(site):
    install_games(site, "clumsy", "Clumsy/Game-v0", "Clumsy/Game")  # with and without version
    install_games(site, "zulu", "Zulu/Game-v0")
    with pytest.warns(PluginWarning, match="clumsy: register Clumsy/Game"):
        csai_core.register_envs()
    assert "Zulu/Game-v0" in gymnasium.registry


def test_an_id_that_means_something_else_to_gymnasium(site):
    install_games(site, "grabber", "CartPole-v1")
    with pytest.warns(PluginWarning, match="Gymnasium already knows 'CartPole-v1' as gymnasium"):
        csai_core.register_envs()
    assert gymnasium.spec("CartPole-v1").entry_point.startswith("gymnasium.")
    assert installed().environment_plugin("CartPole-v1") is None
    assert csai_core.make("grabber:CartPole-v1", disable_env_checker=True).reset() == (0, {})


def test_module_colon_id_imports_the_module_first(site):
    (site.folder / "arcade_games.py").write_text(
        "import gymnasium\ngymnasium.register('Late/Game-v0', entry_point='csai_arcade_hooks:Game')\n"
    )
    site.modules.append("arcade_games")
    install_games(site, "arcade", "Arcade/Pong-v0")
    assert csai_core.make("arcade_games:Late/Game-v0", disable_env_checker=True).reset() == (0, {})


def test_what_a_package_offered_to_gymnasium_before_its_first_version_is_registered_too(site):
    (site.folder / "cabinet.py").write_text(
        "import gymnasium\n"
        "def register_envs(): gymnasium.register('Late/Game-v0', entry_point='csai_arcade_hooks:Game')\n"
    )
    info = site.folder / "cabinet-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: cabinet\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[gymnasium.envs]\nCabinet = cabinet:register_envs\n")
    site.modules.append("cabinet")
    install_games(site, "arcade", "Arcade/Pong-v0")
    assert csai_core.make("cabinet:Late/Game-v0", disable_env_checker=True).reset() == (0, {})


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("../evil:Foo-v0", "'../evil' is no name of a module"),
        (".evil:Foo-v0", "no name of a module"),
        ("os:Foo-v0", "'os' is a part of Python itself, which registers no environments"),
    ],
)
def test_what_can_be_no_module_of_environments_is_told(typed, words):
    with pytest.raises(PluginError, match=words):
        find_spec(typed)


def test_a_module_before_the_colon_that_does_not_exist():
    with pytest.raises(PluginError, match="The module 'no_such_module'"):
        csai_core.make("no_such_module:Late/Game-v0")


def test_an_exception_without_a_message_says_where_it_is():
    def fails():
        raise ValueError

    try:
        fails()
    except ValueError as error:
        told = complaint(error)
    assert told.startswith("ValueError in fails (")
    assert told.endswith(": raise ValueError)")
