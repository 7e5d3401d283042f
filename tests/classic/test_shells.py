"""The classic loop of every environment: what it returns, how it trains, and what it draws on."""

from __future__ import annotations

from functools import partial

import gymnasium
import pytest

from CoderSchoolAI.Environments.Attributes import ActionAttribute, DiscreteType, ObsAttribute
from CoderSchoolAI.Environments.CoderSchoolEnvironments.FrozenLakeEnvironment import FrozenLakeEnv
from CoderSchoolAI.Environments.CoderSchoolEnvironments.SimpleGridEnv import SimpleGridEnv
from CoderSchoolAI.Environments.CoderSchoolEnvironments.SnakeEnvironment import SnakeEnv
from CoderSchoolAI.Environments.Shell import Shell
from CoderSchoolAI.Util.misc_utils import register_function
from csai_core import ClassicView, as_gymnasium
from csai_core.errors import ConfigError, ContractError
from csai_core.vector import SupervisedVectorEnv
from csai_train import evaluate, train

pygame = pytest.importorskip("pygame")


class Walk(Shell):
    """Csai's three methods, in the classic loop."""

    def __init__(self, **settings):
        super().__init__(**settings)
        self.register_attribute(ObsAttribute("position", DiscreteType(5), lambda: self.position))
        self.register_attribute(ActionAttribute("move", DiscreteType(2)))

    def start_episode(self, options):
        self.position = 0

    def advance(self, action, d_t):
        self.position += action

    def get_current_reward(self, action, current_state):
        return float(action), self.position == 4


GAMES = [FrozenLakeEnv, SimpleGridEnv, SnakeEnv, Walk]


@pytest.mark.parametrize("game", GAMES)
def test_an_episode_of_the_classic_loop(game):
    env, rewards = game(target_fps=2000), []
    env.action_space.seed(1)
    state, done = env.reset(), False
    while not done:
        assert env.observation_space.contains(state)
        state, reward, done = env.step(env.action_space.sample(), 0.1)
        env.update_env()
        env.render_env()
        rewards.append(reward)
    env.close()
    assert {type(each) for each in rewards} == {float}
    assert type(done) is bool
    assert env.is_episode_over


@pytest.mark.parametrize("game", GAMES)
def test_it_plays_by_itself_in_update_env(game):
    env = game(console_only=True)
    for _ in range(30):
        env.update_env()
    assert env.observation_space.contains(env.get_state())


@pytest.mark.parametrize("game", GAMES)
def test_it_trains_as_a_gymnasium_environment_with_the_same_seeds(game):
    env, other = as_gymnasium(game()), super(Shell, game()).reset
    observation, info = env.reset(seed=5)
    again, _ = as_gymnasium(game()).reset(seed=5)
    assert str(observation) == str(again) == str(other(seed=5)[0])
    assert info == {}
    assert len(env.step(env.action_space.sample())) == 5


def test_wrappers_of_gymnasium_go_around_what_is_gymnasiums():
    with pytest.raises(
        ContractError, match=r"Walk.reset takes no argument options.*as_gymnasium\(Walk\(…\)\)"
    ):
        gymnasium.wrappers.TimeLimit(Walk(), 2).reset()
    env = gymnasium.wrappers.TimeLimit(as_gymnasium(Walk()), 2)
    env.reset()
    assert [env.step(0)[3] for _ in range(2)] == [False, True]


@pytest.mark.parametrize(
    "environment",
    [
        Walk,
        lambda: ClassicView(Walk),
        lambda: [Walk(), ClassicView(Walk())],
        lambda: gymnasium.vector.SyncVectorEnv([Walk, Walk]),
    ],
    ids=["environment", "view", "list", "gymnasium's vector"],
)
def test_it_is_trained_and_judged_in(environment):
    training = train("q_learning", environment(), total_steps=400, seed=0)
    assert training.steps >= 400
    for judged in (Walk(), ClassicView(Walk())):
        assert evaluate(training, judged, episodes=2, seed=0).mean_return == 4.0


def test_it_is_played_in_worker_processes():
    envs = SupervisedVectorEnv([partial(SimpleGridEnv, attributes="cell")] * 2)
    assert envs.reset(seed=0)[0].tolist() == [0, 0]
    observations, rewards, *_ = envs.step([1, 2])
    assert (observations.tolist(), rewards.tolist()) == ([1, 5], [-0.01, -0.01])
    envs.close()


def test_snake_has_the_originals_arguments():
    env = SnakeEnv(target_fps=9, cell_size=10, height=6, width=8, verbose=False, console_only=True)
    assert (env.target_fps, env.resolution) == (9, (80, 60))
    assert env["game_state"].space.shape == (1, 6, 8)
    assert env.spec is None


def test_a_shell_without_bodies_says_what_to_write():
    with pytest.raises(ContractError, match=r"Shell has no method reset\(self, attributes=None\)"):
        Shell().reset()
    shell = Shell()
    shell.register_attribute(ObsAttribute("late", DiscreteType(2)))
    assert shell.get_observation() == 0


def test_a_render_env_draws_on_the_screen_and_keeps_the_clock():
    class Drawn(Walk):
        def render_env(self):
            self.screen.fill((0, 0, 10 * self.position))
            pygame.display.flip()

    env = Drawn(resolution=(40, 30), environment_name="Drawn")
    env.reset()
    env.step(1)
    env.render_env()
    assert env.screen.get_size() == (40, 30)
    assert env.screen.get_at((0, 0))[:3] == (0, 0, 10)
    assert env.clock is env.clock
    assert env.clock.tick(1000) >= 0
    env.close()
    pygame.display.quit()
    with pytest.raises(ConfigError, match=r"Drawn was given console_only=True.*no screen"):
        Drawn(console_only=True).screen.fill(0)


def test_a_class_may_have_a_screen_of_its_own():
    class Own(Walk):
        def __init__(self):
            super().__init__()
            self.screen = "a sheet of paper"

    assert Own().screen == "a sheet of paper"


def test_a_function_becomes_a_method_of_one_environment():
    env, other = Walk(), Walk()
    drawn = []
    register_function(env, "render_env", lambda self: drawn.append(self.position))
    register_function(env, "static_render_env", lambda env, *args: drawn.append(env))
    env.reset()
    other.reset()
    for each in (env, other):
        each.step(1)
        each.update_env()
    assert drawn == [1]
    env.static_render_env(env)
    assert drawn == [1, env]
