"""A training in a window: the game of its newest agent with what that thinks, and the curve below."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from csai_core.overlays import available
from csai_core.play import DEFAULT_FPS, Session
from csai_core.shell.window import Window
from csai_train.environments.make import close, make_single, render_modes
from csai_train.live.facts import Facts
from csai_train.live.spectator import Spectator
from csai_train.live.strip import HEIGHT, draw_strip


class WindowWithStrip(Window):
    """A window that shows the training below what it is given; who gives that need not know.

    Args:
        title: what stands in the title bar.
        size: (width, height) of what is given, in pixels.
        spectator: who watches the training.
        facts: of its run.
    """

    def __init__(self, title: str, size: tuple[int, int], spectator: Spectator, facts: Facts) -> None:
        super().__init__(title, (size[0], size[1] + HEIGHT))
        self._spectator = spectator
        self._facts = facts
        self._strip: tuple[Any, NDArray[np.uint8]] | None = None

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of the room above the strip."""
        width, height = super().size
        return width, max(height - HEIGHT, 1)

    @property
    def whole_size(self) -> tuple[int, int]:
        """(width, height) of all of it."""
        return super().size

    def resize(self, size: tuple[int, int]) -> None:
        """Make the room above the strip another size, as far as the system lets it."""
        super().resize((size[0], size[1] + HEIGHT))

    def show(self, frame: NDArray[np.uint8]) -> None:
        """Show a frame, and the training below it."""
        self._spectator.look()
        strip = self._draw(frame.shape[1])
        super().show(np.concatenate([frame, strip]))

    def _draw(self, width: int) -> NDArray[np.uint8]:
        """The strip, drawn again where something in it has changed."""
        spectator = self._spectator
        account, pupil = spectator.account, spectator.pupil
        age = "" if pupil is None else pupil.age
        note = spectator.told_in_words
        now = (width, account.steps, account.state, account.episodes, len(account.remarks), age)
        if self._strip is None or self._strip[0] != now:
            self._strip = now, draw_strip(width, self._facts, account, age, note)
        return self._strip[1]


def show_in_window(spectator: Spectator, *, fps: float | None, seed: int) -> None:
    """Show a training until its window is closed; when it is over, its agent plays on.

    Args:
        spectator: who watches it, and has its agent play.
        fps: steps a second; None takes the environment's own.
        seed: of the first game; the next ones count up.

    Raises:
        CsaiError: if the environment cannot be drawn here.
    """
    pupil = spectator.pupil
    if pupil is None:
        raise ValueError("the spectator has no agent that plays")
    run, facts = pupil.run, Facts(pupil.run)
    modes = render_modes(run.environment)
    env = make_single(run.environment, render_mode="ansi" if "rgb_array" not in modes else "rgb_array")
    session = Session(
        env,
        pupil.agent,
        title=f"{facts.title}, live",
        fps=float(fps or env.metadata.get("render_fps") or DEFAULT_FPS),
        thinks=True,
        overlays=available,
        make_window=lambda title, size: WindowWithStrip(title, size, spectator, facts),
    )
    try:
        session.run(seed)
    finally:
        close(env)
