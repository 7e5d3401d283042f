"""Which overlays are true for a game and an agent, and pictures painted by their names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gymnasium
import numpy as np
from numpy.typing import NDArray

from csai_core.agents import Agent
from csai_core.errors import ConfigError, UnknownNameError
from csai_core.overlays.arrows import Policy
from csai_core.overlays.board import Board, present
from csai_core.overlays.carpet import Values
from csai_core.overlays.choices import Choices
from csai_core.overlays.color_scale import ColorScale
from csai_core.overlays.overlay import Overlay, SessionView
from csai_core.overlays.planes import Planes
from csai_core.overlays.saliency import Saliency
from csai_core.overlays.scene import Scene, options_now, options_of
from csai_core.overlays.sizes import enlarged
from csai_core.overlays.squares import Squares, places_of
from csai_core.overlays.triangles import ActionValues
from csai_core.overlays.truth import Truth, has_truth
from csai_core.overlays.visits import Visits
from csai_core.thoughts import History

NAMES = ("action-values", "policy", "values", "truth", "visits", "saliency", "squares", "choices")
"""Of all overlays."""


def available(view: SessionView, scale: ColorScale | None = None) -> list[Overlay]:
    """The overlays that are true for a game and an agent, to be kept as long as both are watched.

    Where a place on the board is not a state of the game, as in Snake, nothing is painted in every cell.

    Args:
        view: the game after its reset, and the agent.
        scale: of all values; None lets each overlay's first picture decide.
    """
    if view.env.render_mode != "rgb_array":  # its pictures, if any, are no pictures of the board
        return []
    return [*_of_board(view, scale), *_of_choice(view, scale)]


def overlay_named(name: str, view: SessionView, scale: ColorScale | None = None) -> Overlay:
    """The overlay of that name.

    Raises:
        UnknownNameError: if there is none, or if it would not be true for this game and agent.
    """
    offered = {each.name: each for each in available(view, scale)}
    if name in offered:
        return offered[name]
    note = ""
    if name in NAMES:
        note = f"{name!r} says nothing true of this game and this agent."
    raise UnknownNameError.of("overlay here", name, offered, note)


def paint(
    env: gymnasium.Env[Any, Any],
    agent: Agent,
    name: str,
    *,
    observation: Any = None,
    info: Mapping[str, Any] | None = None,
    width: int | None = None,
    scale: ColorScale | None = None,
) -> NDArray[np.uint8]:
    """One picture of a game with what an agent thinks painted over it: for notebooks.

        env = csai_core.make("CSAI/FrozenLake-v0", render_mode="rgb_array")
        env.reset(seed=1)
        picture = paint(env, Run.open("runs/lake").agent(), "values")

    Args:
        env: made with render mode "rgb_array", in the state that is painted.
        agent: what thinks.
        name: of the overlay; `available` tells which are true here.
        observation: of the present state; None asks the environment, which those with a board can tell.
        info: of the present state; None asks the environment.
        width: of the picture in pixels, so that numbers can be read; None takes it as it is drawn.
        scale: of the values; None takes one that holds those in this picture.

    Raises:
        ConfigError: if the environment draws no pictures, or has to be given the observation.
        UnknownNameError: if there is no such overlay, or if it would not be true here.
    """
    if env.render_mode != "rgb_array":
        raise ConfigError(f'{env} draws no pictures; make it with render_mode="rgb_array".')
    if observation is None:
        observation, told = present(env)
        info = told if info is None else info
    view = SessionView(env, agent.explain_all, observation, info or {}, History(None, agent.gamma))
    return overlay_named(name, view, scale).paint(enlarged(np.asarray(env.render()), width), view)


def _of_board(view: SessionView, scale: ColorScale | None) -> list[Overlay]:
    board, scene = Board.of(view.env, view.observation, view.info), Scene.of(view)
    found: list[Overlay] = []
    if scene is not None:
        options = options_of(next(iter(scene.thoughts.values())))
        has_moves = any(move is not None for move in scene.moves())
        if options is not None and options.values is not None and has_moves:
            found.append(ActionValues(scale))
        if options is not None and (options.values or options.chances) and has_moves:
            found.append(Policy())
        if scene.values:
            found.append(Values(scale))
            if has_truth(scene.board, view.history.gamma):
                found.append(Truth(scale))
    return [*found, Visits()] if board is not None else found


def _of_choice(view: SessionView, scale: ColorScale | None) -> list[Overlay]:
    found: list[Overlay] = []
    if options_now(view) is None:
        return found
    if Planes.of(view.env) is not None:
        found.append(Saliency())
    if Board.of(view.env, view.observation, view.info) is None:
        found.append(Choices(scale) if places_of(view.env) is None else Squares(scale))
    return found
