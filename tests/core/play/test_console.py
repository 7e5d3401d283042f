"""The player's own keys in a window: a step back, taking over, thoughts, overlays, and no clashes."""

from __future__ import annotations

import gymnasium
import numpy as np
import pytest

from csai_core import Agent
from csai_core.explanation import Explanation, Options
from csai_core.play import Session, keyboard_for, telling
from csai_core.play.demonstration import Recorder
from csai_core.play.screen import HEADER
from csai_core.shell.target import Target
from csai_core.testing.toys import Walk
from csai_core.thoughts.panel import WIDTH

pytest.importorskip("pygame")


class TurnBased(Walk):
    keys_to_action = {"left": 0, "right": 1}  # noqa: RUF012


class RealTime(TurnBased):
    idle_action = 0


class Greedy(TurnBased):
    """Needs the player's letters for itself."""

    keys_to_action = dict.fromkeys("bhnoptv.,", 1) | {"left": 0}


class Thinker(Agent):
    """Goes right, and is asked why."""

    gamma = 0.5

    def __init__(self):
        super().__init__()
        self.asked = []

    def get_next_action(self, state):
        return 1

    def explain(self, state, action_mask=None):
        self.asked.append(int(state))
        return Explanation(
            1, (Options("", ("left", "right"), 1, (0.1, 0.9), None, (True, True)),), float(state)
        )


class Keyless(gymnasium.Env):
    observation_space = gymnasium.spaces.Discrete(2)
    action_space = gymnasium.spaces.Box(-1, 1, (1,))
    metadata = {"render_modes": ["rgb_array"]}  # noqa: RUF012
    render_mode = "rgb_array"

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return 0, {}

    def step(self, action):
        return 0, 0.0, False, False, {}

    def render(self):
        return np.zeros((40, 40, 3), np.uint8)


class Red:
    name = "red"

    def __init__(self):
        self.views = []

    def paint(self, frame, view):
        self.views.append(view)
        painted = frame.copy()
        painted[:] = (255, 0, 0)
        return painted


@pytest.fixture
def play(script):
    def play(*entries, env=None, player=None, **settings):
        env = env or TurnBased(render_mode="rgb_array", length=50)
        script.extend(entries)
        settings = {"fps": 20, "title": "walk", "clock": script.clock, **settings}
        session = Session(env, player or Thinker(), **settings)
        session.run(seed=1)
        env.close()
        return session, env.unwrapped

    return play


# --- one step back


@pytest.mark.parametrize("key", ["b", ","])
def test_a_step_back_pauses_an_agents_game_there(play, script, key):
    session, env = play(*[""] * 5, key, key, "", "", "")
    assert session.is_paused
    assert (session.game.num_steps, env.position) == (3, 3)
    assert len(session.beside.mind.history.moments) == 3


@pytest.mark.parametrize("key", ["n", "."])
def test_steps_forward_again_lead_to_the_same_place(play, key):
    session, env = play("", "", "", "b", "b", key, key, "p", "", "")
    assert env.position == session.game.num_steps >= 5


def test_a_persons_game_in_turns_is_not_paused_by_a_step_back(play):
    session, env = play("right", "right", "b", "left", "", player=keyboard_for(TurnBased()))
    assert (env.position, session.game.num_steps, session.is_paused) == (0, 2, False)


def test_there_is_nothing_before_the_start(play):
    session, _ = play("p", "b", "b", "b", "b")
    assert session.game.num_steps == 0
    assert session.notice == "This is the start of the game"


def test_a_step_that_is_taken_back_is_not_recorded(play):
    recorder = Recorder("walk", "keyboard")
    play("right", "right", "b", "left", "", player=keyboard_for(TurnBased()), recorder=recorder)
    assert [step.action for step in recorder._steps] == [1, 0]


def test_a_game_that_cannot_go_back_says_so_and_stays(play):
    env = TurnBased(render_mode="rgb_array", length=50)
    env.lock = open(__file__)  # noqa: SIM115
    session, _ = play("", "", "b", env=env)
    assert session.notice.startswith("This game cannot go back")
    assert session.game.num_steps >= 2
    env.lock.close()


# --- taking over


def test_a_person_takes_over_and_hands_back(play, script):
    session, _ = play("", "", "t", "", "left", "left", "", "t", "", "", "")
    assert not session.is_steered
    moments = session.beside.mind.history.moments
    persons = [i for i, moment in enumerate(moments) if moment.is_persons]
    assert len(persons) == 2
    assert persons[0] == 2  # nothing moves before the person does
    assert len(moments) > persons[-1] + 1
    assert [moments[i].action for i in persons] == [0, 0]
    assert session.agreement == (2, 2, 0)


def test_agreement_counts_over_games_and_not_what_is_taken_back(play):
    env = TurnBased(render_mode="rgb_array", length=4)
    session, _ = play(
        "t", "left", "right", "right", "right", "right", "return", "right", "left", "b", "", env=env
    )
    assert len(session.games) == 2
    assert session.agreement == (5, 5, 4)


def test_a_game_that_goes_on_by_itself_waits_for_the_one_who_takes_over(play):
    session, _ = play("", "t", *[""] * 20, env=RealTime(render_mode="rgb_array", length=50))
    assert session.game.num_steps <= 2
    assert session.is_steered


def test_the_window_says_who_plays_and_shows_a_border(play, script):
    from csai_core.palette import YELLOW
    from csai_core.play import telling

    session, _ = play("", "", "t", "right", "")
    assert telling.screen(session).activity == "YOU steer, your turn"
    has_border = [bool((frame == YELLOW).all(axis=-1).sum() > 100) for frame in script.frames]
    assert not has_border[0]
    assert has_border[-1]
    session, _ = play("", "")
    assert telling.screen(session).activity == "AGENT plays, 20 steps/s"


def test_the_agent_is_asked_while_a_person_steers_even_if_nobody_sees_it(play):
    session, _ = play("", "", player=(silent := Thinker()))
    assert session.game.num_steps
    assert silent.asked == []
    _, _ = play("", "", "t", "right", "right", player=(ghost := Thinker()))
    assert len(ghost.asked) >= 3


@pytest.mark.parametrize("records_agent", [False, True])
def test_what_is_recorded_is_the_persons_part_or_all(play, records_agent):
    recorder = Recorder("walk", "keyboard")
    play("", "t", "left", "left", "t", "", recorder=recorder, records_agent=records_agent)
    taken = [step.action for step in recorder._steps]
    assert taken.count(0) == 2
    assert (1 in taken) == records_agent
    if not records_agent:
        assert [step.truncated for step in recorder._steps] == [False, True]


def test_nobody_takes_over_where_no_keys_are_known(play):
    class Pushes(Thinker):
        def get_next_action(self, state):
            return np.zeros(1, np.float32)

    session, _ = play("", "t", env=Keyless(), player=Pushes())
    assert not session.is_steered
    assert session.notice.startswith("Nobody can take over: ")


# --- thoughts and overlays


def test_v_shows_and_hides_what_the_agent_thinks_and_makes_room(play, script):
    play("", "", "v", "", "v", "", "")
    sizes = [frame.shape[1] for frame in script.frames]
    assert sizes[0] == sizes[-1]
    assert max(sizes) == sizes[0] + WIDTH


def test_thoughts_may_be_there_from_the_first(play, script):
    session, _ = play("", "", "", thinks=True)
    assert session.beside.mind.history.surprises[:2] == pytest.approx([-0.1 + 0.5 - 0, -0.1 + 1.0 - 1])
    assert script.frames[0].shape[1] == 50 * 16 + WIDTH


def test_the_mouse_on_the_panel_shows_numbers(play, script):
    play("p", "", (900, 120), "", (2, 2), "", thinks=True)
    assert not np.array_equal(script.frames[1], script.frames[2])


def test_o_goes_through_the_overlays_and_on_to_none(play, script):
    red, other = Red(), Red()
    session, env = play(
        "p", "o", "", "o", "", "o", "", "o", "", overlays=lambda view: [red, other] if view.env else []
    )
    assert session.beside.overlay is red
    assert (len(red.views), len(other.views)) == (2, 1)  # once for each state, not for each frame
    assert red.views[0].env is session.env
    assert int(red.views[0].observation) == env.position
    assert red.views[0].history.shown is not None


def test_an_overlay_is_painted_for_each_new_state(play):
    red = Red()
    session, _ = play("o", *[""] * 5, overlays=lambda view: [red])
    assert len(red.views) == pytest.approx(session.game.num_steps, abs=1)


def test_the_first_overlay_is_painted_from_the_first_where_that_is_asked_for(play, script):
    red = Red()
    session, _ = play("p", "", overlays=lambda view: [red], paints=True)
    assert session.beside.overlay is red
    assert (script.frames[0] == (255, 0, 0)).all(axis=-1).any()
    session, _ = play("", "", paints=True)
    assert session.notice.startswith("No overlay")


class Answering(Red):
    """Says where it is clicked, and is painted darker for it."""

    name, hint, places = "answering", "click for an answer", ()

    def paint(self, frame, view):
        return super().paint(frame, view) // (1 + len(self.places))

    def click(self, frame, place, view):
        self.places = (*self.places, tuple(round(each / frame.shape[1], 2) for each in place))
        return "Answered" if place[0] < frame.shape[1] / 2 else ""


def test_a_click_on_an_overlay_is_answered_and_the_game_stands_still_for_it(play, script):
    overlay = Answering()
    clicked = (200, HEADER + 8, 1)  # the board is 800 pixels wide
    session, _ = play("o", "", clicked, "", "", "", overlays=lambda view: [overlay])
    assert overlay.places == ((0.25, 0.01),)
    assert session.is_paused
    assert session.notice == "Answered"
    assert session.game.num_steps <= 3
    reds = [frame[HEADER + 8, 200, 0] for frame in script.frames]
    assert (reds[-1], reds[-2], max(reds)) == (127, 255, 255)


def test_a_click_without_an_answer_or_beside_the_board_changes_nothing(play):
    overlay = Answering()
    places = (600, HEADER + 8, 1), (200, 4, 1), (200, HEADER + 8, 3)
    session, _ = play("o", *places, "", overlays=lambda view: [overlay])
    assert overlay.places == ((0.75, 0.01),)
    assert not session.is_paused
    play("o", "o", (200, HEADER + 8, 1), "", overlays=lambda view: [overlay])
    assert len(overlay.places) == 1


def test_what_a_click_does_is_told_with_the_overlay(play):
    session, _ = play("o", "", overlays=lambda view: [Answering()])
    assert telling.screen(session).banner == ["Painted: answering", "click for an answer"]
    session, _ = play("o", "", overlays=lambda view: [Red()])
    assert telling.screen(session).banner == ["Painted: red"]


def test_a_game_that_is_clicked_itself_comes_first(play):
    class Clicked(TurnBased):
        def target_at(self, x, y):
            return Target(0, (0, 0, 10, 10))

    overlay = Answering()
    clicked = (200, HEADER + 8, 1)
    env = Clicked(render_mode="rgb_array", length=50)
    play("o", "", "t", clicked, "", env=env, overlays=lambda view: [overlay])
    assert overlay.places == ()


def test_no_overlays_is_said_in_words(play):
    session, _ = play("", "o")
    assert session.notice.startswith("No overlay")


# --- no clash


def test_keys_of_the_game_are_the_games_while_a_person_steers_and_others_stand_in(play):
    env = Greedy(render_mode="rgb_array", length=50)
    session, env = play("t", "t", "v", "b", "o", "n", "", "f2", "", env=env)
    moments = session.beside.mind.history.moments
    assert sum(moment.is_persons for moment in moments) == 5
    assert not session.is_steered


def test_help_tells_every_key_that_is_left(play, script):
    from csai_core.play import telling
    from csai_core.play.lines import Key

    session, _ = play("t", "h", "h", "", env=Greedy(render_mode="rgb_array", length=50))
    session.is_helping = True
    rows = telling.screen(session).rows
    keys = {each.name for row in rows[-4:] for each in row if isinstance(each, Key)}
    assert {"f1", "f2", "f3", "f4", "space", "r"} <= keys
    assert not keys & set("bhnoptv")
