"""What the window says: how it stands, what is awaited, which keys there are, and how a game ended."""

from types import SimpleNamespace

import gymnasium
import pytest

from csai_core.agents import KeyboardAgent
from csai_core.play import Game, telling
from csai_core.play.lines import Key
from csai_core.play.person import Person
from csai_core.testing.toys import Walk


class Scored(Walk):
    keys_to_action = {"left": 0, "right": 1}  # noqa: RUF012

    def get_info(self):
        return {"score": self.position}


def session(env=None, keys=None, **what):
    """A session that stands still, as `telling` sees it."""
    env = env or Scored()
    keyboard = KeyboardAgent({"left": 0, "a": 0, "right": 1, "d": 1} if keys is None else keys)
    game = Game(env, 1)
    settings = {
        "env": env,
        "title": "walk",
        "game": game,
        "games": [game],
        "episodes": None,
        "fps": 8.0,
        "person": Person(env, keyboard, lambda: 0.0),
        "is_paused": False,
        "is_helping": False,
        "is_refused": False,
        "has_begun": True,
        "is_last_game": False,
        "is_persons_turn": False,
        "beside": None,
        "is_steered": False,
        "notice": "",
        "picture": SimpleNamespace(text=""),
    }
    return SimpleNamespace(**{**settings, **what})


def words(line):
    return " ".join(each if isinstance(each, str) else f"[{each.name}]" for each in line)


def test_the_header_tells_score_steps_episode_and_what_is_going_on():
    screen = telling.screen(session(episodes=5))
    assert screen.state.split("    ") == ["Score 0", "Steps 0", "Episode 1 of 5"]
    assert screen.activity == "8 steps/s"
    assert telling.screen(session(env=Walk())).state.startswith("Return 0 ")
    assert telling.screen(session(is_persons_turn=True)).activity == "your turn"
    assert telling.screen(session(is_paused=True)).activity == "paused"
    assert telling.screen(session(has_begun=False)).activity == "waiting"


def test_what_the_picture_says_is_not_said_above_it_too():
    drawn = session(picture=SimpleNamespace(text="Score 0"))
    assert telling.screen(drawn).state.split("    ") == ["Steps 0", "Episode 1"]


def test_keys_are_shown_until_one_was_used():
    unused = session(has_begun=False)
    assert words(telling.screen(unused).rows[0]) == "[left] [right] or [a] [d] play [p] pause [h] help"
    assert telling.screen(unused).banner == ["Press a key to start"]
    unused.person.has_played = True
    assert words(telling.screen(unused).rows[0]) == "[p] pause [h] help"
    assert words(telling.screen(session(person=None)).rows[0]) == "[p] pause [h] help"


def test_many_keys_are_shown_by_the_first_and_the_last():
    many = session(keys={str(number): number for number in range(1, 10)}, has_begun=False)
    assert words(telling.screen(many).rows[0]) == "[1] to [9] play [p] pause [h] help"


def test_keys_that_the_game_needs_are_not_shown_as_the_players():
    taken = session(keys={"p": 0, "h": 1, "n": 2})
    rows = telling.screen(session(is_helping=True, person=taken.person)).rows
    shown = [each.name for row in rows[1:] for each in row if isinstance(each, Key)]
    assert not {"p", "h", "n"} & set(shown)
    assert {"space", "escape", "r"} <= set(shown)


def test_help_tells_every_key():
    rows = [words(row) for row in telling.screen(session(is_helping=True)).rows]
    assert rows == [
        "[left] [right] play",
        "[a] [d] play",
        "[p] [space] pause, go on [n] [.] one step [b] [,] one step back",
        "[r] new game [+] faster [-] slower",
        "[h] help [escape] pause, then leave",
    ]


class Ending(Walk):
    def __init__(self, has_won):
        super().__init__(length=2)
        self._answer = has_won

    def has_won(self):
        return self._answer


class Success(gymnasium.Wrapper):
    """No Shell any more, and with what other libraries' environments tell."""

    @property
    def unwrapped(self):
        return self

    def step(self, action):
        *outcome, info = super().step(action)
        return (*outcome, {**info, "is_success": True})


@pytest.mark.parametrize(
    ("env", "sign", "verdict"),
    [
        (Ending(True), "won", "Won!"),
        (Ending(False), "lost", "Lost"),
        (Ending(None), "over", "Over"),
        (Success(Walk(length=2)), "won", "Won!"),
        (gymnasium.wrappers.TimeLimit(Ending(None), 1), "over", "Over"),
    ],
    ids=["won", "lost", "neither", "another library's success", "both at once"],
)
def test_an_end_is_told_by_sign_and_word(env, sign, verdict):
    over = session(env=env)
    assert telling.outcome(env, over.game) == ""
    over.game.step(1)
    screen = telling.screen(over)
    assert screen.sign == sign
    assert screen.banner[0] in (verdict, "Time is up")
    assert words(screen.rows[0]) == "[return] play again [escape] leave"
    over.is_last_game = True
    assert words(telling.screen(over).rows[0]) == "[escape] leave"


def test_time_that_is_up_is_no_loss():
    env = gymnasium.wrappers.TimeLimit(Walk(length=9), 1)
    over = session(env=env)
    over.game.step(1)
    assert telling.screen(over).banner[0] == "Time is up"
