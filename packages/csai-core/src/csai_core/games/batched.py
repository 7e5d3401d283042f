"""Thousands of games in one Gymnasium vector environment: seeds, time limits and autoreset.

A game's own batched class writes how games start, move and look; here stands what is the same for all.
With seed `s`, game `i` does what the single environment does after `reset(seed=s + i)`, and goes on doing
so through any number of episodes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from gymnasium import spaces
from gymnasium.utils import seeding
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from csai_core.arguments import MOST_ENVS, check_bool, check_int, check_resolution
from csai_core.errors import ConfigError, EpisodeOverError, SpaceError
from csai_core.games import keyed_random
from csai_core.games.canvas import Canvas
from csai_core.shell.attribute_table import AttributeNames, selected_space
from csai_core.shell.casting import SpaceType
from csai_core.shell.pixel_view import PIXELS, PixelView

Games = NDArray[np.intp] | slice
"""Some games by their numbers, or `ALL`."""
ALL = slice(None)
NO_GAMES = np.zeros(0, np.intp)
Floats = NDArray[np.floating[Any]]
Outcome = tuple[Floats, NDArray[np.bool_]]
"""Rewards and whether the game has ended, each a new array of shape (num_envs,)."""
FEW = 16
"""Below so many games, numpy's calls cost more than plain Python's loops."""
_UNSIGNED = {1: np.uint8, 2: np.uint16, 4: np.uint32, 8: np.uint64}


def any_of(flags: NDArray[np.bool_]) -> bool:
    """Whether any flag is set: `flags.any()` for short arrays, where that takes a microsecond."""
    return 1 in flags.tobytes()


class BatchedEnv(VectorEnv[Any, Any, Any]):
    """Base of batched games.

    A game that is over and waits for its reset is moved along with the others, to no effect: it is
    reset right after.

    Args:
        num_envs: how many games, at least 1.
        observation_space: of one game; or the space of each of its attributes, by name.
        action_space: of one game, counting from 0.
        view: which attributes are observed: a name, several for a dict, None for all. "pixels" is the
            game's picture, as `Shell` has it.
        pixel_shape: (channels, height, width) of "pixels"; None is (3, 84, 84).
        reward_parts: whether `infos["reward_parts"]` tells the parts of each reward.
        max_episode_steps: truncates a game after so many steps; None never does.
        autoreset_mode: when a game that is over is reset: NEXT_STEP (in the step after, whose
            action it ignores), SAME_STEP (at once; what it ended with is `infos["final_obs"]` and
            `infos["final_info"]`) or DISABLED (by `reset(options={"reset_mask": …})`).
        copy: whether each observation is an array of its own. False gives arrays that the next step
            changes, which saves the copy.
        render_mode: None, or "rgb_array" for `render` to draw every game.
        resolution: of a game's picture, (width, height).
        render_fps: how many steps a second look natural when a person watches.

    Raises:
        ConfigError: if a setting cannot work, saying what would.
        UnknownNameError: if there is no such attribute, with the nearest name.
    """

    observes_copies: ClassVar[bool] = False
    """Whether `observe` always makes new arrays."""
    state_names: ClassVar[tuple[str, ...]] = ("keys", "clock", "_began", "_is_over", "_is_seeded")
    """The variables that change as games go on: arrays, numbers and booleans."""

    def __init__(
        self,
        num_envs: int,
        observation_space: spaces.Space[Any] | Mapping[str, SpaceType],
        action_space: spaces.Discrete[Any],
        *,
        view: AttributeNames | None = None,
        pixel_shape: Sequence[int] | None = None,
        reward_parts: bool = False,
        max_episode_steps: int | None = None,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        copy: bool = True,
        render_mode: str | None = None,
        resolution: tuple[int, int] = (480, 480),
        render_fps: int = 30,
    ) -> None:
        name = type(self).__name__
        num_envs = check_int(name, "num_envs", num_envs, 1, MOST_ENVS)
        if max_episode_steps is not None:
            max_episode_steps = check_int(name, "max_episode_steps", max_episode_steps, 1)
        modes = ["rgb_array"] if _draws(type(self)) else []
        if render_mode not in (None, *modes):
            raise ConfigError(
                f"{name} was given render_mode={render_mode!r}; it can do {[None, *modes]}. A class that has "
                "draw(self, game) or render_frame(self, game) does 'rgb_array', and Gymnasium's vector "
                "wrappers HumanRendering and RecordVideo show and record that."
            )
        try:
            self.autoreset_mode = AutoresetMode(autoreset_mode)
        except ValueError:
            raise ConfigError(
                f"{name} was given autoreset_mode={autoreset_mode!r}; it must be one of "
                f"{', '.join(map(str, AutoresetMode))}."
            ) from None
        self.render_mode, self.resolution = render_mode, check_resolution(name, resolution)
        self.metadata = {
            "render_modes": modes,
            "render_fps": check_int(name, "render_fps", render_fps, 1),
            "autoreset_mode": self.autoreset_mode,
        }
        self.num_envs = num_envs
        self.max_episode_steps = max_episode_steps
        self._pixel_view = PixelView(name, pixel_shape)
        self.view: str | tuple[str, ...] | None = None
        """The attributes that are observed; None where they have no names."""
        if not isinstance(observation_space, spaces.Space):
            offered = {} if view is None else {PIXELS: self._pixel_view.space}
            self.view, observation_space = selected_space(name, offered | {**observation_space}, view)
        self.single_observation_space = observation_space
        self.single_action_space = action_space
        self.observation_space = batch_space(observation_space, num_envs)
        self.action_space = batch_space(action_space, num_envs)
        self.keys = np.zeros(num_envs, np.uint64)
        """What each game's random numbers are computed from."""
        self.wants_reward_parts = check_bool(name, "reward_parts", reward_parts)
        self._copies = check_bool(name, "copy", copy)
        self._is_seeded = False
        self.clock = 0
        """Steps of this environment so far, the one under way included."""
        self._began = np.zeros(num_envs, np.int64)
        """What the clock said when each game started."""
        self._is_over = np.zeros(num_envs, np.bool_)
        self._waiting = NO_GAMES
        """The games that are over and have not been reset."""
        self._first_limit = 0
        """What the clock says, at the earliest, when a game reaches its time limit."""
        self._never = np.zeros(num_envs, np.bool_)
        self._everywhere = np.ones(num_envs, np.bool_)
        self._num_choices = np.array(action_space.n, np.uint64)
        self._choices = frozenset(range(int(action_space.n)))

    # --- what a game writes

    def start(self, games: NDArray[np.intp]) -> None:
        """Start some games by their `self.keys`."""
        raise NotImplementedError

    def move(self, actions: NDArray[Any]) -> Outcome:
        """Move every game on by one step."""
        raise NotImplementedError

    def observe(self, games: Games) -> Any:
        """What can be seen of some games; may share memory with the state only for `ALL`.

        Where attributes have names, it is made from what `observe_attribute` gives.
        """
        if self.view is None:
            raise NotImplementedError
        if isinstance(self.view, str):
            return self._observe_named(self.view, games)
        return {name: self._observe_named(name, games) for name in self.view}

    def observe_attribute(self, name: str, games: Games) -> Any:
        """One attribute of some games, as `observe` has it."""
        raise NotImplementedError

    def seed_games(self, games: NDArray[np.intp], seeds: Sequence[int | None]) -> None:
        """Choose the keys of some games that `reset` starts; None goes on from a game's own.

        Args:
            games: their numbers.
            seeds: one for each of all games.
        """
        if self._is_seeded:
            self.keys[games] = keyed_random.next_keys(self.keys[games])
        else:
            self.keys[:] = self.np_random.integers(1 << 64, size=self.num_envs, dtype=np.uint64)
        for game in games:
            if seeds[game] is not None:
                self.keys[game] = keyed_random.new_key(seeding.np_random(seeds[game])[0])

    def next_games(self, games: NDArray[np.intp]) -> None:
        """Go on to the keys of the games after some that are over."""
        self.keys[games] = keyed_random.next_keys(self.keys[games])

    def scores(self) -> NDArray[Any]:
        """The score of each game, as an array of its own."""
        raise NotImplementedError

    def reward_parts(self) -> dict[str, Floats]:
        """The named parts of the last rewards, each of shape (num_envs,); only called if they are wanted."""
        raise NotImplementedError

    def render_frame(self, game: int) -> NDArray[np.uint8]:
        """A picture of one game, of shape (height, width, 3) as `resolution` says."""
        return self.draw(game).finish()

    def draw(self, game: int) -> Canvas:
        """One game as a canvas, from which its picture is made."""
        raise NotImplementedError

    def draw_cells(self, games: Games) -> NDArray[np.uint8] | None:
        """The colors of some games' cells, of shape (games, rows, columns, 3), for the view "pixels".

        None, if not written, has each game drawn, which takes far longer; see `Shell.draw_cells`.
        """

    # --- Gymnasium

    def reset(
        self, *, seed: int | Sequence[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Start all games, or those of `options["reset_mask"]`, a bool array of shape (num_envs,).

        Args:
            seed: game i starts by seed + i; or one seed for each game. None goes on from the games' own
                keys.
            options: see above.

        Raises:
            ConfigError: if the mask or the seeds do not fit the games.
        """
        mask = self._everywhere
        if options and "reset_mask" in options:
            mask = self._checked_mask(options["reset_mask"])
        games = np.flatnonzero(mask)
        self._seed(games, seed)
        self._start(games)
        (self._waiting,) = self._is_over.nonzero()
        return self._observation(), {"score": self.scores(), "_score": mask.copy()}

    def step(self, actions: Any) -> tuple[Any, Floats, NDArray[np.bool_], NDArray[np.bool_], dict[str, Any]]:
        """Move every game on by one step.

        Raises:
            EpisodeOverError: if `reset` must come first.
            SpaceError: if an action is not in the action space.
        """
        waiting = self._waiting
        if not self._is_seeded or (waiting.size and self.autoreset_mode == AutoresetMode.DISABLED):
            raise EpisodeOverError(
                f"{type(self).__name__} was stepped while not every game is under way; call reset() first, "
                "or with autoreset_mode DISABLED, reset(options={'reset_mask': terminated | truncated})."
            )
        actions = self._checked_actions(actions)
        self.clock += 1
        rewards, terminated = self.move(actions)
        truncated = self._out_of_time()
        if waiting.size:
            rewards[waiting] = 0.0
            terminated[waiting] = truncated[waiting] = False
            self._restart(waiting)
        over = NO_GAMES
        if any_of(terminated) or any_of(truncated):
            np.logical_or(terminated, truncated, out=self._is_over)
            (over,) = self._is_over.nonzero()
        if over.size and self.autoreset_mode == AutoresetMode.SAME_STEP:
            infos = self._finish(over)
        else:
            self._waiting = over
            infos = {"score": self.scores(), "_score": self._everywhere.copy()}
            if self.wants_reward_parts:
                infos |= self._reward_parts_info(waiting)
        return self._observation(), rewards, terminated, truncated, infos

    def render(self) -> tuple[NDArray[np.uint8], ...] | None:
        """A picture of every game, each of shape (height, width, 3), if `render_mode` is "rgb_array"."""
        if self.render_mode is None:
            return None
        return tuple(self.render_frame(game) for game in range(self.num_envs))

    # --- saving

    def state_dict(self) -> dict[str, Any]:
        """Where every game is and what its random numbers are: arrays and plain values."""
        return {name: copy_of(getattr(self, name)) for name in self.state_names}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Return every game to where `state_dict` was called, on as many games of the same kind."""
        for name in self.state_names:
            present = getattr(self, name)
            if isinstance(present, np.ndarray):
                present[...] = state[name]  # others look at the same memory
            else:
                setattr(self, name, type(present)(state[name]))
        (self._waiting,) = self._is_over.nonzero()
        self._first_limit = 0

    # --- inner workings

    def _observe_named(self, name: str, games: Games) -> Any:
        return self._observe_pixels(games) if name == PIXELS else self.observe_attribute(name, games)

    def _observe_pixels(self, games: Games) -> NDArray[np.uint8]:
        if (cells := self.draw_cells(games)) is not None:
            return self._pixel_view.of_cells(cells)
        numbers = np.arange(self.num_envs)[games].tolist()
        if type(self).draw is BatchedEnv.draw:
            return np.stack([self._pixel_view.of_frame(self.render_frame(game)) for game in numbers])
        return np.stack([self._pixel_view.of_canvas(self.draw(game)) for game in numbers])

    def _out_of_time(self) -> NDArray[np.bool_]:
        """Which games have reached their time limit, as a new array."""
        if self.max_episode_steps is None or self.clock < self._first_limit:
            return self._never.copy()
        elapsed = self.clock - self._began
        truncated: NDArray[np.bool_] = elapsed >= self.max_episode_steps
        longest = int(elapsed.max(where=~truncated, initial=0))
        self._first_limit = self.clock + self.max_episode_steps - longest
        return truncated

    def _reward_parts_info(self, unmoved: NDArray[np.intp]) -> dict[str, Any]:
        """The parts of the rewards, if asked for, of all games but some, as infos tell them."""
        if not self.wants_reward_parts or unmoved.size == self.num_envs:
            return {}
        moved = self._everywhere.copy()
        moved[unmoved] = False
        parts: dict[str, Any] = {name: each * moved for name, each in self.reward_parts().items()}
        masks = {f"_{name}": moved.copy() for name in parts}
        return {"reward_parts": parts | masks, "_reward_parts": moved}

    def _finish(self, games: NDArray[np.intp]) -> dict[str, Any]:
        """Keep what the games that are over ended with, then reset them."""
        over = self._is_over.copy()
        (others,) = (~over).nonzero()
        final = np.full(self.num_envs, None, dtype=object)
        seen = self.observe(games)
        for row, game in enumerate(games):
            final[game] = {n: a[row] for n, a in seen.items()} if isinstance(seen, dict) else seen[row]
        ended = {"score": self.scores() * over, "_score": over.copy(), **self._reward_parts_info(others)}
        parts = self._reward_parts_info(games)
        self._restart(games)
        finals = {"final_obs": final, "_final_obs": over, "final_info": ended, "_final_info": over.copy()}
        return {"score": self.scores(), "_score": self._everywhere.copy(), **parts, **finals}

    def _restart(self, games: NDArray[np.intp]) -> None:
        self.next_games(games)
        self._start(games)

    def _start(self, games: NDArray[np.intp]) -> None:
        self._began[games] = self.clock
        self._is_over[games] = False
        self.start(games)

    def _seed(self, games: NDArray[np.intp], seed: int | Sequence[int | None] | None) -> None:
        owner = f"{type(self).__name__}.reset"
        seeds: Sequence[int | None]
        if seed is None:
            seeds = [None] * self.num_envs
        elif isinstance(seed, (list, tuple, np.ndarray)):
            seeds = [each if each is None else check_int(owner, "seed", each, 0) for each in seed]
        else:
            first = check_int(owner, "seed", seed, 0)
            seeds = range(first, first + self.num_envs)
        if len(seeds) != self.num_envs:
            raise ConfigError(
                f"{owner} was given {len(seeds)} seeds for {self.num_envs} games; "
                "give one for each, or a single number."
            )
        self.seed_games(games, seeds)
        self._is_seeded = True

    def _checked_mask(self, mask: Any) -> NDArray[np.bool_]:
        if not (isinstance(mask, np.ndarray) and mask.dtype == np.bool_ and mask.shape == (self.num_envs,)):
            raise ConfigError(
                f"{type(self).__name__}.reset was given the reset_mask {mask!r}; "
                f"it must be a bool array of shape ({self.num_envs},)."
            )
        if not mask.any():
            raise ConfigError(
                f"{type(self).__name__}.reset was given a reset_mask without any True; "
                "mark the games to reset, or leave the mask out to start all."
            )
        return mask

    def _checked_actions(self, actions: Any) -> NDArray[Any]:
        """The actions as an array; of a Discrete space, each in its range."""
        array = np.asarray(actions)
        if array.shape != self._never.shape or array.dtype.kind not in "iu" or not self._are_choices(array):
            raise SpaceError(
                f"{type(self).__name__} takes {self.num_envs} integers "
                f"from 0 to {self._num_choices - 1}, but was given {actions!r}."
            )
        return array

    def _are_choices(self, actions: NDArray[np.integer]) -> bool:
        if self.num_envs < FEW:
            return self._choices.issuperset(actions.tolist())
        return not any_of(actions.view(_UNSIGNED[actions.itemsize]) >= self._num_choices)  # below 0 is huge

    def _observation(self) -> Any:
        seen = self.observe(ALL)
        if self.observes_copies or not self._copies:
            return seen
        if isinstance(seen, dict):
            return {name: each.copy(order="K") for name, each in seen.items()}
        return seen.copy(order="K")


def _draws(batched_class: type[BatchedEnv]) -> bool:
    is_canvas = batched_class.draw is not BatchedEnv.draw
    return is_canvas or batched_class.render_frame is not BatchedEnv.render_frame


def copy_of(value: Any) -> Any:
    """An array of its own; plain values are so anyway."""
    return value.copy() if isinstance(value, np.ndarray) else value
