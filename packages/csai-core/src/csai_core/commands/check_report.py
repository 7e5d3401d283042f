"""Reports of `csai check`: on the screen, as JSON, as a badge and as a page.

Names and messages come from plugins; in all four they are shown and never obeyed.
"""

from __future__ import annotations

import dataclasses
import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding

from csai_core import __version__
from csai_core.terminal import printable
from csai_core.testing import Outcome, Suite

_MARKS = {"passed": "[green]✓[/green]", "failed": "[red]✗[/red]", "skipped": "[dim]-[/dim]"}
_SIGNS = {"passed": "✓", "failed": "✗", "skipped": "-"}
_GREEN, _RED = "#2e7d32", "#c62828"
_CHARACTER = 6.6
"""How wide a character of the badge is, in pixels, about."""


@dataclass(frozen=True)
class Subject:
    """Something that is checked."""

    kind: str
    """What it is, in the singular: "block"."""
    name: str
    suite: Suite


@dataclass(frozen=True)
class Report:
    """What was found out about one thing."""

    kind: str
    name: str
    outcomes: tuple[Outcome, ...]

    def count(self, status: str) -> int:
        """How many checks ended so."""
        return sum(outcome.status == status for outcome in self.outcomes)


def run(subject: Subject, on: Console | None, *, details: bool = False) -> Report:
    """Run one suite.

    Args:
        subject: what to check.
        on: where each outcome is shown when it is known; None shows nothing.
        details: whether tracebacks are shown.
    """
    if on is not None:
        on.print(f"\n[bold]{escape(subject.name)}[/bold]  [dim]{subject.kind}[/dim]")
    outcomes: list[Outcome] = []
    for outcome in subject.suite.run():
        if on is not None:
            is_repeated = any(outcome.message == each.message for each in outcomes if each.status == "failed")
            _show(on, outcome, is_repeated=is_repeated, details=details)
        outcomes.append(outcome)
    return Report(subject.kind, subject.name, tuple(outcomes))


def _show(on: Console, outcome: Outcome, *, is_repeated: bool, details: bool) -> None:
    is_failed = outcome.status == "failed"
    aside = f" [dim]({escape(outcome.message)})[/dim]" if outcome.message and not is_failed else ""
    on.print(f"  {_MARKS[outcome.status]} {escape(outcome.check)}{aside}")
    if is_failed:
        on.print(Padding(escape("the same again" if is_repeated else outcome.message), (0, 0, 0, 4)))
        if details:
            on.print(f"[dim]{escape(outcome.details)}[/dim]")


def in_words(reports: Sequence[Report]) -> str:
    """How many checks passed, or failed."""
    failed = sum(report.count("failed") for report in reports)
    if failed:
        return f"{failed} check{'s' if failed > 1 else ''} failed"
    passed = sum(report.count("passed") for report in reports)
    return f"passing {passed} check{'' if passed == 1 else 's'}"


def as_plain(reports: Sequence[Report]) -> list[dict[str, Any]]:
    """Reports as plain values."""
    return [
        {
            "kind": report.kind,
            "name": report.name,
            "passed": report.count("passed"),
            "failed": report.count("failed"),
            "skipped": report.count("skipped"),
            "checks": [dataclasses.asdict(outcome) for outcome in report.outcomes],
        }
        for report in reports
    ]


def badge(reports: Sequence[Report]) -> str:
    """A small picture (SVG) that says how it ended, for a README."""
    label, verdict = "csai check", in_words(reports)
    color = _RED if any(report.count("failed") for report in reports) else _GREEN
    left, right = (round(len(text) * _CHARACTER) + 12 for text in (label, verdict))
    return f"""<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img">
<title>{label}: {verdict}</title>
<clipPath id="round"><rect width="{left + right}" height="20" rx="3"/></clipPath>
<g clip-path="url(#round)">
<rect width="{left}" height="20" fill="#444"/>
<rect x="{left}" width="{right}" height="20" fill="{color}"/>
</g>
<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">
<text x="{left / 2}" y="14">{label}</text>
<text x="{left + right / 2}" y="14">{verdict}</text>
</g>
</svg>
"""


def page(reports: Sequence[Report]) -> str:
    """A page (HTML) with everything that was found out; it needs nothing else."""
    body = "\n".join(line for report in reports for line in _section(report))
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>csai check: {in_words(reports)}</title>
<style>
body {{ font-family: sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em; }}
h2 small {{ font-weight: normal; color: #666; }}
ul {{ list-style: none; padding-left: 0; }}
li.passed::before {{ content: "{_SIGNS["passed"]} "; color: {_GREEN}; }}
li.failed::before {{ content: "{_SIGNS["failed"]} "; color: {_RED}; }}
li.skipped::before {{ content: "{_SIGNS["skipped"]} "; color: #666; }}
li.passed i, li.skipped i {{ color: #666; }}
pre {{ white-space: pre-wrap; background: #f4f4f4; padding: 0.5em; }}
</style>
</head>
<body>
<h1>csai check: {in_words(reports)}</h1>
{body}
<p>csai-core {__version__}</p>
</body>
</html>
"""


def _section(report: Report) -> Iterator[str]:
    yield f"<h2>{_as_html(report.name)} <small>{_as_html(report.kind)}</small></h2>"
    yield "<ul>"
    for outcome in report.outcomes:
        message = f"<br><b>{_as_html(outcome.message)}</b>" if outcome.status == "failed" else ""
        if outcome.message and not message:
            message = f" <i>({_as_html(outcome.message)})</i>"
        details = ""
        if outcome.details:
            details = f"<details><summary>Traceback</summary><pre>{_as_html(outcome.details)}</pre></details>"
        yield f'<li class="{outcome.status}">{_as_html(outcome.check)}{message}{details}</li>'
    yield "</ul>"


def _as_html(text: str) -> str:
    return html.escape(printable(text, keep="\n"))
