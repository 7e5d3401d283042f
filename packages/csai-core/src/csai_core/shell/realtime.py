"""Playing a shell in real time: whose turn it is, how long it lasts, and what the window shows of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from csai_core.agents import Agent, KeyboardAgent
from csai_core.agents.random import make_random_agent
from csai_core.shell.shared_display import import_pygame
from csai_core.shell.window import OnKey

if TYPE_CHECKING:
    from csai_core.shell.shell import Shell


def play_turn(shell: Shell) -> None:
    """Let the agent act unless the loop has stepped by itself; then show the outcome for one frame."""
    has_shown = False
    if not shell.has_stepped:
        has_shown = _act(shell) and shell.render_mode == "human"
    elif shell.render_mode == "human":
        has_shown = True  # by the step itself
    shell.has_stepped = False
    if not has_shown:
        show(shell)


def show(shell: Shell) -> None:
    """Draw, and let the frame stand for as long as `target_fps` says; without a window, do nothing."""
    if shell.console_only or "human" not in shell.metadata["render_modes"]:
        return
    shell.render_env()
    shell._window.wait(shell.target_fps, listener(shell))


def duration(shell: Shell, d_t: float | None) -> float:
    """Seconds that the step being taken stands for: as it was told, as was said before it, or the usual."""
    told, shell.next_d_t = shell.next_d_t, None
    if d_t is None:
        d_t = told
    return 1.0 / shell.target_fps if d_t is None else d_t


def keys_to_action(shell: Shell) -> dict[Any, Any]:
    """The shell's keys as tuples of pygame key codes, the form that `gymnasium.utils.play` takes."""
    pygame = import_pygame()
    codes = {}
    for key, action in shell.keys_to_action.items():
        code = ord(key) if len(key) == 1 else getattr(pygame, f"K_{key.upper()}", None)
        if code is not None:
            codes[(code,)] = action
    return codes


def _act(shell: Shell) -> bool:
    """Start an episode if none is under way and take one step; false if a person's move is awaited."""
    has_started = shell.is_episode_over
    if has_started:
        shell.reset()
    agent = _agent(shell)
    if isinstance(agent, KeyboardAgent) and agent.is_waiting:
        return has_started
    state = shell.get_observation()
    action = agent.get_next_action(state)
    shell.next_d_t = shell._window.frame_seconds
    next_state, reward, terminated, truncated, _ = shell.step(action)
    agent.update(state, action, next_state, reward)
    shell.is_episode_over = terminated or truncated
    return True


def _agent(shell: Shell) -> Agent:
    """The shell's own agent, else a new one: the keyboard for a person, or one that acts at random."""
    if shell.agent is None:
        if shell.is_user_control:
            shell.agent = KeyboardAgent(shell.keys_to_action, shell.idle_action)
        else:
            shell.agent = make_random_agent(shell)
    return shell.agent


def listener(shell: Shell) -> OnKey:
    """Who is notified of keys: the shell's agent, if it is one that plays by them."""
    agent = _agent(shell) if shell.is_user_control else shell.agent
    return agent.note if isinstance(agent, KeyboardAgent) else lambda key, is_down: None
