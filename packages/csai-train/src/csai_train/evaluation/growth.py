"""Films of growing skill: the same game, played by one agent at several moments of its training."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import gymnasium
import numpy as np
from gymnasium.envs.registration import EnvSpec
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from csai_core.play import play_episode
from csai_train.evaluation.filming import HIGHEST_FPS, pictured, require_film, save_film, small, usual_fps
from csai_train.evaluation.video import MOST_STEPS
from csai_train.runs.earlier_agents import EarlierAgent

_FEWEST = 30
"""Pictures of a long game, of which every third is shown, or every ninth, so that there are never three times
as many. Not every second: snakes that go around in circles are back after four steps, or six."""
_HEIGHT = 44
"""Pixels of the caption above a picture."""
_PAPER, _INK, _FAINT = (24, 30, 44), (236, 240, 246), (150, 162, 182)
_MOST_PICTURES = 100.0
"""A second, by which the rest is counted at most."""
_REST_SECONDS = 1.2
"""How long the end of each game stands."""

Frame = NDArray[np.uint8]


class Grown(NamedTuple):
    """How the game of one stage went."""

    steps: int
    """Of the training."""
    episodes: int
    """Of the training."""
    length: int
    """Of the game, as far as it is shown, in steps."""
    total_reward: float
    score: float | None
    is_over: bool
    """Whether the game ended."""


def film_growth(
    stages: Iterable[EarlierAgent],
    spec: EnvSpec,
    path: Path,
    *,
    seed: int,
    fps: float | None = None,
    max_steps: int = MOST_STEPS,
) -> list[Grown]:
    """Save a film in which each stage of an agent plays the same game, one after the other.

    Args:
        stages: of one agent.
        spec: where they play.
        path: the file to write, ending in .gif or .mp4; its folder is made if need be.
        seed: of every game.
        fps: pictures a second; None takes the environment's own, 25 at most.
        max_steps: after how many a game is left.

    Returns:
        How the games went.

    Raises:
        RunError: if the environment draws no pictures, or the file's name has another ending.
        MissingExtraError: if an MP4 is wanted and imageio-ffmpeg is not installed.
    """
    require_film(path)
    frames: list[Frame] = []
    results = []
    with pictured(spec) as env:
        fps = fps or min(HIGHEST_FPS, usual_fps(env))
        for stage in stages:
            shown, grown = _play(stage, env, seed, max_steps)
            frames += [*shown, *[shown[-1]] * round(_REST_SECONDS * min(fps, _MOST_PICTURES))]
            results.append(grown)
    save_film(frames, path, fps)
    return results


def _play(
    stage: EarlierAgent, env: gymnasium.Env[object, object], seed: int, max_steps: int
) -> tuple[list[Frame], Grown]:
    """The pictures of a game, captions included; of a long one every third, ninth and so on."""
    pictures: list[tuple[Frame, str]] = []
    every = 1
    for game in play_episode(env, stage.agent, seed):
        is_last = game.is_over or game.num_steps >= max_steps
        if game.num_steps % every == 0 or is_last:
            result = f"return {game.total_reward:.4g}" if game.score is None else f"score {game.score:g}"
            ending = ", over" if game.is_over else ""
            pictures.append((np.asarray(small(np.asarray(env.render()))), result + ending))
        if len(pictures) > 3 * _FEWEST:
            pictures, every = pictures[::3], 3 * every
        if is_last:
            break
    grown = Grown(stage.steps, stage.episodes, game.num_steps, game.total_reward, game.score, game.is_over)
    about = moment_in_words(stage.steps, stage.episodes) + (f", {every}x speed" if every > 1 else "")
    return [_with_caption(picture, about, result) for picture, result in pictures], grown


def moment_in_words(steps: int, episodes: int) -> str:
    """A moment of a training as captions say it."""
    if steps == 0:
        return "before training"
    return f"after {episodes:,} game{'s' * (episodes != 1)}"


def _with_caption(picture: Frame, about: str, result: str) -> Frame:
    """A picture with two lines above it."""
    height, width = picture.shape[:2]
    width = max(width, 200)
    sheet = Image.new("RGB", (width, height + _HEIGHT), _PAPER)
    sheet.paste(Image.fromarray(picture), ((width - picture.shape[1]) // 2, _HEIGHT))
    pen = ImageDraw.Draw(sheet)
    pen.text((8, 4), about, _INK, ImageFont.load_default(16))
    pen.text((8, 24), result, _FAINT, ImageFont.load_default(14))
    return np.asarray(sheet)
