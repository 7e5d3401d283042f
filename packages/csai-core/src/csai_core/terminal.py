"""Text from elsewhere on its way to a terminal: a file's names and messages are shown, and never obeyed."""

from __future__ import annotations

import os
import re
import shlex
import unicodedata

_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
"""Unicode's categories of what moves the cursor, changes colors, turns text around, or shows nothing."""
_COLOR_CODE = re.compile(r"\x1b\[([0-9;]*)m")
_MOST_MARKED = 0.25
"""Of what is seen in a text: where more is colored, colors are decoration and mark no places."""


def without_colors(text: str) -> str:
    """A text without the codes by which terminals change colors."""
    return _COLOR_CODE.sub("", text)


def marked(text: str) -> str:
    """A text without colors, in which characters say what these said, as where the player is.

    What has a background stands in [], what is bold and colored in <>, what is colored in (). The other rows
    of a board are widened there too, so that columns stay columns.
    """
    rows = [_read_colors(line) for line in text.split("\n")]
    num_seen = sum(not letter.isspace() for row in rows for letter, _ in row)
    num_marked = sum(bool(marks) for row in rows for _, marks in row)
    if not num_marked or num_marked > _MOST_MARKED * num_seen:
        return without_colors(text)
    lengths = {len(row) for row in rows if any(marks for _, marks in row)}
    boards = {length: [row for row in rows if len(row) == length] for length in lengths}
    widths = {length: _widths(board) for length, board in boards.items()}
    return "\n".join(
        _in_columns(row, widths[len(row)]) if len(row) in lengths else "".join(letter for letter, _ in row)
        for row in rows
    )


_Row = list[tuple[str, str]]
"""Letters, each with the opening marks around it."""
_LINES = "-=_─═"
"""What goes on beside a mark in another row."""
_CLOSING = str.maketrans("[<(", "]>)")


def _read_colors(line: str) -> _Row:
    row: _Row = []
    marks, position = "", 0
    for code in _COLOR_CODE.finditer(line):
        row += [(letter, marks) for letter in line[position : code.start()]]
        position = code.end()
        marks = _marks_after(marks, [int(each or 0) for each in code[1].split(";")])
    return row + [(letter, marks) for letter in line[position:]]


def _marks_after(marks: str, codes: list[int]) -> str:
    """What is marked once a terminal was told these codes."""
    for place, code in enumerate(codes):
        mark = ""
        if code == 0:
            marks = ""
        elif code == 7 or 40 <= code <= 48 or 100 <= code <= 107:
            mark = "["
        elif 30 <= code <= 38 or 90 <= code <= 97:
            mark = "<" if 1 in codes else "("
        marks += "" if mark in marks else mark
        if code in (38, 48):  # the codes that follow say which color
            codes[place + 1 :] = []
    return marks


def _widths(board: list[_Row]) -> list[int]:
    """For each column, how many marks are around what stands in it, at most."""
    return [max(len(row[column][1]) for row in board) for column in range(len(board[0]))]


def _in_columns(row: _Row, widths: list[int]) -> str:
    told = ""
    for (letter, marks), width in zip(row, widths, strict=True):
        room = (letter if letter in _LINES else " ") * (width - len(marks))
        told += f"{room}{marks}{letter}{marks[::-1].translate(_CLOSING)}{room}"
    return told


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


def as_typed(word: object) -> str:
    """A path or a name as one word of a command, as a shell takes it: in quotes where it needs them."""
    text = str(word)
    if printable(text) != text:  # bash and zsh read back what is spelled out between these
        plain = text.replace("\\", "\\\\").replace("'", "\\'")
        return f"$'{printable(plain)}'"
    if os.name == "nt":
        return f'"{text}"' if " " in text else text
    return shlex.quote(text)
