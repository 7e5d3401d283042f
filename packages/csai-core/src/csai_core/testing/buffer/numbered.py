"""Numbered transitions: every part of one says which it is, so that what a buffer gives back can be told.

An environment's states are numbered on and on. The transition that leads away from state n is transition n:
its observation shows n, its action, reward and all else are made from n, and it leads to state n + 1. A
number is left out where an episode ends: its last state, from which nothing leads away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.vector import SyncVectorEnv
from numpy.typing import NDArray

from csai_core.algorithm import Step

Numbers = NDArray[np.int64]

APART = 5000
"""How far the numbers of one environment are from those of the next."""
NUM_ACTIONS = 4
_EPISODES = ((3, "terminated"), (5, "truncated"), (1, "terminated"), (4, "truncated"), (2, "terminated"))
"""How long episodes are, and how they end, one after the other; environments begin at different ones."""


class Form(NamedTuple):
    """One form of observations and actions, and how numbers are shown in it."""

    name: str
    observation: Callable[[Numbers], Any]
    """From states, a batch of observations."""
    state: Callable[[Any], NDArray[Any]]
    """From a batch of observations, the states."""
    action: Callable[[Numbers], Any]
    """From transitions, a batch of actions."""
    goal: str | None = None
    """The part that a buffer may put something else in the place of."""


def _vector(n: Numbers) -> NDArray[np.float32]:
    return np.stack([n, -n], axis=1).astype(np.float32)


def _image(n: Numbers) -> NDArray[np.uint8]:
    """(batch, 1, 2, 2): the number in two bytes."""
    return (
        np.stack([n // 256, n % 256, 255 - n % 256, n * 0 + 7], axis=1).astype(np.uint8).reshape(-1, 1, 2, 2)
    )


def _read_image(image: Any) -> NDArray[Any]:
    flat = np.reshape(image, (len(image), -1))
    return flat[:, 0].astype(np.int64) * 256 + flat[:, 1]


def _stacks(n: Numbers) -> NDArray[np.uint8]:
    """(batch, 3, 32, 32): the pictures of the number and of the two after it, as the newest of a game are."""
    stacks = np.zeros((len(n), 3, 32, 32), np.uint8)
    stacks[..., :2, :2] = np.stack([_image(n + i)[:, 0] for i in range(3)], axis=1)
    return stacks


def _read_stacks(stacks: Any) -> NDArray[Any]:
    return _read_image(stacks[:, :1, :2, :2])


def _first(batch: Any) -> NDArray[Any]:
    array = np.asarray(batch)
    return np.reshape(array, (len(array), -1))[:, 0]


def _box(n: Numbers) -> NDArray[np.float32]:
    return np.stack([n + 0.25, -n - 0.5], axis=1).astype(np.float32)


FORMS = (
    Form("vectors", _vector, _first, lambda n: n.copy()),
    Form("images of bytes", _image, _read_image, lambda n: n.copy()),
    Form("stacked pictures", _stacks, _read_stacks, lambda n: n.copy()),
    Form(
        "Dict observations",
        lambda n: {"position": _vector(n), "velocity": -3.0 * n[:, None]},
        lambda batch: _first(batch["position"]),
        lambda n: n.copy(),
    ),
    Form(
        "observations of goals",
        lambda n: {
            "observation": _vector(n),
            "achieved_goal": _vector(n),
            "desired_goal": _vector(0 * n - 1),
        },
        lambda batch: _first(batch["observation"]),
        lambda n: n.copy(),
        goal="desired_goal",
    ),
    Form("actions in a Box", _vector, _first, _box),
    Form(
        "states that are large integers", lambda n: n + 2**40, lambda n: _first(n) - 2**40, lambda n: n.copy()
    ),
    Form(
        "Tuple observations",
        lambda n: (_vector(n), n[:, None] * 2),
        lambda batch: _first(batch[0]),
        lambda n: n.copy(),
    ),
    Form(
        "Dict observations and Dict actions",
        lambda n: {"position": _vector(n), "velocity": -3.0 * n[:, None]},
        lambda batch: _first(batch["position"]),
        lambda n: {"turn": n.copy(), "push": _box(n)},
    ),
)
"""What buffers are tried with; one that is not for a form says so with a CsaiError."""


def reward(number: Any) -> NDArray[np.float64]:
    """Of transitions: no integers, of both signs, large, and sometimes nothing."""
    n = np.asarray(number)
    return np.where(n % 11 == 7, 0.0, (n + 0.5) * np.where(n % 2, -1.0, 1.0))


def log_prob(number: Any) -> NDArray[np.float32]:
    """Of the actions of transitions, where a policy tells it."""
    return (-np.asarray(number) % 97 / 128 - 1).astype(np.float32)


def value(number: Any) -> NDArray[np.float32]:
    """Of the observations of transitions, where a policy tells it."""
    return (np.asarray(number) % 89 / 64 + 2).astype(np.float32)


def mask(state: Numbers) -> NDArray[np.int8]:
    """(batch, NUM_ACTIONS): which actions a state allows; never none."""
    bits = 1 + state[:, None] % 15 >> np.arange(NUM_ACTIONS)
    return (bits & 1).astype(np.int8)


class Transition(NamedTuple):
    """What there is to know of a transition, besides its number."""

    env: int
    episode: tuple[int, int]
    """Environment, and number of its episode."""
    terminated: bool
    truncated: bool


class _Row(NamedTuple):
    """What a step brings in one environment."""

    state: int
    next_state: int
    end: str = ""
    is_reset: bool = False


@dataclass
class _Env:
    """Where an environment stands."""

    state: int
    episode: int
    """Its number; it decides how long the episode is, too."""
    steps: int = 0
    is_over: bool = False
    """Whether it resets in the next step."""


@dataclass
class Story:
    """What happens in some environments, step by step, and what has happened so far.

    Args:
        form: of observations and actions.
        num_envs: how many environments there are.
        start: which number comes first.
        has_masks: whether they tell which actions are allowed.
        has_resets: whether they reset in a step of its own.
    """

    form: Form
    num_envs: int = 3
    start: int = 0
    has_masks: bool = False
    has_resets: bool = False
    transitions: dict[int, Transition] = field(default_factory=dict)
    """By number, the oldest first."""
    resets: set[int] = field(default_factory=set)
    """Numbers of the last states of episodes, which rows that are resets show."""
    cut_after: set[int] = field(default_factory=set)
    """Transitions after which an episode was `cut`, so that they may count as truncated."""

    def __post_init__(self) -> None:
        self._envs = [_Env(self.start + APART * i, i) for i in range(self.num_envs)]

    def steps(self, count: int, *, ends: bool = True) -> Iterator[Step]:
        """The next steps; with the last of them, all episodes are cut short if the story `ends`."""
        for number in range(count):
            is_last = ends and number == count - 1
            yield self._step([self._row(i, env, is_last) for i, env in enumerate(self._envs)])

    def cut(self) -> None:
        """End all episodes under way without a word in a step, as `cut_episodes` says it."""
        for env in self._envs:
            if env.steps:
                self.cut_after.add(env.state - 1)
                env.steps, env.episode, env.state = 0, env.episode + 1, env.state + 1

    def judgments(self, step: Step) -> dict[str, Any]:
        """What a policy thinks of a step, as `extend` is told it."""
        number = self.form.state(step.observation).astype(np.int64)
        return {"log_prob": log_prob(number), "value": value(number)}

    def _step(self, rows: list[_Row]) -> Step:
        state, next_state = np.array([row.state for row in rows]), np.array([row.next_state for row in rows])
        is_reset = np.array([row.is_reset for row in rows])
        return Step(
            self.form.observation(state),
            self.form.action(state),
            np.where(is_reset, 0.0, reward(state)),
            np.array([row.end == "terminated" for row in rows]),
            np.array([row.end == "truncated" for row in rows]),
            self.form.observation(next_state),
            mask(state) if self.has_masks else None,
            mask(next_state) if self.has_masks else None,
            is_reset if is_reset.any() else None,
        )

    def _row(self, index: int, env: _Env, is_last: bool) -> _Row:
        number = env.state
        if env.is_over:
            self.resets.add(number)
            env.state, env.is_over = number + 1, False
            return _Row(number, number + 1, is_reset=True)
        length, end = _EPISODES[env.episode % len(_EPISODES)]
        env.steps += 1
        if env.steps < length:
            end = "truncated" if is_last else ""
        episode = (index, env.episode)
        self.transitions[number] = Transition(index, episode, end == "terminated", end == "truncated")
        env.state = number + 1
        if end:
            env.steps, env.episode, env.is_over = 0, env.episode + 1, self.has_resets
            env.state += not self.has_resets  # the next episode has begun, behind this one's last state
        return _Row(number, number + 1, end)


class Goals(gymnasium.Env[Any, Any]):
    """An environment that says what a goal pays, as those of Gymnasium-Robotics do; it is never played."""

    observation_space = spaces.Dict(
        {name: spaces.Box(-1e6, 1e6, (2,)) for name in ("observation", "achieved_goal", "desired_goal")}
    )
    action_space = spaces.Discrete(NUM_ACTIONS)

    def compute_reward(self, achieved_goal: Any, desired_goal: Any, info: Any) -> Any:
        """0 where the goal is achieved, and else -1."""
        return -(np.asarray(achieved_goal) != np.asarray(desired_goal)).any(axis=-1).astype(np.float64)


def goal_envs(count: int) -> SyncVectorEnv:
    """Environments for `set_envs`."""
    return SyncVectorEnv([Goals for _ in range(count)])
