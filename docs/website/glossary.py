"""The glossary as the site has it: entries linked to each other, and words of other pages linked to it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from website import links

ENTRY = re.compile(r"^- \*\*(.+?)\*\*: (.+)$", re.MULTILINE)
TEXT = (links.ROOT / "docs" / "glossary.md").read_text("utf-8")
ENTRIES = dict(ENTRY.findall(TEXT))
LINKED = (
    *("action mask", "actor-critic", "advantage", "autoreset", "bootstrap", "callback", "checkpoint"),
    *("conformance suite", "discount", "dueling", "entropy", "entry point", "off-policy", "on-policy"),
    *("feed", "gradient", "overfitting", "policy", "preset", "replay buffer", "rollout"),
    *("schedule", "seed", "space", "truncated", "vector environment", "wrapper"),
)
"""Words that lead to the glossary where a page has them first; what everybody knows stays as it is."""
_LEFT_ALONE = re.compile(
    r"(^ *(`{3,}|:{3,}).*?^ *\2 *$|`+[^`]+`+|!?\[[^\]]*\]\([^)]*\)|\*\*[^*]+\*\*|<[^>]+>|^[#|<:{][^\n]*$)",
    re.MULTILINE | re.DOTALL,
)


def page() -> str:
    """The page: its introduction, and each entry as a term."""
    introduction = TEXT[: TEXT.index("- **")]
    return f"{introduction}```{{glossary}}\n{''.join(_terms())}```\n"


def _terms() -> Iterator[str]:
    for word, text in ENTRIES.items():
        yield f"{word}\n  {re.sub(r'[*]{2}(.+?)[*]{2}', lambda match: _term(match[1]), text)}\n\n"


def _term(said: str) -> str:
    """A link to an entry, by its word as the sentence has it: actions leads to action."""
    forms = (said, said.removesuffix("s"), said.removesuffix("ed"))
    entry = next(form for form in forms if form in ENTRIES)
    return f"{{term}}`{said}`" if said == entry else f"{{term}}`{said} <{entry}>`"


def linked(text: str) -> str:
    """A page whose first use of each word that is not everybody's leads to the glossary."""
    words = [word for word in LINKED if word in ENTRIES]
    pattern = re.compile(rf"\b({'|'.join(sorted(words, key=len, reverse=True))})(s?)\b")
    seen: set[str] = set()

    def changed(match: re.Match[str]) -> str:
        if match[1] in seen:
            return match[0]
        seen.add(match[1])
        return _term(match[0])

    parts = _LEFT_ALONE.split(text)[::3]  # the pattern has two groups
    between = [match[0] for match in _LEFT_ALONE.finditer(text)]
    found = [pattern.sub(changed, part) for part in parts]
    return "".join(a + b for a, b in zip(found, [*between, ""], strict=True))
