"""Playing: a person or an agent plays any environment, in a window or as text, and may be recorded."""

from csai_core.play.action_names import action_names
from csai_core.play.demonstration import Demonstration, load_demonstration
from csai_core.play.episode import LONGEST_EPISODE, Game, Transition, longest_episode, play_episode
from csai_core.play.keys import DEFAULT_FPS, keyboard_for
from csai_core.play.session import Session
from csai_core.play.text import play_as_text

__all__ = [
    "DEFAULT_FPS",
    "LONGEST_EPISODE",
    "Demonstration",
    "Game",
    "Session",
    "Transition",
    "action_names",
    "keyboard_for",
    "load_demonstration",
    "longest_episode",
    "play_as_text",
    "play_episode",
]
