"""The agent behind the keyboard: turns key presses into actions."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

from csai_core.agents.agent import Agent

_TAP_SECONDS = 0.1
"""How long a tap acts in a game that moves while a key is held."""


class KeyboardAgent(Agent):
    """Plays what a person presses. Short taps count: presses wait in a queue until their turn.

    Args:
        keys_to_action: for each key, by its pygame name ("left", "w", "space"), the action it means.
        idle_action: what to do while no key is pressed. With one, a key that is held down goes on
            acting, as steering does; with None, the game waits and each press is one move.
        queue_length: how many presses may wait; older ones are forgotten first.
        held_fps: for a game without an idle action that moves for as long as a key is held, its steps a
            second; a tap then acts for a tenth of a second. None makes each press one move.
    """

    def __init__(
        self,
        keys_to_action: Mapping[str, Any],
        idle_action: Any = None,
        queue_length: int = 3,
        held_fps: float | None = None,
    ) -> None:
        super().__init__(is_user_control=True)
        self.keys_to_action = dict(keys_to_action)
        self.idle_action = idle_action
        self.moves_while_held = held_fps is not None
        """Whether the game goes on while a key is held, and otherwise stands still."""
        self._tap_steps = 1 if held_fps is None else max(1, round(held_fps * _TAP_SECONDS))
        self.has_been_used = False
        """Whether anything was pressed since `forget_keys`."""
        self._waiting: deque[tuple[Any, int]] = deque(maxlen=queue_length)
        """What was pressed and waits for its turn: actions, and how many steps each lasts."""
        self._held: list[str] = []

    @property
    def is_waiting(self) -> bool:
        """Whether the game has to wait for a key before it can go on."""
        goes_on = bool(self._waiting) or (self.moves_while_held and bool(self._held))
        return self.idle_action is None and not goes_on

    def note(self, key: str, is_down: bool) -> None:
        """Note that a key was pressed or let go; keys without an action are ignored."""
        if key not in self.keys_to_action:
            return
        if key in self._held:
            self._held.remove(key)
        if is_down:
            self._held.append(key)
            self.press(self.keys_to_action[key])

    def press(self, action: Any) -> None:
        """Note an action that was asked for by a key or a click; taps before it are cut short."""
        self.has_been_used = True
        not_begun = [(earlier, 1) for earlier, steps in self._waiting if steps == self._tap_steps]
        self._waiting = deque([*not_begun, (action, self._tap_steps)], self._waiting.maxlen)

    def forget_keys(self) -> None:
        """Forget all presses, so that none of them moves in the next episode."""
        self._waiting.clear()
        self.has_been_used = False

    def get_actions(self) -> list[Any]:
        """Every action some key stands for, and the idle one if there is one."""
        idle = [] if self.idle_action is None else [self.idle_action]
        return [*dict.fromkeys([*self.keys_to_action.values(), *idle])]

    def get_next_action(self, state: Any) -> Any:
        """The action of the oldest waiting press, else of the key held down last, else the idle one."""
        if self._waiting:
            action, steps = self._waiting.popleft()
            if steps > 1:
                self._waiting.appendleft((action, steps - 1))
            return action
        if self._held and (self.idle_action is not None or self.moves_while_held):
            return self.keys_to_action[self._held[-1]]
        return self.idle_action
