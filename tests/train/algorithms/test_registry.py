"""Algorithms by name: what a training asks of them, and what they know nothing of."""

from __future__ import annotations

import types

import gymnasium
import numpy as np
import pytest

from csai_core import Entry, options
from csai_core.errors import ConfigError, CsaiError, SpaceError, UnknownNameError
from csai_core.plugins import installed
from csai_train.algorithms import registry
from csai_train.algorithms.ppo import PPOConfig
from csai_train.algorithms.registry import configure, make_algorithm, suitable
from csai_train.datasets import DatasetConfig

SPACE = gymnasium.spaces.Discrete(2)


@pytest.fixture
def offered(monkeypatch):
    """Lets the registry find a class or function of one's choice by any name."""

    def offer(target):
        entry = types.SimpleNamespace(
            load=lambda: target,
            make=target,
            load_config=lambda: None,
            plugin="toys",
            takes=lambda *spaces: True,
        )
        monkeypatch.setattr(
            registry, "installed", lambda: types.SimpleNamespace(find=lambda kind, name: entry)
        )

    return offer


NONSENSE = [None, -1, 1.5, "x", float("nan"), float("inf"), True, 2**31, 10**400, [], object(), np.array([1])]


def fields():
    """Every setting of everything that learns."""
    configs = [entry.load_config() for entry in installed().entries("algorithms").values()]
    for config in [*configs, DatasetConfig]:
        for option in options.describe(config):
            yield pytest.param(config, option, id=f"{config.__name__}.{option.name}")


def outcome(config, name, value):
    """What a field holds after it was given a value, or the words with which that was refused."""
    try:
        return getattr(config(**{name: value}), name), ""
    except CsaiError as error:
        return None, str(error)


@pytest.mark.parametrize(("config", "option"), list(fields()))
def test_nonsense_in_a_setting_is_refused_by_its_name_and_never_kept(config, option):
    kinds = [*getattr(option.type, "__args__", (option.type,)), getattr(option.type, "__origin__", None)]
    for value in NONSENSE:
        held, refusal = outcome(config, option.name, value)
        if refusal:
            assert f"{config.__name__}.{option.name} " in refusal
            assert "; it must be" in refusal
        else:
            assert type(held) in kinds
            assert not isinstance(held, float) or np.isfinite(held)


@pytest.mark.parametrize(
    ("config", "option"), [each for each in fields() if type(each.values[1].default) in (int, float)]
)
def test_numbers_of_numpy_are_taken_as_those_of_python(config, option):
    held, refusal = outcome(config, option.name, np.array(option.default)[()])
    assert (held, type(held), refusal) == (option.default, type(option.default), "")


def given_to(**wishes):
    return make_algorithm("toy", SPACE, SPACE, None, total_steps=5, seed=1, **wishes)


def test_wishes_reach_an_algorithm_that_takes_them(offered):
    def toy(observation_space, action_space, config, *, total_steps, seed, network=None, device="x"):
        return network, device

    offered(toy)
    assert given_to() == (None, "x")
    assert given_to(network=7, device="cpu", backend="auto") == (7, "cpu")


def test_an_algorithm_that_takes_everything_takes_wishes_too(offered):
    offered(lambda *spaces, total_steps, seed, **more: more)
    assert given_to(device="auto") == {}
    assert given_to(backend="torch") == {"backend": "torch"}


@pytest.mark.parametrize(
    ("wish", "value", "shown"),
    [("network", gymnasium, "a module"), ("device", "cpu", "'cpu'"), ("backend", "torch", "'torch'")],
)
def test_a_wish_that_an_algorithm_knows_nothing_of_is_refused_by_name(offered, wish, value, shown):
    offered(lambda observation_space, action_space, config, *, total_steps, seed: None)
    with pytest.raises(ConfigError, match=rf"'toy' takes no {wish}; leave out {wish}={shown}"):
        given_to(**{wish: value})


def test_a_table_knows_no_device():
    with pytest.raises(ConfigError, match="'q_learning' takes no device"):
        make_algorithm(
            "q_learning", SPACE, SPACE, configure("q_learning", None), total_steps=5, seed=1, device="cpu"
        )


def test_a_config_is_made_of_its_class_of_a_dict_or_of_nothing(offered):
    assert configure("ppo", {"gamma": 0.5}) == PPOConfig(gamma=0.5)
    assert configure("ppo", PPOConfig(gamma=0.5)).gamma == 0.5
    assert configure("ppo", None) == PPOConfig()
    with pytest.raises(ConfigError, match="must be a PPOConfig"):
        configure("ppo", 3)
    with pytest.raises(UnknownNameError, match="Did you mean 'ppo'"):
        configure("pppo", None)
    offered(None)
    with pytest.raises(ConfigError, match="'toy' of plugin 'toys' has no config class"):
        configure("toy", None)


SMALL = gymnasium.spaces.Discrete(2)
HUGE = [
    gymnasium.spaces.Discrete(10**10),
    gymnasium.spaces.MultiDiscrete([10**9, 10**9]),
    gymnasium.spaces.Dict(a=gymnasium.spaces.Discrete(2), b=gymnasium.spaces.Discrete(2**62)),
]


@pytest.mark.parametrize("space", HUGE, ids=str)
@pytest.mark.parametrize("algorithm", sorted(installed().entries("algorithms")))
def test_what_is_too_large_to_have_a_number_for_each_value_is_refused_before_room_is_made(algorithm, space):
    config = configure(algorithm, None)
    numbers = {"total_steps": 100_000, "seed": 0}
    small = gymnasium.spaces.Box(-1, 1) if algorithm in ("sac", "td3") else SMALL
    with pytest.raises(CsaiError, match=r"is the most\. \w+ fewer|actions of (Discrete|Box); here"):
        make_algorithm(algorithm, SMALL, space, config, **numbers)
    if algorithm == "q_learning":  # whose table has a row only for what was seen
        assert make_algorithm(algorithm, space, SMALL, config, **numbers)
    else:
        with pytest.raises(CsaiError, match=r"has [\d,]+ values, .* 1,048,576 is the most\. Observe fewer"):
            make_algorithm(algorithm, space, small, config, **numbers)


def test_layers_that_no_machine_has_memory_for_are_refused():
    for settings in ({"hidden_sizes": [2**20, 2**30]}, {"hidden_sizes": [2**40]}):
        with pytest.raises(CsaiError, match=r"GiB of memory, but|must be an integer from 1 to"):
            make_algorithm("ppo", SMALL, SMALL, configure("ppo", settings), total_steps=5, seed=0)


class Plugins:
    """Several entries, as if they were installed."""

    def __init__(self, **entries):
        self.named = {name: Entry(name=name, target="a:b", **says) for name, says in entries.items()}

    def entries(self, kind):
        return self.named

    def find(self, kind, name):
        return self.named[name]


@pytest.fixture
def plugins(monkeypatch):
    found = Plugins(
        aaa={},
        acme_arm={"observation_spaces": ("Box",), "action_spaces": ("Box",)},
        ppo={"observation_spaces": ("Box", "Dict"), "action_spaces": ("Discrete", "Box")},
        switcher={"observation_spaces": ("Box",), "action_spaces": ("MultiBinary",)},
    )
    monkeypatch.setattr(registry, "installed", lambda: found)
    return found


BOX = gymnasium.spaces.Box(-1, 1)


@pytest.mark.parametrize(
    ("spaces", "names"),
    [
        ((BOX, BOX), ["ppo", "acme_arm", "aaa"]),
        ((BOX, gymnasium.spaces.MultiBinary(2)), ["switcher", "aaa"]),
        ((gymnasium.spaces.Dict(a=BOX), BOX), ["ppo", "aaa"]),
        ((gymnasium.spaces.Text(3), SPACE), ["aaa"]),
    ],
)
def test_those_that_say_they_take_the_spaces_come_first_and_ours_before_others(plugins, spaces, names):
    assert suitable(*spaces) == names


def test_an_algorithm_for_other_spaces_is_refused_and_those_that_take_them_are_named(plugins):
    with pytest.raises(SpaceError, match=r"'acme_arm' takes observations of Box.*MultiBinary\(2\)\. These.*"):
        make_algorithm("acme_arm", BOX, gymnasium.spaces.MultiBinary(2), PPOConfig(), total_steps=1, seed=0)
    plugins.named.pop("aaa")
    with pytest.raises(SpaceError, match=r"No installed algorithm takes them\."):
        make_algorithm("acme_arm", gymnasium.spaces.Text(3), SPACE, PPOConfig(), total_steps=1, seed=0)
