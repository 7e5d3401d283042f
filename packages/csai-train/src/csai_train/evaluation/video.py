"""Games of an agent as films: GIF always, MP4 with the extra `csai-train[mp4]`."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
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
from csai_core.memory import require_memory
from csai_core.overlays import LEAST_SIDE, Painter, SessionView
from csai_core.play import play_episode
from csai_core.thoughts import Mind, draw_beside
from csai_train.agent import TrainedAgent
from csai_train.environments.make import close, make_single
from csai_train.errors import RunError, TrainingWarning

_LARGEST_SIDE = 320
MOST_STEPS = 600
"""After how many steps a film ends that nobody gave a length."""
HIGHEST_FPS = 25.0
_LONGEST_SECONDS = 20.0


def record_game(
    agent: TrainedAgent,
    spec: EnvSpec,
    path: Path,
    *,
    seed: int,
    fps: float | None = None,
    max_steps: int | None = None,
    thinks: bool = False,
    overlays: Sequence[str] = (),
) -> Path:
    """Let an agent play one game and save it as a film.

    Args:
        agent: who plays.
        spec: where.
        path: the file to write, ending in .gif or .mp4; its folder is made if need be.
        seed: of the game.
        fps: frames a second; None takes the environment's own, or as many as make a long game last 20
            seconds, and 25 at most.
        max_steps: after how many steps the film ends; None is 600, and a longer game is warned of.
        thinks: whether what the agent thinks is drawn beside the game, on one scale for all of it.
        overlays: names of overlays (`csai_core.overlays`) that are painted over it, the lowest first.

    Raises:
        ConfigError: if so many pictures need more memory than there is.
        RunError: if the environment draws no pictures, or the file's name has another ending.
        MissingExtraError: if an MP4 is wanted and imageio-ffmpeg is not installed.
        UnknownNameError: if an overlay is none, or would not be true for this game and agent.
    """
    require_film(path)
    draw_without_display()
    env = make_single(spec, render_mode="rgb_array")
    try:
        mind = Mind(agent) if thinks or overlays else None
        painter = Painter(overlays, least_side=LEAST_SIDE) if overlays else None
        frames = _play(agent, env, seed, max_steps, mind, painter)
    except gymnasium.error.Error as error:  # such as a missing pygame, found when the first is drawn
        raise RunError(f"{spec.id} cannot be drawn: {error}") from error
    finally:
        close(env)
    if mind is not None and thinks:
        mind.scale.settle()
        for number, frame in enumerate(frames):  # in place, as both films at once may be too large
            frames[number] = draw_beside(frame, mind.history.until(number), mind.scale)
    if fps is None:
        natural = float(env.metadata.get("render_fps") or HIGHEST_FPS)
        fps = min(HIGHEST_FPS, max(natural, len(frames) / _LONGEST_SECONDS))
    is_whole = thinks or bool(overlays) or path.suffix == ".mp4"
    save_film(frames if is_whole else [small(frame) for frame in frames], path, fps)
    return path


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


def _save_gif(frames: list[NDArray[np.uint8]], path: Path, fps: float) -> None:
    first, *others = _with_one_palette(list(map(Image.fromarray, frames)))
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


def _play(
    agent: TrainedAgent,
    env: gymnasium.Env[Any, Any],
    seed: int,
    max_steps: int | None,
    mind: Mind | None = None,
    painter: Painter | None = None,
) -> list[NDArray[np.uint8]]:
    """A picture after the reset and after each step; a mind keeps account, a painter adds to each."""
    most = MOST_STEPS if max_steps is None else max_steps
    frames: list[NDArray[np.uint8]] = []
    for game in islice(play_episode(env, agent, seed), most + 1):
        frames.append(np.asarray(env.render()))
        if mind is not None:
            mind.note(game) if game.num_steps else mind.begin(game)
            if painter is not None:
                view = SessionView(env, agent.explain_all, game.observation, game.info, mind.history)
                frames[-1] = painter.paint(frames[-1], view)
        if game.num_steps == 0 and max_steps is not None:
            require_memory(f"A film of {most:,} steps", most * _size(frames[0], mind), "Film fewer steps.")
    if not game.is_over and max_steps is None:
        warnings.warn(
            f"The film ends after {most} steps, and the game does not. For a longer one: csai watch RUN "
            f"--gif game.gif --max-episode-steps {10 * most}",
            TrainingWarning,
            stacklevel=3,
        )
    return frames


def _size(frame: NDArray[np.uint8], mind: Mind | None) -> int:
    """Bytes of a picture of the film."""
    return max(frame.nbytes, 0 if mind is None else draw_beside(frame, mind.history, mind.scale).nbytes)


def small(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A picture, smaller where it is too large for a GIF."""
    image = Image.fromarray(frame)
    image.thumbnail((_LARGEST_SIDE, _LARGEST_SIDE))
    return np.asarray(image)


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
