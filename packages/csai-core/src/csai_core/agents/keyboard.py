"""The agent behind the keyboard: turns key presses into actions."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

from csai_core.agents.agent import Agent


class KeyboardAgent(Agent):
    """Plays what a person presses. Short taps count: presses wait in a queue until their turn.

    Args:
        keys_to_action: for each key, by its pygame name ("left", "w", "space"), the action it means.
        idle_action: what to do while no key is waiting.
        queue_length: how many presses may wait; older ones are forgotten first.
    """

    def __init__(self, keys_to_action: Mapping[str, Any], idle_action: Any, queue_length: int = 3) -> None:
        super().__init__(is_user_control=True)
        self.keys_to_action = dict(keys_to_action)
        self.idle_action = idle_action
        self._waiting: deque[Any] = deque(maxlen=queue_length)

    @property
    def has_waiting_key(self) -> bool:
        """Whether a press waits for its turn; turn-based games ask before they move on."""
        return bool(self._waiting)

    def press(self, key: str) -> None:
        """Note that a key was pressed; keys without an action are ignored."""
        if key in self.keys_to_action:
            self._waiting.append(self.keys_to_action[key])

    def get_actions(self) -> list[Any]:
        """Every action some key stands for, and the idle one."""
        actions = list(self.keys_to_action.values())
        return [*dict.fromkeys([*actions, self.idle_action])]

    def get_next_action(self, state: Any) -> Any:
        """The action of the oldest waiting press, else the idle action."""
        return self._waiting.popleft() if self._waiting else self.idle_action

    def update(self, state: Any, action: Any, next_state: Any, reward: float) -> None:
        """Learn nothing: the person does."""
