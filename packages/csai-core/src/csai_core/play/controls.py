"""The keys of the player itself, which work in every game that has no other use for them."""

from __future__ import annotations

from typing import NamedTuple


class Control(NamedTuple):
    """Something a person can do beside playing."""

    keys: tuple[str, ...]
    """Those that are shown, by their pygame names."""
    words: str
    others: tuple[str, ...] = ()
    """Those that do the same, and are shown where the game has another use for all of `keys`."""

    def __contains__(self, key: object) -> bool:
        return key in self.keys or key in self.others


PAUSE = Control(("p", "space"), "pause, go on")
STEP = Control(("n", "."), "one step")
BACK = Control(("b", ","), "one step back")
RESTART = Control(("r",), "new game")
NEXT_GAME = Control(("return",), "start, play again", ("enter", "r", "space"))
TAKE_OVER = Control(("t",), "take over, hand back", ("f2",))
THINK = Control(("v",), "thoughts", ("f3",))
FASTER = Control(("+",), "faster", ("=", "[+]"))
SLOWER = Control(("-",), "slower", ("[-]",))
HELP = Control(("h",), "help", ("f1", "?", "/"))
OVERLAY = Control(("o",), "next overlay", ("f4",))
LEAVE = Control(("escape",), "pause, then leave")

IN_GAME = ((PAUSE, STEP, BACK), (RESTART, FASTER, SLOWER), (HELP, LEAVE))
"""What works during a game, in the rows that help tells it in."""
WITH_AGENT = ((TAKE_OVER, THINK, OVERLAY),)
"""What works besides where an agent plays."""

ARROWS = ("left", "up", "down", "right")
_CAPS = {"return": "Enter", "escape": "Esc", "space": "Space"}


def cap(key: str) -> str:
    """What stands on a key that is no arrow, by its pygame name."""
    return _CAPS.get(key, key.capitalize())
