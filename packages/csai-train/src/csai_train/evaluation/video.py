"""Games of an agent as films."""

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

from csai_core.memory import require_memory
from csai_core.overlays import LEAST_SIDE, Painter, SessionView
from csai_core.play import play_episode
from csai_core.thoughts import Mind, draw_beside
from csai_train.agent import TrainedAgent
from csai_train.errors import TrainingWarning
from csai_train.evaluation.filming import HIGHEST_FPS, pictured, require_film, save_film, small, usual_fps

MOST_STEPS = 600
"""After how many steps a film ends that nobody gave a length."""
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
    mind = Mind(agent) if thinks or overlays else None
    painter = Painter(overlays, least_side=LEAST_SIDE) if overlays else None
    with pictured(spec) as env:
        frames = _play(agent, env, seed, max_steps, mind, painter)
    if mind is not None and thinks:
        mind.scale.settle()
        for number, frame in enumerate(frames):  # in place, as both films at once may be too large
            frames[number] = draw_beside(frame, mind.history.until(number), mind.scale)
    if fps is None:
        fps = min(HIGHEST_FPS, max(usual_fps(env), len(frames) / _LONGEST_SECONDS))
    is_whole = thinks or bool(overlays) or path.suffix == ".mp4"
    save_film(frames if is_whole else [small(frame) for frame in frames], path, fps)
    return path


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
                explain_all = game.present(agent).explain_all
                view = SessionView(env, explain_all, game.observation, game.info, mind.history)
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
