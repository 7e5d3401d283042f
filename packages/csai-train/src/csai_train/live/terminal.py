"""A training in a terminal: its curve, numbers and findings, and a game of its agent with its thoughts."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import NamedTuple

from rich.console import Console, Group, RenderableType
from rich.text import Text

from csai_core.terminal import marked, printable
from csai_core.thoughts import Mind, thought_lines
from csai_train.live.account import Account
from csai_train.live.chart import FAINT, draw_bar, draw_chart, only_ascii
from csai_train.live.facts import RunFacts

_SIDE_BY_SIDE = 76
"""From so many letters on, the game is beside the curve."""
_NARROWEST = 18
"""In fewer letters no thoughts are told beside a board."""
_LOWEST_CHART, _HIGHEST_CHART = 5, 14
_MOST_CHOICES, _MOST_REMARKS = 8, 3
_LEVELS = {"stop": "bold red", "warning": "yellow", "note": "cyan"}
_STATES = {
    "training": "cyan",
    "complete": "green",
    "failed": "bold red",
    "stopped": "yellow",
    "killed": "red",
}
_IN_ASCII = {"…": "...", "±": "+-", "→": "->"}


class Scene(NamedTuple):
    """What is seen of a game of the agent."""

    text: str
    """The environment's own; empty where it has none."""
    words: tuple[str, ...]
    """How the game goes."""
    age: str
    """Of which moment of its training the agent is."""
    mind: Mind | None
    """What the agent thinks; None tells nothing of it."""


class Page:
    """Draws a training for one terminal.

    Args:
        facts: of its run.
        console: where it will be shown, for its size and its letters.
    """

    def __init__(self, facts: RunFacts, console: Console) -> None:
        self._facts = facts
        self._console = console
        self.is_ascii = not console.encoding.lower().startswith("utf")

    def draw(self, account: Account, scene: Scene | None = None, note: str = "") -> RenderableType:
        """The whole page, no wider and no higher than the terminal.

        Args:
            account: of the training.
            scene: of the agent's game; None shows none.
            note: a last line, such as which key leaves.
        """
        width, height = self._console.width, self._console.height
        lines = self._lines(account, scene, note, width - 1, height - 1)
        return Group(*(self._fitted(line, width - 1) for line in lines[: height - 1]))

    def _lines(self, account: Account, scene: Scene | None, note: str, width: int, height: int) -> list[Text]:
        head, tail = self._head(account, width), self._tail(account, note, width)
        room = height - len(head) - len(tail)
        if scene is None:
            return [*head, *self._chart(account, width, room), *tail]
        board = self._board(scene)
        across = max(map(len, board), default=0)
        beside = width - across - 2
        if width >= _SIDE_BY_SIDE and across <= width // 2:
            told = self._told(scene, min(beside, 44))
            right = [*self._chart(account, beside, room - len(told)), *told]
            return [*head, *_beside(board, right, across)[: max(room, 0)], *tail]
        if beside >= _NARROWEST:
            below = _beside(board, self._told(scene, beside), across) if board else self._told(scene, width)
        else:
            below = [*board, *self._told(scene, width)]
        chart = self._chart(account, width, max(room - len(below), _LOWEST_CHART))
        return [*head, *chart, *below[: max(room - len(chart), 0)], *tail]

    def _head(self, account: Account, width: int) -> list[Text]:
        """What is trained, how far it is, how well it does."""
        total = self._facts.total_steps(account)
        done = account.steps / max(total, 1)
        state = Text(account.state, _STATES.get(account.state, ""))
        title = Text.assemble((self._facts.title, "bold"), "  ", state)
        unit = self._facts.unit
        steps = [f"{account.steps:,} of {total:,} {unit}"]
        speed = account.steps_per_second
        if speed and account.state == "training":
            left = max(total - account.steps, 0) / max(speed, 1e-9)
            steps += [f"{speed:,.0f} {unit}/s", f"{_clock(left)} left"]
        bar = draw_bar(done, min(24, width // 4), is_ascii=self.is_ascii)
        return [title, *_filled([bar, *steps], width), *_filled(self._facts.numbers(account), width)]

    def _chart(self, account: Account, width: int, room: int) -> list[Text]:
        name = self._facts.measure(account)
        steps, values = account.curve(name)
        height = min(max(room - 1, _LOWEST_CHART), _HIGHEST_CHART)
        total = self._facts.total_steps(account)
        size, references = (width, height), self._facts.references(name, account)
        unit = self._facts.unit
        drawn = draw_chart(steps, values, total, references, size, is_ascii=self.is_ascii, unit=unit)
        return [Text(self._facts.heading(account), style=FAINT), *drawn]

    def _board(self, scene: Scene) -> list[Text]:
        text = marked(scene.text).rstrip("\n")
        return [Text(printable(line.rstrip())) for line in text.split("\n")] if text.strip() else []

    def _told(self, scene: Scene, width: int) -> list[Text]:
        """How the game goes, whose it is, and what the agent thinks."""
        lines = _filled(scene.words, width) + _filled(["the agent", scene.age], width, FAINT)
        if scene.mind is None:
            return lines
        told = thought_lines(scene.mind.history, scene.mind.scale, width, _MOST_CHOICES)
        return [*lines, *map(Text, told)]

    def _tail(self, account: Account, note: str, width: int) -> list[Text]:
        """What was found and warned of, the newest last, in as many lines as there is room for."""
        lines: list[Text] = []
        room = max(2, self._console.height // 8)
        for remark in reversed(account.remarks[-_MOST_REMARKS:]):
            advice = f" Try: {remark.advice}" if remark.advice else ""
            told = printable(
                f"{remark.level} after {remark.steps:,} {self._facts.unit}: {remark.text}{advice}"
            )
            style = _LEVELS.get(remark.level, "")
            wrapped = [Text(line, style) for line in textwrap.wrap(told, max(width, 10))]
            if len(wrapped) > room - len(lines) and lines:
                break
            lines = [*wrapped[:room], *lines]
        if account.error:
            lines.append(Text(printable(account.error), "bold red"))
        return [*lines, *([Text(note, style=FAINT)] if note else [])]

    def _fitted(self, line: Text, width: int) -> Text:
        line = line.copy()
        if self.is_ascii:
            line.plain = only_ascii(line.plain, _IN_ASCII)
        line.truncate(width, overflow="crop" if self.is_ascii else "ellipsis")
        line.no_wrap = True
        return line


def _beside(left: Sequence[Text], right: Sequence[Text], width: int) -> list[Text]:
    """Two columns, the left one of that width."""
    lines = []
    for number in range(max(len(left), len(right))):
        line = left[number].copy() if number < len(left) else Text()
        line.truncate(width, pad=True)
        line.append("  ")
        lines.append(line + right[number] if number < len(right) else line)
    return lines


def _filled(words: Sequence[str], width: int, style: str = "") -> list[Text]:
    """Words in as many lines as they take."""
    lines = [words[0]]
    for each in words[1:]:
        if len(lines[-1]) + len(each) + 2 <= width:
            lines[-1] += f"  {each}"
        else:
            lines.append(each)
    return [Text(line, style) for line in lines]


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
