"""Playing a shell in real time: whose turn it is, how long it lasts, and what the window shows of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from csai_core.agents import Agent, KeyboardAgent
from csai_core.agents.random import make_random_agent
from csai_core.errors import ContractError
from csai_core.shell.shared_display import import_pygame
from csai_core.shell.window import OnKey

if TYPE_CHECKING:
    from csai_core.shell.shell import Shell


def play_turn(shell: Shell) -> None:
    """Let the agent act unless the loop has stepped by itself; then show the outcome for one frame."""
    if not shell.has_stepped:
        _act(shell)
    if not shell.has_shown:
        show(shell)
    shell.has_stepped = shell.has_shown = False


def show(shell: Shell) -> None:
    """Draw, and let the frame stand for as long as `target_fps` says; without a window, do nothing."""
    draws_itself = shell.draws_itself or "render_env" in vars(shell)
    if not draws_itself and (shell.console_only or "human" not in shell.metadata["render_modes"]):
        return
    if draws_itself:
        _let_draw(shell)
    else:
        shell.render_env()
    shell._window.wait(shell.target_fps, listener(shell))
    shell.has_shown = True


def _let_draw(shell: Shell) -> None:
    """Have a shell draw by itself until its window is closed; a person's keys are heard in any window."""
    if shell._window.is_closed:
        return
    shell.render_env()
    shell._window.adopt(open_new=shell.is_user_control)


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


def _act(shell: Shell) -> None:
    """Start an episode if none is under way and take one step, unless a person's move is awaited.

    A person's first key is, in every episode, also where the game would go on by itself.
    """
    if is_new := shell.is_episode_over:
        shell.reset()
    agent = _agent(shell)
    keyboard = agent if isinstance(agent, KeyboardAgent) else None
    if is_new and keyboard is not None:
        keyboard.forget_keys()
    has_begun = keyboard is None or keyboard.has_been_used or not shell.is_user_control
    shell._window.retitle(shell.environment_name + ": a key starts" * (not has_begun))
    if not has_begun or (keyboard is not None and keyboard.is_waiting):
        return
    state = shell.get_observation()
    action = agent.get_next_action(state)
    shell.next_d_t = shell._window.frame_seconds
    # The classic loop's items end in `done`, Gymnasium's in two flags and the infos.
    next_state, reward, *ends = shell.step(action)
    if hasattr(agent, "update"):
        agent.update(state, action, next_state, reward)
    shell.is_episode_over = any(ends[:2])


def _agent(shell: Shell) -> Agent:
    """The shell's own agent, else a new one: the keyboard for a person, or one that acts at random."""
    if shell.agent is None:
        if shell.is_user_control:
            check_keys(shell)
            held_fps = shell.target_fps if shell.moves_while_held else None
            shell.agent = KeyboardAgent(shell.keys_to_action, shell.idle_action, held_fps=held_fps)
        else:
            shell.agent = make_random_agent(shell)
    return shell.agent


def check_keys(shell: Shell) -> None:
    """Refuse a person's control of a shell that says of no key what it means.

    Raises:
        ContractError: saying what to write.
    """
    if not shell.keys_to_action:
        raise ContractError(
            f"{type(shell).__name__} was given is_user_control=True, but no key means an action. Write "
            'in the class what each means, keys_to_action = {"left": 0, "right": 1}, or set self.agent to '
            "an agent that knows by itself."
        )


def listener(shell: Shell) -> OnKey:
    """Who is notified of keys: the shell's agent, if it is one that plays by them."""
    agent = _agent(shell) if shell.is_user_control else shell.agent
    return agent.note if isinstance(agent, KeyboardAgent) else lambda key, is_down: None
