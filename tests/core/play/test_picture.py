"""What the player sees: the environment's picture, its text as a picture, pieces on their way."""

import gymnasium
import numpy as np
import pytest

from csai_core import make
from csai_core.errors import ContractError
from csai_core.games import BLUE, Canvas
from csai_core.play.picture import GLIDE_SECONDS, Picture, draw_text, picture_of
from csai_core.testing.toys import Walk

pytest.importorskip("pygame")


class Gliding(Walk):
    def draw(self):
        canvas = Canvas((90, 60), 5, 1, "")
        with canvas.piece("walker"):
            canvas.rectangle(BLUE, self.position, 0, 1, 1)
        return canvas

    def render_frame(self):
        return self.draw().finish()


@pytest.fixture
def stepped():
    envs = []

    def stepped(env, glides=True):
        envs.append(env)
        env.reset(seed=1)
        picture = Picture(env, glides)
        picture.update(is_new_game=True)
        before = picture.frame
        env.step(1)
        picture.update(is_new_game=False)
        return picture, before

    yield stepped
    for env in envs:
        env.close()


def place(frame):
    """Where the walker is, in pixels."""
    return float(np.argwhere((frame == BLUE).all(axis=2))[:, 1].mean())


def test_a_piece_is_on_its_way_for_80_ms_and_then_the_picture_is_the_environments(stepped):
    env = Gliding(render_mode="rgb_array")
    picture, before = stepped(env)
    places = [place(picture.after(share * GLIDE_SECONDS)) for share in (0.0, 0.25, 0.5, 0.75, 1.0)]
    assert places == sorted(places)
    assert places[0] == pytest.approx(place(before))
    assert places[0] < places[1] < places[2] < places[-1]
    assert picture.after(GLIDE_SECONDS) is picture.frame
    assert np.array_equal(picture.frame, env.render())
    assert env.position == 1


def test_a_new_game_begins_where_it_begins(stepped):
    env = Gliding(render_mode="rgb_array")
    picture, _ = stepped(env)
    env.reset(seed=1)
    picture.update(is_new_game=True)
    assert picture.after(0.0) is picture.frame


@pytest.mark.parametrize(
    "env",
    [
        lambda: Walk(render_mode="rgb_array"),
        lambda: Walk(render_mode="ansi"),
        lambda: gymnasium.make("CartPole-v1", render_mode="rgb_array"),
        lambda: Inverted(Gliding(render_mode="rgb_array")),
    ],
    ids=["no canvas", "text", "no Shell", "a wrapper that shows something else"],
)
def test_what_cannot_glide_is_shown_as_it_is(stepped, env):
    picture, _ = stepped(env())
    assert picture.after(0.0) is picture.frame


def test_pieces_jump_if_asked_to(stepped):
    picture, _ = stepped(Gliding(render_mode="rgb_array"), glides=False)
    assert picture.after(0.0) is picture.frame


class Inverted(gymnasium.Wrapper):
    def render(self):
        return 255 - super().render()


@pytest.mark.parametrize("game", ["Snake", "Catch", "FrozenLake", "SimpleGrid", "Maze"])
def test_our_games_glide_from_the_last_picture_to_the_next(stepped, game):
    env = make(f"CSAI/{game}-v0", render_mode="rgb_array")
    env.reset(seed=4)
    picture = Picture(env, glides=True)
    picture.update(is_new_game=True)
    before = picture.frame
    for action in range(env.action_space.n):
        env.reset(seed=4)
        picture.update(is_new_game=True)
        env.step(action)
        picture.update(is_new_game=False)
        if not np.array_equal(picture.frame, before):
            break
    halfway = picture.after(0.3 * GLIDE_SECONDS)
    assert not np.array_equal(halfway, before)
    assert not np.array_equal(halfway, picture.frame)


@pytest.mark.parametrize(
    ("rendered", "form"),
    [
        (None, "NoneType"),
        ([np.zeros((4, 4, 3), np.uint8)], "list"),
        (np.zeros((4, 4, 3)), r"float64 \(4, 4, 3\)"),
        (np.zeros((4, 4), np.uint8), r"uint8 \(4, 4\)"),
        (np.zeros((0, 4, 3), np.uint8), r"uint8 \(0, 4, 3\)"),
    ],
)
def test_what_is_no_picture_is_refused_with_what_it_is(rendered, form):
    class Odd(gymnasium.Env):
        render_mode = "rgb_array"

        def render(self):
            return rendered

    with pytest.raises(ContractError, match=rf"^Odd.render\(\) gave {form}.*it must give uint8"):
        picture_of(Odd())


def test_text_becomes_a_picture_without_its_color_codes():
    plain = draw_text("ab\nc")
    assert plain.dtype == np.uint8
    assert plain.ndim == 3
    assert plain.max() > 200
    assert np.array_equal(plain, draw_text("\x1b[31mab\x1b[0m\nc\n"))
    assert draw_text("a\nb").shape[0] > draw_text("a").shape[0]
