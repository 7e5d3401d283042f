"""Games of an agent as films: GIF always, MP4 with the extra `csai-train[mp4]`."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
from gymnasium.envs.registration import EnvSpec
from numpy.typing import NDArray
from PIL import Image

from csai_core import storage
from csai_core.display import draw_without_display
from csai_core.errors import MissingExtraError
from csai_core.play import play_episode
from csai_train.agent import TrainedAgent
from csai_train.environments.make import close, make_single
from csai_train.errors import RunError

_LARGEST_SIDE = 320
_MOST_FRAMES = 600
_HIGHEST_FPS = 25.0
_LONGEST_SECONDS = 20.0


def record_game(
    agent: TrainedAgent, spec: EnvSpec, path: Path, *, seed: int, fps: float | None = None
) -> Path:
    """Let an agent play one game and save it as a film.

    Args:
        agent: who plays.
        spec: where.
        path: the file to write, ending in .gif or .mp4; its folder is made if need be.
        seed: of the game.
        fps: frames a second; None takes the environment's own, or as many as make a long game last 20
            seconds, and 25 at most.

    Raises:
        RunError: if the environment draws no pictures, or the file's name has another ending.
        MissingExtraError: if an MP4 is wanted and imageio-ffmpeg is not installed.
    """
    if path.suffix not in (".gif", ".mp4"):
        raise RunError(f"A game cannot be recorded as {path}; the name must end in .gif or .mp4.")
    draw_without_display()
    env = make_single(spec, render_mode="rgb_array")
    try:
        frames = _play(agent, env, seed)
    except gymnasium.error.Error as error:  # such as a missing pygame, found when the first is drawn
        raise RunError(f"{spec.id} cannot be drawn: {error}") from error
    finally:
        close(env)
    if fps is None:
        natural = float(env.metadata.get("render_fps") or _HIGHEST_FPS)
        fps = min(_HIGHEST_FPS, max(natural, len(frames) / _LONGEST_SECONDS))
    save = _save_mp4 if path.suffix == ".mp4" else _save_gif
    with storage.replacement(path) as unfinished:
        save(frames, unfinished, fps)
    return path


def _save_gif(frames: list[NDArray[np.uint8]], path: Path, fps: float) -> None:
    first, *others = _with_one_palette([_small(frame) for frame in frames])
    first.save(path, save_all=True, append_images=others, duration=round(1000 / fps), loop=0)


def mp4_writer() -> Any:
    """The package that writes MP4.

    Raises:
        MissingExtraError: if it is not installed.
    """
    try:
        import imageio_ffmpeg  # type: ignore[import-not-found, import-untyped, unused-ignore]
    except ImportError as error:
        raise MissingExtraError(
            'An MP4 needs imageio-ffmpeg. Install it with: pip install "csai-train[mp4]", or record a .gif.'
        ) from error
    return imageio_ffmpeg


def _save_mp4(frames: list[NDArray[np.uint8]], path: Path, fps: float) -> None:
    height, width = frames[0].shape[:2]
    writer = mp4_writer().write_frames(str(path), (width, height), fps=fps, macro_block_size=2)
    writer.send(None)
    for frame in frames:
        writer.send(np.ascontiguousarray(frame))
    writer.close()


def _play(agent: TrainedAgent, env: gymnasium.Env[Any, Any], seed: int) -> list[NDArray[np.uint8]]:
    return [np.asarray(env.render()) for _ in islice(play_episode(env, agent, seed), _MOST_FRAMES)]


def _small(frame: NDArray[np.uint8]) -> Image.Image:
    image = Image.fromarray(frame)
    image.thumbnail((_LARGEST_SIDE, _LARGEST_SIDE))
    return image


def _with_one_palette(images: list[Image.Image]) -> list[Image.Image]:
    """The pictures in the same 128 colors, so that a GIF need only hold what changes between them."""
    width, height = images[0].size
    some = [images[0], images[len(images) // 2], images[-1]]
    sheet = Image.new("RGB", (width, height * len(some)))
    for number, image in enumerate(some):
        sheet.paste(image, (0, height * number))
    # Unlike the other methods this one keeps colors that cover only a few pixels.
    palette = sheet.quantize(128, method=Image.Quantize.MAXCOVERAGE)
    return [image.quantize(palette=palette, dither=Image.Dither.NONE) for image in images]
