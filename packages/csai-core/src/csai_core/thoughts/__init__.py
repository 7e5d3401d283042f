"""What an agent thinks beside the game it plays: the account of a game, and its drawing."""

from csai_core.thoughts.history import History, Moment
from csai_core.thoughts.mind import Mind
from csai_core.thoughts.panel import draw_panel
from csai_core.thoughts.pictures import draw_beside
from csai_core.thoughts.scale import Scale
from csai_core.thoughts.text import thought_lines

__all__ = ["History", "Mind", "Moment", "Scale", "draw_beside", "draw_panel", "thought_lines"]
