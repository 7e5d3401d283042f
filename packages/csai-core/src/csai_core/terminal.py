"""Text from elsewhere on its way to a terminal: a file's names and messages are shown, and never obeyed."""

from __future__ import annotations

import unicodedata

_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
"""Unicode's categories of what moves the cursor, changes colors, turns text around, or shows nothing."""


def printable(text: object, *, keep: str = "") -> str:
    r"""A text in one line in which every control character is spelled out, as `\x1b`.

    Args:
        text: a name, a path, or anything else, as `str` gives it.
        keep: control characters that may stay, such as "\n" in a message.
    """
    return "".join(
        character.encode("unicode_escape").decode()
        if unicodedata.category(character) in _UNSEEN and character not in keep
        else character
        for character in str(text)
    )


def as_markup(text: object) -> str:
    """A text as a part of what rich shows: printable, and its brackets are no styles."""
    from rich.markup import escape

    return escape(printable(text))
