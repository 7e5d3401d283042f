"""What all films of games need: an environment that draws pictures, and a file: GIF, or with an extra MP4."""

from __future__ import annotations

import os
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
from gymnasium.envs.registration import EnvSpec
from numpy.typing import NDArray
from PIL import Image

from csai_core import storage
from csai_core.display import draw_without_display
from csai_core.errors import MissingExtraError, said
from csai_train.environments.make import close, make_single
from csai_train.errors import RunError

_LARGEST_SIDE = 320
HIGHEST_FPS = 25.0
"""Pictures a second, where nobody asks for more."""


@contextmanager
def pictured(spec: EnvSpec) -> Iterator[gymnasium.Env[Any, Any]]:
    """An environment that draws pictures without a display, and is closed at the end.

    Raises:
        RunError: if it draws none.
    """
    draw_without_display()
    try:
        env = make_single(spec, render_mode="rgb_array")
        try:
            yield env
        finally:
            close(env)
    except gymnasium.error.Error as error:  # such as a missing pygame, found when the first is drawn
        raise RunError(f"{spec.id} cannot be drawn: {error}") from error
    except Exception as error:
        if not _MUJOCO_DRAWING & {*_modules_of(error)}:
            raise
        raise RunError(
            f"{spec.id} can be played here, but not drawn: {said(error).rstrip('.')}. "
            f"MuJoCo draws by MUJOCO_GL={os.environ.get('MUJOCO_GL', '')}: egl needs the library libEGL, "
            "osmesa libOSMesa, and glfw a display."
        ) from error


_MUJOCO_DRAWING = {"gymnasium.envs.mujoco.mujoco_rendering", "mujoco.gl_context"}


def _modules_of(error: BaseException | None) -> Iterator[str]:
    """The modules that an error has come through, and those of its causes."""
    while error is not None:
        for frame, _ in traceback.walk_tb(error.__traceback__):
            yield frame.f_globals.get("__name__", "")
        error = error.__cause__


def usual_fps(env: gymnasium.Env[Any, Any]) -> float:
    """How many pictures a second an environment says it has; many where it says nothing."""
    return float(env.metadata.get("render_fps") or HIGHEST_FPS)


def require_film(path: Path) -> None:
    """Refuse a file that no film can be saved as, before it was made.

    Raises:
        RunError: if its name has another ending.
        MissingExtraError: if an MP4 is wanted and imageio-ffmpeg is not installed.
    """
    if path.suffix not in (".gif", ".mp4"):
        raise RunError(f"A game cannot be recorded as {path}; the name must end in .gif or .mp4.")
    if path.suffix == ".mp4":
        mp4_writer()


def save_film(frames: list[NDArray[np.uint8]], path: Path, fps: float) -> None:
    """Save pictures of the same size as a film, ending in .gif or .mp4."""
    with storage.replacement(path) as unfinished:
        (_save_mp4 if path.suffix == ".mp4" else _save_gif)(frames, unfinished, fps)


def small(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A picture, smaller where it is too large for a GIF."""
    image = Image.fromarray(frame)
    image.thumbnail((_LARGEST_SIDE, _LARGEST_SIDE))
    return np.asarray(image)


def _save_gif(frames: list[NDArray[np.uint8]], path: Path, fps: float) -> None:
    first, *others = _with_one_palette(list(map(Image.fromarray, frames)))
    first.save(path, save_all=True, append_images=others, duration=round(1000 / fps), loop=0)


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
