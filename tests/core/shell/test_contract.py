"""Each mistake of an environment's author gets an error that names the class, what was given and the mend."""

from __future__ import annotations

import numpy as np
import pytest

from csai_core import ActionAttribute, BoxType, DiscreteType, ObsAttribute, Shell
from csai_core.errors import ContractError, EpisodeOverError, SpaceError
from csai_core.testing.toys import EverySpace, Walk


class Whole(Shell):
    """Writes reset and step whole; `returns` and `starts` are what they return."""

    returns = (0, 1.0, False, False, {})
    starts = (0, {})

    def __init__(self, **settings):
        super().__init__(**settings)
        self.register_attribute(ObsAttribute("place", DiscreteType(3)))
        self.register_attribute(ActionAttribute("move", DiscreteType(2)))

    def reset(self, attributes=None, *, seed=None, options=None):
        super().reset(seed=seed)
        return self.starts

    def step(self, action, d_t=None, attributes=None):
        self.taken = action
        return self.returns


def test_reset_and_step_may_be_written_whole():
    env = Whole()
    assert env.reset(seed=3) == (0, {})
    assert env.np_random_seed == 3
    assert env.step(np.int64(1)) == (0, 1.0, False, False, {})
    assert type(env.taken) is int
    env.returns = (0, 1.0, False, True, {})
    env.step(0)
    with pytest.raises(EpisodeOverError, match=r"Whole.step was called while no episode.*reset\(\) first"):
        env.step(0)


@pytest.mark.parametrize(
    ("returns", "error", "message"),
    [
        (
            (0, 1.0, False),
            ContractError,
            r"returned 3 items \(int, float, bool\).*\(state, reward, done, False",
        ),
        ((0, 1.0, False), ContractError, r"from_classic\(Whole\(…\)\)"),
        ((0, 1.0, False, {}), ContractError, r"returned 4 items"),
        ([0, 1.0, False, False, {}], ContractError, r"returned one list"),
        (None, ContractError, r"returned one NoneType"),
        ((0, 1.0, False, False, None), ContractError, r"it must return five items"),
        ((3, 1.0, False, False, {}), SpaceError, r"observation 3, which does not lie in Discrete\(3\)"),
        ((0, float("nan"), False, False, {}), ContractError, r"the reward nan; it must be a finite number"),
        ((0, "1", False, False, {}), ContractError, r"the reward '1'"),
        ((0, 1.0, 0, False, {}), ContractError, r"terminated is 0; it must be True or False"),
        ((0, 1.0, False, None, {}), ContractError, r"truncated is None"),
    ],
)
def test_a_step_written_whole_is_checked(returns, error, message):
    env = Whole()
    env.reset()
    env.returns = returns
    with pytest.raises(error, match=message) as caught:
        env.step(0)
    assert str(caught.value).startswith("Whole.step ")


@pytest.mark.parametrize(
    ("starts", "error", "message"),
    [
        (0, ContractError, r"returned one int; it must return \(observation, info\)"),
        ((0, 1), ContractError, r"returned 2 items.*return self.get_observation\(\), {}"),
        ((5, {}), SpaceError, r"observation 5"),
    ],
)
def test_a_reset_written_whole_is_checked(starts, error, message):
    env = Whole()
    env.starts = starts
    with pytest.raises(error, match=f"Whole.reset .*{message}"):
        env.reset()


def test_a_reset_without_seed_is_told_how_to_take_one():
    class Old(Whole):
        def reset(self, attributes=None):
            return 0, {}

    assert Old().reset() == (0, {})
    with pytest.raises(ContractError, match=r"Old.reset takes no argument seed or options.*super\(\)\.reset"):
        Old().reset(seed=1)


def test_another_view_of_one_call_is_not_held_against_the_space():
    env = Whole()
    env.starts, env.returns = ("anything", {}), ("anything", 0.0, False, False, {})
    env.reset("place")
    env.step(0, None, "place")
    env.step(0, attributes="place")


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (1.0, r"returned one float; it must return \(reward, terminated\)"),
        ((1.0, False, {}), r"returned 3 items"),
        ((float("inf"), False), r"the reward inf; it must be a finite number"),
        ((np.float32("nan"), False), r"the reward (np.float32\()?nan"),
        ((None, False), r"the reward None"),
        ((1.0, "no"), r"terminated is 'no'"),
    ],
)
def test_get_current_reward_is_checked(result, message):
    class Bad(Walk):
        def get_current_reward(self, action, current_state):
            return result

    env = Bad()
    env.reset()
    with pytest.raises(ContractError, match=f"Bad.get_current_reward .*{message}"):
        env.step(1)


def test_rewards_of_numpy_are_fine():
    class Numpy(Walk):
        def get_current_reward(self, action, current_state):
            return np.float32(0.5), np.bool_(True)

    env = Numpy()
    env.reset()
    _, reward, terminated, _, _ = env.step(1)
    assert (type(reward), reward, terminated) == (float, 0.5, True)


def test_an_observation_outside_its_space_names_class_attribute_and_element():
    class Fast(Walk):
        def __init__(self):
            super().__init__()
            self.register_attribute(
                ObsAttribute("speed", BoxType(0, 1, (2,), np.float32), lambda: [0, 2 + self.position])
            )

    with pytest.raises(SpaceError, match=r"attribute 'speed' of Fast .* element \(1,\) is 2.0, but must be"):
        Fast().reset()


@pytest.mark.parametrize("action", [2, -1, 0.0, "left", None, [0, 1], True])
def test_an_action_of_the_wrong_type_names_class_and_action(action):
    env = Walk()
    env.reset()
    with pytest.raises(SpaceError, match=r"The action 'walk' of Walk must be an integer from 0 to 1"):
        env.step(action)
    env = Whole()
    env.reset()
    with pytest.raises(SpaceError, match="The action 'move' of Whole must be an integer"):
        env.step(action)


def test_dict_actions_name_what_is_missing_and_what_is_off():
    env = EverySpace()
    env.reset(seed=0)
    action = env.action_space.sample()
    with pytest.raises(
        SpaceError, match=r"EverySpace takes a dict with the actions push, set_mood, set_pair"
    ):
        env.step({"push": action["push"]})
    with pytest.raises(SpaceError, match=r"but was given 3"):
        env.step(3)
    with pytest.raises(SpaceError, match=r"The action 'set_pair' of EverySpace .* element \(0,\) is 3"):
        env.step({**action, "set_pair": [3, 0]})


@pytest.mark.parametrize(
    "use",
    [
        lambda env: env.register_attribute(ObsAttribute("x", DiscreteType(2))),
        lambda env: env.reset(),
        lambda env: env.step(0),
        lambda env: env.action_space,
        lambda env: env.observation_space,
        lambda env: env.update_env(),
        lambda env: env.close(),
        lambda env: env.state_dict(),
    ],
)
def test_a_forgotten_super_init_is_named(use):
    class Forgetful(Walk):
        def __init__(self):
            pass

    with pytest.raises(ContractError, match=r"Forgetful was used before.*must call super\(\).__init__"):
        use(Forgetful())


def test_other_missing_attributes_are_ordinary():
    with pytest.raises(AttributeError, match="'Walk' object has no attribute 'speed'"):
        Walk().speed  # noqa: B018


def test_stepping_before_the_start_or_after_the_end_is_refused():
    env = Walk(length=2)
    with pytest.raises(EpisodeOverError, match=r"Walk.step was called while no episode"):
        env.step(1)
    env.reset()
    assert env.step(1)[2] is True
    with pytest.raises(EpisodeOverError, match=r"call reset\(\) first"):
        env.step(1)
    env.reset()
    env.step(1)


@pytest.mark.parametrize(
    "frame",
    [
        np.zeros((2, 2, 3)),
        np.zeros((2, 2), np.uint8),
        np.zeros((2, 2, 4), np.uint8),
        "frame",
    ],
)
def test_a_picture_of_the_wrong_form_is_refused(frame):
    class Drawn(Walk):
        def render_frame(self):
            return frame

    env = Drawn(render_mode="rgb_array")
    env.reset()
    with pytest.raises(ContractError, match=r"Drawn.render_frame returned .* uint8 array of shape \(height"):
        env.render()


def test_a_class_may_forgo_the_checks():
    class Fast(Whole, is_checked=False):
        def reset(self, attributes=None, *, seed=None, options=None):
            return "anything"

        def step(self, action, d_t=None, attributes=None):
            return "anything"

    assert (Fast().reset(), Fast().step(0)) == ("anything", "anything")


class ShortCut(Walk, is_checked=False):
    """Does the usual step by itself and leaves all others to Walk."""

    num_short = 0

    def step(self, action, d_t=None, attributes=None):
        if self.is_episode_over or attributes is not None or action not in (0, 1):
            return super().step(action, d_t, attributes)
        self.num_short += 1
        self.has_stepped = True
        self.advance(self["walk"].cast(action), 1.0)
        self.update_env_attributes()
        observation = self.get_observation()
        reward, self.is_episode_over = self.get_current_reward(action, observation)
        return observation, reward, self.is_episode_over, False, self.get_info()


def test_a_class_that_forgoes_the_checks_may_take_shortcuts():
    env, plain = ShortCut(), Walk()
    with pytest.raises(EpisodeOverError, match=r"ShortCut\.step"):
        env.step(1)
    for each in (env, plain):
        each.reset(seed=1)
    for action in (1, 1, 0, 1):
        np.testing.assert_equal(env.step(action), plain.step(action))
    with pytest.raises(SpaceError, match="of ShortCut"):
        env.step(7)
    assert env.num_short == 4
    while not env.is_episode_over:
        env.step(1)
    with pytest.raises(EpisodeOverError, match="reset"):
        env.step(1)
    assert env.has_stepped
    env.reset()
    assert (env.has_stepped, env.is_episode_over) == (False, False)
