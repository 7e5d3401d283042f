"""Checks of what a subclass of Shell returns, with errors that say how to fix it.

A subclass may write `reset` and `step` whole. What it returns is then checked here; what the three
methods of the usual way return is checked in `Shell.step`.
"""

from __future__ import annotations

import functools
import inspect
import math
import numbers
from collections.abc import Callable
from typing import Any

import numpy as np

from csai_core.errors import ConfigError, ContractError, EpisodeOverError, SpaceError
from csai_core.shell import realtime

_WITH_SEEDS = (
    "; write it as def reset(self, attributes=None, *, seed=None, options=None) and begin it with "
    "super().reset(seed=seed). "
)
_AS_GYMNASIUM = (
    ", as it is written for the classic loop. Gymnasium's wrappers and functions take "
    "as_gymnasium({name}(…))."
)
_CLASSIC = (
    "To keep the three items of older textbooks, leave the class as it is: ClassicView({name}(…)) runs "
    "their loop, and from_classic({name}(…)) is a Gymnasium environment."
)


class SetByInit:
    """Stands where `Shell.__init__` puts a variable, and tells a subclass that forgot to call it.

    A `__getattr__` would slow every variable down; this slows its own, so what steps read is not among them.
    """

    def __get__(self, shell: Any, owner: type) -> Any:
        if shell is None:
            return self
        raise ContractError(
            f"{owner.__name__} was used before Shell.__init__ had run; its __init__ must call "
            "super().__init__(…) before it registers attributes."
        )


def prepare(shell_class: Any, base: Any, is_checked: bool = True) -> None:
    """Have the methods that a subclass of `base` overrides checked, and its render modes known."""
    own = vars(shell_class)
    if "__init__" in own:
        shell_class.__init__ = completing_init(own["__init__"])
    if is_checked and "reset" in own:
        shell_class.reset = checked_reset(own["reset"])
    if is_checked and "step" in own:
        shell_class.step = checked_step(own["step"])
    if callable(own.get("static_render_env")):  # forgotten @staticmethod
        shell_class.static_render_env = staticmethod(own["static_render_env"])
    shell_class.draws_itself = shell_class.render_env is not base.render_env
    shell_class.has_frames = (
        shell_class.render_frame is not base.render_frame or shell_class.draw is not base.draw
    )
    if "render_modes" not in own.get("metadata", {}):
        modes = ["human"] if shell_class.draws_itself else []
        if shell_class.has_frames:
            modes = ["human", "rgb_array"]
        if shell_class.render_text is not base.render_text:
            modes.append("ansi")
        shell_class.metadata = {**base.metadata, **shell_class.metadata, "render_modes": modes}


def check_settings(shell: Any) -> None:
    """Refuse constructor arguments that cannot work.

    Raises:
        ConfigError: naming the class, the argument and what would work.
    """
    name, modes = type(shell).__name__, shell.metadata["render_modes"]
    fps = shell.target_fps
    if not (isinstance(fps, numbers.Real) and 0 < float(fps) < math.inf):
        raise ConfigError(f"{name} was given target_fps={fps!r}; it must be a number above 0.")
    if shell.render_mode is not None and shell.render_mode not in modes:
        asked = "is_user_control=True, which needs " if shell.is_user_control else ""
        raise ConfigError(
            f"{name} was given {asked}render_mode={shell.render_mode!r}; it can do {[None, *modes]}. "
            "Write render_frame(self) for 'human' and 'rgb_array', render_text(self) for 'ansi', or "
            "render_env(self), which draws by itself, for 'human'."
        )
    if shell.console_only and shell.render_mode == "human":
        raise ConfigError(
            f"{name} was given console_only=True, which forbids windows, and asked for one by "
            "render_mode='human' or is_user_control=True. Leave one of them out."
        )


def completing_init(init: Callable[..., None]) -> Callable[..., None]:
    """Wrap an `__init__` so that no attribute is registered once the last of them has returned."""

    @functools.wraps(init)
    def wrapper(self: Any, *args: Any, **kwargs: Any) -> None:
        init(self, *args, **kwargs)
        if type(self).__init__ is wrapper and "_attributes" in vars(self):
            self._attributes.is_complete = True

    return wrapper


def checked_reset(reset: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap an overridden `reset` so that anything but `(observation, info)` is refused.

    Where the classic items are allowed, what it returns decides which ones the environment is written for.
    """
    parameters = inspect.signature(reset).parameters
    takes_any = any(each.kind is each.VAR_KEYWORD for each in parameters.values())
    not_taken = [] if takes_any else [name for name in ("seed", "options") if name not in parameters]

    @functools.wraps(reset)
    def wrapper(self: Any, *args: Any, **kwargs: Any) -> Any:
        name = type(self).__name__
        if any(each in kwargs for each in not_taken):
            way_out = _AS_GYMNASIUM if self.is_classic else _WITH_SEEDS + _CLASSIC
            raise ContractError(
                f"{name}.reset takes no argument {' or '.join(not_taken)}{way_out.format(name=name)}"
            )
        result = reset(self, *args, **kwargs)
        is_pair = type(result) is tuple and len(result) == 2 and isinstance(result[1], dict)
        is_outermost = type(self).reset is wrapper
        if self.is_classic and not (is_pair and is_outermost):
            self.is_episode_over = self.has_stepped = False
            return result
        if not is_pair:
            raise ContractError(
                f"{name}.reset returned {described(result)}; it must return (observation, info), where "
                f"info is a dict. End it with: return self.get_observation(), {{}}. "
                f"{_CLASSIC.format(name=name)}"
            )
        _check_observation(self, "reset", result[0], args, kwargs)
        self.is_episode_over = self.has_stepped = self.is_classic = False
        return result

    return wrapper


def checked_step(step: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap an overridden `step` so that wrong actions and anything but five sound items are refused.

    One that is written for the classic loop gets its action and gives its items as they are; where it has a
    place for `d_t` that must be filled, or a duration was set, it is told how long the step is.
    """
    takes_d_t, needs_d_t = _duration_of(step)

    @functools.wraps(step)
    def wrapper(self: Any, action: Any, *args: Any, **kwargs: Any) -> Any:
        if not self.is_classic:
            check_under_way(self)
        self.has_stepped, self.has_shown = True, False
        if self.is_classic:
            if takes_d_t and not args and "d_t" not in kwargs and (needs_d_t or self.next_d_t is not None):
                args = (realtime.duration(self, None),)
            return _classic_step(self, step(self, action, *args, **kwargs))
        result = step(self, self._attributes.take_action(action), *args, **kwargs)
        _check_step_items(self, result)
        observation, reward, terminated, truncated, _ = result
        _check_observation(self, "step", observation, args[1:], kwargs)
        check_reward(self, "step", reward)
        check_flag(self, "step", "terminated", terminated)
        check_flag(self, "step", "truncated", truncated)
        self.is_episode_over = bool(terminated or truncated)
        return result

    return wrapper


def _duration_of(step: Callable[..., Any]) -> tuple[bool, bool]:
    """Whether a `step` has a place for `d_t` after the action, and whether it must be filled."""
    third = [*inspect.signature(step).parameters.values()][2:3]
    takes_it = [
        each for each in third if each.name != "attributes" and each.kind is each.POSITIONAL_OR_KEYWORD
    ]
    return bool(takes_it), any(each.default is each.empty for each in takes_it)


def _classic_step(shell: Any, result: Any) -> Any:
    """Note whether a step of the classic loop ended the episode, and hand on what it returned."""
    if isinstance(result, tuple) and len(result) == 3:
        shell.is_episode_over = bool(result[2])
    return result


def check_under_way(shell: Any) -> None:
    """Refuse a step while no episode is under way.

    Raises:
        EpisodeOverError: saying that `reset` must come first.
    """
    if shell.is_episode_over:
        name = shell._attributes.owner  # says so itself where Shell.__init__ was forgotten
        raise EpisodeOverError(f"{name}.step was called while no episode is under way; call reset() first.")


def split_reward(shell: Any, result: Any) -> tuple[float, bool]:
    """The `(reward, terminated)` of `get_current_reward`, as a float and a bool.

    Raises:
        ContractError: if it is anything else, or if the reward is not finite.
    """
    if not (isinstance(result, tuple) and len(result) == 2):
        raise ContractError(
            f"{type(shell).__name__}.get_current_reward returned {described(result)}; "
            "it must return (reward, terminated), such as (1.0, False)."
        )
    reward, terminated = result
    check_reward(shell, "get_current_reward", reward)
    check_flag(shell, "get_current_reward", "terminated", terminated)
    return float(reward), bool(terminated)


def check_reward(shell: Any, method: str, reward: Any) -> None:
    """Refuse a reward that is not a finite number.

    Raises:
        ContractError: naming the class, the method and the reward.
    """
    if not isinstance(reward, (numbers.Real, np.bool_)) or not math.isfinite(reward):
        raise ContractError(
            f"{type(shell).__name__}.{method} gave the reward {reward!r}; it must be a finite number. "
            "Look for a division by zero, or a value that was never set."
        )


def check_flag(shell: Any, method: str, flag: str, value: Any) -> None:
    """Refuse a `terminated` or `truncated` that is not a boolean.

    Raises:
        ContractError: naming the class, the method and the value.
    """
    if not isinstance(value, (bool, np.bool_)):
        raise ContractError(
            f"{type(shell).__name__}.{method} said that {flag} is {value!r}; it must be True or False."
        )


def check_frame(shell: Any, method: str, frame: Any) -> None:
    """Refuse a picture that is not a uint8 array of shape (height, width, 3).

    Raises:
        ContractError: naming the class, the method and what it returned.
    """
    is_frame = isinstance(frame, np.ndarray) and frame.dtype == np.uint8 and frame.ndim == 3
    if not is_frame or frame.shape[2] != 3:
        what = f"an array of shape {frame.shape} of {frame.dtype}" if hasattr(frame, "dtype") else repr(frame)
        raise ContractError(
            f"{type(shell).__name__}.{method} returned {what}; "
            "it must return a uint8 array of shape (height, width, 3)."
        )


def missing(shell: Any, method: str) -> ContractError:
    """The error for a method that a subclass was to write, given as `name(arguments)`."""
    return ContractError(f"{type(shell).__name__} has no method {method}; write one in the class.")


def _check_step_items(shell: Any, result: Any) -> None:
    if type(result) is tuple and len(result) == 5 and isinstance(result[4], dict):
        return
    name = type(shell).__name__
    raise ContractError(
        f"{name}.step returned {described(result)}; it must return five items: "
        "(observation, reward, terminated, truncated, info). terminated: the game itself ended; "
        "truncated: it was cut short, by a time limit for instance; info: a dict. "
        "A step that returned (state, reward, done) returns (state, reward, done, False, {}). "
        f"{_CLASSIC.format(name=name)}"
    )


def _check_observation(
    shell: Any, method: str, observation: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> None:
    """Refuse an observation outside its space, unless the caller asked for attributes of another view."""
    if (args and args[0] is not None) or kwargs.get("attributes") is not None:
        return
    space = shell.observation_space
    if not space.contains(observation):
        raise SpaceError(
            f"{type(shell).__name__}.{method} returned the observation {observation!r}, which does not lie "
            f"in {space}. End it with self.get_observation(), which names the attribute that is off."
        )


def described(result: Any) -> str:
    """What was returned, for an error: how many items, or one of which type."""
    if isinstance(result, tuple):
        return f"{len(result)} items ({', '.join(type(item).__name__ for item in result)})"
    return f"one {type(result).__name__}"
