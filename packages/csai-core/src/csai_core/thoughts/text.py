"""What an agent thinks in a few lines of plain ASCII, for terminals and logs."""

from __future__ import annotations

import math
from collections.abc import Sequence

from csai_core.explanation import Amount
from csai_core.thoughts.history import History, parts_of
from csai_core.thoughts.rows import MOST_ROWS, Choice, Heading, Row, rows_of
from csai_core.thoughts.scale import Range, Scale, signed
from csai_core.thoughts.strip import surprise_words

_LEVELS = " .:-=+*#%@"
_NARROWEST, _ROOMY = 20, 40


def thought_lines(history: History, scale: Scale, width: int = 80, most: int = MOST_ROWS) -> list[str]:
    """What an agent thinks now, and what it expected and got so far.

    Args:
        history: the account of the game so far.
        scale: how long bars are; a `Scale` that has included that account.
        width: no line is longer, in columns.
        most: how many choices are told at most.
    """
    width = max(width, _NARROWEST)
    lines = [*_choices(history, scale, width, most), *_steps(history, scale, width)]
    return [_cut(line.rstrip(), width) for line in lines]


def _choices(history: History, scale: Scale, width: int, most: int) -> list[str]:
    thought = history.shown
    if thought is None:
        return ["This agent does not say what it thinks."]
    shown = rows_of(thought, most)
    columns = _columns(shown.rows, width, history.word)
    is_of_values = any(
        isinstance(row, Choice) and row.number is not None and not row.is_chance for row in shown.rows
    )
    title = f"{shown.title} ({scale.values})" if is_of_values else shown.title
    return [
        title,
        *(_line(row, columns, scale, width, history.word) for row in shown.rows),
        *filter(None, [shown.more]),
    ]


def _columns(rows: Sequence[Row], width: int, word: str) -> tuple[int, int, int]:
    """How wide names, numbers and marks are: the last two always the same where there is room for that."""
    names = min(max((len(_ascii(_name(row))) for row in rows), default=0), width // 3)
    if width >= _ROOMY:
        return names, 8, 9
    told = [_number_and_mark(row, word) for row in rows]
    numbers, marks = (max((len(each[i]) for each in told), default=0) for i in (0, 1))
    return names, numbers, marks


def _number_and_mark(row: Row, word: str) -> tuple[str, str]:
    if isinstance(row, Heading):
        return "", ""
    if isinstance(row, Amount):
        return signed(row.chosen), word
    return row.words, row.marked(word)


def _line(row: Row, columns: tuple[int, int, int], scale: Scale, width: int, word: str) -> str:
    """A row: name, number, mark, and as long a bar as there is room for."""
    if isinstance(row, Heading):
        return f"{_ascii(row.name)}:"
    names, numbers, marks = columns
    name = _cut(_ascii(_name(row)), names).ljust(names)
    number, mark = _number_and_mark(row, word)
    start = f" {name} {number:>{numbers}} {mark:<{marks}} "
    room = width - len(start)
    if room < 5:
        return start
    if isinstance(row, Amount):
        return start + _number_line(row, scale.range_of(row), room)
    span = scale.range_of_choice(row)
    return start + (_bar(row, span, room) if row.mark != "forbidden" else "")


def _bar(row: Choice, span: Range, room: int) -> str:
    """From zero to the number; to the left of zero, and of other signs, where it is below."""
    if row.number is None or not math.isfinite(row.number):
        return ""
    room -= span.low < 0  # for the mark of zero
    zero, end = (round(room * span.place(each)) for each in (0.0, row.number))
    sign = "-" if row.number < 0 else "#"
    bar = " " * min(zero, end) + sign * abs(end - zero)
    return bar if span.low >= 0 else bar[:zero] + "|" + bar[zero:] if end > zero else bar + "|"


def _number_line(row: Amount, span: Range, room: int) -> str:
    """Bounds at the ends, = for what lies within a deviation of the mean, and V where it is taken."""
    line = ["."] * room

    def at(number: float) -> int:
        return min(round((room - 1) * span.place(number)), room - 1)

    if row.mean is not None:
        spread = row.deviation or 0.0
        for place in range(at(row.mean - spread), at(row.mean + spread) + 1):
            line[place] = "="
    for bound, end in ((row.low, 0), (row.high, room - 1)):
        if bound is not None:
            line[end] = "|"
    line[at(row.chosen)] = "V"
    return "".join(line)


def _steps(history: History, scale: Scale, width: int) -> list[str]:
    """The value of the state and how the last step went; below it the values of all steps, as shades.

    What does not fit into one line is told in several.
    """
    value, moment = history.values[-1], history.last
    told = [] if value is None else [f"value {signed(value, 4)}"]
    if moment is not None:
        parts = parts_of(moment)
        made = ", ".join(f"{_ascii(name)} {signed(each)}" for name, each in parts.items() if each)
        told.append(
            f"reward {signed(moment.reward)}" + (f" ({made})" if moment.reward_parts and made else "")
        )
        if moment.surprise is not None:
            told.append(surprise_words(moment.surprise, scale.surprises))
    lines: list[str] = []
    for each in told:
        if lines and len(lines[-1]) + len(each) + 2 <= width:
            lines[-1] += f"; {each}"
        else:
            lines.append(each)
    known = [each for each in history.values if each is not None]
    return [
        *lines,
        *([_shades(history.values, scale.values, width)] if len(known) > 1 else []),
    ]


def _shades(values: Sequence[float | None], span: Range, width: int) -> str:
    """The last values, one letter each: the darker, the higher on the scale."""
    start = f"values {_LEVELS[1]} to {_LEVELS[-1]}: "
    letters = [
        " " if value is None else _LEVELS[1 + round((len(_LEVELS) - 2) * span.place(value))]
        for value in values[-max(width - len(start), 1) :]
    ]
    return start + "".join(letters)


def _name(row: Row) -> str:
    return row.name or ("amount" if isinstance(row, Amount) else "")


def _ascii(text: str) -> str:
    """What every terminal shows: all else is spelled out in backslash codes."""
    return "".join(
        each if " " <= each <= "~" else each.encode("unicode_escape").decode("ascii") for each in text
    )


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: max(width - 2, 0)]}.."[:width]
