"""Judging a batch of numbered transitions: whether each is whole, and as it was stored."""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from csai_core.testing.buffer import numbered
from csai_core.testing.buffer.numbered import Story
from csai_core.testing.compare import leaves
from csai_core.testing.suite import fail

_COUNT_BEFORE = (
    "Where rows of a step are left out, as resets are, count environments before that, or those after them "
    "are taken for others."
)
_FIELDS = ("observation", "action", "reward", "next_observation", "terminated", "truncated")


def require_fields(batch: Any, method: str) -> None:
    """Require the fields that every batch has, each with one row for every transition.

    Raises:
        ConformanceError: naming what is missing.
    """
    for name in _FIELDS:
        if not hasattr(batch, name):
            fail(
                f"A batch of {method} has no field {name!r}. Hand out batches with the fields "
                f"{', '.join(_FIELDS)}, as csai_train.ReplayBuffer does."
            )
    for name in _FIELDS:
        for path, part in leaves(getattr(batch, name), name):
            if not hasattr(part, "shape") or not part.shape or len(part) != len(batch.reward):
                fail(
                    f"In a batch of {method}, {path} is {_short(part)}; it must be an array with a row for "
                    f"each of the {len(batch.reward)} rewards."
                )


class Drawn:
    """A batch that a buffer has handed out of a story's transitions.

    Args:
        batch: the batch.
        story: what was stored.
        method: what handed it out, such as "sample(3)".
        has_judgments: whether log-probabilities and values were told with every step.
        num_steps: how many steps each transition was said to lead ahead.

    Attributes:
        numbers: (batch,), which transitions they are.

    Raises:
        ConformanceError: if it is not as it was stored.
    """

    def __init__(
        self, batch: Any, story: Story, method: str, *, has_judgments: bool = False, num_steps: int = 1
    ) -> None:
        self.batch, self.story, self.method = batch, story, method
        self.told = num_steps
        require_fields(batch, method)
        self.size = len(batch.reward)
        if not self.size:
            fail(f"{method} gives an empty batch. Leave it out: give only batches that hold something.")
        self._require_form("observation")
        self._require_form("next_observation")
        self.numbers = self._read()
        self.ahead = self._num_steps()
        self._require_actions()
        self._require_next()
        self._require_rewards()
        self._require_ends()
        if story.has_masks:
            self._require_masks()
        if has_judgments:
            self._require("log_prob", numbered.log_prob(self.numbers))
            self._require("value", numbered.value(self.numbers))

    def _require_form(self, name: str) -> None:
        """Parts, shapes and kinds of numbers as they were stored."""
        given = dict(leaves(getattr(self.batch, name), name))
        wanted = dict(leaves(self.story.form.observation(np.zeros(1, np.int64)), name))
        if given.keys() != wanted.keys():
            fail(
                f"{self.method} gives an {name} of the parts {sorted(given)}, and what was stored has "
                f"{sorted(wanted)}. Keep every part of it."
            )
        for path, array in wanted.items():
            found = given[path]
            if found.shape[1:] != array.shape[1:]:
                fail(
                    f"{self.method} gives {path} in the shape {found.shape[1:]}, and it was stored in the "
                    f"shape {array.shape[1:]}. Keep the shape."
                )
            if found.dtype.kind != array.dtype.kind or array.dtype == np.uint8 != found.dtype:
                more = f", in {found.dtype.itemsize} times the memory" if array.dtype == np.uint8 else ""
                fail(
                    f"{self.method} gives {path} as {found.dtype}{more}, and it was stored as {array.dtype}. "
                    "Keep the dtype."
                )

    def _read(self) -> NDArray[np.int64]:
        story = self.story
        shown = story.form.state(self.batch.observation)
        for row, number in enumerate(shown):
            if number not in story.transitions:
                if number in story.resets:
                    fail(
                        f"{self.method} gives a row that is no step: in it, environment "
                        f"{int(number) // numbered.APART} was only reset. Leave out the rows that "
                        "step.is_reset marks, in every field."
                    )
                fail(
                    f"{self.method} gives the observation {_row(self.batch.observation, row)}, which was "
                    "never stored. Hand out what was stored, with its precision."
                )
        numbers = shown.astype(np.int64)
        self._require("observation", story.form.observation(numbers), numbers)
        return numbers

    def _num_steps(self) -> NDArray[np.int64]:
        """How many steps each transition says that it leads ahead."""
        given = getattr(self.batch, "num_steps", 1)
        ahead = np.broadcast_to(np.asarray(1 if given is None else given), (self.size,)).astype(np.int64)
        if (ahead < 1).any():
            fail(
                f"{self.method} gives transitions with num_steps {ahead.min()}; give 1, or how many are "
                "joined."
            )
        if self.told > 1 and (ahead != self.told).any():
            fail(
                f"A step was stored with num_steps={self.told}, and {self.method} gives it with num_steps "
                f"{ahead[ahead != self.told][0]}. Keep num_steps: what follows is discounted by it."
            )
        return ahead

    def _require_actions(self) -> None:
        self._require("action", self.story.form.action(self.numbers))

    def _require_next(self) -> None:
        """That each leads as many steps ahead as it says, within its episode."""
        if self.told > 1:
            return self._require("next_observation", self.story.form.observation(self.numbers + 1))
        story, led_to = self.story, self.story.form.state(self.batch.next_observation)
        for number, state, ahead in zip(self.numbers.tolist(), led_to.tolist(), self.ahead, strict=True):
            if state == number + ahead:
                self._require_one_episode(number, int(ahead))
                continue
            where = f"{self.method}: the next_observation of transition {number} "
            if state == number:
                fail(f"{where}is its observation. Keep what the action led to.")
            if number < state <= number + 20:
                self._wrong_distance(where, number, int(state), int(ahead))
            env = int(abs(state)) // numbered.APART
            if env != number // numbered.APART and env < story.num_envs and state > 0:
                fail(
                    f"{where}shows environment {env}, and its observation environment "
                    f"{number // numbered.APART}. Each row of a step is another environment: keep "
                    f"step.next_observation with it.{' ' + _COUNT_BEFORE if story.resets else ''}"
                )
            end = story.transitions[number].truncated and " (where its episode was cut short)"
            fail(
                f"{where}shows {state:g} instead of {number + ahead}{end or ''}. Keep step.next_observation "
                "as it is; also at the end of an episode it is the last one of that."
            )
        self._require("next_observation", story.form.observation(self.numbers + self.ahead))

    def _wrong_distance(self, where: str, number: int, state: int, ahead: int) -> NoReturn:
        """Say what is wrong with a transition that leads to a later state of its environment."""
        own = self.story.transitions[number]
        if ahead > 1 and state > number + 1 and self._goes_over(number, state - number):
            fail(
                f"{self.method}: transition {number} leads {state - number} steps ahead, over the end of its "
                f"episode, and its num_steps is {ahead}: it joins steps that do not follow each other. Where "
                f"an episode ends, begin again. {_COUNT_BEFORE}"
            )
        if (own.terminated or own.truncated) and state > number + 1:
            fail(
                f"{where}is the first of the next episode; its own ended there. Keep step.next_observation, "
                "which is the last one of the episode."
            )
        fail(
            f"{where}lies {state - number} steps ahead, and its num_steps is {ahead}. Hand out with each "
            "transition how many steps it joins, fewer at the end of an episode: what follows is discounted "
            "by num_steps."
        )

    def _goes_over(self, number: int, ahead: int) -> bool:
        """Whether so many steps from a transition on are more than are left of its episode."""
        transitions = self.story.transitions
        joined = [transitions.get(each) for each in range(number, number + ahead)]
        return any(each is None or each.episode != transitions[number].episode for each in joined)

    def _require_one_episode(self, number: int, ahead: int) -> None:
        if self._goes_over(number, ahead):
            fail(
                f"{self.method}: transition {number} joins {ahead} steps over the end of its episode. Where "
                "an episode is terminated or truncated, join those that are left, and begin again."
            )

    def _require_rewards(self) -> None:
        wanted = self._joined_rewards()
        self._require("reward", wanted)
        if self.batch.reward.dtype.kind != "f":
            fail(f"{self.method} gives rewards as {self.batch.reward.dtype}; keep them as float32.")

    def _joined_rewards(self) -> NDArray[np.float64]:
        """What each should be worth: its reward, or the discounted sum of those that it joins."""
        single = numbered.reward(self.numbers)
        if self.told > 1 or (self.ahead == 1).all() or self._has_other_goals().any():
            return np.where(self._has_other_goals(), self.batch.reward, single)
        telling = [row for row in range(self.size) if self._rewards_of(row)[1:].all() and self.ahead[row] > 1]
        if not telling:
            return np.asarray(self.batch.reward, np.float64)
        rows = telling[0]
        gammas = _discounts(self._rewards_of(rows), float(self.batch.reward[rows]))
        sums = [
            np.array([_discounted(self._rewards_of(row), gamma) for row in range(self.size)])
            for gamma in gammas
        ]
        fitting = [each for each in sums if np.allclose(each, self.batch.reward, rtol=1e-3, atol=1e-2)]
        if not fitting:
            fail(
                f"{self.method}: the reward of transition {self.numbers[rows]}, which joins "
                f"{self.ahead[rows]} steps with the rewards {self._rewards_of(rows).tolist()}, is "
                f"{self.batch.reward[rows]:g}, and others do not fit either. It must be their sum, r_1 + "
                "gamma * r_2 + gamma^2 * r_3 + …, with one gamma for all."
            )
        return np.asarray(self.batch.reward, np.float64)

    def _rewards_of(self, row: int) -> NDArray[np.float64]:
        return numbered.reward(self.numbers[row] + np.arange(self.ahead[row]))

    def _has_other_goals(self) -> NDArray[np.bool_]:
        """(batch,): which were given another goal than they were stored with, so that they pay otherwise."""
        goal = self.story.form.goal
        if goal is None:
            return np.zeros(self.size, np.bool_)
        stored = self.story.form.observation(self.numbers)[goal]
        other: NDArray[np.bool_] = (self.batch.observation[goal] != stored).any(axis=1)
        return other

    def _require_ends(self) -> None:
        last = self.numbers + (0 if self.told > 1 else self.ahead - 1)
        kept = [self.story.transitions[int(number)] for number in last]
        goals = self._has_other_goals()
        for name in ("terminated", "truncated"):
            given = np.asarray(getattr(self.batch, name)).astype(bool)
            wanted = np.array([getattr(each, name) for each in kept])
            free = np.array([int(number) in self.story.cut_after for number in last])
            for row in np.flatnonzero((given != wanted) & ~goals & ~free):
                self._wrong_end(name, int(row), bool(given[row]), kept[row])

    def _wrong_end(self, name: str, row: int, given: bool, kept: numbered.Transition) -> NoReturn:
        ended = "terminated" if kept.terminated else "truncated" if kept.truncated else "no end"
        fail(
            f"{self.method} gives transition {self.numbers[row]} with {name}={given}; it was stored as "
            f"{ended}. Keep terminated and truncated apart: what would have followed counts where an episode "
            "was only truncated."
        )

    def _require_masks(self) -> None:
        given = getattr(self.batch, "next_action_mask", None)
        if given is None:
            fail(
                f"{self.method} gives no next_action_mask, though steps were stored with one. Keep it: the "
                "best of what follows is sought among the actions that are allowed there."
            )
        state = self.numbers + (1 if self.told > 1 else self.ahead)
        now, wanted = numbered.mask(self.numbers), numbered.mask(state)
        for row in np.flatnonzero((np.asarray(given) != wanted).any(axis=1)):
            word = ", which says what was allowed before the action" if (given[row] == now[row]).all() else ""
            fail(
                f"{self.method} gives transition {self.numbers[row]} with the next_action_mask "
                f"{np.asarray(given[row]).tolist()}{word}; it was stored with {wanted[row].tolist()}, that "
                "of the next observation."
            )

    def _require(self, name: str, wanted: Any, numbers: NDArray[np.int64] | None = None) -> None:
        """That a field holds what is wanted; but for a goal, in place of which there may be another."""
        numbers = self.numbers if numbers is None else numbers
        goal = self.story.form.goal
        given = dict(leaves(getattr(self.batch, name, None), name))
        for path, stored in leaves(wanted, name):
            if goal is not None and goal in path:
                continue
            if path not in given or given[path] is None:
                fail(f"{self.method} gives no {path}, though it was stored. Keep it.")
            found = np.asarray(given[path])
            if found.shape != stored.shape:
                fail(f"{self.method} gives {path} in the shape {found.shape}; it must be {stored.shape}.")
            exact = found == stored if stored.dtype.kind in "iub" else np.isclose(found, stored, 1e-6, 1e-6)
            wrong = np.flatnonzero(~exact.reshape(len(found), -1).all(axis=1))
            if len(wrong):
                self._wrong(name, path, found[wrong[0]], stored, int(wrong[0]), int(numbers[wrong[0]]))

    def _wrong(
        self, name: str, path: str, found: Any, stored: NDArray[Any], row: int, number: int
    ) -> NoReturn:
        owner = self._owner(name, path, found)
        what = f"{self.method} gives transition {number} with the {path} {_short(found)}"
        if owner is not None:
            fail(
                f"{what}, which belongs to transition {owner}; transitions are mixed up. Each row must be "
                "one transition, in all fields."
            )
        loss = ""
        for other, made in (("value", numbered.value), ("log_prob", numbered.log_prob)):
            if other != name in ("log_prob", "value") and np.isclose(found, made(number)):
                loss = f", and this is its {other}"
        if not loss and (stored[row].astype(found.dtype) == found).all():
            loss = f", of which something was lost as {found.dtype}"
        fail(f"{what}; it was stored with {_short(stored[row])}{loss}. Keep it as it is.")

    def _owner(self, name: str, path: str, found: Any) -> int | None:
        """The other transition whose field this is."""
        numbers = np.array([*self.story.transitions])
        made: Any = {
            "observation": self.story.form.observation,
            "next_observation": lambda n: self.story.form.observation(n + 1),
            "action": self.story.form.action,
            "reward": numbered.reward,
        }.get(name)
        if made is None:
            return None
        rows = dict(leaves(made(numbers), name))[path]
        same = (rows == found).reshape(len(rows), -1).all(axis=1)
        return int(numbers[same][0]) if same.any() else None


def _discounted(rewards: NDArray[np.float64], gamma: float) -> float:
    return float((gamma ** np.arange(len(rewards)) * rewards).sum())


def _discounts(rewards: NDArray[np.float64], total: float) -> list[float]:
    """The discounts with which some rewards add up to a total."""
    shifted = rewards.copy()
    shifted[0] -= total
    roots = np.roots(shifted[::-1])
    return [float(root.real) for root in roots if abs(root.imag) < 1e-4 and -1e-3 < root.real < 1 + 1e-3]


def _row(batch: Any, row: int) -> str:
    return ", ".join(_short(part[row]) for _, part in leaves(batch, ""))


def _short(value: Any) -> str:
    return np.array2string(np.asarray(value), threshold=16) if hasattr(value, "shape") else repr(value)
