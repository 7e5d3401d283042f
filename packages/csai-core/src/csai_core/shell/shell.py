"""Shell: a Gymnasium environment whose observations and actions are attributes."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, ClassVar

import gymnasium
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from csai_core.agents import Agent, KeyboardAgent, RandomAgent
from csai_core.errors import (
    ConfigError,
    ContractError,
    DuplicateNameError,
    EpisodeOverError,
    SpaceError,
    UnknownNameError,
)
from csai_core.shell import contract, snapshot
from csai_core.shell.attributes import ActionAttribute, Attribute, ObsAttribute, cast_to_space
from csai_core.shell.window import Window

Names = str | tuple[str, ...] | list[str]


class Shell(gymnasium.Env[Any, Any]):
    """Base class of environments made of attributes.

    A new environment registers its attributes in `__init__` and writes three methods:

    - `start_episode(options)`: how an episode starts;
    - `advance(action, d_t)`: how the world moves on;
    - `get_current_reward(action, current_state)`: `(reward, terminated)`.

    Gymnasium's `reset` and `step` are made from these. Randomness comes from `self.np_random`. To be
    seen, it also writes `render_frame` (a picture), `render_text` (for terminals), or both.

    Args:
        target_fps: how many steps a second look natural when a person watches; also 1 / the `d_t` of a
            step that is not told otherwise. Nothing waits unless a window is open.
        is_user_control: whether a person plays with the keyboard in `update_env`.
        resolution: (width, height) of pictures and of the window, in pixels.
        environment_name: the title of the window; None takes the class's name.
        verbose: whether to log each episode's start at level INFO.
        console_only: forbids windows.
        render_mode: None, "human" (a window), "rgb_array" (a picture) or "ansi" (text).
        attributes: which observation attributes `reset` and `step` return. A name: that attribute's
            bare value; a tuple of names: a dict of them; None: all of them, bare if there is only one.

    Raises:
        ConfigError: if `render_mode` is unknown, or at odds with `console_only`.
    """

    metadata: dict[str, Any] = {"render_modes": [], "render_fps": 30}  # noqa: RUF012
    keys_to_action: ClassVar[Mapping[str, Any]] = {}
    """Keyboard control: pygame key names ("left", "w") and the action each means."""
    idle_action: ClassVar[Any] = None
    """What happens while no key is pressed; None waits for a key, as turn-based games do."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Check what an overridden `reset` or `step` returns, and offer the render modes written."""
        super().__init_subclass__(**kwargs)
        if "reset" in cls.__dict__:
            cls.reset = contract.checked_reset(cls.__dict__["reset"])  # type: ignore[method-assign]
        if "step" in cls.__dict__:
            cls.step = contract.checked_step(cls.__dict__["step"])  # type: ignore[method-assign]
        if "metadata" not in cls.__dict__:
            modes = []
            if cls.render_frame is not Shell.render_frame:
                modes += ["human", "rgb_array"]
            if cls.render_text is not Shell.render_text:
                modes += ["ansi"]
            cls.metadata = {**cls.metadata, "render_modes": modes}

    def __init__(
        self,
        target_fps: int = 30,
        is_user_control: bool = False,
        resolution: tuple[int, int] = (480, 480),
        environment_name: str | None = None,
        verbose: bool = False,
        console_only: bool = False,
        *,
        render_mode: str | None = None,
        attributes: Names | None = None,
    ) -> None:
        name = type(self).__name__
        if target_fps <= 0:
            raise ConfigError(f"{name} was given target_fps={target_fps}; it must be above 0.")
        if is_user_control and render_mode is None:
            render_mode = "human"
        modes = self.metadata["render_modes"]
        if render_mode is not None and render_mode not in modes:
            raise ConfigError(f"{name} was given render_mode={render_mode!r}; it can do {[None, *modes]}.")
        if console_only and render_mode == "human":
            raise ConfigError(
                f"{name} was given console_only=True, which forbids windows, and asked for one by "
                "render_mode='human' or is_user_control=True. Leave one of them out."
            )
        self.target_fps = target_fps
        self.is_user_control = is_user_control
        self.resolution = resolution
        self.environment_name = name if environment_name is None else environment_name
        self.verbose = verbose
        self.console_only = console_only
        self.render_mode = render_mode
        self.metadata = {**self.metadata, "render_fps": target_fps}
        self.agent: Agent | None = None
        self._attributes: dict[str, Attribute] = {}
        self._viewed: Names | None = tuple(attributes) if isinstance(attributes, list) else attributes
        self._observation_space: spaces.Space[Any] | None = None
        self._action_space: spaces.Space[Any] | None = None
        self._is_over = True
        self._has_stepped = False
        self._window: Window | None = None
        self._framework = frozenset(vars(self)) | _GYMNASIUM

    # --- attributes

    def register_attribute(self, attribute: Attribute) -> None:
        """Add an attribute to the environment; the spaces follow.

        Raises:
            DuplicateNameError: if the name is taken.
            ContractError: if it is not an ObsAttribute or ActionAttribute.
        """
        self._require_init()
        if not isinstance(attribute, (ObsAttribute, ActionAttribute)):
            raise ContractError(
                f"{type(self).__name__} was asked to register {attribute!r}; "
                "it must be an ObsAttribute or an ActionAttribute."
            )
        if attribute.name in self._attributes:
            raise DuplicateNameError(
                f"{type(self).__name__} already has an attribute {attribute.name!r}; "
                f"names must differ. Registered: {', '.join(self._attributes)}."
            )
        self._attributes[attribute.name] = attribute
        self._observation_space = self._action_space = None

    def get_attribute(self, name: Names) -> Any:
        """The attribute of that name; for a tuple of names, a dict of attributes.

        Raises:
            UnknownNameError: listing the names there are.
        """
        self._require_init()
        if isinstance(name, str):
            if name not in self._attributes:
                kind = f"attribute of {type(self).__name__}"
                raise UnknownNameError.of(kind, name, self._attributes)
            return self._attributes[name]
        return {each: self.get_attribute(each) for each in name}

    def __getitem__(self, name: Names) -> Any:
        """Same as `get_attribute`."""
        return self.get_attribute(name)

    def update_attribute(self, name: str, new_data: Any) -> None:
        """Set the value of one attribute.

        Raises:
            UnknownNameError: if there is no such attribute.
            SpaceError: if the value does not lie in the attribute's space.
        """
        self.get_attribute(name).update(new_data)

    def update_env_attributes(self) -> None:
        """Make every attribute that has an `update_func` follow the present state of the world."""
        self._require_init()
        for attribute in self._attributes.values():
            attribute.is_stale = True

    def get_observation(self, attributes: Names | None = None) -> Any:
        """What can be observed now, as values of its own that no later step changes.

        Args:
            attributes: a name for the bare value, a tuple of names for a dict, None for the view
                chosen when the environment was made.

        Raises:
            UnknownNameError: if there is no such attribute.
            SpaceError: if an attribute's value lies outside its space.
        """
        view = self._view() if attributes is None else attributes
        try:
            if isinstance(view, str):
                return self.get_attribute(view).copy_data()
            return {name: self.get_attribute(name).copy_data() for name in view}
        except SpaceError as error:
            raise SpaceError(f"{type(self).__name__}: {error}") from error

    def get_state(self, attributes: Names | None = None) -> Any:
        """Same as `get_observation`."""
        return self.get_observation(attributes)

    @property
    def observation_space(self) -> spaces.Space[Any]:
        """The bare space of the one observed attribute, or a Dict of several.

        Raises:
            UnknownNameError: if the view names an attribute that is not registered.
            ContractError: if no observation attribute is registered.
        """
        if self._observation_space is None:
            self._require_init()
            view = self._view()
            if isinstance(view, str):
                self._observation_space = self.get_attribute(view).space
            else:
                observed = self.get_attribute(view)
                self._observation_space = spaces.Dict({n: a.space for n, a in observed.items()})
        return self._observation_space

    @observation_space.setter
    def observation_space(self, space: spaces.Space[Any]) -> None:
        self._observation_space = space

    @property
    def action_space(self) -> spaces.Space[Any]:
        """The bare space of the one action attribute, or a Dict of several.

        Raises:
            ContractError: if no action attribute is registered.
        """
        if self._action_space is None:
            self._require_init()
            actions = self._attributes_of(ActionAttribute)
            if len(actions) == 1:
                self._action_space = next(iter(actions.values())).space
            else:
                self._action_space = spaces.Dict({n: a.space for n, a in actions.items()})
        return self._action_space

    @action_space.setter
    def action_space(self, space: spaces.Space[Any]) -> None:
        self._action_space = space

    # --- the three methods of a new environment

    def start_episode(self, options: dict[str, Any]) -> None:
        """Set the world up for a new episode; draw what is random from `self.np_random`.

        Args:
            options: whatever the caller gave to `reset(options=…)`, else empty.
        """
        raise self._missing("start_episode(self, options)")

    def advance(self, action: Any, d_t: float) -> None:
        """Move the world on by one step.

        Args:
            action: a value in the action space.
            d_t: seconds that the step stands for. Games that move cell by cell need not care.
        """
        raise self._missing("advance(self, action, d_t)")

    def get_current_reward(self, action: Any, current_state: Any) -> tuple[float, bool]:
        """Judge the step that was just taken.

        Args:
            action: the action.
            current_state: the observation after it.

        Returns:
            `(reward, terminated)`; terminated is true when the game itself has ended.
        """
        raise self._missing("get_current_reward(self, action, current_state)")

    def get_info(self) -> dict[str, Any]:
        """What else is worth knowing after `reset` and `step`; empty unless written.

        A game's own score goes under the key "score".
        """
        return {}

    # --- Gymnasium

    def reset(
        self,
        attributes: Names | None = None,
        *,
        seed: int | None = None,
        options: dict[str, Any] | None = None,
    ) -> tuple[Any, dict[str, Any]]:
        """Start an episode.

        Args:
            attributes: what to return this time, instead of the view; see `get_observation`.
            seed: makes everything random from here on repeatable; None goes on with the generator.
            options: handed to `start_episode`.

        Returns:
            `(observation, info)`.
        """
        self._require_init()
        super().reset(seed=seed)
        self.start_episode(options or {})
        self._is_over = False
        self._has_stepped = False
        self.update_env_attributes()
        if self.verbose:
            logging.getLogger("csai").info("%s: a new episode starts", self.environment_name)
        observation, info = self.get_observation(attributes), self.get_info()
        self._render_if_watched()
        return observation, info

    def step(
        self, action: Any, d_t: float | None = None, attributes: Names | None = None
    ) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Take one step.

        Args:
            action: a value in `action_space`.
            d_t: seconds that the step stands for; None means 1 / target_fps.
            attributes: what to return this time, instead of the view; see `get_observation`.

        Returns:
            `(observation, reward, terminated, truncated, info)`. A Shell never truncates by itself:
            time limits are Gymnasium's (`max_episode_steps`).

        Raises:
            SpaceError: if the action is not in the action space.
            EpisodeOverError: if `reset` must come first.
        """
        action = self._take_action(action)
        self._has_stepped = True
        self.advance(action, 1.0 / self.target_fps if d_t is None else d_t)
        self.update_env_attributes()
        observation = self.get_observation(attributes)
        result = self.get_current_reward(action, observation)
        reward, self._is_over = contract.check_reward(self, result)
        info = self.get_info()
        self._render_if_watched()
        return observation, reward, self._is_over, False, info

    def render(self) -> Any:
        """What `render_mode` asks for: a frame, a text, or None after drawing in the window.

        Returns:
            "rgb_array": a uint8 array of shape (height, width, 3); "ansi": a str; otherwise None.
        """
        if self.render_mode == "rgb_array":
            return self._frame()
        if self.render_mode == "ansi":
            return self.render_text()
        if self.render_mode == "human":
            self.render_env()
        return None

    def close(self) -> None:
        """Close the window, if there is one; doing it twice is fine."""
        if self._window is not None:
            self._window.close()

    # --- drawing

    def render_frame(self) -> NDArray[np.uint8]:
        """The present state as a picture, an array of shape (height, width, 3)."""
        raise self._missing("render_frame(self)")

    def render_text(self) -> str:
        """The present state as text for a terminal."""
        raise self._missing("render_text(self)")

    @staticmethod
    def static_render_env(env: Shell, *args: Any, **kwargs: Any) -> Any:
        """Draw the environment in a way of your own; replace this to customise rendering.

        Args:
            env: the environment.
            *args: the frame that `render_frame` drew, as a uint8 array of shape (height, width, 3).
            **kwargs: none today.

        Returns:
            The frame to show instead, or None to show the one given, with whatever was painted on it.
        """

    def render_env(self) -> None:
        """Draw now, in a window that opens by itself; does nothing when windows are forbidden."""
        if self.console_only or (self._window is not None and not self._window.is_open):
            return
        if self._window is None:
            self._window = Window(self.environment_name, self.resolution)
        self._window.show(self._frame())
        self._window.poll(self._on_key)

    @property
    def is_window_closed(self) -> bool:
        """Whether a person has closed the window; loops that show it should end then."""
        return self._window is not None and not self._window.is_open

    def get_keys_to_action(self) -> dict[str, Any]:
        """Which key means which action, for `gymnasium.utils.play`; keys of one character only."""
        return {key: action for key, action in self.keys_to_action.items() if len(key) == 1}

    # --- playing in real time

    def update_env(self) -> None:
        """Play one turn in real time: let `self.agent` act, step, draw, keep to `target_fps`.

        An episode that has ended starts anew. Where the loop has called `step` itself since the last
        turn, this only draws and keeps time, so that nothing moves twice. Without an agent of its own
        the environment takes the keyboard (`is_user_control`) or acts at random.
        """
        stepped_by_hand, d_t = self._has_stepped, self._keep_time()
        if not stepped_by_hand:
            if self._is_over:
                self.reset()
            self._play_turn(d_t)
        self._has_stepped = False
        if not self.console_only and "human" in self.metadata["render_modes"]:
            self.render_env()

    def _play_turn(self, d_t: float) -> None:
        agent = self._playing_agent()
        if isinstance(agent, KeyboardAgent) and self.idle_action is None and not agent.has_waiting_key:
            return
        state = self.get_observation()
        action = agent.get_next_action(state)
        next_state, reward, terminated, truncated, _ = self.step(action, d_t)
        agent.update(state, action, next_state, reward)
        self._is_over = terminated or truncated

    def _playing_agent(self) -> Agent:
        if self.agent is None:
            if self.is_user_control:
                self.agent = KeyboardAgent(self.keys_to_action, self.idle_action)
            else:
                self.agent = RandomAgent(self.action_space)
        return self.agent

    def _keep_time(self) -> float:
        if self._window is None or not self._window.is_open:
            return 1.0 / self.target_fps
        return self._window.wait_for_next_frame(self.target_fps)

    def _on_key(self, key: str) -> None:
        if isinstance(self.agent, KeyboardAgent):
            self.agent.press(key)

    # --- saving

    def state_dict(self) -> dict[str, Any]:
        """The whole state, generator included, as plain values and arrays.

        Raises:
            ContractError: if the state holds something that cannot be saved, naming it.
        """
        return {"is_over": self._is_over, **snapshot.take(self, self._framework)}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Return to a state that `state_dict` gave; the environment goes on as it did from there."""
        snapshot.restore(self, state)
        self._is_over = state["is_over"]

    def __getstate__(self) -> dict[str, Any]:
        """Everything but the window, which belongs to one process."""
        return {**self.__dict__, "_window": None}

    # --- inner workings

    def _take_action(self, action: Any) -> Any:
        """The action cast to its space, also noted in the action attributes."""
        if self._is_over:
            raise EpisodeOverError(
                f"{type(self).__name__} was stepped while no episode is under way; call reset() first."
            )
        attributes = self._attributes_of(ActionAttribute)
        if len(attributes) == 1:
            actions = {next(iter(attributes)): action}
        elif isinstance(action, dict) and action.keys() == attributes.keys():
            actions = action
        else:
            raise SpaceError(
                f"{type(self).__name__} takes a dict with the actions {', '.join(attributes)}, "
                f"but was given {action!r}."
            )
        cast = {}
        for name, value in actions.items():
            what = f"action {name!r} of {type(self).__name__}"
            cast[name] = cast_to_space(value, attributes[name].space, what)
            attributes[name].update(cast[name])
        return cast if len(attributes) > 1 else next(iter(cast.values()))

    def _view(self) -> Names:
        """The names to observe: one str for a bare value, a tuple for a dict."""
        if self._viewed is None:
            all_names = tuple(self._attributes_of(ObsAttribute))
            return all_names[0] if len(all_names) == 1 else all_names
        observable = self._attributes_of(ObsAttribute)
        for name in (self._viewed,) if isinstance(self._viewed, str) else self._viewed:
            if name not in observable:
                kind = f"observation attribute of {type(self).__name__}"
                raise UnknownNameError.of(kind, name, observable)
        return self._viewed

    def _attributes_of(self, kind: type[Attribute]) -> dict[str, Attribute]:
        found = {n: a for n, a in self._attributes.items() if isinstance(a, kind)}
        if not found:
            raise ContractError(
                f"{type(self).__name__} has no {kind.__name__}; in __init__, call "
                f"self.register_attribute({kind.__name__}(name, space, …))."
            )
        return found

    def _frame(self) -> NDArray[np.uint8]:
        frame = self.render_frame()
        customised = self.static_render_env(self, frame)
        return frame if customised is None else customised

    def _render_if_watched(self) -> None:
        if self.render_mode == "human":
            self.render_env()

    def _require_init(self) -> None:
        if "_attributes" not in self.__dict__:
            raise ContractError(
                f"{type(self).__name__}.__init__ must call super().__init__(…) before anything else."
            )

    def _missing(self, method: str) -> ContractError:
        return ContractError(f"{type(self).__name__} has no method {method}; write one in the class.")


_GYMNASIUM = frozenset({"_framework", "_np_random", "_np_random_seed", "spec"})
"""Instance variables that Gymnasium or Shell set later and that are not the game's own state."""
