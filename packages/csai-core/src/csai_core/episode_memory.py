"""What an algorithm remembers of the episodes under way, carried by whoever plays them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from csai_core import trees
from csai_core.algorithm import Algorithm, Decision, Step


class EpisodeMemory:
    """The memory of an algorithm, a row for each of several environments.

    Nothing is remembered in the algorithm between two calls, nor in its network: trainings, evaluations and
    agents hold the memory of their own episodes, and start it again where one ends.

    Args:
        algorithm: whose memory it is; of one that remembers nothing there is none.
        num_envs: how many episodes are played side by side.

    Attributes:
        now: arrays with leading axis num_envs, in dicts and tuples; None where nothing is remembered.
    """

    def __init__(self, algorithm: Algorithm, num_envs: int) -> None:
        self._initial = algorithm.initial_memory(num_envs)
        self.now: Any = self._initial

    def given(self, rows: NDArray[np.intp] | None = None) -> dict[str, Any]:
        """The keyword for `act`, `sample` and `explain`; none for an algorithm that remembers nothing.

        Args:
            rows: the environments that are asked for; None is all.
        """
        if self.now is None:
            return {}
        return {"memory": self.now if rows is None else trees.take(self.now, rows)}

    def keep(self, decision: Decision, rows: NDArray[np.intp] | None = None) -> None:
        """Remember what was decided on, in all environments or in some."""
        if self.now is None:
            return
        if rows is None:
            self.now = decision.memory
        else:
            self.now = trees.copy(self.now)
            trees.replace(self.now, rows, decision.memory)

    def follow(self, decision: Decision, step: Step) -> None:
        """Remember what was decided on, and forget the episodes that the step ended.

        Where environments reset in a step of their own (`Step.is_reset`), what was seen there was the end of
        the episode before, and is forgotten too.
        """
        if self.now is not None:
            self.keep(decision)
            over = step.terminated | step.truncated
            self.start_again(over if step.is_reset is None else over | step.is_reset)

    def start_again(self, over: NDArray[np.bool_]) -> None:
        """Forget episodes: those of the environments where `over`, (num_envs,), is true."""
        if self.now is not None and np.count_nonzero(over):
            self.now = trees.copy(self.now)  # whoever was given it may still hold it
            trees.replace(self.now, over, trees.take(self._initial, over))

    def load(self, memory: Any) -> None:
        """Go on with a memory that was `now`.

        Raises:
            ValueError: if it is of another form, so that it is none of this algorithm's.
        """
        if misfit(memory, self._initial):
            raise ValueError("its memory of the episodes under way is not one of this algorithm's")
        self.now = memory


def misfit(memory: Any, initial: Any, name: str = "memory") -> str:
    """How a memory differs in form from an initial one, in words; empty if it does not."""
    if isinstance(initial, dict) and isinstance(memory, dict) and memory.keys() == initial.keys():
        parts = [(memory[key], each, f"{name}[{key!r}]") for key, each in initial.items()]
    elif isinstance(initial, tuple) and isinstance(memory, tuple) and len(memory) == len(initial):
        parts = [(memory[i], each, f"{name}[{i}]") for i, each in enumerate(initial)]
    elif _form(memory) == _form(initial):
        return ""
    else:
        return f"{name} is {_form(memory)} and not {_form(initial)}"
    return next((found for part in parts if (found := misfit(*part))), "")


def _form(memory: Any) -> str:
    if isinstance(memory, dict):
        return f"a dict with {', '.join(map(repr, memory)) or 'nothing'}"
    if isinstance(memory, tuple):
        return f"a tuple of {len(memory)}"
    if isinstance(memory, np.ndarray):
        return f"an array of {memory.dtype} in the shape {memory.shape}"
    return "None" if memory is None else f"of type {type(memory).__name__}"
