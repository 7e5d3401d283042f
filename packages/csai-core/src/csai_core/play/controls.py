"""The keys of the player itself, which work in every game that has no other use for them."""

from __future__ import annotations

from typing import NamedTuple


class Control(NamedTuple):
    """Something a person can do beside playing."""

    keys: tuple[str, ...]
    """Those that are shown, by their pygame names."""
    words: str
    others: tuple[str, ...] = ()
    """Those that do the same and are not shown."""

    def __contains__(self, key: object) -> bool:
        return key in self.keys or key in self.others


PAUSE = Control(("p", "space"), "pause, go on")
STEP = Control(("n",), "one step")
RESTART = Control(("r",), "new game")
NEXT_GAME = Control(("return",), "start, play again", ("enter", "r", "space"))
FASTER = Control(("+",), "faster", ("=", "[+]"))
SLOWER = Control(("-",), "slower", ("[-]",))
HELP = Control(("h",), "help", ("f1", "?"))
LEAVE = Control(("escape",), "pause, then leave")

IN_GAME = ((PAUSE, STEP), (RESTART, FASTER, SLOWER), (HELP, LEAVE))
"""What works during a game, in the rows that help tells it in."""

ARROWS = ("left", "up", "down", "right")
_CAPS = {"return": "Enter", "escape": "Esc", "space": "Space"}


def cap(key: str) -> str:
    """What stands on a key that is no arrow, by its pygame name."""
    return _CAPS.get(key, key.capitalize())
