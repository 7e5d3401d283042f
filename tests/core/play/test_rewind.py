"""Going back in a game is exact, or a plain word says why it cannot be done."""

import gymnasium
import numpy as np
import pytest

from csai_core.errors import EnvironmentFailedError
from csai_core.play import Game
from csai_core.play.rewind import Rewind
from csai_core.testing.toys import Walk


class Slippery(Walk):
    """A walk in which a die decides whether a step is taken."""

    def advance(self, action, d_t):
        if self.np_random.random() < 0.8:
            super().advance(action, d_t)

    def get_info(self):
        return {"score": self.position}


MAKERS = {
    "shell": lambda: Slippery(length=1000),
    "shell in wrappers": lambda: gymnasium.wrappers.TimeLimit(Slippery(length=1000), 90),
    "shell in wrappers with memory": lambda: gymnasium.wrappers.FrameStackObservation(Slippery(1000), 3),
    "CartPole": lambda: gymnasium.make("CartPole-v1"),
    "FrozenLake": lambda: gymnasium.make("FrozenLake-v1", is_slippery=True),
    "Pendulum": lambda: gymnasium.make("Pendulum-v1"),
    "sticky": lambda: gymnasium.wrappers.StickyAction(gymnasium.make("CartPole-v1"), 0.5),
}


def begin(env, seed=3):
    rewind = Rewind(env)
    rewind.env.action_space.seed(seed)
    game = Game(rewind.env, seed)
    rewind.begin(game)
    return rewind, game


def stands(game):
    return (
        np.asarray(game.observation).tolist(),
        game.total_reward,
        game.num_steps,
        game.score,
        game.is_over,
        None if game.transition is None else game.transition[1:5],
        game.info.get("score"),
    )


def advance(rewind, game, action):
    game.step(action)
    rewind.note(game)
    return stands(game)


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("seed", [3, None])
def test_every_step_can_be_taken_back_and_taken_again(name, seed):
    rewind, game = begin(MAKERS[name](), seed)
    seen, actions = [stands(game)], []
    while not game.is_over and len(actions) < 100:
        actions.append(rewind.env.action_space.sample())
        seen.append(advance(rewind, game, actions[-1]))
    for before in reversed(seen[:-1]):
        assert rewind.back(game) == ""
        assert stands(game) == before
    assert game.transition is None
    assert [advance(rewind, game, action) for action in actions] == seen[1:]


@pytest.mark.parametrize("name", MAKERS)
def test_another_action_may_follow_a_step_back(name):
    rewind, game = begin(MAKERS[name]())
    actions = [rewind.env.action_space.sample() for _ in range(8)]
    for action in actions[:6]:
        advance(rewind, game, action)
    assert rewind.back(game) == rewind.back(game) == ""
    seen = [advance(rewind, game, action) for action in actions[6:]]
    assert rewind.back(game) == ""
    assert stands(game) == seen[0]
    assert game.num_steps == 5


def test_a_game_that_is_over_goes_on_after_a_step_back():
    rewind, game = begin(Walk(length=3))
    advance(rewind, game, 1)
    advance(rewind, game, 1)
    assert game.is_over
    assert rewind.back(game) == ""
    assert not game.is_over
    advance(rewind, game, 0)
    advance(rewind, game, 1)
    advance(rewind, game, 1)
    assert (game.is_over, game.num_steps) == (True, 4)


def test_long_games_keep_few_states():
    rewind, game = begin(Slippery(length=10**6))
    for _ in range(5000):
        advance(rewind, game, 1)
    assert len(rewind._marks) <= 64
    before = stands(game)
    advance(rewind, game, 0)
    assert rewind.back(game) == ""
    assert stands(game) == before
    for _ in range(200):
        assert rewind.back(game) == ""
    assert game.num_steps == 4800


class Clock(gymnasium.Env):
    """Follows something that no seed decides."""

    observation_space = gymnasium.spaces.Discrete(10**6)
    action_space = gymnasium.spaces.Discrete(2)
    ticks = 0

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return 0, {}

    def step(self, action):
        type(self).ticks += 1
        return self.ticks, float(self.ticks), False, False, {}


def test_what_is_not_deterministic_says_so():
    rewind, game = begin(Clock())
    for _ in range(3):
        advance(rewind, game, 1)
    assert rewind.why_not() == ""
    assert "not deterministic" in rewind.back(game)


class Open(Walk):
    def start_episode(self, options):
        super().start_episode(options)
        self.file = open(__file__)  # noqa: SIM115

    def close(self):
        self.file.close()


def test_a_shell_that_cannot_say_its_state_says_so_before_anything_is_tried():
    rewind, game = begin(Open())
    advance(rewind, game, 1)
    assert "file" in rewind.why_not()
    assert game.num_steps == 1
    rewind.env.close()


class Failing(Walk):
    def advance(self, action, d_t):
        if action == 0:
            raise ValueError("no way back")
        super().advance(action, d_t)


def test_a_failure_names_the_step_that_it_was_after_steps_back():
    rewind, game = begin(Failing(length=100))
    for _ in range(5):
        advance(rewind, game, 1)
    for _ in range(3):
        assert rewind.back(game) == ""
    with pytest.raises(EnvironmentFailedError) as failed:
        game.step(0)
    assert "step 3" in str(failed.value)
    assert "[1, 1, 0]" in str(failed.value)


class Legacy(Clock):
    """Has a generator of another time."""

    @property
    def np_random(self):
        raise AttributeError("no such thing")

    def reset(self, *, seed=None, options=None):
        return 0, {}


@pytest.mark.parametrize("seed", [1, None])
def test_an_environment_without_a_generator_is_played_and_cannot_go_back(seed):
    env = Legacy()
    rewind = Rewind(env)
    game = Game(rewind.env, seed)
    rewind.begin(game)
    advance(rewind, game, 1)
    assert game.num_steps == 1
    assert "np_random" in rewind.why_not()


class Keeping(gymnasium.Wrapper):
    def __init__(self, env):
        super().__init__(env)
        self.socket = object()


def test_what_a_wrapper_keeps_is_told_before_anything_is_tried():
    rewind, game = begin(Keeping(Walk(length=9)))
    advance(rewind, game, 1)
    assert rewind.why_not() == "its wrapper Keeping keeps socket, which cannot be saved"
    assert game.num_steps == 1
