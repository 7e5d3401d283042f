"""Draws the pictures of docs/seeing.md that show overlays: trains small agents, and looks at what they think.

OMP_NUM_THREADS=1 python docs/images/make_overlay_pictures.py
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import csai_core
from csai_core.overlays import Painter, SessionView
from csai_core.overlays.sizes import enlarged
from csai_core.play import action_names, play_episode
from csai_core.thoughts import Mind
from csai_train import train

HERE = Path(__file__).parent
WIDTH, GAP = 300, 8
LAKE = ("FrozenLake-v1", {}, "q_learning", 20_000, 4)
"""Where, with which options, by which algorithm, for how many steps, and after how many steps of a game."""
GAMES: dict[str, tuple[tuple[str, dict[str, Any], str, int, int], tuple[str, ...]]] = {
    "overlays-board": (LAKE, ("action-values", "policy", "values", "truth", "visits")),
    "overlays-saliency": (("CSAI/Catch-v0", {}, "deep_q_learning", 8_000, 4), ("saliency",)),
    "overlays-squares": (("CSAI/TicTacToe-v0", {}, "deep_q_learning", 12_000, 1), ("squares",)),
    "overlays-choices": (("CSAI/Snake-v0", {"attributes": "senses"}, "q_learning", 60_000, 30), ("choices",)),
}


def main() -> None:
    """Train an agent for each game, and save a row of pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--smallest",
        action="store_true",
        help="the smallest sizes, to see that it runs; its figures mean nothing",
    )
    is_smallest = parser.parse_args().smallest
    rows = {name: row(*game, 2_000 if is_smallest else None) for name, game in GAMES.items()}
    save(rows.pop("overlays-board"), "overlays-board")
    height = max(map(len, rows.values()))
    save(np.hstack([padded(picture, height) for picture in rows.values()]), "overlays-choice")


def row(
    game: tuple[str, dict[str, Any], str, int, int], names: tuple[str, ...], steps: int | None
) -> NDArray[np.uint8]:
    """One game after some steps, once with each overlay."""
    env_id, options, algorithm, total_steps, num_steps = game
    env = csai_core.make(env_id, render_mode="rgb_array", **options)
    training = train(algorithm, csai_core.make(env_id, **options), total_steps=steps or total_steps, seed=1)
    agent = training.agent()
    agent.action_names = action_names(env)
    mind, painters = Mind(agent), [Painter([name]) for name in names]
    for game_now in play_episode(env, agent, seed=4):
        mind.note(game_now) if game_now.num_steps else mind.begin(game_now)
        explain_all = game_now.present(agent).explain_all
        view = SessionView(env, explain_all, game_now.observation, game_now.info, mind.history)
        frame = enlarged(np.asarray(env.render()), WIDTH)
        pictures = [painter.paint(frame, view) for painter in painters]
        if game_now.num_steps >= num_steps:
            break
    return np.hstack([padded(picture, len(picture)) for picture in pictures])


def padded(picture: NDArray[np.uint8], height: int) -> NDArray[np.uint8]:
    """A picture with white to its right, and below as far as is needed."""
    return np.pad(picture, ((0, height - len(picture)), (0, GAP), (0, 0)), constant_values=255)


def save(picture: NDArray[np.uint8], name: str) -> None:
    """Save a picture in few colors."""
    image = Image.fromarray(picture[:, :-GAP])
    few = image.quantize(256, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    few.save(HERE / f"{name}.png")


if __name__ == "__main__":
    main()
