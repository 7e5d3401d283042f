"""Drawing and playing in real time: `update_env`, user control, and pictures in every mode."""

from __future__ import annotations

import copy

import gymnasium
import numpy as np
import pytest

from csai_core import Agent, KeyboardAgent, Shell
from csai_core.errors import ContractError
from csai_core.testing.toys import Choice, Walk

pygame = pytest.importorskip("pygame")


class Game(Walk):
    """A walk with keys, which goes fast so that tests do, and counts its steps and drawings."""

    keys_to_action = {"left": 0, "a": 0, "right": 1, "d": 1, "f1": 1}  # noqa: RUF012

    def __init__(self, **settings):
        super().__init__(**{"target_fps": 500, "length": 50, **settings})
        self.durations = []
        self.num_frames = 0

    def advance(self, action, d_t):
        super().advance(action, d_t)
        self.durations.append(d_t)

    def render_frame(self):
        self.num_frames += 1
        return super().render_frame()


class Steered(Game):
    """The same in real time: without a key it goes left."""

    idle_action = 0


class Right(Agent):
    """Always goes right, and notes what it is taught."""

    def __init__(self):
        super().__init__()
        self.taught = []

    def get_next_action(self, state):
        return 1

    def update(self, state, action, next_state, reward):
        self.taught.append((state, action, next_state, reward))


@pytest.fixture
def make():
    made = []

    def make(game=Game, **settings):
        made.append(game(**settings))
        return made[-1]

    yield make
    for env in made:
        env.close()


def tap(*keys):
    for key in keys:
        pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=pygame.key.key_code(key)))
        pygame.event.post(pygame.event.Event(pygame.KEYUP, key=pygame.key.key_code(key)))


def test_update_env_plays_a_turn_with_the_agent(make):
    env = make(length=4)
    env.agent = Right()
    for _ in range(3):
        env.update_env()
    assert env.position == 3
    assert [taught[:3] for taught in env.agent.taught] == [(0, 1, 1), (1, 1, 2), (2, 1, 3)]
    env.update_env()  # the episode is over: the next one starts and moves
    assert env.position == 1
    assert env.num_frames == 4


def test_a_person_begins_each_episode_with_a_key(make):
    env = make(Steered, is_user_control=True, length=4)
    for _ in range(5):
        env.update_env()
    assert (env.durations, env._window.title) == ([], "Steered: a key starts")
    tap("right")
    for _ in range(3):
        env.update_env()
    assert len(env.durations) == 2  # the key, heard in the first turn, and then the idle action
    assert env._window.title == "Steered"
    while not env.is_episode_over:
        tap("right")
        env.update_env()
    num_steps = len(env.durations)
    for _ in range(5):
        env.update_env()
    assert len(env.durations) == num_steps
    assert env.position == 0


def test_without_an_agent_it_acts_at_random_and_repeatably(make):
    trails = []
    for _ in range(2):
        env = make()
        env.action_space.seed(2)
        trails.append([])
        for _ in range(20):
            env.update_env()
            trails[-1].append(env.position)
    assert trails[0] == trails[1]
    assert len(set(trails[0])) > 1


@pytest.mark.parametrize("settings", [{}, {"render_mode": "human"}, {"console_only": True}])
def test_after_a_step_of_the_loops_own_update_env_moves_nothing(make, settings):
    env = make(**settings)
    for _ in range(2):
        env.reset()
        for turn in range(1, 4):
            env.step(1)
            env.update_env()
            env.render_env()
            assert env.position == turn
    assert len(env.durations) == 6


def test_after_its_own_turn_it_moves_again(make):
    env = make()
    env.agent = Right()
    env.reset()
    env.step(1)
    for expected in (1, 2, 3):
        env.update_env()
        assert env.position == expected


def test_steps_of_real_time_last_as_long_as_the_frame_stood(make):
    env = make(target_fps=50)
    env.agent = Right()
    for _ in range(4):
        env.update_env()
    assert env.durations[0] == 1 / 50
    assert all(0.015 < d_t < 5 for d_t in env.durations[2:])
    env.step(1)
    assert env.durations[-1] == 1 / 50


def test_console_only_opens_no_window_and_waits_for_nothing(make):
    env = make(console_only=True, target_fps=1)
    for _ in range(5):
        env.update_env()
    env.render_env()
    assert env.durations == [1.0] * 5
    assert not env._window.is_open
    assert not env.is_window_closed


def test_human_mode_draws_each_step_and_keeps_time(make):
    env = make(render_mode="human", target_fps=100)
    env.reset()
    env.step(1)
    assert env.num_frames == 2
    assert env.render() is None
    assert env._window.frame_seconds > 0.005


def test_a_person_plays_with_the_keyboard_and_short_taps_count(make):
    env = make(is_user_control=True)
    assert env.render_mode == "human"
    env.update_env()  # opens the window
    env.update_env()
    assert env.position == 0
    tap("right", "d", "left")
    for _ in range(6):
        env.update_env()
    assert (env.position, len(env.durations)) == (1, 3)


def test_a_new_episode_starts_while_no_key_is_pressed(make):
    env = make(is_user_control=True, length=2)
    env.update_env()
    tap("right")
    env.update_env()  # hears of the key
    env.update_env()
    env.update_env()
    assert env.position == 0
    assert env.durations.__len__() == 1


def test_real_time_games_go_on_without_keys_and_follow_those_held(make):
    env = make(Steered, is_user_control=True)
    env.update_env()
    pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_RIGHT))
    env.update_env()
    for _ in range(4):
        env.update_env()
    assert env.position == 4
    pygame.event.post(pygame.event.Event(pygame.KEYUP, key=pygame.K_RIGHT))
    env.update_env()
    env.update_env()
    assert env.position == 4


def test_closing_the_window_ends_the_loop_by_a_flag(make):
    env = make()
    env.agent = Right()
    turns = 0
    while not env.is_window_closed:
        env.update_env()
        turns += 1
        if turns == 3:
            pygame.event.post(pygame.event.Event(pygame.QUIT))
    assert turns in (3, 4)
    env.render_env()
    env.close()
    env.close()


def test_each_render_mode_gives_what_it_says(make):
    assert make(render_mode="ansi").render_text() == "@" + "." * 48 + "G"
    for mode, kind in (("rgb_array", np.ndarray), ("ansi", str), (None, type(None))):
        env = make(render_mode=mode)
        env.reset()
        assert isinstance(env.render(), kind)
        assert not env._window.is_open


@pytest.mark.parametrize("how", ["subclass", "forgotten staticmethod", "instance"])
def test_static_render_env_is_called_by_render_and_render_env(make, how):
    calls = []

    def paint(env, *args, **kwargs):
        calls.append(env)
        args[0][:] = 7

    if how == "instance":
        env = make(render_mode="rgb_array")
        env.static_render_env = paint
    else:
        hook = staticmethod(paint) if how == "subclass" else paint
        env = make(type("Painted", (Game,), {"static_render_env": hook}), render_mode="rgb_array")
    env.reset()
    assert (env.render() == 7).all()
    env.render_env()
    assert calls == [env, env]


def paint_seven(env, frame):
    frame[:] = 7


def test_a_drawing_function_of_an_instance_goes_with_its_copies(make):
    env = make(render_mode="rgb_array")
    env.static_render_env = paint_seven
    twin = copy.deepcopy(env)
    twin.reset()
    assert (twin.render() == 7).all()


def test_static_render_env_may_return_another_picture(make):
    env = make(render_mode="rgb_array")
    env.reset()
    env.static_render_env = lambda env, frame: frame[:4, :4]
    assert env.render().shape == (4, 4, 3)
    env.static_render_env = lambda env, frame: "picture"
    with pytest.raises(
        ContractError, match=r"Game.static_render_env returned 'picture'; it must return a ui"
    ):
        env.render()


def test_drawing_draws_nothing_at_random_and_appoints_no_agent(make):
    env, other = make(), make()
    for each in (env, other):
        each.action_space.seed(3)
        each.reset()
    env.render_env()
    assert env.agent is None
    assert [env.action_space.sample() for _ in range(20)] == [other.action_space.sample() for _ in range(20)]


def test_render_env_can_be_replaced_on_an_instance(make):
    env = make()
    drawn = []
    env.render_env = lambda: drawn.append(env.position)
    env.agent = Right()
    env.update_env()
    env.update_env()
    assert drawn == [1, 2]


def test_gymnasiums_play_gets_its_keys(make):
    keys = make().get_keys_to_action()
    assert keys == {
        (pygame.K_LEFT,): 0,
        (ord("a"),): 0,
        (pygame.K_RIGHT,): 1,
        (ord("d"),): 1,
        (pygame.K_F1,): 1,
    }


def test_gymnasium_shows_it_too():
    gymnasium.register("toys/Game-v0", Game)
    try:
        env = gymnasium.make("toys/Game-v0", render_mode="human")
        env.reset()
        env.step(1)
        assert env.unwrapped._window.is_open
        env.close()
    finally:
        del gymnasium.registry["toys/Game-v0"]


def test_the_keyboard_can_be_somebody_elses(make):
    env = make()
    env.agent = KeyboardAgent({"space": 1}, idle_action=0)
    env.update_env()
    tap("space")
    env.update_env()
    env.update_env()
    assert env.position == 1


class DrawsItself(Game):
    """Draws as textbooks do: through the display of pygame, whenever `update_env` asks for it."""

    render_frame = Shell.render_frame
    pictures = 0

    def render_env(self):
        self.pictures += 1
        pygame.display.init()
        self.screen = pygame.display.get_surface() or pygame.display.set_mode((60, 40))
        self.screen.fill((0, 0, 0))
        pygame.display.flip()


class Prints(Game):
    """Draws without pygame."""

    render_frame = Shell.render_frame
    pictures = 0

    def render_env(self):
        self.pictures += 1


class Classic(DrawsItself):
    """Writes everything as the classic loop has it."""

    is_classic = True

    def reset(self, attributes=None):
        return super().reset(attributes)[0]

    def step(self, action, d_t, attributes=None):
        state, reward, terminated, *_ = super().step(action, d_t, attributes)
        return state, reward, terminated


class ClassicWhole(DrawsItself):
    """Leaves nothing of the world to `Shell`."""

    is_classic = True

    def reset(self, attributes=None):
        self.position = 0
        self.update_env_attributes()
        return self.get_observation(attributes)

    def step(self, action, d_t, attributes=None):
        self.advance(action, d_t)
        self.update_env_attributes()
        return self.get_observation(attributes), 0.0, self.position == 4


OWN_DRAWING = [DrawsItself, Prints, Classic, ClassicWhole]


@pytest.mark.parametrize("game", OWN_DRAWING)
@pytest.mark.parametrize("settings", [{}, {"render_mode": "human"}, {"console_only": True}])
def test_update_env_calls_a_render_env_of_somebodys_once_a_turn(make, game, settings):
    env = make(game, **settings)
    env.agent = Right()
    env.update_env()
    drawn = env.pictures
    for turn in range(2, 5):
        env.update_env()
        assert (env.position, env.pictures) == (turn, drawn + turn - 1)
    assert [taught[:3] for taught in env.agent.taught] == [(i, 1, i + 1) for i in range(4)]


@pytest.mark.parametrize("game", OWN_DRAWING)
def test_a_person_plays_what_draws_itself(make, game):
    env = make(game, is_user_control=True)
    env.update_env()
    assert env.position == 0
    for _ in range(2):
        tap("right")
        env.update_env()
        env.update_env()
    assert env.position == 2
    pygame.event.post(pygame.event.Event(pygame.QUIT))
    env.update_env()
    assert env.is_window_closed


def test_a_class_that_writes_update_env_controls_what_a_person_does(make):
    class Console(Prints):
        def update_env(self):
            self.step(1 if self.is_user_control else 0)

    env = make(Console, is_user_control=True, console_only=True)
    env.reset()
    env.update_env()
    assert (env.position, env.render_mode) == (1, None)


def test_a_person_without_keys_is_told_what_to_write(make):
    class Keyless(Prints):
        keys_to_action = {}  # noqa: RUF012

    with pytest.raises(ContractError, match=r"Keyless .*no key means an action.*keys_to_action = "):
        make(Keyless, is_user_control=True).update_env()


@pytest.mark.parametrize("settings", [{}, {"console_only": True}])
def test_what_does_not_draw_has_nothing_to_show(make, settings):
    env = make(Choice, **settings)
    env.reset()
    assert env.render_env() is None
    assert env.render() is None
    env.update_env()
    assert not env._window.is_open


def test_an_agent_of_the_loop_needs_no_base_class(make):
    class Plain:
        def get_next_action(self, state):
            return 1

    env = make()
    env.agent = Plain()
    env.update_env()
    assert env.position == 1
