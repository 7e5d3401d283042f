"""Playing in a window, driven through the dummy display by posted events, on a clock of its own."""

from __future__ import annotations

import itertools

import gymnasium
import numpy as np
import pytest

from csai_core import Agent, RandomAgent, make
from csai_core.errors import EnvironmentFailedError
from csai_core.play import Session, keyboard_for
from csai_core.play.demonstration import Recorder
from csai_core.testing.toys import Walk

pytest.importorskip("pygame")


class TurnBased(Walk):
    keys_to_action = {"left": 0, "right": 1}  # noqa: RUF012

    def get_info(self):
        return {"score": self.position}


class RealTime(TurnBased):
    idle_action = 0


class Held(TurnBased):
    metadata = {"render_modes": ["rgb_array", "ansi", "human"], "render_fps": 20}  # noqa: RUF012
    moves_while_held = True


class Right(Agent):
    def get_next_action(self, state):
        return 1


@pytest.fixture
def play(script):
    def play(*entries, env=None, player=None, **settings):
        env = env or TurnBased(render_mode="rgb_array", length=50)
        script.extend(entries)
        settings = {"fps": 20, "title": "walk", "clock": script.clock, **settings}
        session = Session(env, player or keyboard_for(env), **settings)
        session.run(seed=1)
        assert session.window.is_closed
        env.close()
        return session, env.unwrapped

    return play


def lengths(session):
    return [game.num_steps for game in session.games]


# --- the first key, and keys while a game goes on


def test_a_game_waits_for_the_first_key_however_long_it_takes(play, script):
    session, env = play(*[""] * 40, "right", "", "", env=RealTime(render_mode="rgb_array", length=50))
    assert script.titles[40] == "walk, score 0, waiting: a key starts"
    assert session.game.num_steps == 3
    assert env.position == 0  # once to the right, and then back with the idle action


@pytest.mark.parametrize("key", ["return", "space"])
def test_a_game_that_goes_on_by_itself_starts_with_enter_too(play, key):
    session, _ = play("", key, "", "", env=RealTime(render_mode="rgb_array", length=50))
    assert session.game.num_steps == 3
    session, _ = play("", key, "", "")  # this one still needs a move
    assert session.game.num_steps == 0


def test_each_next_game_waits_again(play, script):
    env = RealTime(render_mode="rgb_array")
    session, _ = play(*["right"] * 4, "", "return", *[""] * 10, env=env)
    assert lengths(session) == [4, 0]
    assert script.titles[-1].endswith("waiting: a key starts")


def test_a_game_in_turns_moves_with_each_tap_only(play):
    session, env = play("right", "", "d", "", "left", "", "", "")
    assert env.position == 1
    assert session.game.num_steps == 3


def test_several_taps_in_one_frame_are_several_moves(play):
    session, env = play("right", "right", "right", "", "")
    assert (env.position, session.game.num_steps) == (3, 3)


def test_a_key_that_is_held_in_a_game_in_turns_repeats_after_a_while(play):
    session, _ = play("+right", *[""] * 4, "-right", "")
    assert session.game.num_steps == 1  # a slow press is one move
    session, _ = play("+right", *[""] * 9, "-right", *[""] * 9)
    assert session.game.num_steps == 1 + 4  # from 0.3 s on, every 0.05 s


def test_a_real_time_game_goes_on_and_follows_held_keys(play):
    env = RealTime(render_mode="rgb_array", length=50)
    session, _ = play("+right", "", "", "-right", "", env=env)
    assert env.position == 1
    assert session.game.num_steps == 5


def test_a_motion_goes_on_while_a_key_is_held_and_a_tap_lasts_a_tenth_of_a_second(play):
    session, env = play("right", *[""] * 9, env=Held(render_mode="rgb_array", length=50))
    assert (session.game.num_steps, env.position) == (2, 2)  # 0.1 s of 20 steps a second
    session, env = play(
        "+right", *[""] * 9, "-right", *[""] * 9, env=Held(render_mode="rgb_array", length=50)
    )
    assert session.game.num_steps == 10
    session, env = play("right", "left", *[""] * 9, env=Held(render_mode="rgb_array", length=50))
    assert session.game.num_steps == 3  # the second tap cuts the first short


def test_the_speed_is_kept_between_the_frames_of_a_slow_screen(play):
    session, _ = play("return", *[""] * 9, env=RealTime(render_mode="rgb_array", length=500), fps=80)
    assert session.game.num_steps == pytest.approx(10 * 0.05 * 80, abs=4)


# --- the end of a game


def test_the_end_of_a_persons_game_is_shown_until_r_or_enter(play, script):
    env = TurnBased(render_mode="rgb_array")
    session, env = play(*["right"] * 4, "right", "left", "", "return", "right", "", env=env)
    assert lengths(session) == [4, 1]
    assert session.games[0].is_over
    assert session.games[0].score == 4
    assert str(session.games[0]) == "score 4, return 0.70 in 4 steps"
    assert "walk, score 4, game over: R plays again" in script.titles
    assert env.position == 1


def test_an_agents_games_follow_one_another_after_a_rest(play):
    session, _ = play(*[""] * 45, env=TurnBased(render_mode="rgb_array"), player=Right())
    assert lengths(session) == [4, 4]  # 4 steps, 1.5 s of rest, and again


@pytest.mark.parametrize("key", ["return", "escape", "r"])
def test_a_person_ends_the_last_game(play, script, key):
    env = TurnBased(render_mode="rgb_array")
    session, _ = play(*["right"] * 4, "", "return", *["right"] * 4, "", key, "right", env=env, episodes=2)
    assert lengths(session) == [4, 4]
    assert list(script) == ["right"]  # the window closed before


def test_an_agents_last_game_closes_the_window(play, script):
    session, _ = play(*[""] * 200, env=TurnBased(render_mode="rgb_array"), player=Right(), episodes=2)
    assert lengths(session) == [4, 4]
    assert len(script) > 100


def test_game_i_starts_from_seed_plus_i(play):
    seeds = []

    class Seeded(TurnBased):
        def reset(self, *args, seed=None, **kwargs):
            seeds.append(seed)
            return super().reset(*args, seed=seed, **kwargs)

    play("right", "r", "", "r", "", env=Seeded(render_mode="rgb_array"))
    assert seeds == [1, 2, 3]


# --- the player's own keys


@pytest.mark.parametrize("key", ["p", "space"])
def test_pausing_stops_everything_until_it_goes_on(play, script, key):
    env = RealTime(render_mode="rgb_array", length=50)
    session, _ = play("right", key, *["", "right"] * 5, key, "", env=env)
    assert "walk, score 1, paused: P goes on" in script.titles
    assert session.game.num_steps == 3


def test_r_restarts(play):
    session, _ = play("right", "r", "right", "")
    assert lengths(session) == [1, 1]


def test_n_takes_one_step_and_pauses(play):
    session, _ = play("", "n", "", "n", "", "p", "", player=Right())
    assert session.game.num_steps == 1 + 2 + 2


def test_n_in_a_game_in_turns_needs_a_move(play):
    session, _ = play("right", "n", "n", "")
    assert session.game.num_steps == 1


def test_escape_pauses_first_and_then_leaves(play, script):
    session, _ = play("right", "escape", "", "escape", "right")
    assert "walk, score 1, paused: P goes on" in script.titles
    assert session.game.num_steps == 1
    assert list(script) == ["right"]


def test_escape_leaves_at_once_where_nothing_moves(play, script):
    play("escape", "right", "right")
    assert list(script) == ["right", "right"]


def test_help_stops_the_game_and_closes_with_h_or_escape(play):
    env = RealTime(render_mode="rgb_array", length=50)
    session, _ = play("right", "h", *[""] * 9, "h", "", "h", "", "escape", "", env=env)
    assert not session.is_helping
    assert session.game.num_steps == 1 + 2 + 2 + 0


def test_plus_and_minus_change_the_speed(play):
    session, _ = play("=", "", "-", "-", "", env=RealTime(render_mode="rgb_array"))
    assert session.fps == 16
    session, _ = play(*["-"] * 40, env=RealTime(render_mode="rgb_array"))
    assert session.fps == 0.5


def test_the_games_own_keys_come_first(play):
    class Pressing(TurnBased):
        keys_to_action = {"p": 1}  # noqa: RUF012

    session, env = play("p", "p", "", env=Pressing(render_mode="rgb_array"))
    assert env.position == 2
    assert not session.is_paused


# --- what is not possible, clicks


def test_what_the_mask_forbids_is_refused_and_does_not_end_the_game(play):
    env = Masked(render_mode="rgb_array")
    session, _ = play("right", "left", "", env=env)
    assert lengths(session) == [1]
    assert session.is_refused
    session, _ = play("right", "left", "right", "", env=env)
    assert lengths(session) == [2]
    assert not session.is_refused


class Masked(TurnBased):
    def get_info(self):
        return {"action_mask": np.array([0, 1], np.int8)}


class Clicked(TurnBased):
    """The right half of its picture is a click to the right."""

    def target_at(self, x, y):
        from csai_core.games import Target

        height, width = self.render_frame().shape[:2]
        inside = width / 2 <= x < width and 0 <= y < height
        return Target(1, (width / 2, 0, width / 2, height)) if inside else None


def test_a_click_plays_where_one_points_and_the_place_is_framed(play, script):
    session, env = play(
        (400, 80), "", (400, 80, 1), "", (10, 80, 1), "", env=Clicked(render_mode="rgb_array")
    )
    assert (session.game.num_steps, env.position) == (1, 1)
    assert not np.array_equal(script.frames[0], script.frames[1])
    session, _ = play("p", (400, 80, 1), "", env=Clicked(render_mode="rgb_array"))
    assert session.game.num_steps == 0


def test_a_click_on_what_is_said_of_the_end_plays_again_and_one_on_the_board_does_not(play):
    env = TurnBased(render_mode="rgb_array")
    session, _ = play(*["right"] * 4, (400, 80, 1), "", (400, 150, 1), "", "right", env=env)
    assert lengths(session) == [4, 1]


# --- what is shown and kept


def test_the_window_is_drawn_when_something_changes_and_now_and_then(play, script):
    play(*[""] * 39)
    assert len(script.frames) == 1 + 7  # 40 frames of 50 ms: each 0.25 s, as others may have covered it
    script.frames.clear()
    play("right", "right", "h", "h")
    assert len(script.frames) == 5


def test_every_moment_of_a_glide_is_drawn(play, script):
    env = make("CSAI/FrozenLake-v0", render_mode="rgb_array")
    play("right", "", "", env=env, fps=4)
    assert len(script.frames) == 4  # before, just moved, on its way, there
    assert not any(np.array_equal(*pair) for pair in itertools.pairwise(script.frames))


def test_a_game_of_text_is_shown_as_a_picture(play):
    _, env = play("right", "", env=TurnBased(render_mode="ansi"))
    assert env.position == 1


def test_a_session_is_recorded_step_by_step(play):
    recorder = Recorder("Walk-v0", "keyboard")
    play("right", "right", "", "r", "right", "", recorder=recorder)
    assert len(recorder) == 3
    assert [step[0] for step in recorder._steps] == [0, 1, 0]
    assert [step[4] for step in recorder._steps] == [False, True, False]


def test_any_environment_can_be_shown_with_an_agent(play):
    env = gymnasium.make("CartPole-v1", render_mode="rgb_array")
    session, _ = play(*[""] * 5, env=env, player=RandomAgent(env.action_space, seed=0))
    assert session.game.num_steps == 5


def test_an_error_of_the_game_closes_the_window_and_is_not_hidden(script):
    class Broken(TurnBased):
        def advance(self, action, d_t):
            raise ZeroDivisionError

    script.extend(["right", "", ""])
    env = Broken(render_mode="rgb_array")
    session = Session(env, keyboard_for(env), title="broken", fps=20, clock=script.clock)
    with pytest.raises(EnvironmentFailedError) as caught:
        session.run()
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert session.window.is_closed
