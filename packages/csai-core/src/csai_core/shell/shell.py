"""Shell: a Gymnasium environment whose observations and actions are attributes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

import gymnasium
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from csai_core.agents import Agent
from csai_core.arguments import check_resolution
from csai_core.shell import contract, copying, realtime, snapshot
from csai_core.shell.attribute_table import AttributeNames, AttributeTable
from csai_core.shell.attributes import Attribute
from csai_core.shell.pixel_view import PIXELS, checked_shape, pixel_attribute
from csai_core.shell.reports import EpisodeReports
from csai_core.shell.specification import specification_of
from csai_core.shell.target import Target
from csai_core.shell.window import Window


class Shell(gymnasium.Env[Any, Any]):
    """Base class of environments made of attributes.

    A new environment registers its attributes in `__init__` and writes three methods:

    - `start_episode(options)`: how an episode starts;
    - `advance(action, d_t)`: how the world moves on;
    - `get_current_reward(action, current_state)`: `(reward, terminated)`.

    Gymnasium's `reset` and `step` are made from these. Randomness comes from `self.np_random`. To be
    seen, it also writes `render_frame` or `draw` (a picture), `render_text` (for terminals), or several.

    `reset` and `step` may be written whole instead, `reset` beginning with `super().reset(seed=seed)`,
    which then only seeds; what both return is checked.

    Args:
        target_fps: how many steps a second look natural when a person watches; also 1 / the `d_t` of a
            step that is not told otherwise. None takes `metadata["render_fps"]` of the class, which is
            30 unless it says otherwise. Nothing waits unless a window is open.
        is_user_control: whether a person plays with the keyboard in `update_env`. A class that writes
            `update_env` reads this and does what it will; others open a window.
        resolution: (width, height) of pictures and of the window, in pixels.
        environment_name: the title of the window; None takes the class's name.
        verbose: whether to report each episode's start and end: to the logger "csai", at level INFO, which
            writes it on stderr unless other handlers write there.
        console_only: forbids windows.
        render_mode: None, "human" (a window), "rgb_array" (a picture) or "ansi" (text).
        attributes: which observation attributes `reset` and `step` return. A name: that attribute's
            bare value; a tuple of names: a dict of them; None: all of them, bare if there is only one.
            "pixels", which every environment with a picture has beside its own, is that picture.
        pixel_shape: (channels, height, width) of "pixels", with 3 channels for colors or 1 for gray; None is
            (3, 84, 84). Larger ones show more and cost more to look at.

    Raises:
        ConfigError: if an argument cannot work, or two are at odds.
    """

    metadata: dict[str, Any] = {"render_modes": [], "render_fps": 30}  # noqa: RUF012
    keys_to_action: ClassVar[Mapping[str, Any]] = {}
    """Keyboard control: pygame key names ("left", "w") and the action each means."""
    action_names: ClassVar[Sequence[str]] = ()
    """What the actions of a Discrete space are called, for people who watch; empty takes the keys."""
    idle_action: ClassVar[Any] = None
    """What happens while no key is pressed; None waits for a key, as turn-based games do."""
    moves_while_held: ClassVar[bool] = False
    """Whether a game without an idle action moves for as long as a key is held, as CartPole does, and not
    once for each press."""
    environment_id: ClassVar[str | None] = None
    """The id that the class is registered by. An environment made by calling the class then has a `spec`
    too, from which Gymnasium's checker and wrappers make others like it."""
    not_state: ClassVar[tuple[str, ...]] = ()
    """Names of instance variables that `state_dict` leaves out, such as pictures kept for drawing."""

    _made_with: tuple[tuple[Any, ...], dict[str, Any]]
    is_classic: bool = False
    """Whether `reset` and `step`, written whole, may return the items of the classic loop: the state alone,
    and `(state, reward, done)`. A class written for that loop says so; `ClassicView` and `from_classic` say
    it of an environment that they are given."""
    is_episode_over: bool = True
    """Whether `reset` must come before the next `step`."""
    has_stepped: bool = False
    """Whether the loop has called `step` itself since the last turn of `update_env`."""
    draws_itself: ClassVar[bool] = False
    """Whether the class writes `render_env`, which then is all there is to drawing."""
    has_frames: ClassVar[bool] = False
    """Whether the class writes `render_frame` or `draw`."""
    has_shown: bool = False
    """Whether the present state was drawn by `reset` or `step` themselves since that turn."""
    if not TYPE_CHECKING:
        _attributes = _window = contract.SetByInit()

    def __init_subclass__(cls, is_checked: bool = True, **kwargs: Any) -> None:
        """Have what a subclass writes checked when it is used.

        Args:
            is_checked: whether to check. A game that counts its nanoseconds and is tested for what it
                returns says `class Fast(Game, is_checked=False)`. Where its `step` does not end in
                `super().step`, it sets `has_stepped` and `is_episode_over` by itself.
            **kwargs: for other base classes.
        """
        super().__init_subclass__(**kwargs)
        contract.prepare(cls, Shell, is_checked)

    def __new__(cls, *args: Any, **kwargs: Any) -> Shell:
        """Note the arguments, from which copies are made."""
        shell = super().__new__(cls)
        shell._made_with = (args, kwargs)
        return shell

    def __init__(
        self,
        target_fps: int | None = None,
        is_user_control: bool = False,
        resolution: tuple[int, int] = (480, 480),
        environment_name: str | None = None,
        verbose: bool = False,
        console_only: bool = False,
        *,
        render_mode: str | None = None,
        attributes: AttributeNames | None = None,
        pixel_shape: Sequence[int] | None = None,
    ) -> None:
        plays_by_itself = type(self).update_env is not Shell.update_env
        if is_user_control and render_mode is None and not plays_by_itself:
            render_mode = "human"
        self.target_fps = self.metadata.get("render_fps", 30) if target_fps is None else target_fps
        self.is_user_control = is_user_control
        self.resolution = check_resolution(type(self).__name__, resolution)
        self.environment_name = type(self).__name__ if environment_name is None else environment_name
        self.verbose = verbose
        self.console_only = console_only
        self.render_mode = render_mode
        contract.check_settings(self)
        self.metadata = {**self.metadata, "render_fps": self.target_fps}
        self.agent: Agent | None = None
        self.next_d_t: float | None = None
        """Seconds that the next step stands for, where `step` is not told; None means 1 / target_fps."""
        self._attributes = AttributeTable(type(self).__name__, attributes)
        shape = checked_shape(type(self).__name__, pixel_shape)
        self._attributes.offer(PIXELS, partial(pixel_attribute, self, shape))
        self.is_episode_over, self.has_stepped = True, False
        if self.environment_id is not None:
            self.spec = specification_of(self, self.environment_id)
        self._window = Window(self.environment_name, self.resolution)
        if verbose:
            EpisodeReports(self)

    # --- attributes

    def register_attribute(self, attribute: Attribute) -> None:
        """Add an attribute to the environment; the spaces follow.

        Raises:
            DuplicateNameError: if the name is taken.
            ContractError: if it is neither an ObsAttribute nor an ActionAttribute, belongs to another
                environment, or comes after `__init__` has ended.
        """
        self._attributes.add(attribute)

    def get_attribute(self, name: AttributeNames) -> Any:
        """The attribute of that name; for a tuple of names, a dict of attributes.

        Raises:
            UnknownNameError: listing the names there are.
        """
        return self._attributes.find(name)

    def __getitem__(self, name: AttributeNames) -> Any:
        return self._attributes.find(name)

    def update_attribute(self, name: str, new_data: Any) -> None:
        """Set the value of one attribute.

        Raises:
            UnknownNameError: if there is no such attribute.
            SpaceError: if the value does not lie in the attribute's space.
        """
        self._attributes.find(name).update(new_data)

    def update_env_attributes(self) -> None:
        """Make every attribute that has an `update_func` follow the present state of the world."""
        self._attributes.mark_stale()

    def get_observation(self, attributes: AttributeNames | None = None) -> Any:
        """What can be observed now, as values of its own that no later step changes.

        Args:
            attributes: a name for the bare value, a tuple of names for a dict, None for the view
                chosen when the environment was made.

        Raises:
            UnknownNameError: if there is no such attribute.
            SpaceError: if an attribute's value lies outside its space.
        """
        return self._attributes.observe(attributes)

    def get_state(self, attributes: AttributeNames | None = None) -> Any:
        """Same as `get_observation`."""
        return self._attributes.observe(attributes)

    @property
    def observation_space(self) -> spaces.Space[Any]:
        """The bare space of the one observed attribute, or a Dict of several."""
        return self._attributes.observation_space

    @observation_space.setter
    def observation_space(self, space: spaces.Space[Any]) -> None:
        self._attributes.observation_space = space

    @property
    def action_space(self) -> spaces.Space[Any]:
        """The bare space of the one action attribute, or a Dict of several."""
        return self._attributes.action_space

    @action_space.setter
    def action_space(self, space: spaces.Space[Any]) -> None:
        self._attributes.action_space = space

    # --- the three methods of a new environment

    def start_episode(self, options: dict[str, Any]) -> None:
        """Set the world up for a new episode; draw what is random from `self.np_random`.

        Args:
            options: whatever the caller gave to `reset(options=…)`, else empty.
        """
        raise contract.missing(self, "start_episode(self, options)")

    def advance(self, action: Any, d_t: float) -> None:
        """Move the world on by one step.

        Args:
            action: a value in the action space.
            d_t: seconds that the step stands for. Games that move cell by cell need not care.
        """
        raise contract.missing(self, "advance(self, action, d_t)")

    def get_current_reward(self, action: Any, current_state: Any) -> tuple[float, bool]:
        """Judge the step that was just taken.

        Args:
            action: the action.
            current_state: the observation after it.

        Returns:
            `(reward, terminated)`; terminated is true when the game itself has ended.
        """
        raise contract.missing(self, "get_current_reward(self, action, current_state)")

    def get_info(self) -> dict[str, Any]:
        """What else is worth knowing after `reset` and `step`; empty unless written.

        A game's own score goes under the key "score".
        """
        return {}

    # --- Gymnasium

    def reset(
        self,
        attributes: AttributeNames | None = None,
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
        super().reset(seed=seed)
        written_whole = type(self).reset is not Shell.reset
        if written_whole and type(self).start_episode is Shell.start_episode:
            return None, {}
        self.start_episode(options or {})
        self.is_episode_over = self.has_stepped = False
        self.update_env_attributes()
        observation, info = self.get_observation(attributes), self.get_info()
        self._show_if_watched()
        return observation, info

    def step(
        self, action: Any, d_t: float | None = None, attributes: AttributeNames | None = None
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
        contract.check_under_way(self)
        action = self._attributes.take_action(action)
        self.has_stepped = True
        self.advance(action, realtime.duration(self, d_t))
        self.update_env_attributes()
        observation = self.get_observation(attributes)
        result = self.get_current_reward(action, observation)
        reward, self.is_episode_over = contract.split_reward(self, result)
        info = self.get_info()
        self._show_if_watched()
        return observation, reward, self.is_episode_over, False, info

    def render(self) -> Any:
        """What `render_mode` asks for: a frame, a text, or None after drawing in the window.

        Returns:
            A uint8 array of shape (height, width, 3), a str, or None.
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
        self._window.close()

    # --- drawing

    def render_frame(self) -> NDArray[np.uint8]:
        """The present state as a picture, an array of shape (height, width, 3)."""
        canvas = self.draw()
        if canvas is None:
            raise contract.missing(self, "render_frame(self)")
        return canvas.finish()  # type: ignore[no-any-return]

    def draw(self) -> Any:
        """The present state as a `csai_core.games.Canvas`, from which the picture is made.

        Written in place of `render_frame`, it also lets pieces glide where a person watches.
        """

    def draw_cells(self) -> NDArray[np.uint8] | None:
        """The colors of a board's cells, of shape (rows, columns, 3), for the view "pixels".

        Written for a game on a board, it makes that view many times quicker to draw, and sharp in any size;
        None, if not written, has what `draw` or `render_frame` gives be shown.
        """

    def render_text(self) -> str:
        """The present state as text for a terminal."""
        raise contract.missing(self, "render_text(self)")

    def has_won(self) -> bool | None:
        """Whether the episode that has just ended was won; None, if not written, is for neither.

        It is asked at the end only, also where a time limit has ended the episode.
        """

    def target_at(self, x: float, y: float) -> Target | None:
        """What a click on the picture would do there; nothing unless written.

        Args:
            x: pixels from the left edge of the picture that `render_frame` gives.
            y: pixels from its upper edge.
        """

    def overlay_states(self) -> dict[tuple[int, int], Any] | None:
        """For each cell (row, column) what would be observed if the player were there, all else as it is now.

        Views ask a trained agent what each of these observations is worth, and paint it over the board. None,
        if not written, says that a place on the board is not a state of this game.
        """

    def overlay_player(self) -> tuple[float, float] | None:
        """Where the player is on the canvas that `draw` gives, (x, y) in its cells.

        Views put beside it what an agent thinks of its actions; None, if not written, puts it in a corner.
        """

    @staticmethod
    def static_render_env(env: Shell, *args: Any, **kwargs: Any) -> Any:
        """Draw the environment in a way of your own; replace this to customize rendering.

        Args:
            env: the environment.
            *args: the frame that `render_frame` drew, as a uint8 array of shape (height, width, 3).
            **kwargs: none today.

        Returns:
            The frame to show instead, or None to show the one given, with whatever was painted on it.
        """

    def render_env(self) -> None:
        """Draw now, in a window that opens by itself; does nothing where there is nothing to draw.

        That is where windows are forbidden, where a person has closed it, and where the class writes no
        `render_frame`. A class that draws by itself writes this method instead; `update_env` calls it.
        """
        if self.has_frames and not self.console_only and not self._window.is_closed:
            self._window.show(self._frame())
            self._window.poll(realtime.listener(self))

    @property
    def is_window_closed(self) -> bool:
        """Whether a person has closed the window; loops that show it should end then."""
        return self._window.is_closed

    def get_keys_to_action(self) -> dict[Any, Any]:
        """Which key means which action, in the form that `gymnasium.utils.play` takes."""
        return realtime.keys_to_action(self)

    def update_env(self) -> None:
        """Play one turn in real time: let `self.agent` act, step, draw, keep to `target_fps`.

        After the end of an episode the next one starts. Where the loop has called `step` itself since the
        last turn, this only draws and keeps time, so that nothing moves twice. Without an agent of its own
        the environment takes the keyboard (`is_user_control`) or acts at random.
        """
        realtime.play_turn(self)

    def _repr_html_(self) -> str:
        from csai_core.shell.card import shell_card

        return shell_card(self)

    # --- saving and copying

    def state_dict(self) -> dict[str, Any]:
        """The whole state, generator included, as plain values and arrays.

        Raises:
            ContractError: if the state holds something that cannot be saved, naming it.
        """
        return snapshot.take(self)

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Return to a state that `state_dict` gave; the environment goes on as it did from there.

        Raises:
            CodecError: if its variables are none that csai wrote for a class of this environment's package.
        """
        snapshot.restore(self, state)

    def __reduce__(self) -> tuple[Any, ...]:
        """Copies and pickles are made from the constructor's arguments, then given the variables."""
        args, kwargs = self._made_with
        return copying.construct, (type(self), args, kwargs), copying.carried_over(self)

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take over what another shell, or a pickle of it, held."""
        copying.take_over(self, state)

    def _frame(self) -> NDArray[np.uint8]:
        frame = self.render_frame()
        contract.check_frame(self, "render_frame", frame)
        customized = self.static_render_env(self, frame)
        if customized is None:
            return frame
        contract.check_frame(self, "static_render_env", customized)
        return customized  # type: ignore[no-any-return]

    def _show_if_watched(self) -> None:
        if self.render_mode == "human":
            realtime.show(self)
