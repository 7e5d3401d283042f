"""An algorithm in a world: it plays and learns, step by step, as checks wish."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from csai_core import trees
from csai_core.algorithm import Algorithm, Decision, Step
from csai_core.episode_memory import EpisodeMemory, misfit
from csai_core.errors import ConformanceError
from csai_core.testing.algorithm.configs import Made, noted, written
from csai_core.testing.algorithm.lanes import Lanes
from csai_core.testing.algorithm.rooms import Rooms
from csai_core.testing.algorithm.saved import through_file
from csai_core.testing.algorithm.worlds import CORRIDOR, World
from csai_core.testing.compare import difference
from csai_core.testing.suite import fail

if TYPE_CHECKING:
    from csai_core.testing.algorithm.base import AlgorithmChecks, Spaces

_REFUSE = " If it does not take such spaces, refuse them with a ConfigError when it is made."


class Session:
    """An algorithm that plays and learns, and notes of what it did and measured.

    Args:
        suite: makes it.
        spaces: how it sees and acts.
        world: where it is.
        seed: of the algorithm.
        total_steps: it is told; None takes more than any check needs.
        resets_take_a_step: how episodes start; see `Lanes`.
        env_seed: of the first reset of the environments, of which there are as many as the suite says.
        state: it goes on from, after it was made.

    Attributes:
        algorithm: what was made.
        lanes: the environments.
        shown: the observation that it acted on last, an array of its own.
        actions: what it did while it explored, step by step.
        measured: what its updates measured, step by step.
        made: the settings that were made for it, or else those that it keeps as its `config`.
    """

    def __init__(
        self,
        suite: AlgorithmChecks,
        spaces: Spaces,
        world: World = CORRIDOR,
        *,
        seed: int = 3,
        total_steps: int | None = None,
        resets_take_a_step: bool = False,
        env_seed: int = 7,
        state: Mapping[str, Any] | None = None,
    ) -> None:
        self.env = Rooms(world, *spaces)
        self.num_envs = suite.num_envs
        with noted(suite.config_class()) as configs:
            self.algorithm: Algorithm = suite.make(
                self.env, total_steps=total_steps or 3 * suite.max_steps, seed=seed
            )
        kept = getattr(self.algorithm, "config", None)
        self.made = configs[0] if configs else Made(kept, written(kept))
        if state is not None:
            with self.calling("load_state_dict"):
                self.algorithm.load_state_dict(state)
        with self.calling("initial_memory"):
            memory = EpisodeMemory(self.algorithm, self.num_envs)
        self.lanes = Lanes(
            self.env, self.num_envs, memory, seed=env_seed, resets_take_a_step=resets_take_a_step
        )
        self.shown: Any = None
        self.actions: list[Any] = []
        self.measured: list[Any] = []

    def act(self, observation: Any, *, explore: bool, action_mask: Any = None, **memory: Any) -> Decision:
        """What it decides, which must be a `Decision`; `memory` is for one that remembers."""
        with self.calling(f"act(explore={explore})", _REFUSE):
            decision: Any = self.algorithm.act(
                observation, explore=explore, action_mask=action_mask, **memory
            )
        if not isinstance(decision, Decision):
            fail(
                f"act(explore={explore}) gave {decision!r}; it must give "
                "csai_core.algorithm.Decision(action), with whatever `learn` wants to be told again as its "
                "memo."
            )
        self.require_memory(decision, trees.length(observation), f"act(explore={explore})")
        return decision

    def require_memory(self, decision: Decision, count: int, what: str) -> None:
        """Refuse a decision that does not give on what is remembered, as `initial_memory` has it."""
        if found := misfit(decision.memory, self.algorithm.initial_memory(count)):
            fail(
                f"With {self.env}, {what} of {count} observations gave a Decision whose {found}, as in what "
                f"initial_memory({count}) gives. What is remembered of each episode goes from each Decision "
                "to the next call, always in the same dicts and tuples of arrays."
            )

    def decide(self) -> Decision:
        """What it tries now."""
        mask = self.lanes.action_mask
        self.shown = trees.copy(self.lanes.observation)
        remembered = self.lanes.memory.given() if self.lanes.memory else {}
        return self.act(
            self.shown, explore=True, action_mask=None if mask is None else mask.copy(), **remembered
        )

    def learn(self, step: Step) -> Any:
        """What it measures of a step."""
        with self.calling("learn", _REFUSE):
            measured = self.algorithm.learn(step)
        self.actions.append(trees.copy(step.action))
        self.measured.append(measured)
        return measured

    def go(
        self,
        num_steps: int,
        *,
        alter: Callable[[Step], Step] = lambda step: step,
        between: Callable[[], Any] = lambda: None,
        after: Callable[[Step], Any] = lambda step: None,
    ) -> list[Any]:
        """Play and learn for steps of each environment.

        Args:
            num_steps: how many.
            alter: gives what is learned of each step.
            between: is called between `act` and `learn`.
            after: is called with each step after it was learned from.

        Returns:
            What each step measured.
        """
        for _ in range(num_steps):
            step = alter(self.lanes.step(self.decide()))
            between()
            self.learn(step)
            after(step)
            if self.lanes.was_stopped:
                with self.calling("cut_episodes"):
                    self.algorithm.cut_episodes()
        return self.measured[len(self.measured) - num_steps :]

    def state(self) -> Any:
        """Its state, as a file gives it back."""
        with self.calling("state_dict"):
            state = self.algorithm.state_dict()
        return through_file(state)

    def thinks(self) -> Any:
        """What it thinks best in each room of the world, and what it tells of that, if anything."""
        best = self.greedy()
        if type(self.algorithm).explain is Algorithm.explain:
            return best, None
        observation, mask = self.all_rooms()
        with self.calling("explain"):
            return best, tuple(self.algorithm.explain(observation, mask))

    def greedy(self) -> Any:
        """What it thinks best in each room of the world."""
        observation, mask = self.all_rooms()
        return self.act(observation, explore=False, action_mask=mask).action

    def all_rooms(self) -> tuple[Any, Any]:
        """A batch that sees each room of the world in turn, and the masks there."""
        rooms = sorted(self.env.world.outcomes)
        seen = [self.env.sight_of(room) for room in rooms]
        observation = trees.stack(self.env.observation_space, seen)
        masks = [self.env.mask(room) for room in rooms]
        return observation, None if masks[0] is None else np.array(masks, np.int8)

    @contextmanager
    def calling(self, what: str, advice: str = "") -> Iterator[None]:
        """Name what was called, and where, if it raises, and say what to do."""
        try:
            yield
        except ConformanceError:
            raise
        except Exception as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            raise ConformanceError(
                f"With {self.env}, {what} raised {type(error).__name__}: {error} (in {place.name}, "
                f"{place.filename}:{place.lineno}).{advice}"
            ) from error


def taught_apart(one: Session, other: Session) -> str:
    """How two trainings differ in what was done, measured or thought; empty if they do not."""
    return (
        difference(one.actions, other.actions, "what it did")
        or difference(one.measured, other.measured, "what it measured")
        or difference(one.thinks(), other.thinks(), "what it thinks of the rooms")
    )


def told_apart(one: Session, other: Session) -> str:
    """How two trainings differ in what was done, measured, learned or thought best; empty if they do not."""
    return (
        difference(one.actions, other.actions, "what it did")
        or difference(one.measured, other.measured, "what it measured")
        or difference(one.state(), other.state(), "state_dict()")
        or difference(one.greedy(), other.greedy(), "what it thinks best")
    )
