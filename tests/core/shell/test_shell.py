"""A Shell is an environment: spaces, views, seeds, wrappers, vectors; the thirty-line example too."""

from __future__ import annotations

import copy
import importlib.util
import pickle
import warnings
from pathlib import Path

import gymnasium
import numpy as np
import pytest
from gymnasium.envs.registration import EnvSpec
from gymnasium.utils.env_checker import check_env
from gymnasium.utils.env_match import check_environments_match
from gymnasium.vector import AsyncVectorEnv, SyncVectorEnv

from csai_core import ActionAttribute, DiscreteType, ObsAttribute, Shell
from csai_core.errors import ConfigError, ContractError, DuplicateNameError, UnknownNameError
from csai_core.testing.toys import Choice, EverySpace, Walk

THIRTY_LINES = Path(__file__).parents[3] / "examples" / "thirty_lines.py"
TOYS = {"Choice": Choice, "EverySpace": EverySpace, "Walk": Walk}


@pytest.fixture(scope="module", autouse=True)
def registered():
    for name in TOYS:
        gymnasium.register(f"toys/{name}-v0", f"csai_core.testing.toys:{name}", max_episode_steps=7)
    yield
    for name in TOYS:
        del gymnasium.registry[f"toys/{name}-v0"]


@pytest.fixture(params=[Choice, EverySpace, Walk])
def make(request):
    return request.param


def same(one, two):
    return gymnasium.utils.env_checker.data_equivalence(one, two)


def play(env, steps, seed=None):
    """The observations and rewards of `steps` random steps, resetting at ends."""
    env.action_space.seed(0)
    trace = [env.reset(seed=seed)[0]]
    for _ in range(steps):
        observation, reward, terminated, truncated, _ = env.step(env.action_space.sample())
        trace.append((observation, reward, terminated))
        if terminated or truncated:
            trace.append(env.reset()[0])
    return trace


def test_the_thirty_line_example_passes_gymnasiums_check_without_a_warning():
    assert len(THIRTY_LINES.read_text().splitlines()) <= 30
    spec = importlib.util.spec_from_file_location("thirty_lines", THIRTY_LINES)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    gymnasium.register("toys/Corridor-v0", module.Corridor)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            check_env(gymnasium.make("toys/Corridor-v0").unwrapped)
        env = gymnasium.make("toys/Corridor-v0", render_mode="ansi")
        env.reset(seed=1)
        assert env.render() in ("$...@....", "....@...$")
    finally:
        del gymnasium.registry["toys/Corridor-v0"]


@pytest.mark.parametrize("name", TOYS)
def test_gymnasiums_check_finds_nothing(name):
    has_pygame = importlib.util.find_spec("pygame") is not None  # a window is among what is rendered
    check_env(gymnasium.make(f"toys/{name}-v0").unwrapped, skip_render_check=not has_pygame)


def test_the_same_seed_gives_the_same_run_and_another_seed_another(make):
    one, two = play(make(), 30, seed=5), play(make(), 30, seed=5)
    assert same(one, two)
    assert make is Walk or not same(one, play(make(), 30, seed=6))


def test_observations_of_different_steps_share_no_memory():
    env = EverySpace()
    first, _ = env.reset(seed=0)
    second = env.step(env.action_space.sample())[0]
    again = env.get_observation()
    for name, value in first.items():
        for other in (second[name], again[name], env[name].data):
            assert not np.shares_memory(value, other)


def test_every_observation_of_long_random_play_lies_in_the_space(make):
    env = make()
    env.action_space.seed(1)
    observation, _ = env.reset(seed=1)
    for _ in range(200):
        assert env.observation_space.contains(observation)
        observation, reward, terminated, truncated, info = env.step(env.action_space.sample())
        assert type(reward) is float
        assert type(terminated) is bool
        assert truncated is False
        assert info == {}
        if terminated:
            observation, info = env.reset()


@pytest.mark.parametrize(
    ("attributes", "space"),
    [
        (None, ["lamps", "mood", "pair", "position"]),
        ("mood", gymnasium.spaces.Discrete(3, start=-1)),
        (("mood",), ["mood"]),
        (["pair", "lamps"], ["lamps", "pair"]),
    ],
)
def test_attributes_fix_the_view_and_the_space(attributes, space):
    env = EverySpace(attributes=attributes)
    if isinstance(space, list):
        assert sorted(env.observation_space.spaces) == space
    else:
        assert env.observation_space == space
    observation, _ = env.reset(seed=0)
    assert env.observation_space.contains(observation)
    assert env.observation_space.contains(env.step(env.action_space.sample())[0])


def test_a_view_of_one_call_differs_from_the_environments_own():
    env = EverySpace(attributes="mood")
    observation, _ = env.reset("pair", seed=0)
    assert observation.tolist() == env["pair"].data.tolist()
    both = env.step(env.action_space.sample(), attributes=("lamps", "mood"))[0]
    assert list(both) == ["lamps", "mood"]
    assert env.get_observation() == env.get_state() == env["mood"].data
    assert env.get_state("pair").tolist() == env.get_observation(("pair",))["pair"].tolist()


def test_one_attribute_has_a_bare_space_and_several_a_dict():
    assert Walk().observation_space == DiscreteType(5)
    assert Walk().action_space == DiscreteType(2)
    assert isinstance(EverySpace().action_space, gymnasium.spaces.Dict)


def test_attributes_are_found_by_name_or_names():
    env = Walk()
    assert env["position"] is env.get_attribute("position")
    assert env["position", "walk"] == env.get_attribute(["position", "walk"])
    assert list(env["position", "walk"]) == ["position", "walk"]
    for name in ("positon", ("walk", "positon")):
        with pytest.raises(
            UnknownNameError, match=r"No attribute of Walk named 'positon'. Did you mean 'pos"
        ):
            env[name]
    with pytest.raises(
        UnknownNameError, match=r"observation attribute of Walk named 'walk'.*Known: .*position"
    ):
        Walk(attributes="walk").reset()
    with pytest.raises(UnknownNameError, match="named 'speed'"):
        env.reset(attributes="speed")
    with pytest.raises(ConfigError, match=r"Walk was given attributes=\(\)"):
        Walk(attributes=())


def test_a_name_is_given_once_and_an_attribute_belongs_to_one_environment():
    env = Walk()
    with pytest.raises(DuplicateNameError, match=r"Walk already has an attribute 'walk'.*another name"):
        env.register_attribute(ActionAttribute("walk", DiscreteType(2)))
    with pytest.raises(
        ContractError, match=r"Choice was asked to register.*belongs to another environment \(Walk"
    ):
        Choice().register_attribute(env["walk"])
    with pytest.raises(ContractError, match=r"must be an ObsAttribute or an ActionAttribute"):
        env.register_attribute("speed")


class Noted(Walk):
    """A walk with a note, which nothing but hands change."""

    def __init__(self, **settings):
        super().__init__(**settings)
        self.register_attribute(ObsAttribute("note", DiscreteType(10)))


def test_attributes_can_be_set_by_hand_and_refreshed():
    env = Noted()
    env.reset()
    env.update_attribute("note", 7)
    assert env.get_observation() == {"position": 0, "note": 7}
    env.position = 3
    env.update_env_attributes()
    assert env.get_observation() == {"position": 3, "note": 7}
    assert env.step(1)[0] == {"position": 4, "note": 7}
    assert env["walk"].data == 1


def test_attributes_are_registered_while_the_environment_is_made():
    env = Noted()
    with pytest.raises(
        ContractError, match=r"Noted .*'late'.* after it was made.*Register it in the __init__"
    ):
        env.register_attribute(ObsAttribute("late", DiscreteType(2)))
    assert env.observation_space.contains(env.reset()[0])


def test_the_duration_of_a_step_is_told_or_follows_target_fps():
    class Clock(Walk):
        def advance(self, action, d_t):
            self.seen = d_t

    env = Clock(target_fps=4)
    env.reset()
    durations = []
    for d_t in (None, 0.5, None):
        env.step(0, d_t)
        durations.append(env.seen)
    assert durations == [0.25, 0.5, 0.25]


def test_target_fps_comes_from_the_class_unless_given():
    class Slow(Walk):
        metadata = {"render_fps": 5}  # noqa: RUF012

    assert Slow.metadata["render_modes"] == ["human", "rgb_array", "ansi"]
    assert (Slow().target_fps, Slow().metadata["render_fps"]) == (5, 5)
    assert (Slow(target_fps=9).target_fps, Slow(target_fps=9).metadata["render_fps"]) == (9, 9)
    assert (Walk().target_fps, Slow.metadata["render_fps"]) == (30, 5)


def test_settings_that_cannot_work_are_refused():
    with pytest.raises(ConfigError, match=r"target_fps=0; it must be a number above 0"):
        Walk(target_fps=0)
    with pytest.raises(ConfigError, match=r"render_mode='video'; it can do \[None, 'human'"):
        Walk(render_mode="video")
    with pytest.raises(
        ConfigError, match=r"is_user_control=True, which needs render_mode='human'.*Write ren"
    ):
        Choice(is_user_control=True)
    with pytest.raises(ConfigError, match="console_only=True, which forbids windows"):
        Walk(is_user_control=True, console_only=True)


def test_render_modes_follow_from_the_methods_written():
    assert Choice.metadata["render_modes"] == []
    assert Walk.metadata["render_modes"] == ["human", "rgb_array", "ansi"]


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda env: pickle.loads(pickle.dumps(env))])
def test_a_copy_goes_on_identically_and_by_itself(make, copied):
    env = make()
    env.action_space.seed(0)
    env.reset(seed=3)
    if make is EverySpace:
        env.step(env.action_space.sample())
    twin = copied(env)
    assert same(env.get_observation(), twin.get_observation())
    action = env.action_space.sample()
    assert same(action, twin.action_space.sample())
    assert same(env.step(action), twin.step(action))
    assert same(play(env, 10), play(twin, 10))


def test_a_copy_keeps_what_was_changed_after_the_constructor():
    env = Walk(length=9)
    env.target_fps = 3
    env.observation_space = DiscreteType(20)
    env.static_render_env = print
    env.reset()
    twin = copy.deepcopy(env)
    assert (twin.length, twin.target_fps, twin.observation_space.n) == (9, 3, 20)
    assert twin.static_render_env is print
    twin.step(1)
    assert (env.position, twin.position) == (0, 1)
    assert (env.get_state(), twin.get_state()) == (0, 1)


@pytest.mark.parametrize("name", TOYS)
def test_the_specification_goes_through_json(name):
    env = gymnasium.make(f"toys/{name}-v0", console_only=True, target_fps=10)
    again = gymnasium.make(EnvSpec.from_json(env.spec.to_json()))
    assert (again.unwrapped.console_only, again.unwrapped.target_fps) == (True, 10)
    assert check_environments_match(env, again, num_steps=30, seed=1) is None


def test_a_view_goes_through_json():
    env = gymnasium.make("toys/EverySpace-v0", attributes=("mood", "pair"))
    again = gymnasium.make(EnvSpec.from_json(env.spec.to_json()))
    assert again.observation_space == env.observation_space


def same_values(one, two):
    if isinstance(one, dict):
        return one.keys() == two.keys() and all(same_values(one[k], two[k]) for k in one)
    return np.array_equal(one, two)


def test_worker_processes_play_as_this_one_does():
    specs = [gymnasium.spec("toys/EverySpace-v0")] * 2
    asynchronous = AsyncVectorEnv([spec.make for spec in specs])
    serial = SyncVectorEnv([spec.make for spec in specs])
    try:
        serial.action_space.seed(2)
        assert same_values(asynchronous.reset(seed=1)[0], serial.reset(seed=1)[0])
        for _ in range(8):
            actions = serial.action_space.sample()
            assert same_values(asynchronous.step(actions)[0], serial.step(actions)[0])
    finally:
        asynchronous.close()


def test_gymnasiums_wrappers_work():
    env = gymnasium.make("toys/EverySpace-v0")
    env = gymnasium.wrappers.RecordEpisodeStatistics(gymnasium.wrappers.FlattenObservation(env))
    env.reset(seed=0)
    for _ in range(5):
        observation, *_, info = env.step(env.action_space.sample())
    assert env.observation_space.contains(observation)
    assert info["episode"]["l"] == 5
    assert env.get_wrapper_attr("clock") == 5


def test_methods_that_were_not_written_are_named():
    class Empty(Shell):
        pass

    env = Empty()
    with pytest.raises(ContractError, match=r"Empty has no ObsAttribute; in __init__, call self.register"):
        env.observation_space  # noqa: B018
    with pytest.raises(ContractError, match=r"Empty has no ActionAttribute"):
        env.action_space  # noqa: B018
    with pytest.raises(ContractError, match=r"Empty has no method start_episode\(self, options\)"):
        env.reset()
    for method, message in (
        ("render_frame", r"render_frame\(self\)"),
        ("render_text", r"render_text\(self\)"),
    ):
        with pytest.raises(ContractError, match=message):
            getattr(env, method)()
    with pytest.raises(ContractError, match=r"advance\(self, action, d_t\)"):
        env.advance(0, 0.1)
    with pytest.raises(ContractError, match=r"get_current_reward\(self, action, current_state\)"):
        env.get_current_reward(0, 0)


def test_options_reach_the_game():
    class Start(Walk):
        def start_episode(self, options):
            self.position = options.get("position", 0)

    assert Start().reset(options={"position": 2})[0] == 2
    assert Start().reset()[0] == 0


class Registered(Walk):
    """A Walk that knows the id it is registered by."""

    environment_id = "toys/Registered-v0"


def test_an_environment_made_by_a_registered_class_tells_how_to_make_another():
    assert Walk().spec is None
    env = Registered(target_fps=7)
    assert (env.spec.id, env.spec.kwargs) == ("toys/Registered-v0", {"target_fps": 7})
    other = env.spec.make().unwrapped
    assert (type(other), other.target_fps) == (Registered, 7)
