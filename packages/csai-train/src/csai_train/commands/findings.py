"""What rules of health have found, for people to read."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from csai_core.terminal import printable
from csai_train.health.finding import Finding, gone, still_seen

STYLES = {"note": "cyan", "warning": "yellow", "stop": "bold red"}


def print_findings(console: Console, findings: Sequence[Finding], *, say_when: bool = False) -> None:
    """What is seen: what it usually means, and what to try first; and in a line each, what is gone."""
    for finding in still_seen(findings):
        when = f", after {finding.steps:,} steps" if say_when else ""
        title = Text.assemble(
            ("Health: ", "bold"),
            (printable(finding.title), f"bold {STYLES[finding.level]}"),
            f" ({finding.level}{when})",
        )
        console.print()
        console.print(title, soft_wrap=True)
        texts = {"Seen": finding.seen, "Means": finding.means, "Try first": finding.try_first}
        for name, text in texts.items():
            console.print(Text(f"  {name + ':':<11}{printable(text)}"), soft_wrap=True)
    for number, finding in enumerate(gone(findings)):
        line = f"{printable(finding.title)}: not seen any more since step {finding.gone_since:,}"
        console.print(Text.assemble("" if number else "\n", ("Health: ", "bold"), line), soft_wrap=True)
