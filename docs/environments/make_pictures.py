"""Make the pictures of the games that the documents show: python docs/environments/make_pictures.py."""

from __future__ import annotations

import argparse
from pathlib import Path

import gymnasium
import numpy as np
from numpy.typing import NDArray

import csai_envs
from csai_core.plugins import installed

FOLDER = Path(__file__).parent
STEPS = {"CSAI/Snake-v0": 400, "CSAI/Catch-v0": 4, "CSAI/CartPole-v0": 12, "CSAI/Flappy-v0": 130}
"""How long each game is played before the picture is taken; 2 where nothing is said."""


def main() -> None:
    """Play each game for a while, with the best agent at hand, and save what it looks like."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--smallest",
        action="store_true",
        help="the smallest sizes, to see that it runs; its figures mean nothing",
    )
    is_smallest = parser.parse_args().smallest
    for spec in sorted(csai_envs.hooks.ENVIRONMENTS, key=lambda spec: spec.id):
        env = gymnasium.make(spec.id, render_mode="rgb_array")
        env.action_space.seed(2)
        agent = installed().find("agents", "astar" if "Snake" in spec.id else "random").load()(env)
        state, _ = env.reset(seed=2)
        for _ in range(1 if is_smallest else STEPS.get(spec.id, 2)):
            # Flappy: flap whenever the bird is below the middle of the next gap.
            action = int(state[0] > state[3] + 0.08) if "Flappy" in spec.id else agent.get_next_action(state)
            state, _, terminated, _, _ = env.step(action)
            if terminated:
                env.reset()
        save(env.render(), spec.id.removeprefix("CSAI/").removesuffix("-v0").lower())
    save(many_snakes(rows=3, columns=8, steps=1 if is_smallest else 250), "many")


def many_snakes(rows: int, columns: int, steps: int) -> NDArray[np.uint8]:
    """Several games at once, in one picture; each snake goes toward its apple, unless it would crash."""
    envs = gymnasium.make_vec(
        "CSAI/Snake-v0",
        rows * columns,
        vectorization_mode="vector_entry_point",
        attributes="senses",
        render_mode="rgb_array",
        resolution=(128, 144),
    )
    senses, _ = envs.reset(seed=0)
    for _ in range(steps):
        would_crash, is_apple = senses[:, :4], senses[:, 4:8]
        senses, *_ = envs.step((is_apple - 2 * would_crash).argmax(axis=1))
    frames = np.stack(envs.render())
    return np.vstack([np.hstack(row) for row in np.split(frames, rows)])


def save(picture: NDArray[np.uint8], name: str) -> None:
    """Write a picture of shape (height, width, 3) into this folder."""
    import pygame

    pygame.image.save(pygame.surfarray.make_surface(picture.swapaxes(0, 1)), FOLDER / f"{name}.png")


if __name__ == "__main__":
    main()
