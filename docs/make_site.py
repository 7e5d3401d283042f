"""The site's pages, for Sphinx to build: python docs/make_site.py.

Copies the project's Markdown into build/site/pages, or the folder that is named, with its links as the site
has them, and makes beside it the pages that come from the code. `nox -s docs` builds the site from these.
"""

from __future__ import annotations

import argparse
import zlib
from pathlib import Path

from website import algorithms, blocks, commands, errors, games, glossary, hooks, links, reference

DOCS = Path(__file__).parent
PICTURES = (".gif", ".png", ".svg")


class Folder:
    """A folder whose files are written only where they change, so that Sphinx reads again only those."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.written: set[Path] = set()

    def write(self, name: str, content: str | bytes) -> None:
        """Put a file there."""
        path, new = self.path / name, content.encode() if isinstance(content, str) else content
        self.written.add(path)
        if not path.is_file() or path.read_bytes() != new:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(new)

    def remove_others(self) -> None:
        """Remove what was not written: it belonged to an earlier state of the project."""
        for path in self.path.rglob("*"):
            if path.is_file() and path not in self.written:
                path.unlink()


def write_pages(folder: Folder) -> None:
    """The project's own pages, and those from the code."""
    places = links.places()
    for path, page in links.pages():
        text = links.for_site(path.read_text("utf-8"), path, places)
        text = text.replace("NEW PAGES", "\n".join(links.unlisted()))
        folder.write(page, glossary.page() if page == "glossary.md" else glossary.linked(text))
    for maker in (commands, hooks, games, algorithms, blocks, errors, reference):
        for page, text in maker.pages():
            folder.write(page, text)


def write_rest(folder: Folder) -> None:
    """Pictures, and what Sphinx is told."""
    for path in DOCS.rglob("*"):
        inside = path.relative_to(DOCS)
        if path.suffix in PICTURES and "website" not in inside.parts:
            folder.write(str(inside), path.read_bytes())
    for path in (DOCS / "website" / "static").iterdir():
        folder.write(f"_static/{path.name}", path.read_bytes())
    for path in (DOCS / "website").glob("*.*"):
        place = "" if path.name == "conf.py" else "_code/website/"
        folder.write(f"{place}{path.name}", path.read_bytes())
    folder.write("_code/LICENSE", (DOCS.parent / "LICENSE").read_bytes())
    for names in (DOCS / "website" / "inventories").iterdir():
        folder.write(f"_code/{names.stem}.inv", inventory(names.stem, names.read_text("utf-8")))


def inventory(project: str, names: str) -> bytes:
    """What Sphinx reads of another project: its names, what they are and where they stand, a line each."""
    head = (
        f"# Sphinx inventory version 2\n# Project: {project}\n# Version: \n"
        "# The remainder of this file is compressed using zlib.\n"
    )
    lines = [line.split() for line in names.splitlines() if line and not line.startswith("#")]
    body = "".join(f"{name} py:{kind} 1 {place} -\n" for name, kind, place in lines)
    return head.encode() + zlib.compress(body.encode())


def main() -> None:
    """Make the pages."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=Path("build/site/pages"))
    parser.add_argument("--smallest", action="store_true", help="the same: it takes seconds")
    folder = Folder(parser.parse_args().folder)
    write_pages(folder)
    write_rest(folder)
    folder.remove_others()
    print(f"{sum(path.suffix == '.md' for path in folder.written)} pages in {folder.path}")


if __name__ == "__main__":
    main()
