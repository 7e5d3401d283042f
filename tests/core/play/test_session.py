"""Playing in a window, driven through the dummy display by posted key events."""

from __future__ import annotations

import gymnasium
import numpy as np
import pytest

from csai_core import Agent, RandomAgent
from csai_core.errors import ContractError
from csai_core.play import Session, keyboard_for
from csai_core.play.demonstration import Recorder
from csai_core.play.picture import announce, draw_text, window_size
from csai_core.testing.toys import Walk

pytest.importorskip("pygame")


class TurnBased(Walk):
    keys_to_action = {"left": 0, "right": 1}  # noqa: RUF012

    def get_info(self):
        return {"score": self.position}


class RealTime(TurnBased):
    idle_action = 0


class Right(Agent):
    def get_next_action(self, state):
        return 1


@pytest.fixture
def play(script):
    def play(*keys, env=None, player=None, recorder=None):
        env = env or TurnBased(render_mode="rgb_array")
        script.extend(keys)
        session = Session(env, player or keyboard_for(env), title="walk", fps=20, recorder=recorder)
        session.run(seed=1)
        return session, env

    return play


def test_a_turn_based_game_moves_with_each_tap_only(play):
    session, env = play("right", "", "d", "", "left", "", "", "")
    assert env.position == 1
    assert session.game.num_steps == 3
    assert session.window.is_closed


def test_several_taps_in_one_frame_wait_their_turn(play, script):
    session, env = play("right", "right", "right", "", "")
    assert (env.position, session.game.num_steps) == (3, 3)


def test_a_real_time_game_goes_on_and_follows_held_keys(play):
    env = RealTime(render_mode="rgb_array", length=50)
    session, _ = play("+right", "", "", "-right", "", env=env)
    assert env.position == 1
    assert session.game.num_steps == 5


def test_the_end_of_a_persons_game_is_shown_until_r_or_enter(play, script):
    session, env = play(*["right"] * 4, "right", "left", "", "return", "right", "")
    assert [game.num_steps for game in session.games] == [4, 1]
    assert session.games[0].is_over
    assert session.games[0].score == 4
    assert str(session.games[0]) == "score 4, return 0.70 in 4 steps"
    assert "walk, score 4, game over: R plays again" in script.titles
    assert env.position == 1


def test_an_agents_games_follow_one_another(play):
    session, _ = play(*[""] * 12, player=Right())
    assert [game.num_steps for game in session.games] == [4, 4, 2]


def test_p_pauses_and_r_restarts(play, script):
    session, _ = play("right", "p", "right", "", "p", "", "r", "right", "")
    assert "walk, score 1, paused: P goes on" in script.titles
    assert [game.num_steps for game in session.games] == [1, 1]


def test_plus_and_minus_change_the_speed(play, script):
    session, _ = play("=", "", "-", "-", "", env=RealTime(render_mode="rgb_array"))
    assert script.speeds[:3] == [20, 25, 25]
    assert session.fps == 16
    session, _ = play(*["-"] * 40, env=RealTime(render_mode="rgb_array"))
    assert session.fps == 0.5


def test_the_games_own_keys_come_first(play):
    class Pressing(TurnBased):
        keys_to_action = {"p": 1}  # noqa: RUF012

    session, env = play("p", "p", "", env=Pressing(render_mode="rgb_array"))
    assert env.position == 2
    assert not session.is_paused


def test_a_game_of_text_is_shown_as_a_picture(play):
    _, env = play("right", "", env=TurnBased(render_mode="ansi"))
    assert env.position == 1


def test_text_becomes_a_picture_without_its_color_codes():
    plain = draw_text("ab\nc")
    assert plain.dtype == np.uint8
    assert plain.ndim == 3
    assert plain.max() > 200
    assert np.array_equal(plain, draw_text("\x1b[31mab\x1b[0m\nc\n"))
    assert draw_text("a\nb").shape[0] > draw_text("a").shape[0]
    assert window_size(np.zeros((16, 80, 3), np.uint8)) == (480, 96)
    assert window_size(np.zeros((600, 500, 3), np.uint8)) == (500, 600)


def test_a_session_is_recorded_step_by_step(play):
    recorder = Recorder("Walk-v0", "keyboard")
    play("right", "right", "", "r", "right", "", recorder=recorder)
    assert len(recorder) == 3
    assert [step[0] for step in recorder._steps] == [0, 1, 0]
    assert [step[4] for step in recorder._steps] == [False, True, False]


def test_arrows_and_letters_stand_for_each_other():
    keys = keyboard_for(TurnBased()).keys_to_action
    assert keys == {"left": 0, "a": 0, "right": 1, "d": 1}

    class Letters(Walk):
        keys_to_action = {"w": 1, "up": 0}  # noqa: RUF012

    assert keyboard_for(Letters()).keys_to_action == {"w": 1, "up": 0}


def test_gymnasiums_tables_of_keys_are_understood():
    import pygame

    class Theirs(Walk):
        def get_keys_to_action(self):
            return {
                (): 0,
                (ord("d"),): 1,
                "f": 1,
                (pygame.K_LEFT,): 0,
                (ord("a"), ord("d")): 1,
                pygame.K_x: 1,
            }

    agent = keyboard_for(Theirs())
    assert agent.keys_to_action == {"d": 1, "right": 1, "f": 1, "left": 0, "a": 0, "x": 1}
    assert agent.idle_action == 0


def test_an_environment_without_keys_says_how_to_give_it_some():
    with pytest.raises(
        ContractError, match=r"CartPoleEnv does not say which keys.*keys_to_action =.*--agent"
    ):
        keyboard_for(gymnasium.make("CartPole-v1"))


def test_any_environment_can_be_shown_with_an_agent(play):
    env = gymnasium.make("CartPole-v1", render_mode="rgb_array")
    session, _ = play(*[""] * 5, env=env, player=RandomAgent(env.action_space, seed=0))
    assert session.game.num_steps == 5


def test_words_are_announced_along_the_lower_edge_of_the_picture():
    frame = np.full((120, 160, 3), 200, np.uint8)
    announced = announce(frame, "Game over: R plays again")
    assert announced.shape == frame.shape
    assert (announced[0] == 120).all()  # darker
    assert announced[-20:].max() > 200 > 100 > announced[-1].max()
    assert (frame == 200).all()
