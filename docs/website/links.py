"""Where the files of the repository stand in the site, and their links changed to that.

On a page of the repository a link says where a file lies; in the site some of these files are pages elsewhere
(the README of a game belongs to the game's page), and some are cut into several.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).parents[2]
PROJECT = ("CHANGELOG.md", "CODE_OF_CONDUCT.md", "CONTRIBUTING.md", "SECURITY.md")
"""What stands at the top of the repository and is a page of the site as it is."""
CUT = {"docs/commands.md": "reference/commands", "docs/hooks.md": "reference/hooks"}
"""Pages of which each part is a page of its own in the site."""
_FENCE = re.compile(r"(^ *```.*?^ *```)", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(\]\()(?!\w+:|#)([^)\s#]+)(#[^)\s]+)?(?=\))")


def pages() -> Iterator[tuple[Path, str]]:
    """Every Markdown file that becomes a page, and the page's name; games, commands and hooks aside."""
    for path in sorted((ROOT / "docs").rglob("*.md")):
        inside = path.relative_to(ROOT / "docs")
        if (
            "website" not in inside.parts
            and inside != Path("README.md")
            and str(path.relative_to(ROOT)) not in CUT
        ):
            yield path, str(inside)
    for path in sorted((ROOT / "docs" / "website" / "pages").rglob("*.md")):
        yield path, str(path.relative_to(ROOT / "docs" / "website" / "pages"))
    for name in PROJECT:
        if (ROOT / name).exists():
            yield ROOT / name, f"project/{Path(name).stem.lower()}.md"
    for path in sorted(ROOT.glob("packages/*/README.md")):
        yield path, f"packages/{path.parent.name}.md"
    for path in sorted(ROOT.glob("examples/*/README.md")):
        yield path, f"examples/{path.parent.name}.md"


def unlisted() -> list[str]:
    """The guides that no contents name: those that are new. They stand at the end of the how-tos."""
    contents = [path.read_text("utf-8") for path in (ROOT / "docs" / "website" / "pages").glob("*.md")]
    trees = re.findall(r"^```\{toctree\}\n(.*?)^```", "\n".join(contents), re.MULTILINE | re.DOTALL)
    listed = {line.strip() for tree in trees for line in tree.splitlines()}
    names = [path.stem for path in sorted((ROOT / "docs").glob("*.md")) if path.name != "README.md"]
    return [name for name in names if name not in listed and f"docs/{name}.md" not in CUT]


def places() -> dict[str, str]:
    """The page of the site for each file of the repository that is one, and for each folder with a README."""
    found = {str(path.relative_to(ROOT)): page for path, page in pages()}
    found |= {path: f"{folder}/index.md" for path, folder in CUT.items()}
    for path in ROOT.glob("packages/csai-envs/src/csai_envs/*/README.md"):
        found[str(path.relative_to(ROOT))] = f"reference/games/{path.parent.name}.md"
    found |= {
        str(PurePosixPath(path).parent): page for path, page in found.items() if path.endswith("/README.md")
    }
    return found | {
        "README.md": "start.md",
        "docs/README.md": "index.md",
        "docs": "index.md",
        "LICENSE": "project/license.md",
    }


def for_site(text: str, path: Path, places: dict[str, str]) -> str:
    """The text of a file of the repository, with its links as the site has them."""

    def changed(match: re.Match[str]) -> str:
        target = match[2]
        if target.startswith("/"):  # says where in the site already
            return match[0]
        inside = (path.parent / target).resolve().relative_to(ROOT)
        return f"{match[1]}{_in_site(str(inside), match[3] or '', places)}"

    parts = _FENCE.split(text)
    return "".join(part if part.lstrip().startswith("```") else _LINK.sub(changed, part) for part in parts)


def _in_site(inside: str, heading: str, places: dict[str, str]) -> str:
    if inside in CUT and heading:
        name = heading.removeprefix("#").removeprefix("csai-")
        return f"/{CUT[inside]}/{name}.md"
    if inside in places:
        return f"/{places[inside]}{heading}"
    if inside.startswith("docs/"):
        return f"/{inside.removeprefix('docs/')}"
    raise ValueError(
        f"{inside} is linked to and is no page of the site. Make it one in docs/website/links.py"
    )
